import { ActionIcon } from '@mantine/core'
import { Background, type Edge, MarkerType, MiniMap, type Node, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { Maximize, Zap, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef } from 'react'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useDrawing } from '../edit/drawing.ts'
import { CARD, type Direction, type Layout, layoutOf, neighbourOf, openId } from '../edit/layout.ts'
import { mainPort, shownPorts } from '../edit/ports.ts'
import { OpenWay, StepCard } from './card.tsx'
import styles from './flow.module.css'
import { WayLine } from './way.tsx'

const NODE_KINDS = { step: StepCard, open: OpenWay }
const EDGE_KINDS = { way: WayLine }
const MINIMAP_FROM = 14
const FIRST = 6

/** The graph as a canvas, laid out by itself, from top to bottom. The list says the same and takes the same acts. */
export function Flow() {
  const { editor, pick, because } = useDrawing()
  if (Object.keys(editor.graph.nodes).length > 0)
    return (
      <ReactFlowProvider>
        <Canvas />
      </ReactFlowProvider>
    )
  return (
    <EmptyState
      title={t.workflows.flow.empty}
      sentence={t.workflows.flow.emptyHint}
      act={
        <ActButton because={because} leftSection={<Zap size={15} aria-hidden />} onClick={() => pick('trigger')}>
          {t.workflows.rule.addTrigger}
        </ActButton>
      }
    />
  )
}

function Canvas() {
  const { editor, act } = useDrawing()
  const { graph, selected } = editor
  const layout = useMemo(() => layoutOf(graph), [graph])
  const nodes = useMemo(() => nodesOf(layout), [layout])
  const edges = useMemo(() => edgesOf(layout), [layout])
  const frame = useRef<HTMLDivElement>(null)
  const onKeyDown = useFlowKeys(layout, frame)
  useFollow(layout, selected, frame)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be heard as a form
    <div ref={frame} className={styles.frame} role="group" aria-label={t.workflows.flow.label} onKeyDown={onKeyDown}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_KINDS}
        edgeTypes={EDGE_KINDS}
        fitView
        fitViewOptions={{ minZoom: 0.65, maxZoom: 1, nodes: firstOf(layout) }}
        minZoom={0.15}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        panOnScroll
        zoomOnDoubleClick={false}
        onPaneClick={() => act({ kind: 'select', id: null })}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} size={1} color="var(--line)" />
        {layout.spots.length >= MINIMAP_FROM && (
          <MiniMap pannable zoomable className={styles.minimap ?? ''} nodeStrokeWidth={3} />
        )}
      </ReactFlow>
      <Zoom />
      <p className={styles.hint}>{t.workflows.flow.hint}</p>
    </div>
  )
}

function Zoom() {
  const flow = useReactFlow()
  const says = t.workflows.flow
  const acts = [
    { label: says.zoomIn, icon: ZoomIn, run: () => flow.zoomIn() },
    { label: says.zoomOut, icon: ZoomOut, run: () => flow.zoomOut() },
    { label: says.fit, icon: Maximize, run: () => flow.fitView({ maxZoom: 1 }) },
  ]
  return (
    <div className={styles.zoom}>
      {acts.map(({ label, icon: Icon, run }) => (
        <ActionIcon key={label} variant="default" size="md" aria-label={label} title={label} onClick={() => void run()}>
          <Icon size={15} aria-hidden />
        </ActionIcon>
      ))}
    </div>
  )
}

/** A large flow is shown from where it begins, so that it can be read. */
function firstOf({ spots }: Layout): { id: string }[] {
  return [...spots]
    .sort((a, b) => a.y - b.y)
    .slice(0, FIRST)
    .map(({ id }) => ({ id }))
}

function nodesOf({ spots, opens }: Layout): Node[] {
  return [
    ...spots.map(({ id, x, y }) => ({
      id,
      type: 'step',
      position: { x: x - CARD.width / 2, y: y - CARD.height / 2 },
      ...CARD,
      data: {},
    })),
    ...opens.map(({ at, x, y }) => ({
      id: openId(at),
      type: 'open',
      position: { x: x - 14, y: y - 14 },
      width: 28,
      height: 28,
      data: { at },
    })),
  ]
}

function edgesOf({ lines }: Layout): Edge[] {
  return lines.map((line) => ({
    id: line.id,
    type: 'way',
    source: line.at.from,
    target: line.to ?? openId(line.at),
    data: { line },
    markerEnd: { type: MarkerType.ArrowClosed, width: 18, height: 18, color: 'var(--line-strong)' },
  }))
}

/** What is chosen elsewhere, as in the list of problems, comes into sight. */
function useFollow({ spots }: Layout, selected: string | null, frame: RefObject<HTMLDivElement | null>) {
  const flow = useReactFlow()
  useEffect(() => {
    const spot = spots.find(({ id }) => id === selected)
    const box = frame.current?.getBoundingClientRect()
    if (spot === undefined || box === undefined) return
    const { x, y, zoom } = flow.getViewport()
    const left = (spot.x - CARD.width / 2) * zoom + x
    const top = (spot.y - CARD.height / 2) * zoom + y
    const isSeen = left > 0 && top > 0 && left + CARD.width * zoom < box.width && top + CARD.height * zoom < box.height
    focusLost(frame, spot.id)
    if (!isSeen) void flow.setCenter(spot.x, spot.y, { zoom: Math.max(zoom, 0.7), duration: 200 })
  }, [spots, selected, flow, frame])
}

/** A step that was put in, or that comes after one that went, takes the focus which the other left behind. */
function focusLost(frame: RefObject<HTMLDivElement | null>, id: string): void {
  // Its card is drawn with the next picture.
  window.requestAnimationFrame(() =>
    window.requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return
      frame.current?.querySelector<HTMLElement>(`[data-card="${id}"]`)?.focus({ preventScroll: true })
    }),
  )
}

const ARROWS: Readonly<Record<string, Direction>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' }

const MOVES: Readonly<Record<string, -1 | 1>> = { ArrowUp: -1, ArrowDown: 1 }

/** While a card has the focus: arrows walk, and the usual keys act on it. */
function useFlowKeys(layout: Layout, frame: RefObject<HTMLDivElement | null>) {
  const { editor, act, edit, remove, pick, because } = useDrawing()
  const { graph } = editor
  function walk(to: string | null) {
    if (to === null) return
    act({ kind: 'select', id: to })
    frame.current?.querySelector<HTMLElement>(`[data-card="${to}"]`)?.focus({ preventScroll: true })
  }
  function actOf(key: string, id: string): (() => void) | null {
    const direction = ARROWS[key]
    if (direction) return () => walk(neighbourOf(graph, layout, id, direction))
    if (key === 'Enter') return () => edit(id)
    if (because !== null) return null
    if (key === 'Delete' || key === 'Backspace') return () => remove(id)
    const node = graph.nodes[id]
    const port = node && (shownPorts(node).find((one) => node.next[one.key] === undefined)?.key ?? mainPort(node))
    return key === '/' && port ? () => pick({ from: id, port }) : null
  }
  return (event: KeyboardEvent) => {
    const id = event.target instanceof HTMLElement ? event.target.dataset.card : undefined
    if (id === undefined || event.ctrlKey || event.metaKey) return
    const by = MOVES[event.key]
    const move = because === null && by ? () => act({ kind: 'move_node', id, by }) : null
    const run = event.altKey ? move : actOf(event.key, id)
    if (run === null) return
    event.preventDefault()
    event.stopPropagation()
    run()
  }
}
