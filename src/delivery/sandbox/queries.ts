import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'

export interface SandboxMail {
  readonly id: string
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly sender: string
  readonly recipient: string
  readonly subject: string
  readonly sizeBytes: number
  readonly contentHash: string
  readonly receivedAt: Date
  /** What stands in the content for the token of its delivery; null: it is not tracked. */
  readonly standIn: string | null
}

export interface KeptMail {
  readonly id: string
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly sender: string
  readonly recipient: string
  readonly contentHash: string
}

export async function insertKept(tx: Tx, workspaceId: WorkspaceId, mails: readonly KeptMail[], now: Date): Promise<void> {
  await sql`
    insert into sandbox_mail (workspace_id, id, delivery_id, message_id, sender, recipient, content_hash, received_at)
    select ${workspaceId}::uuid, m.id, m."deliveryId", m."messageId", m.sender, m.recipient, decode(m."contentHash", 'hex'), ${now}::timestamptz
      from json_to_recordset(${JSON.stringify(mails)}::json)
             as m (id uuid, "deliveryId" uuid, "messageId" uuid, sender text, recipient text, "contentHash" text)`.execute(tx)
}

export async function insertFeedback(
  tx: Tx,
  workspaceId: WorkspaceId,
  feedback: readonly { deliveryId: DeliveryId; kind: string }[],
  dueAt: Date,
): Promise<void> {
  if (feedback.length === 0) return
  await sql`
    insert into sandbox_feedback (workspace_id, delivery_id, kind, due_at)
    select ${workspaceId}::uuid, f."deliveryId", f.kind, ${dueAt}::timestamptz
      from json_to_recordset(${JSON.stringify(feedback)}::json) as f ("deliveryId" uuid, kind text)
    on conflict (workspace_id, delivery_id) do update set kind = excluded.kind, due_at = excluded.due_at`.execute(tx)
}

export async function takeDueFeedback(
  tx: Tx,
  limit: number,
  now: Date,
): Promise<{ workspaceId: WorkspaceId; deliveryId: DeliveryId; kind: string }[]> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; deliveryId: DeliveryId; kind: string }>`
    with due as (
      select workspace_id, delivery_id from sandbox_feedback where due_at <= ${now} order by due_at limit ${limit} for update skip locked
    )
    delete from sandbox_feedback as f using due
     where f.workspace_id = due.workspace_id and f.delivery_id = due.delivery_id
    returning f.workspace_id as "workspaceId", f.delivery_id as "deliveryId", f.kind`.execute(tx)
  return rows
}

const columns = sql.raw(
  'k.id, k.delivery_id as "deliveryId", k.message_id as "messageId", k.sender, k.recipient, m.subject, m.size_bytes as "sizeBytes", encode(k.content_hash, \'hex\') as "contentHash", k.received_at as "receivedAt", m.tracking ->> \'stand_in\' as "standIn"',
)

/** Newest first: the ids are in order of time. */
export async function selectKept(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  page: { after: string | null; limit: number; recipient: string | null },
): Promise<SandboxMail[]> {
  const { rows } = await sql<SandboxMail>`
    select ${columns}
      from sandbox_mail as k
      join message as m on m.workspace_id = k.workspace_id and m.id = k.message_id
     where k.workspace_id = ${workspaceId} and (${page.after}::uuid is null or k.id < ${page.after}::uuid)
       and (${page.recipient}::text is null or lower(k.recipient) = lower(${page.recipient}))
     order by k.id desc
     limit ${page.limit}`.execute(db)
  return rows
}

export async function selectOneKept(db: Db | Tx, workspaceId: WorkspaceId, id: string): Promise<SandboxMail | null> {
  const { rows } = await sql<SandboxMail>`
    select ${columns}
      from sandbox_mail as k
      join message as m on m.workspace_id = k.workspace_id and m.id = k.message_id
     where k.workspace_id = ${workspaceId} and k.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function deleteKept(tx: Tx, workspaceId: WorkspaceId): Promise<number> {
  const result = await sql`delete from sandbox_mail where workspace_id = ${workspaceId}`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}
