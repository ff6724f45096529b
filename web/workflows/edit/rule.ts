/** The rows of a workflow that is one line: when (triggers), if (one condition), then (steps one after the other). */
import { typeOf } from '../../../src/workflows/definition/catalogue.ts'
import { ALWAYS, type Condition } from '../../../src/workflows/definition/condition.ts'
import type { Graph, Node } from '../../../src/workflows/definition/graph.ts'
import { type NewId, type Place, reachable, withNext } from './graph-acts.ts'
import { mainPort, triggersOf } from './ports.ts'

export interface Rule {
  readonly triggers: readonly string[]
  /** The `if` right behind the triggers. */
  readonly question: { readonly id: string; readonly when: Condition } | null
  readonly actions: readonly string[]
  /** Where the next action goes; null: nothing can come behind the last. */
  readonly end: Place | null
}

/** Why there are no rows: `several_ways`, `not_together` (triggers that lead to different steps), `loose` (steps without a way to them), `circle`. */
export type Outgrown = 'several_ways' | 'not_together' | 'loose' | 'circle'

export function ruleOf(graph: Graph): Rule | Outgrown {
  const triggers = triggersOf(graph)
  const firsts = new Set(triggers.map((id) => graph.nodes[id]?.next.out ?? null))
  if (firsts.size > 1) return 'not_together'
  if (reachable(graph).size < Object.keys(graph.nodes).length) return 'loose'
  const start = triggers[0]
  if (start === undefined) return { triggers, question: null, actions: [], end: null }
  let at: Place | null = { from: start, port: 'out' }
  let next = graph.nodes[start]?.next.out
  let question: Rule['question'] = null
  const first = next === undefined ? undefined : graph.nodes[next]
  if (next !== undefined && first?.type === 'if@1' && first.next.no === undefined) {
    question = { id: next, when: (first.config.when as Condition | undefined) ?? ALWAYS }
    at = { from: next, port: 'yes' }
    next = first.next.yes
  }
  const actions: string[] = []
  while (next !== undefined) {
    const node: Node | undefined = graph.nodes[next]
    if (node === undefined) break
    if (actions.includes(next)) return 'circle'
    const port = mainPort(node)
    if (Object.keys(node.next).some((key) => key !== port) || node.type === 'if@1' || hasBranches(node)) return 'several_ways'
    actions.push(next)
    at = port === null ? null : { from: next, port }
    next = port === null ? undefined : node.next[port]
  }
  return { triggers, question, actions, end: at }
}

export function isRule(rule: Rule | Outgrown): rule is Rule {
  return typeof rule !== 'string'
}

function hasBranches(node: Node): boolean {
  const kind = typeOf(node.type)?.kind
  return kind === 'fork' || kind === 'join' || kind === 'each' || node.type === 'switch@1'
}

/** What may stand in a row: whatever has one usual way on. */
export function fitsRows(type: string): boolean {
  const found = typeOf(type)
  return found !== null && found.kind !== 'trigger' && type !== 'if@1' && !hasBranches({ type, config: {}, next: {} })
}

export function moveAction(graph: Graph, id: string, by: -1 | 1): Graph {
  const rule = ruleOf(graph)
  if (!isRule(rule)) return graph
  const from = rule.actions.indexOf(id)
  const to = from + by
  if (from < 0 || to < 0 || to >= rule.actions.length) return graph
  const order = [...rule.actions]
  order.splice(to, 0, ...order.splice(from, 1))
  // What nothing can come behind stays last.
  if (order.slice(0, -1).some((one) => mainPort(graph.nodes[one] as Node) === null)) return graph
  return inOrder(graph, rule, order)
}

function inOrder(graph: Graph, rule: Rule, order: readonly string[]): Graph {
  const nodes = { ...graph.nodes }
  const heads: Place[] = rule.question
    ? [{ from: rule.question.id, port: 'yes' }]
    : rule.triggers.map((from) => ({ from, port: 'out' }))
  for (const { from, port } of heads) nodes[from] = withNext(nodes[from] as Node, port, order[0] ?? null)
  for (const [at, id] of order.entries()) {
    const node = nodes[id] as Node
    const port = mainPort(node)
    if (port !== null) nodes[id] = withNext(node, port, order[at + 1] ?? null)
  }
  return { ...graph, nodes }
}

/** Asks this before anything is done; null: asks nothing. */
export function setRuleCondition(graph: Graph, when: Condition | null, newId: NewId): Graph {
  const rule = ruleOf(graph)
  if (!isRule(rule)) return graph
  const first = rule.actions[0]
  const { question } = rule
  const nodes = { ...graph.nodes }
  const leadTriggers = (to: string | null) => {
    for (const id of rule.triggers) nodes[id] = withNext(nodes[id] as Node, 'out', to)
  }
  if (when === null) {
    if (question === null) return graph
    delete nodes[question.id]
    leadTriggers(first ?? null)
  } else if (question !== null) {
    nodes[question.id] = { ...(nodes[question.id] as Node), config: { when: when as never } }
  } else {
    const id = newId('if')
    nodes[id] = { type: 'if@1', config: { when: when as never }, next: first === undefined ? {} : { yes: first } }
    leadTriggers(id)
  }
  return { ...graph, nodes }
}
