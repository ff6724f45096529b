/** Writes many solo runs at once: rows of all of them, of each kind together. */
import type { RawBuilder } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import { insertingEvents } from '../../events/append.ts'
import { BEGUN } from './only-queries.ts'
import { insertingLines, insertingRuns } from './run-writing-queries.ts'
import type { WorkedOut } from './solo.ts'
import { beginSolos, endingSolos } from './solo-queries.ts'
import { insertingWaits, puttingTokens } from './token-writing-queries.ts'
import { insertingVerdicts } from './verdict-queries.ts'
import { type Written, writtenOf } from './write-back.ts'
import { eventsOf, linesOf, rowOf, tokensOf } from './written-rows.ts'

/** By the ids of the lanes that were ours. */
export async function writeSolos(db: Db | Tx, solos: readonly WorkedOut[], now: Date): Promise<ReadonlyMap<string, Written>> {
  const all = solos.map((solo) => ({ solo, ...tokensOf(solo.lane.id, solo.runs), events: solo.runs.flatMap(eventsOf) }))
  const runs = solos.flatMap((solo) => solo.runs.map((run) => rowOf(run, solo.lane.id, now)))
  const lines = solos.flatMap((solo) => solo.runs.flatMap(linesOf))
  const [tokens, waits, events] = [
    all.flatMap(({ put }) => put),
    all.flatMap((one) => one.waits),
    all.flatMap((one) => one.events),
  ]
  const verdicts = solos.flatMap((solo) => solo.verdicts.map((verdict) => ({ ...verdict, laneId: solo.lane.id })))
  const parts: RawBuilder<unknown>[] = [...endingSolos(solos.map(({ end }) => end))]
  if (runs.length > 0) parts.push(insertingRuns(runs, BEGUN))
  if (lines.length > 0) parts.push(insertingLines(lines, BEGUN))
  if (tokens.length > 0) parts.push(puttingTokens(tokens, BEGUN))
  if (waits.length > 0) parts.push(insertingWaits(waits, BEGUN))
  if (events.length > 0) parts.push(insertingEvents(events, now, BEGUN({ run: 'e.subject_id' })))
  if (verdicts.length > 0) parts.push(insertingVerdicts(verdicts, now, BEGUN))
  const letters = solos.map(({ lane, letterId: id, runId }) => ({ workspaceId: lane.workspaceId, laneId: lane.id, id, runId }))
  const begun = await beginSolos(db, letters, parts)
  const ours = all.filter(({ solo }) => begun.has(solo.lane.id))
  return new Map(ours.map(({ solo, waits, events }) => [solo.lane.id, writtenOf(solo, waits.length, events, now)]))
}
