import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, ConversationId, InboundMailId, ItemId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { Correspondent } from '../../mail/received-head.ts'
import type { StatusLabelId } from '../inbox.ts'

export interface Around {
  readonly participants: readonly { address: string; name: string; contactId: ContactId | null; isRemoved: boolean }[]
  readonly followers: readonly UserId[]
  readonly links: readonly {
    number: number
    subject: string
    status: string
    kind: string
    inboxId: string
    assigneeId: UserId | null
  }[]
  readonly drafts: readonly { userId: UserId; mode: string; updatedAt: Date }[]
  readonly isStarred: boolean
  readonly team: { id: TeamId; name: string } | null
  readonly label: { id: StatusLabelId; name: string; color: string } | null
  readonly mergedInto: number | null
}

/** Everything small that stands around a conversation, in one round trip. */
export async function selectAround(
  db: Db | Tx,
  c: {
    readonly workspaceId: WorkspaceId
    readonly id: ConversationId
    readonly teamId: TeamId | null
    readonly labelId: StatusLabelId | null
    readonly mergedInto: ConversationId | null
  },
  userId: UserId | null,
): Promise<Around> {
  const { rows } = await sql<Omit<Around, 'drafts'> & { drafts: { userId: UserId; mode: string; updatedAt: string }[] }>`
    select coalesce((select json_agg(json_build_object('address', address, 'name', name, 'contactId', contact_id, 'isRemoved', is_removed) order by added_at, address)
                       from conversation_participant where workspace_id = ${c.workspaceId} and conversation_id = ${c.id}), '[]') as participants,
           coalesce((select json_agg(user_id order by user_id)
                       from conversation_follower where workspace_id = ${c.workspaceId} and conversation_id = ${c.id}), '[]') as followers,
           coalesce((select json_agg(json_build_object('number', o.number, 'subject', o.subject, 'status', o.status, 'kind', l.kind, 'inboxId', o.inbox_id,
                                                       'assigneeId', o.assignee_id) order by o.number)
                       from (select b as other, kind from conversation_link where workspace_id = ${c.workspaceId} and a = ${c.id}
                             union all
                             select a, kind from conversation_link where workspace_id = ${c.workspaceId} and b = ${c.id}) as l
                       join conversation as o on o.workspace_id = ${c.workspaceId} and o.id = l.other), '[]') as links,
           coalesce((select json_agg(json_build_object('userId', user_id, 'mode', mode, 'updatedAt', updated_at) order by updated_at)
                       from conversation_draft where workspace_id = ${c.workspaceId} and conversation_id = ${c.id}), '[]') as drafts,
           exists (select from conversation_star where workspace_id = ${c.workspaceId} and user_id = ${userId} and conversation_id = ${c.id}) as "isStarred",
           (select json_build_object('id', id, 'name', name) from team where workspace_id = ${c.workspaceId} and id = ${c.teamId}) as team,
           (select json_build_object('id', id, 'name', name, 'color', color) from status_label where workspace_id = ${c.workspaceId} and id = ${c.labelId}) as label,
           (select number::float8 from conversation where workspace_id = ${c.workspaceId} and id = ${c.mergedInto}) as "mergedInto"`.execute(
    db,
  )
  const [row] = rows
  if (!row) throw new Error('a select without from has one row')
  return { ...row, drafts: row.drafts.map((draft) => ({ ...draft, updatedAt: new Date(draft.updatedAt) })) }
}

/** The newest of what was said: what a writer must have seen. Activity lines are none of it. */
export async function selectLastSaid(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
): Promise<ItemId | null> {
  const { rows } = await sql<{ id: ItemId }>`
    select id from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and kind <> 'activity'
     order by id desc limit 1`.execute(db)
  return rows[0]?.id ?? null
}

/** Who wrote last of those whose answers go to another address, because their mail asks for that (Reply-To, RFC 5322 §3.6.2). */
export async function selectWriterBehind(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { id, requester }: { readonly id: ConversationId; readonly requester: string },
): Promise<Correspondent | null> {
  const { rows } = await sql<Correspondent>`
    select from_name as name, from_address as address from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${id} and kind = 'customer' and lower(from_address) <> lower(${requester})
       and lower(${requester}) in (select lower(address) from unnest(reply_to) as asked(address))
     order by id desc limit 1`.execute(db)
  return rows[0] ?? null
}

export interface SentCopyState {
  readonly itemId: ItemId
  readonly state: 'waiting' | 'stored' | 'given_up' | 'not_sent'
  readonly folder: string
  readonly problem: string | null
}

export async function selectSentCopies(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  items: readonly ItemId[],
): Promise<SentCopyState[]> {
  const { rows } = await sql<SentCopyState>`
    select item_id as "itemId", state, folder, problem from sent_copy
     where workspace_id = ${workspaceId} and item_id = any (${[...items]}::uuid[])`.execute(db)
  return rows
}

export interface ItemVersion {
  readonly version: number
  readonly bodyText: string
  readonly bodyHtml: string | null
  readonly userId: UserId | null
  readonly replacedAt: Date
}

export async function selectVersions(db: Db | Tx, workspaceId: WorkspaceId, itemId: ItemId): Promise<ItemVersion[]> {
  const { rows } = await sql<ItemVersion>`
    select version, body_text as "bodyText", body_html as "bodyHtml", user_id as "userId", replaced_at as "replacedAt"
      from conversation_item_version
     where workspace_id = ${workspaceId} and item_id = ${itemId}
     order by version`.execute(db)
  return rows
}

/** The arrivals that stand in a conversation, the oldest first. */
export async function selectArrivals(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
): Promise<InboundMailId[]> {
  const { rows } = await sql<{ id: InboundMailId }>`
    select inbound_id as id from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and inbound_id is not null order by id limit 1000`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}
