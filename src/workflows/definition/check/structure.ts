/** What is wrong with how nodes hang together. */
import { z } from 'zod'
import { configOf, portsOf, typeOf } from '../catalogue.ts'
import { type Graph, MAX_NODES, type Node } from '../graph.ts'
import type { NodeType, Problem } from '../node-type.ts'
import { type Fault, regionsOf, spinning } from '../regions.ts'
import { issueInWords } from './issue.ts'

export function structureProblems(graph: Graph): Problem[] {
  const nodes = Object.entries(graph.nodes)
  const isTrigger = (id: string) => typeOf(graph.nodes[id]?.type ?? '')?.kind === 'trigger'
  const problems = nodes.flatMap(([id, node]) => [...ofType(graph, id, node), ...ofLines(graph, id, node)])
  if (nodes.length > MAX_NODES) {
    const sentence = `This workflow has ${nodes.length} steps; ${MAX_NODES} is the limit.`
    problems.push(error('too_many_nodes', null, sentence, 'Let a part of it be a workflow of its own, and run that.'))
  }
  if (!nodes.some(([id]) => isTrigger(id)))
    problems.push(error('no_trigger', null, 'Nothing begins this workflow.', 'Add a trigger.'))
  const regions = regionsOf(graph)
  problems.push(...regions.faults.map(nestingProblem))
  for (const [id, node] of nodes) {
    if (!regions.of.has(id) && !isTrigger(id))
      problems.push(warning('unreachable', id, 'No path leads to this step.', 'Lead a line to it, or remove it.'))
    if (typeOf(node.type)?.kind === 'fork' && regions.of.has(id) && !regions.joins.has(id)) {
      const sentence = 'The branches of this step never come together: each of them ends by itself, and nothing comes after.'
      problems.push(warning('never_joined', id, sentence, 'Lead the branches to a step that brings them together.'))
    }
  }
  const circle = spinning(graph)
  if (circle.length > 0) {
    const sentence = `These steps go round in a circle without ever waiting: ${circle.join(' → ')}.`
    problems.push(error('spins', circle[0] ?? null, sentence, 'Put a wait into the circle.'))
  }
  return problems
}

function ofType(graph: Graph, id: string, node: Node): Problem[] {
  const type = typeOf(node.type)
  if (type === null) {
    return [
      error(
        'unknown_type',
        id,
        `There is no kind of step “${node.type}”.`,
        'Choose one of those there are; it may have been of a newer version.',
      ),
    ]
  }
  const problems: Problem[] = []
  if (type.subjects !== undefined && !type.subjects.includes(graph.subject)) {
    const about = type.subjects.map((subject) => (subject === 'none' ? 'nothing in particular' : `a ${subject}`)).join(' or ')
    const is = graph.subject === 'none' ? 'nothing in particular' : `a ${graph.subject}`
    const sentence = `“${type.title}” is for workflows about ${about}; this one is about ${is}.`
    problems.push(error('wrong_subject', id, sentence, 'Choose what the workflow is about, or another step.'))
  }
  const read = type.config.safeParse(node.config)
  if (!read.success) {
    const issues = read.error.issues.slice(0, 20)
    return [
      ...problems,
      ...issues.map((issue) => {
        const { sentence, fix, field } = issueInWords(issue, settingsOf(type))
        return { ...error('config', id, sentence, fix), field }
      }),
    ]
  }
  return [...problems, ...(type.problems?.(read.data, node) ?? []).map((problem) => ({ ...problem, node: id }))]
}

function settingsOf({ config }: NodeType): string[] {
  return config instanceof z.ZodObject ? Object.keys(config.shape) : []
}

function ofLines(graph: Graph, id: string, node: Node): Problem[] {
  const type = typeOf(node.type)
  const problems: Problem[] = []
  for (const [port, to] of Object.entries(node.next)) {
    const target = graph.nodes[to]
    if (target === undefined)
      problems.push(
        error('dangling', id, `“${port}” leads to “${to}”, which is not there.`, 'Lead it to another step, or remove the line.'),
      )
    else if (typeOf(target.type)?.kind === 'trigger')
      problems.push(
        error(
          'into_trigger',
          id,
          `“${port}” leads to a trigger, where runs only begin.`,
          'Lead it to the step behind the trigger.',
        ),
      )
  }
  if (type === null || configOf(node) === null) return problems
  const ports = portsOf(node)
  for (const port of Object.keys(node.next)) {
    if (ports.some((one) => one.key === port)) continue
    const sentence = `This step has no way “${port}”: ${ports.length === 0 ? 'nothing comes after it' : `it has ${ports.map((one) => one.key).join(', ')}`}.`
    problems.push(error('unknown_port', id, sentence, 'Remove the line, or lead it from another way.'))
  }
  for (const port of ports) if (node.next[port.key] === undefined) problems.push(...endProblem(graph, id, node, port))
  return problems
}

/** A way that leads nowhere: often that is meant, and sometimes it is what nobody thought of. */
function endProblem(graph: Graph, id: string, node: Node, port: { key: string; label: string; isFailure?: boolean }): Problem[] {
  const kind = typeOf(node.type)?.kind
  if (kind === 'trigger')
    return [error('trigger_leads_nowhere', id, 'This trigger begins runs that do nothing.', 'Lead it to a step.')]
  if (kind === 'each' && port.key === 'item')
    return [error('empty_loop', id, 'Nothing is done with the items of this loop.', 'Lead “For each” to a step.')]
  if (kind === 'fork')
    return [warning('empty_branch', id, `The branch “${port.label}” does nothing.`, 'Lead it to a step, or remove the branch.')]
  if (kind === 'join' && port.key === 'short' && !asksForANumber(graph, id)) return []
  if (port.isFailure) {
    const sentence = `If it comes to “${port.label}”, the run stops there until a person looks at it.`
    return [
      warning('failure_unconnected', id, sentence, `Say what happens then, by a line from “${port.label}”; or leave it so.`),
    ]
  }
  if (port.key === 'timeout') {
    const sentence = 'When the time is over, this path just ends.'
    return [
      warning('timeout_unconnected', id, sentence, `Say what happens then, by a line from “${port.label}”; or leave it so.`),
    ]
  }
  return []
}

/** Only where a number of branches was asked for can too few arrive. */
function asksForANumber(graph: Graph, join: string): boolean {
  const { joins } = regionsOf(graph)
  const fork = [...joins].find(([, at]) => at === join)?.[0]
  const { branches = [], need } = (graph.nodes[fork ?? '']?.config ?? {}) as { branches?: unknown[]; need?: unknown }
  return typeof need === 'number' && need > 1 && need < branches.length
}

const NESTING: Readonly<Record<Fault['code'], readonly [string, string]>> = {
  not_nested: [
    'Paths lead here from inside and from outside of a split or a loop: a run could not tell what belongs together.',
    'Let the branches come together first, or leave the loop by “When all are through”.',
  ],
  join_outside_fork: ['Here branches come together, but nothing was split before.', 'Remove it, or put a split before it.'],
  break_outside_loop: ['This leaves a loop, but it does not stand in one.', 'Remove it, or put it into a loop.'],
  several_joins: ['The branches of one split come together at two places.', 'Lead all of them to the same one.'],
}

function nestingProblem({ code, node }: Fault): Problem {
  const [sentence, fix] = NESTING[code]
  return error(code, node, sentence, fix)
}

function error(code: string, node: string | null, sentence: string, fix: string): Problem {
  return { code, severity: 'error', node, field: null, sentence, fix }
}

function warning(code: string, node: string | null, sentence: string, fix: string): Problem {
  return { ...error(code, node, sentence, fix), severity: 'warning' }
}
