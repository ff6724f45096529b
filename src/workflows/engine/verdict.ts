/** Why a workflow did, or did not, begin. */
import type { Json } from '../definition/graph.ts'
import type { RunId, WorkflowId } from '../steps/step.ts'

export const VERDICTS = {
  began: 'It began.',
  conditions: 'Its conditions were not met.',
  already_running: 'It was under way for the same subject already.',
  enough: 'It had run for this subject as often as it may.',
  own_doing: 'It was itself what made this happen.',
  too_deep: 'Workflows had set off one another too often.',
  switched_off: 'It had been switched off meanwhile.',
  queue_full: 'Too many runs were waiting for their turn already.',
  not_awaited: 'Whoever had asked for it, to wait for its end, did not wait any more.',
  broken: 'It could not begin: its definition cannot be read, or its conditions cannot be judged.',
  poison: 'Every process that began it came to an end by it.',
} as const satisfies Record<string, string>
export type VerdictCode = keyof typeof VERDICTS

export interface Verdict {
  readonly workflowId: WorkflowId
  readonly subjectId: string | null
  readonly runId: RunId | null
  /** Which run it would have been: whoever asked for it has this id, and finds the verdict under it. */
  readonly asked?: RunId | undefined
  readonly verdict: VerdictCode
  /** Condition by condition, what was seen and what was wanted. */
  readonly trace: Json
  /** The job that asked for it, where one did. */
  readonly jobId?: string | undefined
}
