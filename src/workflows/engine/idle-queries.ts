import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'

/** Lanes in which nothing is, and nothing is to come. Only whoever reads the log may take them away: nobody else puts anything in. */
export async function deleteIdleLanes(tx: Tx, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from workflow_lane
     where (workspace_id, id) in (
       select l.workspace_id, l.id
         from workflow_lane as l
        where l.due_at is null and l.crashes = 0
          and not exists (select from workflow_box as b where b.workspace_id = l.workspace_id and b.lane_id = l.id)
          and not exists (select from workflow_run as r where r.workspace_id = l.workspace_id and r.lane_id = l.id and r.status = 'running')
        limit ${limit}
          for update skip locked
     )`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
