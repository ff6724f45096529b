/** Writes what a burst did with its runs: of each only what differs. */
import type { RawBuilder } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { insertingEvents } from '../../events/append.ts'
import type { NewEvent } from '../../events/event.ts'
import type { LogPosition } from '../../events/follow.ts'
import { newId } from '../../lib/ids.ts'
import type { RunState, Token } from '../interpret/state.ts'
import { endingLane, type LaneEnd, type SoloLetter as Letter, takingLetter } from './lane-end-queries.ts'
import type { LiveRun } from './live-run.ts'
import type { RunRow } from './run-queries.ts'
import { insertingLines, insertingRuns, type NewLine, updatingRuns, writeAll, writeAllFor } from './run-writing-queries.ts'
import {
  deletingForks,
  deletingTokens,
  deletingWaits,
  insertingWaits,
  type NewToken,
  type NewWait,
  puttingForks,
  puttingTokens,
} from './token-writing-queries.ts'
import type { Verdict } from './verdict.ts'
import { insertingVerdicts } from './verdict-queries.ts'

const NOWHERE: LogPosition = { txid: '0', seq: '0' }
const EMPTY: Pick<RunState, 'tokens' | 'forks'> = { tokens: [], forks: [] }

export interface Written {
  /** Waits that somebody has to look back for. */
  readonly waits: number
  readonly held: number
  readonly ended: number
  readonly events: number
  /** There is something to do in the lane at this moment. */
  readonly hasMore: boolean
}

export async function writeBack(
  tx: Tx,
  laneId: string,
  runs: readonly LiveRun[],
  verdicts: readonly (Verdict & { readonly workspaceId: string })[],
  end: LaneEnd,
  now: Date,
  /** Of a lane that is not locked: what it is all for. */
  letter: Letter | null = null,
): Promise<Written> {
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
  if (letter) await writeAllFor(tx, takingLetter(letter), parts)
  else await writeAll(tx, parts)
  return {
    ...{ waits, events: events.filter((event) => !isOfNoInterest(event, changed)).length },
    hasMore: end.unpark || (end.due !== null && end.due <= now),
    held: events.filter(({ type }) => type === 'workflow.held').length,
    ended: changed.filter(({ state }) => state.status !== 'running').length,
  }
}

/** The end of a run that nobody began to wait for it: it is read when the log is read next. */
function isOfNoInterest({ type, subjectId }: NewEvent, runs: readonly LiveRun[]): boolean {
  return type === 'workflow.run_ended' && runs.some(({ row }) => row.id === subjectId && row.parentId === null)
}

function rowOf({ row, state, lines }: LiveRun, laneId: string, now: Date): RunRow {
  const { status, vars, outputs, steps, visits, endReason } = state
  const isOver = status !== 'running'
  return {
    ...row,
    ...{ status, vars, outputs, steps, visits, endReason },
    laneId: isOver ? row.laneId : laneId,
    lines: row.lines + lines.length,
    held: heldOf(state).length,
    endedAt: isOver ? now : null,
  }
}

function heldOf({ tokens }: Pick<RunState, 'tokens'>): Token[] {
  return tokens.filter(({ state }) => state === 'held')
}

function linesOf({ row, lines }: LiveRun): NewLine[] {
  return lines.map((line, nth) => ({ workspaceId: row.workspaceId, runId: row.id, seq: row.lines + nth + 1, line }))
}

/** Returns how many waits are new. */
function pushTokens(parts: RawBuilder<unknown>[], laneId: string, runs: readonly LiveRun[]): number {
  const put: NewToken[] = []
  const waits: NewWait[] = []
  const unwaited: string[] = []
  const gone: string[] = []
  for (const { row, saved, state, places } of runs) {
    const { workspaceId, id: runId } = row
    const before = new Map((saved ?? EMPTY).tokens.map((token) => [token.id, token]))
    const after = new Set(state.tokens.map(({ id }) => id))
    gone.push(...[...before.keys()].filter((id) => !after.has(id)))
    for (const token of state.tokens) {
      const was = before.get(token.id)
      if (was === token) continue
      const place = places.get(token.id) ?? NOWHERE
      put.push({ workspaceId, runId, laneId, token, place })
      if (was?.arms === token.arms) continue
      if (was && was.arms.length > 0) unwaited.push(token.id)
      waits.push(...token.arms.map((arm) => ({ workspaceId, id: newId() as string, tokenId: token.id, laneId, arm, place })))
    }
  }
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

/** What others are told: who waits for its end, who mends it, and those that it began and that are of no use any more. */
function eventsOf(run: LiveRun): NewEvent[] {
  const { row, graph, saved, state, dropped } = run
  const { workspaceId, id, workflowId, depth } = row
  const told = { name: graph.name, workflow_id: workflowId, run_id: id }
  const about = { workspaceId, subjectId: id, actor: `workflow:${id}`, depth: Math.min(depth, 100) }
  const wasHeld = new Set(heldOf(saved ?? EMPTY).map(({ id }) => id))
  const events: NewEvent[] = heldOf(state)
    .filter((token) => !wasHeld.has(token.id))
    .map(({ node, trouble }) => ({
      ...about,
      type: 'workflow.held',
      data: { ...told, node, class: trouble?.class, sentence: trouble?.sentence },
    }))
  for (const { arms } of dropped)
    for (const { on, key } of arms)
      if (on === 'run.ended' && key.startsWith('run:'))
        events.push({ ...about, type: 'workflow.asked', data: { act: 'cancel', run_id: key.slice(4), reason: 'parent_ended' } })
  if (state.status !== 'running') {
    const { status, endReason: reason, outputs } = state
    events.push({ ...about, type: 'workflow.run_ended', data: { ...told, status, reason, outputs } })
  }
  return events
}
