/** How many runs of a workflow there are, and where they stand. */
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'
import { selectHeldRuns, selectPassed, selectStanding } from './counts-queries.ts'
import { MANY_RUNS } from './list-queries.ts'

export interface WorkflowCounts {
  readonly running: number
  readonly held: number
  readonly completed: number
  readonly cancelled: number
  /** Only the newest were counted. */
  readonly isPartial: boolean
  readonly nodes: readonly { readonly node: string; readonly waiting: number; readonly held: number; readonly passed: number }[]
}

export async function countRuns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  { since, tests }: { readonly since: Date; readonly tests: boolean },
): Promise<WorkflowCounts> {
  const standing = await selectStanding(db, workspaceId, workflowId, tests, MANY_RUNS)
  const passed = await selectPassed(db, workspaceId, workflowId, since, tests, MANY_RUNS)
  const there = new Map(standing.nodes.map((one) => [one.node, one]))
  const arrived = new Map(passed.nodes.map(({ node, arrivals }) => [node, arrivals]))
  const { completed, cancelled } = passed
  return {
    ...{ running: standing.runs, completed, cancelled },
    held: await selectHeldRuns(db, workspaceId, workflowId, tests, MANY_RUNS),
    isPartial: [standing.runs, passed.runs, completed, cancelled].some((n) => n >= MANY_RUNS),
    nodes: [...new Set([...there.keys(), ...arrived.keys()])].sort().map((node) => {
      const { waiting, held } = there.get(node) ?? { waiting: 0, held: 0 }
      return { node, waiting, held, passed: arrived.get(node) ?? 0 }
    }),
  }
}
