/** Writes what many runs that went on came to, each in its lane: rows of all of them, of each kind together. */
import type { RawBuilder } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { insertingEvents } from '../../events/append.ts'
import { endingLanes } from './lane-end-queries.ts'
import { insertingLines, updatingRuns, writeAll } from './run-writing-queries.ts'
import { deletingTokens, deletingWaits, insertingWaits, puttingTokens } from './token-writing-queries.ts'
import { type TurnResult, type Written, writtenOf } from './write-back.ts'
import { eventsOf, linesOf, rowOf, tokensOf } from './written-rows.ts'

/** In the order of the turns, all of which are of one workspace. */
export async function writeTogether(tx: Tx, turns: readonly TurnResult[], now: Date): Promise<Written[]> {
  const all = turns.map((turn) => {
    const runs = turn.runs.filter((run) => run.saved !== run.state || run.lines.length > 0)
    return { turn: { ...turn, runs }, ...tokensOf(turn.end.lane.id, runs), events: runs.flatMap(eventsOf) }
  })
  const workspaceId = turns[0]?.end.lane.workspaceId ?? ''
  const rows = all.flatMap(({ turn }) => turn.runs.map((run) => rowOf(run, turn.end.lane.id, now)))
  const lines = all.flatMap(({ turn }) => turn.runs.flatMap(linesOf))
  const [put, waits, unwaited] = [
    all.flatMap((one) => one.put),
    all.flatMap((one) => one.waits),
    all.flatMap((one) => one.unwaited),
  ]
  const [gone, events] = [all.flatMap((one) => one.gone), all.flatMap((one) => one.events)]
  const parts: RawBuilder<unknown>[] = []
  if (rows.length > 0) parts.push(updatingRuns(rows))
  if (lines.length > 0) parts.push(insertingLines(lines))
  if (gone.length > 0) parts.push(deletingTokens(workspaceId, gone))
  if (put.length > 0) parts.push(puttingTokens(put))
  if (unwaited.length > 0) parts.push(deletingWaits(workspaceId, unwaited))
  if (waits.length > 0) parts.push(insertingWaits(waits))
  parts.push(
    ...endingLanes(
      workspaceId,
      turns.map(({ end }) => end),
    ),
  )
  if (events.length > 0) parts.push(insertingEvents(events, now))
  await writeAll(tx, parts)
  return all.map((one) => writtenOf(one.turn, one.waits.length, one.events, now))
}
