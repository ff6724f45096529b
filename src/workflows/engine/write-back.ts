/** Writes what a burst did with its runs: of each only what differs. */
import type { RawBuilder } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { insertingEvents } from '../../events/append.ts'
import type { NewEvent } from '../../events/event.ts'
import { endingLane, type LaneEnd } from './lane-end-queries.ts'
import type { LiveRun } from './live-run.ts'
import { insertingLines, insertingRuns, updatingRuns, writeAll } from './run-writing-queries.ts'
import {
  deletingForks,
  deletingTokens,
  deletingWaits,
  insertingWaits,
  puttingForks,
  puttingTokens,
} from './token-writing-queries.ts'
import type { Verdict } from './verdict.ts'
import { insertingVerdicts } from './verdict-queries.ts'
import { EMPTY, eventsOf, isOfNoInterest, linesOf, rowOf, tokensOf } from './written-rows.ts'

export interface Written {
  /** Waits that somebody has to look back for. */
  readonly waits: number
  readonly held: number
  readonly ended: number
  readonly events: number
  /** There is something to do in the lane at this moment. */
  readonly hasMore: boolean
}

/** What a turn came to: everything that its end writes. */
export interface TurnResult {
  readonly runs: readonly LiveRun[]
  readonly verdicts: readonly (Verdict & { readonly workspaceId: string })[]
  readonly end: LaneEnd
  /** A letter of it went on to another lane. */
  readonly hasForwarded?: boolean
}

export async function writeBack(tx: Tx, turn: TurnResult, now: Date): Promise<Written> {
  const { runs, verdicts, end } = turn
  const { id: laneId } = end.lane
  const changed = runs.filter((run) => run.saved !== run.state || run.lines.length > 0)
  const rows = changed.map((run) => ({ run, row: rowOf(run, laneId, now) }))
  const [made, moved] = [rows.filter(({ run }) => run.saved === null), rows.filter(({ run }) => run.saved !== null)]
  const parts: RawBuilder<unknown>[] = []
  // Apart, and first: a run that makes room for another one must have ended before that begins.
  if (moved.length > 0) {
    const updating = updatingRuns(moved.map(({ row }) => row))
    if (made.length > 0) await updating.execute(tx)
    else parts.push(updating)
  }
  if (made.length > 0) parts.push(insertingRuns(made.map(({ row }) => row)))
  const lines = changed.flatMap(linesOf)
  if (lines.length > 0) parts.push(insertingLines(lines))
  const waits = pushTokens(parts, laneId, changed)
  pushForks(parts, changed)
  parts.push(...endingLane(end))
  const events = changed.flatMap(eventsOf)
  if (events.length > 0) parts.push(insertingEvents(events, now))
  if (verdicts.length > 0) parts.push(insertingVerdicts(verdicts, now))
  await writeAll(tx, parts)
  return writtenOf({ ...turn, runs: changed }, waits, events, now)
}

export function writtenOf(
  { runs, end, hasForwarded = false }: Omit<TurnResult, 'verdicts'>,
  waits: number,
  events: readonly NewEvent[],
  now: Date,
): Written {
  return {
    ...{ waits, events: events.filter((event) => !isOfNoInterest(event, runs)).length },
    hasMore: hasForwarded || end.unpark || (end.due !== null && end.due <= now),
    held: events.filter(({ type }) => type === 'workflow.held').length,
    ended: runs.filter(({ state }) => state.status !== 'running').length,
  }
}

/** Of a turn, or of several: its nodes beside what was written. */
export type Done = Written & { readonly nodes: number }

export function both(a: Done, b: Done): Done {
  return {
    waits: a.waits + b.waits,
    held: a.held + b.held,
    ended: a.ended + b.ended,
    events: a.events + b.events,
    hasMore: a.hasMore || b.hasMore,
    nodes: a.nodes + b.nodes,
  }
}

/** Returns how many waits are new. */
function pushTokens(parts: RawBuilder<unknown>[], laneId: string, runs: readonly LiveRun[]): number {
  const { put, waits, unwaited, gone } = tokensOf(laneId, runs)
  const workspaceId = runs[0]?.row.workspaceId ?? ''
  if (gone.length > 0) parts.push(deletingTokens(workspaceId, gone))
  if (put.length > 0) parts.push(puttingTokens(put))
  if (unwaited.length > 0) parts.push(deletingWaits(workspaceId, unwaited))
  if (waits.length > 0) parts.push(insertingWaits(waits))
  return waits.length
}

function pushForks(parts: RawBuilder<unknown>[], runs: readonly LiveRun[]): void {
  const put = runs.flatMap(({ row, saved, state }) => {
    const before = new Set((saved ?? EMPTY).forks)
    return state.forks.filter((fork) => !before.has(fork)).map((fork) => ({ workspaceId: row.workspaceId, runId: row.id, fork }))
  })
  const gone = runs.flatMap(({ saved, state }) =>
    (saved ?? EMPTY).forks.filter(({ id }) => !state.forks.some((fork) => fork.id === id)).map(({ id }) => id),
  )
  if (put.length > 0) parts.push(puttingForks(put))
  if (gone.length > 0) parts.push(deletingForks(runs[0]?.row.workspaceId ?? '', gone))
}
