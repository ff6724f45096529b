import { ActionIcon } from '@mantine/core'
import { CircleAlert, CornerDownRight, Plus, Trash2, TriangleAlert } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { typeOf } from '../../src/workflows/definition/catalogue.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { toned } from '../ui/tone.ts'
import { useDrawing } from './edit/drawing.ts'
import type { Place } from './edit/graph-acts.ts'
import { type Item, outlineOf } from './edit/outline.ts'
import { mainPort, sentenceOf, titleOf, unledPorts } from './edit/ports.ts'
import { LOOKS } from './icons.ts'
import { Tried } from './trial/tried.tsx'
import { triedAt } from './trial/use-trial.ts'
import styles from './workflows.module.css'

/** The same graph as a list within lists: for people who hear it, for narrow pages, and for whoever likes lists. */
export function OutlineView() {
  const { editor, pick, because } = useDrawing()
  const { flows, loose } = outlineOf(editor.graph)
  const says = t.workflows.outline
  return (
    <nav className={styles.outline} aria-label={says.label}>
      {flows.map(({ triggers, items }) => (
        <section key={triggers.join(' ')} className={styles.branch}>
          <ul>
            {triggers.map((id) => (
              <li key={id}>
                <Step id={id} />
              </li>
            ))}
          </ul>
          <Items items={items} />
        </section>
      ))}
      {loose.length > 0 && (
        <section className={styles.branch}>
          <h2 className={styles.pickGroup}>{says.loose}</h2>
          <ul>
            {loose.map((id) => (
              <li key={id}>
                <Step id={id} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <ActButton
        size="compact-sm"
        variant="default"
        because={because}
        leftSection={<Plus size={13} aria-hidden />}
        onClick={() => pick('trigger')}
      >
        {flows.length === 0 ? t.workflows.rule.addTrigger : says.addTrigger}
      </ActButton>
    </nav>
  )
}

function Items({ items }: { items: readonly Item[] }) {
  return (
    <ol className={styles.items}>
      {items.map((item) => (
        <li key={item.kind === 'step' ? item.id : `${item.kind} ${item.at.from} ${item.at.port}`}>
          <OneItem item={item} />
        </li>
      ))}
    </ol>
  )
}

function OneItem({ item }: { item: Item }) {
  const { editor } = useDrawing()
  if (item.kind === 'open') return <Add at={item.at} label={t.workflows.outline.add} isShown />
  if (item.kind !== 'step') {
    const node = editor.graph.nodes[item.to]
    return (
      <span className={styles.goesOn}>
        <CornerDownRight size={13} aria-hidden />
        <span>{node && t.workflows.outline[item.kind](titleOf(node))}</span>
        <Add at={item.at} label={t.workflows.outline.add} />
      </span>
    )
  }
  return (
    <>
      <Step id={item.id} />
      {item.ways.map((way) => (
        <div key={way.port} className={styles.wayOf} data-failure={way.isFailure || undefined}>
          <span className={styles.wayName}>{t.workflows.outline.when(way.label)}</span>
          <Items items={way.items} />
        </div>
      ))}
    </>
  )
}

function Step({ id }: { id: string }) {
  const { editor, names, problems, edit, act, remove, because, trial } = useDrawing()
  const node = editor.graph.nodes[id]
  if (node === undefined) return null
  const tried = triedAt(trial.lit, id)
  const { icon: Icon, tone } = LOOKS[typeOf(node.type)?.group ?? 'flow']
  const mine = problems.filter((problem) => problem.node === id)
  const isBad = mine.some((problem) => problem.severity === 'error')
  const port = mainPort(node)
  const says = t.workflows.outline
  const title = titleOf(node)
  const unled = unledPorts(node).length
  const onKeyDown = (event: KeyboardEvent) => {
    if (because !== null) return
    const by = event.altKey ? { ArrowUp: -1 as const, ArrowDown: 1 as const }[event.key] : undefined
    if (event.key !== 'Delete' && by === undefined) return
    event.preventDefault()
    if (by === undefined) remove(id)
    else act({ kind: 'move_node', id, by })
  }
  return (
    <div
      className={styles.line}
      data-selected={editor.selected === id || undefined}
      data-tried={trial.lit === null ? undefined : (tried ?? 'not')}
      {...toned(tone)}
    >
      <button
        type="button"
        className={styles.lineOpen}
        data-step={id}
        aria-current={editor.selected === id || undefined}
        onFocus={() => editor.selected !== id && act({ kind: 'select', id })}
        onClick={() => edit(id)}
        onKeyDown={onKeyDown}
      >
        <span className={styles.pickIcon}>
          <Icon size={14} aria-hidden />
        </span>
        <span className={styles.lineWords}>
          <span>{sentenceOf(node, names)}</span>
          {mine.length > 0 && (
            <span className={styles.badge} {...toned(isBad ? 'bad' : 'care')}>
              {isBad ? <CircleAlert size={12} aria-hidden /> : <TriangleAlert size={12} aria-hidden />}
              {isBad ? t.workflows.flow.problems(mine.length) : t.workflows.flow.warnings(mine.length)}
            </span>
          )}
          {tried && <Tried how={tried} />}
          {unled > 0 && <span className="visually-hidden">{t.workflows.flow.unled(unled)}</span>}
        </span>
      </button>
      {port !== null && <Add at={{ from: id, port }} label={says.addBehind(title)} />}
      {because === null && (
        <ActionIcon variant="subtle" size="sm" aria-label={says.remove(title)} onClick={() => remove(id)}>
          <Trash2 size={13} aria-hidden />
        </ActionIcon>
      )}
    </div>
  )
}

function Add({ at, label, isShown = false }: { at: Place; label: string; isShown?: boolean }) {
  const { pick, because } = useDrawing()
  if (because !== null) return isShown ? <span className={styles.quiet}>{t.workflows.outline.ends}</span> : null
  if (!isShown)
    return (
      <ActionIcon variant="subtle" size="sm" aria-label={label} title={label} onClick={() => pick(at)}>
        <Plus size={14} aria-hidden />
      </ActionIcon>
    )
  return (
    <button type="button" className={styles.addLine} onClick={() => pick(at)}>
      <Plus size={13} aria-hidden />
      {label}
    </button>
  )
}
