import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Tx } from '../db/database.ts'
import type { ContactId, ConversationId, InboxId } from '../lib/ids.ts'

/** Where something stands: in which conversation, of which inbox, with whom. */
export interface ConversationPlace {
  readonly conversationId: ConversationId
  readonly inboxId: InboxId
  readonly contactId: ContactId | null
  /** Whom it is assigned to, what it is tagged with: what followers of the log ask for beside. */
  readonly status: string
  readonly tags: readonly string[]
}

interface Key {
  readonly workspaceId: string
  readonly id: string
}

export async function selectPlaces(tx: Tx, keys: readonly Key[]): Promise<ConversationPlace[]> {
  const { rows } = await sql<ConversationPlace>`
    select c.id as "conversationId", c.inbox_id as "inboxId", c.contact_id as "contactId", c.status, c.tags
      from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
      join conversation as c on c.workspace_id = k.workspace_id and c.id = k.id`.execute(tx)
  return rows
}

export async function selectPlacesOfMessages(
  tx: Tx,
  keys: readonly Key[],
): Promise<(ConversationPlace & { readonly messageId: string })[]> {
  const { rows } = await sql<ConversationPlace & { messageId: string }>`
    select distinct on (i.message_id) i.message_id as "messageId", c.id as "conversationId", c.inbox_id as "inboxId",
           c.contact_id as "contactId", c.status, c.tags
      from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
      join conversation_item as i on i.workspace_id = k.workspace_id and i.message_id = k.id
      join conversation as c on c.workspace_id = i.workspace_id and c.id = i.conversation_id
     order by i.message_id, i.id`.execute(tx)
  return rows
}
