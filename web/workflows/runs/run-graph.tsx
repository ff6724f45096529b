import {
  Background,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { Check, CircleAlert, Clock3 } from 'lucide-react'
import { createContext, use, useMemo } from 'react'
import { typeOf } from '../../../src/workflows/definition/catalogue.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Names } from '../../../src/workflows/definition/node-type.ts'
import { t } from '../../texts/texts.ts'
import { toned } from '../../ui/tone.ts'
import { CARD, type Layout, type Line, layoutOf, pathOf } from '../edit/layout.ts'
import { sentenceOf, titleOf } from '../edit/ports.ts'
import { LOOKS } from '../icons.ts'
import { type Lit, wayId } from './lit.ts'
import styles from './runs.module.css'

interface Shown {
  readonly graph: Graph
  readonly names: Names
  readonly lit: Lit
  readonly chosen: string | null
  readonly onChoose: (id: string) => void
}
const ShownContext = createContext<Shown | null>(null)

const NODE_KINDS = { step: Card }
const EDGE_KINDS = { way: Way }

/** The graph of the run's version, with the path that it took lit. A step that is pressed shows its lines of the story. */
export function RunGraph(shown: Shown) {
  const { graph, lit } = shown
  const layout = useMemo(() => layoutOf(graph), [graph])
  const nodes = useMemo(() => nodesOf(layout), [layout])
  const edges = useMemo(() => edgesOf(layout, lit), [layout, lit])
  return (
    <ShownContext value={shown}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would be heard as a form */}
      <div className={styles.graph} role="group" aria-label={t.run.graph} style={{ height: heightOf(layout) }}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_KINDS}
          edgeTypes={EDGE_KINDS}
          fitView
          fitViewOptions={{ minZoom: 0.5, maxZoom: 0.9, padding: 0.04, nodes: firstLit(layout, lit) }}
          minZoom={0.1}
          maxZoom={1.4}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          zoomOnScroll={false}
          preventScrolling={false}
          zoomOnDoubleClick={false}
          proOptions={{ hideAttribution: true }}
        >
          <Background gap={20} size={1} color="var(--line)" />
        </ReactFlow>
      </div>
    </ShownContext>
  )
}

const AROUND = 5
const [LOWEST, HIGHEST] = [240, 600]

/** A small graph takes little room. */
function heightOf({ spots }: Layout): number {
  const bottom = Math.max(0, ...spots.map(({ y }) => y)) + CARD.height
  return Math.min(HIGHEST, Math.max(LOWEST, bottom * 0.9))
}

/** Where it stands is in sight at once, else where it began. */
function firstLit({ spots }: Layout, { visits, standing }: Lit): { id: string }[] {
  const byHeight = [...spots].sort((a, b) => a.y - b.y)
  const at = byHeight.findLastIndex(({ id }) => standing.has(id))
  const reached = byHeight.filter(({ id }) => standing.has(id) || (visits[id] ?? 0) > 0)
  const around = at < 0 ? reached.slice(0, AROUND) : byHeight.slice(Math.max(0, at - AROUND + 2), at + 2)
  return (around.length > 0 ? around : byHeight.slice(0, AROUND)).map(({ id }) => ({ id }))
}

function nodesOf({ spots }: Layout): Node[] {
  return spots.map(({ id, x, y }) => ({
    id,
    type: 'step',
    position: { x: x - CARD.width / 2, y: y - CARD.height / 2 },
    ...CARD,
    data: {},
  }))
}

/** What was taken is drawn last, over the rest. */
function edgesOf({ lines }: Layout, { ways }: Lit): Edge[] {
  return lines
    .flatMap((line) => (line.to === null ? [] : [{ line, to: line.to, isLit: ways.has(wayId(line.at.from, line.at.port)) }]))
    .sort((a, b) => Number(a.isLit) - Number(b.isLit))
    .map(({ line, to, isLit }) => ({ id: line.id, type: 'way', source: line.at.from, target: to, data: { line, isLit } }))
}

function Way({ data }: EdgeProps) {
  const { line, isLit } = data as { readonly line: Line; readonly isLit: boolean }
  const { middle, label } = line
  return (
    <>
      <path d={pathOf(line)} className={styles.way} data-lit={isLit || undefined} />
      {label !== '' && (
        <EdgeLabelRenderer>
          <span
            className={styles.wayLabel}
            data-lit={isLit || undefined}
            style={{ transform: `translate(-50%, -50%) translate(${middle.x}px, ${middle.y}px)` }}
          >
            {label}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  )
}

function Card({ id }: NodeProps) {
  const shown = use(ShownContext)
  const node = shown?.graph.nodes[id]
  if (!shown || node === undefined) return null
  const { lit, chosen, onChoose, names } = shown
  const { icon: Icon, tone } = LOOKS[typeOf(node.type)?.group ?? 'flow']
  const state = lit.standing.get(id)
  const visits = lit.visits[id] ?? 0
  const isLit = visits > 0 || state !== undefined
  const says = t.run.card
  const standing = state === 'held' ? says.held : state === 'waiting' ? says.waits : null
  const about = standing ?? (visits > 0 ? says.passed(visits) : says.never)
  return (
    <div
      className={styles.card}
      data-lit={isLit || undefined}
      data-state={state}
      data-chosen={chosen === id || undefined}
      {...toned(state === 'held' ? 'bad' : state === 'waiting' ? 'wait' : tone)}
    >
      <Handle type="target" position={Position.Top} className={styles.end ?? ''} isConnectable={false} />
      <Handle type="source" position={Position.Bottom} className={styles.end ?? ''} isConnectable={false} />
      <button
        type="button"
        className={`${styles.cardOpen} nopan`}
        aria-pressed={chosen === id}
        title={sentenceOf(node, names)}
        onClick={() => onChoose(id)}
      >
        <span className={styles.cardIcon}>
          <Icon size={15} aria-hidden />
        </span>
        <span className={styles.cardWords}>
          <span className={styles.cardTitle}>{titleOf(node)}</span>
          <span className={styles.cardSentence}>{sentenceOf(node, names)}</span>
          <span className="visually-hidden">{about}</span>
        </span>
      </button>
      {isLit && (
        <span className={styles.cardFoot} aria-hidden>
          {state === 'held' && <CircleAlert size={12} aria-hidden />}
          {state === 'waiting' && <Clock3 size={12} aria-hidden />}
          {state === undefined && <Check size={12} aria-hidden />}
          {about}
        </span>
      )}
    </div>
  )
}
