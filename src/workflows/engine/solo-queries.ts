/** The one statement that begins runs in lanes of their own. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, tableOf } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LaneEnd } from './lane-end-queries.ts'

export interface SoloLetter {
  readonly workspaceId: string
  readonly laneId: string
  readonly id: string
  readonly runId: string
}

/**
 * Takes the letters of those lanes that nobody else has in hand, and writes what belongs to them: `parts` name it by `begun`. Lanes are locked in one
 * order, and what somebody else has is passed by: nobody is waited for, so that many locks do no more harm than one. Gives the lanes that were ours.
 */
export async function beginSolos(
  db: Db | Tx,
  letters: readonly SoloLetter[],
  parts: readonly RawBuilder<unknown>[],
): Promise<Set<string>> {
  const wanted = tableOf('w', letters, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    lane_id: ['uuid', (one) => one.laneId],
    id: ['bigint', (one) => one.id],
    run_id: ['uuid', (one) => one.runId],
  })
  const named = parts.map((part, nth) => sql`${sql.raw(`p${nth}`)} as (${part})`)
  const { rows } = await sql<{ lane_id: string }>`
    with held as materialized (
      select w.*
        from ${wanted}
        join workflow_lane as l on l.workspace_id = w.workspace_id and l.id = w.lane_id and l.crashes = 0
       order by l.id
         for update of l skip locked
    ), begun as (
      delete from workflow_box as b using held as h
       where b.workspace_id = h.workspace_id and b.lane_id = h.lane_id and b.id = h.id
      returning h.workspace_id, h.lane_id, h.run_id
    ), ${sql.join(named)}
    select lane_id from begun`.execute(db)
  return new Set(rows.map((row) => row.lane_id))
}

/** Lanes that are over, and when there is something to do in the others. */
export function endingSolos(ends: readonly LaneEnd[]): RawBuilder<unknown>[] {
  const over = ends.filter(({ isOver }) => isOver).map(({ lane }) => lane.id)
  const going = ends.filter(({ isOver }) => !isOver)
  const parts: RawBuilder<unknown>[] = []
  if (over.length > 0)
    parts.push(sql`
      delete from workflow_lane as l using begun as b
       where l.workspace_id = b.workspace_id and l.id = b.lane_id and l.id = any (${plainArray(over)}::uuid[])`)
  if (going.length > 0) {
    const table = tableOf('g', going, {
      lane_id: ['uuid', ({ lane }) => lane.id],
      due_at: ['timestamptz', ({ due }) => due],
    })
    parts.push(sql`
      update workflow_lane as l set due_at = g.due_at
        from begun as b, ${table}
       where g.lane_id = b.lane_id and l.workspace_id = b.workspace_id and l.id = b.lane_id`)
  }
  return parts
}
