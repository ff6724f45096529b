import { Menu } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { Handle, type NodeProps, Position } from '@xyflow/react'
import { CircleAlert, Plus, TriangleAlert, Unplug } from 'lucide-react'
import { typeOf } from '../../../src/workflows/definition/catalogue.ts'
import { t } from '../../texts/texts.ts'
import { toned } from '../../ui/tone.ts'
import { type Counts, useDrawing } from '../edit/drawing.ts'
import { portLabel } from '../edit/editor.ts'
import type { Place } from '../edit/graph-acts.ts'
import { sentenceOf, titleOf, triggersOf, unledPorts } from '../edit/ports.ts'
import { LOOKS } from '../icons.ts'
import { Tried } from '../trial/tried.tsx'
import { triedAt } from '../trial/use-trial.ts'
import styles from './flow.module.css'

/** A step: what it is, what it does in a sentence, what is wrong with it, and who is there now. */
export function StepCard({ id }: NodeProps) {
  const { editor, names, problems, counts, edit, act, trial } = useDrawing()
  const { graph, selected } = editor
  const tried = triedAt(trial.lit, id)
  const node = graph.nodes[id]
  if (node === undefined) return null
  const { icon: Icon, tone } = LOOKS[typeOf(node.type)?.group ?? 'flow']
  const sentence = sentenceOf(node, names)
  const isTabbable = selected === null ? (triggersOf(graph)[0] ?? id) === id : selected === id
  const mine = problems.filter((problem) => problem.node === id)
  const isBad = mine.some((problem) => problem.severity === 'error')
  return (
    <div
      className={styles.card}
      data-selected={selected === id || undefined}
      data-bad={isBad || undefined}
      data-tried={trial.lit === null ? undefined : (tried ?? 'not')}
      {...toned(tone)}
    >
      <Ends />
      <button
        type="button"
        className={`${styles.open} nopan`}
        data-card={id}
        tabIndex={isTabbable ? 0 : -1}
        title={sentence}
        onFocus={() => selected !== id && act({ kind: 'select', id })}
        onClick={() => edit(id)}
      >
        <span className={styles.icon}>
          <Icon size={15} aria-hidden />
        </span>
        <span className={styles.words}>
          <span className={styles.title}>
            {titleOf(node)}
            <span className="visually-hidden">: </span>
          </span>
          <span className={styles.sentence}>{sentence}</span>
        </span>
      </button>
      <div className={styles.foot}>
        {mine.length > 0 && (
          <span className={styles.problems} {...toned(isBad ? 'bad' : 'care')}>
            {isBad ? <CircleAlert size={12} aria-hidden /> : <TriangleAlert size={12} aria-hidden />}
            {isBad ? t.workflows.flow.problems(mine.length) : t.workflows.flow.warnings(mine.length)}
          </span>
        )}
        <Unled id={id} />
        {tried ? <Tried how={tried} /> : <Numbers of={counts.get(id)} node={id} />}
      </div>
    </div>
  )
}

/** Each number leads to its runs. */
function Numbers({ of, node }: { of: Counts | undefined; node: string }) {
  const { id: workflow } = useParams({ strict: false })
  if (of === undefined || workflow === undefined) return null
  const says = t.workflows.flow
  const look = { to: '/runs', className: 'nopan' } as const
  return (
    <span className={styles.numbers}>
      {of.held > 0 && (
        <Link {...look} search={{ workflow, node, state: 'held' }} {...toned('bad')}>
          {says.held(of.held)}
        </Link>
      )}
      {of.waiting > 0 && (
        <Link {...look} search={{ workflow, node }} {...toned('wait')}>
          {says.waiting(of.waiting)}
        </Link>
      )}
      {of.passed > 0 && (
        <Link {...look} search={{ workflow, passed: node, since: 'week' }} title={says.passedHint}>
          {says.passed(of.passed)}
        </Link>
      )}
    </span>
  )
}

/** Ways for when it fails that lead nowhere are kept together, so that the flow shows what is meant to happen. */
function Unled({ id }: { id: string }) {
  const { editor, pick, because } = useDrawing()
  const node = editor.graph.nodes[id]
  const ports = node === undefined ? [] : unledPorts(node)
  if (ports.length === 0 || because !== null) return null
  const says = t.workflows.flow
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <button type="button" className={`${styles.unled} nopan`} title={says.unledHint} aria-label={says.unled(ports.length)}>
          <Unplug size={12} aria-hidden />
          {ports.length}
        </button>
      </Menu.Target>
      <Menu.Dropdown maw={300}>
        <Menu.Label>{says.unledHint}</Menu.Label>
        {ports.map(({ key, label }) => (
          <Menu.Item key={key} leftSection={<Plus size={13} aria-hidden />} onClick={() => pick({ from: id, port: key })}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** A way that leads nowhere yet. */
export function OpenWay({ data }: NodeProps) {
  return (
    <div>
      <Ends />
      <AddButton at={data.at as Place} isRound />
    </div>
  )
}

export function AddButton({ at, isRound = false }: { at: Place; isRound?: boolean }) {
  const { editor, pick, because } = useDrawing()
  const node = editor.graph.nodes[at.from]
  if (node === undefined || because !== null) return null
  const label = t.workflows.flow.addOn(titleOf(node), at.port === 'out' ? '' : portLabel(node, at.port))
  return (
    <button
      type="button"
      className={`${isRound ? styles.addEnd : styles.add} nopan`}
      aria-label={label}
      title={label}
      onClick={() => pick(at)}
    >
      <Plus size={isRound ? 15 : 12} aria-hidden />
    </button>
  )
}

/** Lines need ends to hold on to; nobody draws from them. */
function Ends() {
  return (
    <>
      <Handle type="target" position={Position.Top} className={styles.end ?? ''} isConnectable={false} />
      <Handle type="source" position={Position.Bottom} className={styles.end ?? ''} isConnectable={false} />
    </>
  )
}
