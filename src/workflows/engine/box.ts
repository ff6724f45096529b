/** What comes for a lane. Rows of workflow_box: written by whoever reads the log, read by whoever works in the lane. */
import type { LogPosition } from '../../events/follow.ts'
import type { Happening } from '../happening.ts'
import type { Values } from '../interpret/state.ts'
import type { RunId, VersionId, WorkflowId } from '../steps/step.ts'

/** A trigger met its happening. Whether a run begins is decided in the lane: there nothing else about the subject is under way. */
export interface Start {
  readonly what: 'start'
  readonly workflowId: WorkflowId
  readonly versionId: VersionId
  readonly node: string
  readonly happening: Happening
  /** Workflows that led to this one by what they did. */
  readonly depth: number
  /** Given by whoever asked for it, so that they can wait for its end. */
  readonly runId?: RunId
  readonly parentId?: RunId
  /** A token of that run waits for its end, and it is of no use to anybody else. */
  readonly isAwaited?: boolean
  readonly inputs?: Values
  readonly isTest?: boolean
  /** Somebody lets one that ended begin once more: how often it ran for its subject does not count. */
  readonly isAgain?: boolean
  /** What the first steps wait for counts from here, where that was before what began it: the log as it had been read when somebody looked at the clock. */
  readonly since?: LogPosition
  /** Somebody applied it to what was there before: it is asked what is so now, and by this it is told from all other beginnings. */
  readonly applied?: LogPosition
  /** The job that applied it: it is told what came of it. */
  readonly jobId?: string
}

/** Something happened that a wait was for. */
export interface Hit {
  readonly what: 'hit'
  readonly waitId: string
  readonly happening: Happening
}

/** What is asked of a run from elsewhere. */
export interface Act {
  readonly what: 'act'
  readonly act: 'cancel'
  readonly runId: RunId
  readonly reason: string
}

export type Letter = Start | Hit | Act

/** One row: the letter, and the place in the log of what brought it. */
export interface BoxRow {
  readonly id: string
  readonly letter: Letter
  readonly place: LogPosition
  readonly at: Date
  readonly fresh: boolean
}

export type LaneKey = `conversation:${string}` | `contact:${string}` | `run:${string}`
