/** What is done with many runs, or many subjects, of one workflow: begun by a person, carried on in the background, and told how far it came. */
import type { Id, WorkspaceId } from '../../lib/ids.ts'
import { BLOCKERS, type Mapping } from '../interpret/carry.ts'
import type { VersionId, WorkflowId } from '../steps/step.ts'
import type { Scope } from './scope.ts'

export type JobId = Id<'workflow_job'>
export const JOB_KINDS = ['move', 'cancel', 'apply'] as const
export type JobKind = (typeof JOB_KINDS)[number]
export const JOB_STATES = ['going', 'done', 'stopped'] as const
export type JobState = (typeof JOB_STATES)[number]

export interface Job {
  readonly workspaceId: WorkspaceId
  readonly id: JobId
  readonly workflowId: WorkflowId
  readonly kind: JobKind
  /** Of `move` where runs go, of `apply` by which they begin, of `cancel` the one whose runs are left alone, unless it is the one that is named. */
  readonly versionId: VersionId
  /** Its number; null: it is gone. */
  readonly number: number | null
  /** Only runs of this one; null: of all others. */
  readonly fromVersionId: VersionId | null
  readonly mapping: Mapping
  /** Of `apply`: the trigger. */
  readonly node: string | null
  /** Of `apply`: among whom; null: all. */
  readonly scope: Scope | null
  readonly perMinute: number | null
  readonly place: string | null
  readonly state: JobState
  readonly dueAt: Date | null
  readonly seen: number
  readonly done: number
  /** Why → how many. */
  readonly leftOut: Readonly<Record<string, number>>
  readonly tries: number
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly endedAt: Date | null
}

/** Why something was left out, beside what stands in the way of a run. */
const REASONS: Readonly<Record<string, string>> = {
  ...BLOCKERS,
  conditions: 'The conditions of the trigger are not met.',
  others: 'It is not among those that were chosen.',
  over: 'It had ended by then.',
  unreadable: 'This version of Waybill cannot read the version it runs by.',
  broken: 'It broke off again and again.',
}

export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? reason.replaceAll('_', ' ')
}
