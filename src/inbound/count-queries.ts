/** What came in and what became of it, by day. */
import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { InboxId, WorkspaceId } from '../lib/ids.ts'

/**
 * Folds the deltas of the last days into one row an inbox, day and outcome; returns how many groups there were. A statement sees one snapshot: rows
 * of running transactions stay for next time, and of two that fold at once the later finds the rows gone and adds nothing.
 */
export async function foldDeltas(tx: Tx, limit: number, now: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with several as (
      select workspace_id, inbox_id, day, outcome
        from inbound_count
       where day >= (${now}::timestamptz at time zone 'UTC')::date - 7
       group by workspace_id, inbox_id, day, outcome
      having count(*) > 1
       limit ${limit}
    ), gone as (
      delete from inbound_count as c
       using several as s
       where c.workspace_id = s.workspace_id and c.day = s.day and c.outcome = s.outcome and c.inbox_id is not distinct from s.inbox_id
      returning c.workspace_id, c.inbox_id, c.day, c.outcome, c.n
    ), folded as (
      insert into inbound_count (workspace_id, inbox_id, day, outcome, n)
      select workspace_id, inbox_id, day, outcome, sum(n) from gone group by workspace_id, inbox_id, day, outcome
    )
    select count(*) as n from several`.execute(tx)
  return rows[0]?.n ?? 0
}

/** Those of these inboxes that any mail ever came to. Index: inbound_mail_by_inbox. */
export async function selectWithMail(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly InboxId[]): Promise<InboxId[]> {
  const { rows } = await sql<{ id: InboxId }>`
    select w.id from unnest(${plainArray(ids)}::uuid[]) as w(id)
     where exists (select from inbound_mail as m where m.workspace_id = ${workspaceId} and m.inbox_id = w.id)`.execute(db)
  return rows.map(({ id }) => id)
}

export async function selectNoMatchOfDay(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  now: Date,
): Promise<{ inboxId: InboxId; n: number }[]> {
  const { rows } = await sql<{ inboxId: InboxId; n: number }>`
    select inbox_id as "inboxId", sum(n) as n
      from inbound_count
     where workspace_id = ${workspaceId} and day = (${now}::timestamptz at time zone 'UTC')::date and inbox_id is not null
       and outcome in ('ignored:update_only_no_match', 'quarantined:update_only_no_match')
     group by inbox_id`.execute(db)
  return rows
}
