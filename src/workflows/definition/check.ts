/**
 * What is wrong with a workflow, before it runs: each problem with its code, its place, a sentence and the way to mend it. Errors keep from publishing.
 * Pure: what only the server knows is asked of `World`, and what it does not say is not looked at.
 */
import type { z } from 'zod'
import { bearingProblems } from './check/bearings.ts'
import { issueInWords } from './check/issue.ts'
import { structureProblems } from './check/structure.ts'
import { valueProblems } from './check/values.ts'
import { worldProblems } from './check/world.ts'
import { Graph } from './graph.ts'
import type { Problem } from './node-type.ts'
import type { World } from './world.ts'

export type Checked =
  | { readonly graph: Graph; readonly problems: readonly Problem[] }
  | { readonly graph: null; readonly problems: readonly Problem[] }

/** Anything: a draft, an import, a body of the API. */
export function check(given: unknown, world: World): Checked {
  const read = Graph.safeParse(given)
  if (!read.success) return { graph: null, problems: read.error.issues.map(shapeProblem) }
  return { graph: read.data, problems: problemsOf(read.data, world) }
}

export function problemsOf(graph: Graph, world: World): readonly Problem[] {
  const problems = [
    ...structureProblems(graph),
    ...valueProblems(graph, world),
    ...bearingProblems(graph),
    ...worldProblems(graph, world),
  ]
  return problems.sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
}

export function canPublish(problems: readonly Problem[]): boolean {
  return problems.every((problem) => problem.severity !== 'error')
}

function shapeProblem(issue: z.core.$ZodIssue): Problem {
  const said = issueInWords(issue, [])
  const [first, node, ...rest] = said.field?.split('.') ?? []
  const isOfNode = first === 'nodes' && node !== undefined
  return {
    code: 'shape',
    severity: 'error',
    node: isOfNode ? node : null,
    field: isOfNode ? rest.join('.') || null : said.field,
    sentence: `This is not as workflow/1 wants it: ${said.sentence}`,
    fix: 'See docs/workflow.schema.json for what may stand here.',
  }
}
