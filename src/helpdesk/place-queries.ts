import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Tx } from '../db/database.ts'
import type { ContactId, ConversationId, InboxId, WorkspaceId } from '../lib/ids.ts'

/** Where something stands: in which conversation, of which inbox, with whom. */
export interface ConversationPlace {
  readonly conversationId: ConversationId
  readonly inboxId: InboxId
  readonly contactId: ContactId | null
  /** Whom it is assigned to, what it is tagged with: what followers of the log ask for beside. */
  readonly status: string
  readonly tags: readonly string[]
  /** Conversations that were joined with it, straight or by way of others, and since when. */
  readonly joined: readonly { readonly id: string; readonly at: string | null }[]
}

/** So many one into another; helpdesk's own readers follow no further. */
const JOINS_MAX = 10

/** Index: conversation_merged. Most have none, and one look says so. */
const JOINED = sql`
  coalesce((
    with recursive joined (id, at, depth) as (
      select s.id, m.merged_at, 1
        from conversation as s left join conversation_merge as m on m.workspace_id = s.workspace_id and m.source_id = s.id
       where s.workspace_id = c.workspace_id and s.merged_into = c.id
       union all
      select s.id, greatest(m.merged_at, j.at), j.depth + 1
        from joined as j
        join conversation as s on s.workspace_id = c.workspace_id and s.merged_into = j.id
        left join conversation_merge as m on m.workspace_id = s.workspace_id and m.source_id = s.id
       where j.depth < ${sql.lit(JOINS_MAX)}
    )
    select json_agg(json_build_object('id', id, 'at', at)) from joined
  ), '[]'::json) as joined`

interface Key {
  readonly workspaceId: string
  readonly id: string
}

export async function selectPlaces(tx: Tx, keys: readonly Key[]): Promise<ConversationPlace[]> {
  const { rows } = await sql<ConversationPlace>`
    select c.id as "conversationId", c.inbox_id as "inboxId", c.contact_id as "contactId", c.status, c.tags, ${JOINED}
      from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
      join conversation as c on c.workspace_id = k.workspace_id and c.id = k.id`.execute(tx)
  return rows
}

/** Those that are there, by their ids downwards: for whoever goes through all of them, page by page. */
export async function selectNewest(
  tx: Tx,
  workspaceId: WorkspaceId,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<ConversationPlace[]> {
  const { rows } = await sql<ConversationPlace>`
    select c.id as "conversationId", c.inbox_id as "inboxId", c.contact_id as "contactId", c.status, c.tags, ${JOINED}
      from conversation as c
     where c.workspace_id = ${workspaceId} and c.deleted_at is null and c.merged_into is null
       and (${before}::uuid is null or c.id < ${before}::uuid)
     order by c.id desc limit ${limit}`.execute(tx)
  return rows
}

export async function selectPlacesOfMessages(
  tx: Tx,
  keys: readonly Key[],
): Promise<(ConversationPlace & { readonly messageId: string })[]> {
  const { rows } = await sql<ConversationPlace & { messageId: string }>`
    select distinct on (i.message_id) i.message_id as "messageId", c.id as "conversationId", c.inbox_id as "inboxId",
           c.contact_id as "contactId", c.status, c.tags, ${JOINED}
      from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
      join conversation_item as i on i.workspace_id = k.workspace_id and i.message_id = k.id
      join conversation as c on c.workspace_id = i.workspace_id and c.id = i.conversation_id
     order by i.message_id, i.id`.execute(tx)
  return rows
}

/** Into which conversations these went, each step of the way. */
export async function selectWaysOfMerges(tx: Tx, keys: readonly Key[]): Promise<{ id: string; into: string }[]> {
  const { rows } = await sql<{ id: string; into: string }>`
    with recursive way (workspace_id, id, into_id, depth) as (
      select c.workspace_id, c.id, c.merged_into, 1
        from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
        join conversation as c on c.workspace_id = k.workspace_id and c.id = k.id
       where c.merged_into is not null
       union all
      select w.workspace_id, w.id, c.merged_into, w.depth + 1
        from way as w join conversation as c on c.workspace_id = w.workspace_id and c.id = w.into_id
       where c.merged_into is not null and w.depth < ${sql.lit(JOINS_MAX)}
    )
    select id, into_id as into from way`.execute(tx)
  return rows
}
