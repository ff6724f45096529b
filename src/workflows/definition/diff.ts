/** What is different between two versions of a workflow, as sentences. Nodes are known again by their ids; where they stand on the page is no difference. */
import { configOf, portOf, typeOf } from './catalogue.ts'
import type { Graph, Json, Node, Variable } from './graph.ts'
import type { Names } from './node-type.ts'
import { orderOf, sentenceOf } from './summary.ts'

export interface Difference {
  readonly what: 'added' | 'removed' | 'changed' | 'led' | 'setting'
  readonly node: string | null
  readonly sentence: string
}

export function differences(before: Graph, after: Graph, names: Names): Difference[] {
  const ids = [...orderOf(after), ...orderOf(before).filter((id) => after.nodes[id] === undefined)]
  return [...settings(before, after), ...ids.flatMap((id) => ofNode(before, after, id, names))]
}

function ofNode(before: Graph, after: Graph, id: string, names: Names): Difference[] {
  const [old, now] = [before.nodes[id], after.nodes[id]]
  if (now === undefined)
    return old === undefined ? [] : [{ what: 'removed', node: id, sentence: `Removed: ${sentenceOf(old, names)}.` }]
  const sentence = sentenceOf(now, names)
  if (old === undefined)
    return [{ what: 'added', node: id, sentence: `Added: ${sentence}.` }, ...led(before, after, id, now, names)]
  return [...changed(id, old, now, sentence, names), ...led(before, after, id, now, names)]
}

function changed(id: string, old: Node, now: Node, sentence: string, names: Names): Difference[] {
  const found: Difference[] = []
  const say = (text: string) => found.push({ what: 'changed', node: id, sentence: text })
  const was = sentenceOf(old, names)
  if (was !== sentence) say(`“${was}” is now “${sentence}”.`)
  else {
    const fields = fieldsThatDiffer(configOf(old) ?? old.config, configOf(now) ?? now.config)
    if (fields.length > 0) say(`“${sentence}”: ${fields.join(', ')} changed.`)
  }
  if (!isSame(old.set, now.set)) say(`“${sentence}”: what it remembers changed, from ${remembered(old)} to ${remembered(now)}.`)
  if (!isSame(old.retry, now.retry))
    say(`“${sentence}”: how often it is tried again changed, from ${patience(old)} to ${patience(now)}.`)
  return found
}

/** Top-level fields, by the names that people see where there are such. */
function fieldsThatDiffer(old: unknown, now: unknown): string[] {
  const [a, b] = [old, now].map((one) => (typeof one === 'object' && one !== null ? (one as Record<string, Json>) : {}))
  return [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].filter((key) => !isSame(a?.[key], b?.[key])).sort()
}

function remembered({ set = {} }: Node): string {
  const parts = Object.entries(set).map(([key, expression]) => `${key} = ${expression}`)
  return parts.length === 0 ? 'nothing' : parts.sort().join(', ')
}

function patience({ retry }: Node): string {
  return retry === undefined ? 'the usual' : `${retry.max} times, first after ${retry.baseSeconds} s`
}

function led(before: Graph, after: Graph, id: string, now: Node, names: Names): Difference[] {
  const old = before.nodes[id]
  const ports = new Set([...Object.keys(now.next), ...Object.keys(old?.next ?? {})])
  return [...ports].flatMap((key) => {
    const [from, to] = [old?.next[key], now.next[key]]
    if (from === to) return []
    // With a new node its lines are new; with a removed one they are gone. Only what leads elsewhere is told.
    if (old === undefined && to === undefined) return []
    const label = portOf(now, key)?.label ?? key
    const was = old === undefined ? '' : `, and no longer to ${place(before, from, names)}`
    const sentence = `“${label}” of “${sentenceOf(now, names)}” leads to ${place(after, to, names)}${was}.`
    return [{ what: 'led' as const, node: id, sentence }]
  })
}

function place(graph: Graph, id: string | undefined, names: Names): string {
  const node = id === undefined ? undefined : graph.nodes[id]
  return node === undefined ? 'nowhere' : `“${sentenceOf(node, names)}”`
}

const SETTINGS = [
  ['name', 'Its name'],
  ['description', 'What is said about it'],
  ['subject', 'What it is about'],
  ['reentry', 'What happens when a run of it goes on already'],
] as const

function settings(before: Graph, after: Graph): Difference[] {
  const found: string[] = []
  for (const [key, label] of SETTINGS)
    if (before[key] !== after[key]) found.push(`${label} is now “${after[key]}”; it was “${before[key]}”.`)
  const limits = { steps: 'Steps of a run', days: 'Days of a run', runsPerSubject: 'Runs of one subject' } as const
  for (const key of ['steps', 'days', 'runsPerSubject'] as const) {
    const [old, now] = [before.limits[key], after.limits[key]]
    if (old !== now) found.push(`${limits[key]}, at most: ${now ?? 'any number'}; it was ${old ?? 'any number'}.`)
  }
  found.push(...variables('variable', before.vars, after.vars))
  found.push(...variables('input', before.inputs, after.inputs), ...variables('result', before.outputs, after.outputs))
  return found.map((sentence) => ({ what: 'setting', node: null, sentence }))
}

function variables(what: string, before: readonly Variable[], after: readonly Variable[]): string[] {
  const [old, now] = [before, after].map((list) => new Map(list.map((variable) => [variable.key, variable])))
  return [...new Set([...(now?.keys() ?? []), ...(old?.keys() ?? [])])].flatMap((key) => {
    const [was, is] = [old?.get(key), now?.get(key)]
    if (isSame(was, is)) return []
    if (was === undefined) return [`New ${what}: ${inWords(is)}.`]
    return [is === undefined ? `The ${what} ${key} is gone.` : `The ${what} ${inWords(was)} is now ${inWords(is)}.`]
  })
}

function inWords(variable: Variable | undefined): string {
  if (variable === undefined) return ''
  const { key, type, default: value } = variable
  return `${key} (${type}${value === undefined || value === null ? '' : `, at first ${JSON.stringify(value)}`})`
}

/** Equal as values: the database keeps no order of keys. */
function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}

/** Nodes that a run which stands on them cannot take along: they are gone, or are of another kind. */
export function incompatible(before: Graph, after: Graph): string[] {
  return Object.keys(before.nodes).filter((id) => {
    const [old, now] = [before.nodes[id], after.nodes[id]]
    return now === undefined || old?.type !== now.type || typeOf(now.type) === null
  })
}
