/** Statements that move items, and what hangs on them, between conversations. */
import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ContactId, ConversationId, ItemId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { Channel } from '../conversation.ts'
import type { ItemKind, Recipients } from '../item.ts'
import type { Kept } from './merging.ts'

export interface Merge {
  readonly sourceId: ConversationId
  readonly targetId: ConversationId
  readonly mergedAt: Date
  readonly items: readonly ItemId[]
  readonly before: Kept
  readonly after: Kept
  readonly participants: readonly string[]
  readonly followers: readonly UserId[]
  readonly starredBy: readonly UserId[]
}

/** Items with the ids that answers to them name, and what still has to be done with them. Files and versions hang on the item and need no moving. */
export async function moveItems(
  tx: Tx,
  workspaceId: WorkspaceId,
  items: readonly ItemId[],
  from: ConversationId,
  to: ConversationId,
): Promise<ItemId[]> {
  const { rows } = await sql<{ id: ItemId }>`
    with moved as (
      update conversation_item set conversation_id = ${to}
       where workspace_id = ${workspaceId} and conversation_id = ${from} and id = any (${plainArray(items)}::uuid[])
      returning id
    ), reference as (
      update conversation_reference as r set conversation_id = ${to}
        from moved where r.workspace_id = ${workspaceId} and r.conversation_id = ${from} and r.item_id = moved.id
    ), undo as (
      update conversation_undo as u set conversation_id = ${to} from moved where u.workspace_id = ${workspaceId} and u.item_id = moved.id
    ), copy as (
      update sent_copy as s set conversation_id = ${to} from moved where s.workspace_id = ${workspaceId} and s.item_id = moved.id
    )
    select id from moved`.execute(tx)
  return rows.map(({ id }) => id)
}

export async function selectItemIds(tx: Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<ItemId[]> {
  const { rows } = await sql<{ id: ItemId }>`
    select id from conversation_item where workspace_id = ${workspaceId} and conversation_id = ${id} order by id`.execute(tx)
  return rows.map((row) => row.id)
}

/**
 * Who takes part in, follows and stars the one does so in the other too; the other's own word stands where both say something. Who asked in the one
 * takes part in the other. Returns who is new there.
 */
export async function copyPeople(
  tx: Tx,
  workspaceId: WorkspaceId,
  from: { readonly id: ConversationId; readonly requester: string; readonly contactId: string | null },
  to: { readonly id: ConversationId; readonly requester: string },
  now: Date,
): Promise<Pick<Merge, 'participants' | 'followers' | 'starredBy'>> {
  const { rows } = await sql<{ kind: string; who: string }>`
    with participant as (
      insert into conversation_participant (workspace_id, conversation_id, address, name, contact_id, is_removed, added_at)
      select ${workspaceId}::uuid, ${to.id}::uuid, p.address, p.name, p.contact_id, p.is_removed, ${now}::timestamptz
        from (select address, name, contact_id, is_removed from conversation_participant
               where workspace_id = ${workspaceId} and conversation_id = ${from.id} and address <> lower(${from.requester})
               union all
              select lower(${from.requester}), '', ${from.contactId}::uuid, false where ${from.requester} <> '') as p
       where p.address <> lower(${to.requester})
      on conflict do nothing returning address
    ), following as (
      insert into conversation_follower (workspace_id, conversation_id, user_id)
      select workspace_id, ${to.id}::uuid, user_id from conversation_follower where workspace_id = ${workspaceId} and conversation_id = ${from.id}
      on conflict do nothing returning user_id
    ), star as (
      insert into conversation_star (workspace_id, user_id, conversation_id, starred_at)
      select workspace_id, user_id, ${to.id}::uuid, starred_at from conversation_star where workspace_id = ${workspaceId} and conversation_id = ${from.id}
      on conflict do nothing returning user_id
    )
    select 'participant' as kind, address as who from participant
    union all select 'follower', user_id::text from following
    union all select 'star', user_id::text from star`.execute(tx)
  const of = (kind: string) => rows.filter((row) => row.kind === kind).map(({ who }) => who)
  return { participants: of('participant'), followers: of('follower') as UserId[], starredBy: of('star') as UserId[] }
}

/** Those whom a merging brought leave again. */
export async function removePeople(tx: Tx, workspaceId: WorkspaceId, merge: Merge): Promise<void> {
  await sql`
    with participant as (
      delete from conversation_participant
       where workspace_id = ${workspaceId} and conversation_id = ${merge.targetId} and address = any (${textArray(merge.participants)}::text[])
    ), following as (
      delete from conversation_follower
       where workspace_id = ${workspaceId} and conversation_id = ${merge.targetId} and user_id = any (${plainArray(merge.followers)}::uuid[])
    )
    delete from conversation_star
     where workspace_id = ${workspaceId} and conversation_id = ${merge.targetId} and user_id = any (${plainArray(merge.starredBy)}::uuid[])`.execute(
    tx,
  )
}

export async function insertMerge(tx: Tx, workspaceId: WorkspaceId, merge: Merge): Promise<void> {
  await sql`
    insert into conversation_merge (workspace_id, source_id, target_id, merged_at, items, before, after, participants, followers, starred_by)
    values (${workspaceId}, ${merge.sourceId}, ${merge.targetId}, ${merge.mergedAt}, ${plainArray(merge.items)}::uuid[],
            ${JSON.stringify(merge.before)}::jsonb, ${JSON.stringify(merge.after)}::jsonb, ${textArray(merge.participants)}::text[],
            ${plainArray(merge.followers)}::uuid[], ${plainArray(merge.starredBy)}::uuid[])`.execute(tx)
}

/** Takes the record of a merging away and gives it. Dates within `before` and `after` are dates again. */
export async function takeMerge(tx: Tx, workspaceId: WorkspaceId, sourceId: ConversationId): Promise<Merge | null> {
  const { rows } = await sql<Merge>`
    delete from conversation_merge
     where workspace_id = ${workspaceId} and source_id = ${sourceId}
    returning source_id as "sourceId", target_id as "targetId", merged_at as "mergedAt", items, before, after, participants, followers,
              starred_by as "starredBy"`.execute(tx)
  const row = rows[0]
  return row ? { ...row, before: revived(row.before), after: revived(row.after) } : null
}

function revived(kept: Kept): Kept {
  const date = (value: unknown) => (typeof value === 'string' ? new Date(value) : null)
  return { ...kept, dueAt: date(kept.dueAt), snoozedUntil: date(kept.snoozedUntil) }
}

/** What customers of the one wrote in the other since: it leaves with them, unless they took part in the other as well. */
export async function selectFollowing(
  tx: Tx,
  workspaceId: WorkspaceId,
  merge: Pick<Merge, 'sourceId' | 'targetId' | 'mergedAt' | 'participants'>,
): Promise<ItemId[]> {
  const { rows } = await sql<{ id: ItemId }>`
    select i.id
      from conversation_item as i
     where i.workspace_id = ${workspaceId} and i.conversation_id = ${merge.targetId} and i.kind = 'customer' and i.created_at >= ${merge.mergedAt}
       and lower(i.from_address) = any (${textArray(merge.participants)}::text[])`.execute(tx)
  return rows.map(({ id }) => id)
}

export interface Chosen {
  readonly id: ItemId
  readonly kind: ItemKind
  readonly channel: Channel
  readonly contactId: ContactId | null
  readonly fromAddress: string
  readonly fromName: string
  readonly recipients: Recipients
  readonly createdAt: Date
}

/** Of a conversation, those of these items that were said; in their order. */
export async function selectChosen(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  items: readonly ItemId[],
): Promise<Chosen[]> {
  const { rows } = await sql<Chosen>`
    select id, kind, channel, contact_id as "contactId", from_address as "fromAddress", from_name as "fromName", recipients, created_at as "createdAt"
      from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and id = any (${plainArray(items)}::uuid[]) and kind <> 'activity'
     order by id`.execute(tx)
  return rows
}

export async function selectOwnAddresses(tx: Tx, workspaceId: WorkspaceId, addresses: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ address: string }>`
    select address from inbox_address where workspace_id = ${workspaceId} and address = any (${textArray(addresses)}::text[])`.execute(
    tx,
  )
  return new Set(rows.map(({ address }) => address))
}

/**
 * Copies what was said under new ids, in one order. No ids of mails come along but the ones that answers name themselves by: an answer of the customer
 * to what was sent before belongs where it was sent from, and what is sent from the copy belongs to the copy.
 */
export async function copyItems(
  tx: Tx,
  workspaceId: WorkspaceId,
  from: ConversationId,
  to: ConversationId,
  ids: readonly { readonly from: ItemId; readonly to: ItemId }[],
): Promise<void> {
  await sql`
    with pair as (
      select * from unnest(${plainArray(ids.map((id) => id.from))}::uuid[], ${plainArray(ids.map((id) => id.to))}::uuid[]) as p(old, new)
    ), item as (
      insert into conversation_item (workspace_id, conversation_id, id, kind, channel, contact_id, user_id, from_name, from_address, reply_to, recipients,
                                     subject, body_text, body_html, quoted_text, quoted_html, rfc_message_id, is_automatic, matched_by,
                                     authentication, edited_at, edited_by, hidden_at, created_at)
      select i.workspace_id, ${to}, p.new, i.kind, i.channel, i.contact_id, i.user_id, i.from_name, i.from_address, i.reply_to, i.recipients,
             i.subject, i.body_text, i.body_html, i.quoted_text, i.quoted_html, i.rfc_message_id, i.is_automatic, i.matched_by,
             i.authentication, i.edited_at, i.edited_by, i.hidden_at, i.created_at
        from conversation_item as i join pair as p on p.old = i.id
       where i.workspace_id = ${workspaceId} and i.conversation_id = ${from}
    )
    insert into conversation_file (workspace_id, item_id, ordinal, filename, content_type, size_bytes, content_id, is_inline, hash)
    select f.workspace_id, p.new, f.ordinal, f.filename, f.content_type, f.size_bytes, f.content_id, f.is_inline, f.hash
      from conversation_file as f join pair as p on p.old = f.item_id
     where f.workspace_id = ${workspaceId}`.execute(tx)
}

export async function selectSaidIds(tx: Tx, workspaceId: WorkspaceId, id: ConversationId, limit: number): Promise<ItemId[]> {
  const { rows } = await sql<{ id: ItemId }>`
    select id from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${id} and kind <> 'activity' order by id limit ${limit}`.execute(
    tx,
  )
  return rows.map((row) => row.id)
}

/** What was merged into a conversation since, the latest first. */
export async function selectMergedInto(
  tx: Tx,
  workspaceId: WorkspaceId,
  targetId: ConversationId,
  since: Date,
): Promise<{ readonly id: ConversationId; readonly number: number; readonly subject: string; readonly mergedAt: Date }[]> {
  const { rows } = await sql<{ id: ConversationId; number: number; subject: string; mergedAt: Date }>`
    select c.id, c.number::float8 as number, c.subject, m.merged_at as "mergedAt"
      from conversation_merge as m join conversation as c on c.workspace_id = m.workspace_id and c.id = m.source_id
     where m.workspace_id = ${workspaceId} and m.target_id = ${targetId} and m.merged_at >= ${since}
     order by m.merged_at desc, c.id limit 50`.execute(tx)
  return rows
}
