import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import { type LogPosition, placeOfFollower } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'

/** A trigger that begins when customers wait too long. */
export interface OverdueTrigger {
  readonly workspaceId: WorkspaceId
  readonly workflowId: WorkflowId
  readonly workflow: string
  readonly node: string
  readonly key: string
  /** As the version has it that is published. */
  readonly config: unknown
  /** It listens from here on: whoever had waited too long before that is not told of. */
  readonly since: Date
}

export async function selectOverdueTriggers(db: Db): Promise<OverdueTrigger[]> {
  const { rows } = await sql<OverdueTrigger>`
    select t.workspace_id as "workspaceId", t.workflow_id as "workflowId", w.name as workflow, t.node, t.key,
           v.graph -> 'nodes' -> t.node -> 'config' as config, t.since
      from workflow_trigger as t
      join workflow as w on w.workspace_id = t.workspace_id and w.id = t.workflow_id
      join workflow_version as v on v.workspace_id = t.workspace_id and v.id = t.version_id
     where t.happening = 'answer.overdue'
     order by w.place, t.workflow_id, t.node`.execute(db)
  return rows
}

export interface Overdue {
  readonly conversationId: string
  readonly waitingSince: Date
  /** How far the log had been read when this was seen: an answer up to there would have been seen too. */
  readonly place: LogPosition
}

/** Those of `waiting` whose waiting the trigger was not told of, as told from now on. */
export async function takeOverdue(
  tx: Tx,
  { workspaceId, workflowId, node }: OverdueTrigger,
  waiting: RawBuilder<unknown>,
  router: string,
  limit: number,
): Promise<Overdue[]> {
  const { rows } = await sql<{ id: string; since: Date; txid: string | null; seq: string | null }>`
    with told as (
      insert into workflow_overdue as was (workspace_id, workflow_id, node, conversation_id, waiting_since)
      select ${workspaceId}::uuid, ${workflowId}::uuid, ${node}::text, c.id, c.waiting_since
        from ${waiting} as c
       where not exists (
         select from workflow_overdue as o
          where o.workspace_id = ${workspaceId} and o.workflow_id = ${workflowId} and o.node = ${node} and o.conversation_id = c.id
            and o.waiting_since = c.waiting_since
       )
       limit ${limit}
      on conflict (workspace_id, workflow_id, node, conversation_id) do update set waiting_since = excluded.waiting_since
        where was.waiting_since <> excluded.waiting_since
      returning conversation_id as id, waiting_since as since
    )
    select told.id, told.since, place.txid, place.seq from told left join ${placeOfFollower(router)} as place on true order by told.since, told.id`.execute(
    tx,
  )
  return rows.map(({ id, since, txid, seq }) => ({
    conversationId: id,
    waitingSince: since,
    place: { txid: txid ?? '0', seq: seq ?? '0' },
  }))
}

export async function deleteOverdue(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from workflow_overdue where ctid in (
      select ctid from workflow_overdue where waiting_since < ${before} limit ${limit} for update skip locked)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
