/** What is wrong with what is written into fields: expressions, texts, conditions, variables. */
import { nearestOf } from '../../../lib/nearest.ts'
import { configOf, typeOf } from '../catalogue.ts'
import { type Condition, faultOfRow, lengthMs, type Row, rowsOf } from '../condition.ts'
import { faultOfExpression, pathsOfExpression } from '../expression.ts'
import { fieldOf, NAMES_OF } from '../fields.ts'
import type { Graph, Json, Node, Subject, Variable, VarType } from '../graph.ts'
import type { Problem } from '../node-type.ts'
import { quoted } from '../nodes/words.ts'
import { regionsOf } from '../regions.ts'
import { type Found, valuesIn } from '../roles.ts'
import type { World } from '../world.ts'
import { isBrought } from './bearings.ts'

/** What expressions and conditions may begin with; `result` only where a node is left. */
const ROOTS = ['vars', 'inputs', 'event', 'conversation', 'message', 'contact', 'item', 'run']
const ROOTS_OF_SET = [...ROOTS, 'result']

/** What the workflow must be about for them to be there. */
const NEEDS: Readonly<Record<string, readonly Subject[]>> = {
  conversation: ['conversation'],
  message: ['conversation'],
  contact: ['conversation', 'contact'],
}

/** Where something is written, and what is known there. */
interface Place {
  readonly graph: Graph
  readonly world: World
  readonly id: string
  readonly isInLoop: boolean
}

export function valueProblems(graph: Graph, world: World): Problem[] {
  const regions = regionsOf(graph).of
  // What nothing leads to yet may be meant for a loop.
  const isInLoop = (id: string) =>
    regions.get(id)?.around.some((one) => typeOf(graph.nodes[one]?.type ?? '')?.kind === 'each') ?? true
  return [
    ...variableProblems(graph),
    ...Object.entries(graph.nodes).flatMap(([id, node]) => ofNode({ graph, world, id, isInLoop: isInLoop(id) }, node)),
  ]
}

function variableProblems(graph: Graph): Problem[] {
  const problems: Problem[] = []
  for (const [where, list] of [
    ['vars', graph.vars],
    ['inputs', graph.inputs],
    ['outputs', graph.outputs],
  ] as const) {
    const seen = new Set<string>()
    for (const [at, variable] of list.entries()) {
      const field = `${where}.${at}`
      if (seen.has(variable.key))
        problems.push(
          problem('duplicate_variable', null, field, `“${variable.key}” is there twice.`, 'Give one of them another name.'),
        )
      seen.add(variable.key)
      if (!isOfType(variable)) {
        const sentence = `What “${variable.key}” begins with is no ${variable.type}.`
        problems.push(problem('default_of_another_type', null, `${field}.default`, sentence, 'Change the value, or the type.'))
      }
    }
  }
  return problems
}

function isOfType({ type, default: value }: Variable): boolean {
  return value === undefined || value === null || FITS[type](value)
}

const FITS: Readonly<Record<VarType, (value: Json) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  list: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && !Array.isArray(value),
}

function ofNode(place: Place, node: Node): Problem[] {
  const { graph, id } = place
  const type = typeOf(node.type)
  const config = configOf(node)
  const problems: Problem[] = Object.entries(node.set ?? {}).flatMap(([key, source]) => [
    ...unknownVariable(graph.vars, key, id, `set.${key}`, 'vars'),
    ...expressionProblems(place, `set.${key}`, source, ROOTS_OF_SET),
  ])
  if (type === null || config === null) return problems
  for (const found of valuesIn(type, config)) problems.push(...ofValue(place, found))
  for (const key of Object.keys(assigned(node, config)))
    problems.push(...unknownVariable(graph.vars, key, id, `values.${key}`, 'vars'))
  if (type.kind === 'end')
    for (const key of Object.keys((config as { outputs: object }).outputs))
      problems.push(...unknownVariable(graph.outputs, key, id, `outputs.${key}`, 'outputs'))
  return [...problems, ...patienceProblems(graph, id, config)]
}

function assigned(node: Node, config: unknown): object {
  return node.type.startsWith('data.') ? (config as { values: object }).values : {}
}

function ofValue(place: Place, { role, field, value }: Found): Problem[] {
  switch (role) {
    case 'expression':
      return expressionProblems(place, field, String(value), ROOTS)
    case 'text':
    case 'html': {
      const fault = place.world.faultOfText?.(String(value)) ?? null
      if (fault !== null) return [problem('text', place.id, field, fault, 'Mend the text; what is filled in stands in {{ }}.')]
      return wordProblems(place, field, place.world.pathsOfText?.(String(value), role === 'html') ?? [])
    }
    case 'condition':
      return rowsOf(value as Condition).flatMap((row) => rowProblems(place, field, row))
    default:
      return []
  }
}

/** What only mail is given: its own links, and what the step gives its template. */
const OF_MAIL = ['unsubscribe_url', 'preferences_url', 'data']

/** Names in texts that nothing fills in. They come out empty, which nobody sees before it is sent. */
function wordProblems({ graph, world, id, isInLoop }: Place, field: string, paths: readonly string[]): Problem[] {
  const roots = graph.nodes[id]?.type === 'email.send@1' ? [...ROOTS, ...OF_MAIL] : ROOTS
  const empty = (path: string, why: string, fix: string): Problem => ({
    ...problem('unknown_word', id, field, `“${path}” is filled in with nothing: ${why}.`, fix),
    severity: 'warning',
  })
  return [...new Set(paths)].flatMap((path) => {
    const [root = '', key, own] = path.split('.')
    if (!roots.includes(root)) {
      const fix = meant(root, roots) ?? `Names begin with one of ${ROOTS.join(', ')}.`
      return [empty(path, `nothing here is called “${root}”`, fix)]
    }
    if (root === 'item' && !isInLoop) return [empty(path, 'this step stands in no loop', 'Put it into a loop, or take it out.')]
    if ((root === 'conversation' || root === 'message') && isBrought(graph, 'conversation') === 'never')
      return [empty(path, 'no run of this workflow has a conversation', 'Make it about a conversation, or take it out.')]
    if (root === 'contact' && isBrought(graph, 'contact') === 'never')
      return [empty(path, 'no run of this workflow has a contact', 'Make it about a contact, or take it out.')]
    const known =
      root === 'vars' || root === 'inputs' ? graph[root].map((variable) => variable.key) : (NAMES_OF.get(root) ?? null)
    if (known === null || key === undefined) return []
    if (!known.includes(key)) {
      const where =
        root === 'vars' ? 'the workflow has no variable' : root === 'inputs' ? 'the workflow has no input' : `${root} has no`
      const nearest = nearestOf(key, known)
      return [
        empty(
          path,
          `${where} “${key}”`,
          nearest === null ? 'Choose one of those there are.' : `Did you mean “${root}.${nearest}”?`,
        ),
      ]
    }
    const isOwn = own !== undefined && ((root === 'contact' && key === 'data') || (root === 'conversation' && key === 'fields'))
    if (isOwn && world.fieldType?.(`${root}.${key}.${own}`) === null)
      return [empty(path, `there is no field “${own}”`, 'Choose one of those there are.')]
    return []
  })
}

function rowProblems(place: Place, field: string, row: Row): Problem[] {
  const { graph, world, id } = place
  const unknown = pathProblems(place, field, row.field, ROOTS)
  if (unknown.length > 0) return unknown
  const type = world.fieldType ? world.fieldType(row.field) : (fieldOf(row.field, graph, null)?.type ?? null)
  if (type === null) return [problem('unknown_field', id, field, `There is no field “${row.field}”.`, 'Choose one of the list.')]
  const fault = faultOfRow(row, type)
  return fault === null ? [] : [problem('condition', id, field, `“${row.field}” is asked wrongly: ${fault}`, 'Change the row.')]
}

function expressionProblems(place: Place, field: string, source: string, roots: readonly string[]): Problem[] {
  const fault = faultOfExpression(source)
  if (fault !== null) {
    const at = fault.at === null ? '' : ` (at character ${fault.at + 1})`
    const sentence = `${quoted(source)} cannot be worked out: ${fault.message}${at}`
    return [problem('expression', place.id, field, sentence, 'Mend the expression.')]
  }
  return pathsOfExpression(source).flatMap((path) => pathProblems(place, field, path, roots))
}

function pathProblems({ graph, id, isInLoop }: Place, field: string, path: string, roots: readonly string[]): Problem[] {
  const [root = '', key] = path.split('.')
  if (!roots.includes(root)) {
    const fix = meant(root, roots) ?? `It begins with one of ${roots.join(', ')}.`
    return [problem('unknown_field', id, field, `Nothing here is called “${root}”.`, fix)]
  }
  if (NEEDS[root]?.includes(graph.subject) === false) {
    const sentence = `“${path}” is not there: this workflow is not about ${root === 'contact' ? 'a contact' : 'a conversation'}.`
    return [problem('not_about_it', id, field, sentence, 'Choose what the workflow is about, or ask for something else.')]
  }
  if (root === 'item' && !isInLoop) {
    const sentence = 'This step stands in no loop, so there is no item.'
    return [problem('item_outside_loop', id, field, sentence, 'Put the step into a loop, or ask for something else.')]
  }
  if (key !== undefined && NAMES_OF.get(root)?.includes(key) === false) {
    const nearest = nearestOf(key, NAMES_OF.get(root) ?? [])
    const fix = nearest === null ? 'Choose one of those there are.' : `Did you mean “${root}.${nearest}”?`
    return [problem('unknown_field', id, field, `Nothing of “${root}” is called “${key}”.`, fix)]
  }
  if (root === 'vars' && key !== undefined) return unknownVariable(graph.vars, key, id, field, 'vars')
  if (root === 'inputs' && key !== undefined) return unknownVariable(graph.inputs, key, id, field, 'inputs')
  return []
}

const WHAT = { vars: 'variable', inputs: 'input', outputs: 'result' } as const

function unknownVariable(list: readonly Variable[], key: string, id: string, field: string, where: keyof typeof WHAT): Problem[] {
  const known = list.map((variable) => variable.key)
  if (known.includes(key)) return []
  const fix = meant(key, known) ?? `Add it to the workflow’s ${WHAT[where]}s.`
  return [problem('unknown_variable', id, field, `The workflow has no ${WHAT[where]} “${key}”.`, fix)]
}

function meant(name: string, known: readonly string[]): string | null {
  const nearest = nearestOf(name, known)
  return nearest === null ? null : `Did you mean “${nearest}”?`
}

/** How long a step waits, beside how long a run may go on. */
function patienceProblems(graph: Graph, id: string, config: unknown): Problem[] {
  if (typeof config !== 'object' || config === null) return []
  const { after, for: length } = config as { after?: unknown; for?: unknown }
  if (after === null) {
    const sentence = `It waits for as long as the run may go on: ${graph.limits.days} days.`
    return [{ ...problem('waits_for_ever', id, 'after', sentence, 'Say how long at most; or leave it so.'), severity: 'warning' }]
  }
  const ms = longest(after) ?? longest(length)
  if (ms === null || ms <= graph.limits.days * 86_400_000) return []
  const field = longest(after) === null ? 'for' : 'after'
  const sentence = `It waits longer than a run may go on, which is ${graph.limits.days} days.`
  return [problem('outlasts_run', id, field, sentence, 'Wait for less, or let runs go on for longer.')]
}

function longest(after: unknown): number | null {
  if (typeof after === 'string') return lengthMs(after)
  return typeof after === 'object' && after !== null && 'for' in after ? lengthMs(String(after.for)) : null
}

function problem(code: string, node: string | null, field: string | null, sentence: string, fix: string): Problem {
  return { code, severity: 'error', node, field, sentence, fix }
}
