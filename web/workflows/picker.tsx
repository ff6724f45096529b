import { TextInput } from '@mantine/core'
import { CornerDownRight, Search } from 'lucide-react'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { NODE_TYPES } from '../../src/workflows/definition/catalogue.ts'
import type { Graph } from '../../src/workflows/definition/graph.ts'
import { GROUPS, type NodeType } from '../../src/workflows/definition/node-type.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { toned } from '../ui/tone.ts'
import { seed, useDrawing } from './edit/drawing.ts'
import type { Place } from './edit/graph-acts.ts'
import { isTrigger, titleOf } from './edit/ports.ts'
import { fitsRows } from './edit/rule.ts'
import { LOOKS } from './icons.ts'
import styles from './workflows.module.css'

interface Props {
  readonly at: Place | 'trigger'
  /** Only what rows can show. */
  readonly forRows: boolean
  readonly onClose: () => void
  /** A step came to be, and is looked at. */
  readonly onMade: () => void
}

/** All kinds of steps by what they are about, found by a word; and the steps that are there, to go on at one of them. */
export function Picker({ at, forRows, onClose, onMade }: Props) {
  const { editor, act } = useDrawing()
  const [search, setSearch] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const { graph } = editor
  const groups = useMemo(() => groupsOf(graph, at, forRows, search), [graph, at, forRows, search])
  const says = t.workflows.picker
  const there = at === 'trigger' || forRows ? [] : existing(graph, at, search)
  function choose(type: NodeType) {
    onClose()
    onMade()
    if (at === 'trigger') act({ kind: 'add_trigger', type: type.type, seed: seed() })
    else act({ kind: 'insert', at, type: type.type, seed: seed() })
  }
  function lead(to: string | null) {
    onClose()
    if (at !== 'trigger') act({ kind: 'lead', at, to })
  }
  const leadsNow = at !== 'trigger' && graph.nodes[at.from]?.next[at.port] !== undefined
  return (
    <Dialog title={at === 'trigger' ? says.triggerTitle : says.title} wide onClose={onClose}>
      <TextInput
        data-autofocus
        type="search"
        aria-label={says.search}
        placeholder={says.search}
        leftSection={<Search size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => intoList(event, list.current)}
      />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the buttons in it */}
      <div ref={list} className={styles.picks} onKeyDown={(event) => walkList(event, list.current)}>
        {groups.length === 0 && there.length === 0 && <p className={styles.quiet}>{says.nothing}</p>}
        {groups.map(({ group, types }) => (
          <section key={group} aria-label={t.workflows.groups[group]}>
            <h3 className={styles.pickGroup}>{t.workflows.groups[group]}</h3>
            <ul>
              {types.map((type) => (
                <li key={type.type}>
                  <Choice type={type} graph={graph} onChoose={() => choose(type)} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {there.length > 0 && (
          <section aria-label={says.existing}>
            <h3 className={styles.pickGroup}>{says.existing}</h3>
            <ul>
              {there.map((id) => (
                <li key={id}>
                  <button type="button" className={styles.pick} onClick={() => lead(id)}>
                    <CornerDownRight size={15} aria-hidden />
                    <span>{titleOf(graph.nodes[id] as Graph['nodes'][string])}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {leadsNow && !forRows && search === '' && (
          <button type="button" className={styles.pick} onClick={() => lead(null)}>
            <CornerDownRight size={15} aria-hidden />
            <span>{says.end}</span>
          </button>
        )}
      </div>
    </Dialog>
  )
}

function Choice({ type, graph, onChoose }: { type: NodeType; graph: Graph; onChoose: () => void }) {
  const { icon: Icon, tone } = LOOKS[type.group]
  const isOther = type.subjects !== undefined && !type.subjects.includes(graph.subject)
  const about = type.subjects?.map((subject) => t.workflows.subjects[subject]).join(', ') ?? ''
  return (
    <button type="button" className={styles.pick} onClick={onChoose} data-other={isOther || undefined} {...toned(tone)}>
      <span className={styles.pickIcon}>
        <Icon size={15} aria-hidden />
      </span>
      <span>
        <b>{type.title}</b>
        <span className={styles.pickAbout}>
          {type.about}
          {isOther && ` (${t.workflows.picker.otherSubject(about)})`}
        </span>
      </span>
    </button>
  )
}

function groupsOf(graph: Graph, at: Place | 'trigger', forRows: boolean, search: string) {
  const isOnLine = at !== 'trigger' && graph.nodes[at.from]?.next[at.port] !== undefined
  const hasTriggers = Object.keys(graph.nodes).some((id) => isTrigger(graph, id))
  const fits = (type: NodeType) => {
    if ((type.kind === 'trigger') !== (at === 'trigger') || type.kind === 'join') return false
    if (forRows && at !== 'trigger' && !fitsRows(type.type)) return false
    // Nothing can come behind an end: it is no step to put between two.
    return !isOnLine || (type.kind !== 'end' && type.kind !== 'break')
  }
  const suits = (type: NodeType) => type.subjects === undefined || type.subjects.includes(graph.subject) || !hasTriggers
  const words = search.trim().toLowerCase().split(/\s+/)
  const isFound = (type: NodeType) => {
    const text = `${type.title} ${type.about} ${t.workflows.groups[type.group]}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return GROUPS.map((group) => ({
    group,
    types: NODE_TYPES.filter((type) => type.group === group && fits(type) && isFound(type)).sort(
      (a, b) => Number(suits(b)) - Number(suits(a)),
    ),
  })).filter(({ types }) => types.length > 0)
}

function existing(graph: Graph, at: Place, search: string): string[] {
  const word = search.trim().toLowerCase()
  return Object.keys(graph.nodes).filter((id) => {
    const node = graph.nodes[id]
    if (node === undefined || isTrigger(graph, id) || graph.nodes[at.from]?.next[at.port] === id) return false
    return titleOf(node).toLowerCase().includes(word)
  })
}

function buttonsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('button') ?? [])]
}

/** From the search Enter takes the first that was found, and the arrow goes to it. */
function intoList(event: KeyboardEvent, list: HTMLElement | null): void {
  if (event.key !== 'ArrowDown' && event.key !== 'Enter') return
  event.preventDefault()
  const first = buttonsOf(list)[0]
  if (event.key === 'Enter') first?.click()
  else first?.focus()
}

function walkList(event: KeyboardEvent, list: HTMLElement | null): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (by === undefined) return
  event.preventDefault()
  const buttons = buttonsOf(list)
  buttons[buttons.indexOf(document.activeElement as HTMLElement) + by]?.focus()
}
