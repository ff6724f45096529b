import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { Reason } from '../delivery.ts'

export interface MessageFacts {
  readonly workspaceId: string
  readonly id: string
  readonly stream: string
  readonly sender: string
  readonly subject: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly rfcMessageId: string
}

interface Key {
  readonly workspaceId: string
  readonly id: string
}

export async function selectMessageFacts(tx: Tx, keys: readonly Key[]): Promise<MessageFacts[]> {
  const { rows } = await sql<MessageFacts>`
    select m.workspace_id as "workspaceId", m.id, m.stream, m.sender, m.subject, m.tags, m.metadata, m.rfc_message_id as "rfcMessageId"
      from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
      join message as m on m.workspace_id = k.workspace_id and m.id = k.id`.execute(tx)
  return rows
}

export interface DeliveryFacts {
  readonly id: string
  readonly recipient: string
  readonly reason: Reason | null
}

export async function selectDeliveryFacts(tx: Tx, keys: readonly Key[]): Promise<DeliveryFacts[]> {
  const { rows } = await sql<DeliveryFacts>`
    select d.id, d.recipient, d.reason
      from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
      join delivery as d on d.workspace_id = k.workspace_id and d.id = k.id`.execute(tx)
  return rows
}

export interface RecipientOf {
  readonly id: string
  readonly recipient: string
  readonly origin: Readonly<Record<string, unknown>>
}

export async function selectRecipients(tx: Tx, keys: readonly Key[]): Promise<RecipientOf[]> {
  const { rows } = await sql<RecipientOf>`
    select d.id, d.recipient, m.origin
      from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
      join delivery as d on d.workspace_id = k.workspace_id and d.id = k.id
      join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id`.execute(tx)
  return rows
}
