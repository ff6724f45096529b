/** The conversations that the keys of a mail lead to, and whose inbox an address is. */
import { sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, ConversationId, InboundMailId, InboxId, ItemId, MessageId, WorkspaceId } from '../lib/ids.ts'
import type { Inbox } from './inbox.ts'
import type { Candidate } from './matching.ts'
import { selectInbox } from './queries.ts'

export interface Keys {
  /** Ids of items whose token stood in the mail. */
  readonly tokens: readonly string[]
  readonly references: readonly string[]
  readonly tags: readonly { readonly queue: string; readonly number: number }[]
  /** Messages that left under another Message-ID than ours. */
  readonly messages: readonly { readonly rfcId: string; readonly messageId: MessageId }[]
}

interface Row {
  via: 'token' | 'reference' | 'tag'
  key: string
  rank: number
  isOurs: boolean
  conversationId: ConversationId
  itemId: ItemId | null
  inboxId: InboxId
  inboxSlug: string
  senderTakesPart: boolean
}

/** One statement. `sender` in lower case; `contactId`: who it is, if known. */
export async function selectCandidates(
  tx: Tx,
  workspaceId: WorkspaceId,
  { tokens, references, tags, messages }: Keys,
  sender: string,
  contactId: ContactId | null,
): Promise<Candidate[]> {
  const { rows } = await sql<Row>`
    with recursive key as (
      select 'reference' as via, w.id as key, (w.ord - 1)::int as rank, r.source <> 'inbound' as ours, r.conversation_id, r.item_id
        from unnest(${textArray(references)}::text[]) with ordinality as w(id, ord)
        join conversation_reference as r on r.workspace_id = ${workspaceId} and r.rfc_id = w.id
      union all
      select 'token', '', 0, true, i.conversation_id, i.id
        from conversation_item as i where i.workspace_id = ${workspaceId} and i.id = any (${plainArray(tokens)}::uuid[])
      union all
      select 'reference', w.id, (w.ord - 1)::int, true, i.conversation_id, i.id
        from unnest(${textArray(messages.map((m) => m.rfcId))}::text[], ${plainArray(messages.map((m) => m.messageId))}::uuid[])
             with ordinality as w(id, message_id, ord)
        join conversation_item as i on i.workspace_id = ${workspaceId} and i.message_id = w.message_id
      union all
      select 'tag', w.queue, (w.ord - 1)::int, false, c.id, null
        from unnest(${textArray(tags.map((t) => t.queue))}::text[], ${plainArray(tags.map((t) => t.number))}::bigint[]) with ordinality as w(queue, number, ord)
        join conversation as c on c.workspace_id = ${workspaceId} and c.number = w.number
    ), step as (
      select key.*, c.id as at, c.merged_into, 0 as n
        from key join conversation as c on c.workspace_id = ${workspaceId} and c.id = key.conversation_id
      union all
      select step.via, step.key, step.rank, step.ours, step.conversation_id, step.item_id, c.id, c.merged_into, step.n + 1
        from step join conversation as c on c.workspace_id = ${workspaceId} and c.id = step.merged_into
       where step.n < 20
    )
    select step.via, step.key, step.rank, step.ours as "isOurs", c.id as "conversationId", step.item_id as "itemId", c.inbox_id as "inboxId",
           b.slug as "inboxSlug",
           (lower(c.requester) = ${sender} or c.contact_id is not distinct from ${contactId}::uuid and c.contact_id is not null
            or exists (select from conversation_participant as p
                        where p.workspace_id = c.workspace_id and p.conversation_id = c.id and not p.is_removed
                          and (p.address = ${sender} or p.contact_id = ${contactId}::uuid))) as "senderTakesPart"
      from step
      join conversation as c on c.workspace_id = ${workspaceId} and c.id = step.at
      join inbox as b on b.workspace_id = c.workspace_id and b.id = c.inbox_id
     where step.merged_into is null
     limit 200`.execute(tx)
  const numberOf = new Map(tags.map(({ queue, number }) => [queue, number]))
  return rows.map(({ via, key, isOurs, ...row }) => ({
    ...row,
    key:
      via === 'token'
        ? { via }
        : via === 'reference'
          ? { via, rfcId: key, isOurs }
          : { via, queue: key, tag: `[${key}-${numberOf.get(key) ?? ''}]` },
  }))
}

export interface Addressed {
  /** Whose inbox it came to; null where none of the addresses is one of ours. */
  readonly inbox: Inbox | null
  /** Those of the addresses that are inboxes' of ours. */
  readonly own: ReadonlyMap<string, InboxId>
}

/** Addresses in lower case; of the recipients, the likeliest first, the first that is ours decides. `others` are only looked up. */
export async function findAddressed(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  known: InboxId | null,
  recipients: readonly string[],
  others: readonly string[],
): Promise<Addressed> {
  const { rows } = await sql<{ address: string; inboxId: InboxId }>`
    select address, inbox_id as "inboxId" from inbox_address
     where workspace_id = ${workspaceId} and address = any (${textArray([...recipients, ...others])}::text[])`.execute(db)
  const own = new Map(rows.map(({ address, inboxId }) => [address, inboxId]))
  const first = recipients.find((address) => own.has(address))
  const id = known ?? (first === undefined ? null : (own.get(first) ?? null))
  return { own, inbox: id && (await selectInbox(db, workspaceId, id)) }
}

/** Inboxes of any workspace that take mail for this address: asked at RCPT. */
export async function selectInboxesAt(db: Db, address: string): Promise<{ workspaceId: WorkspaceId; inboxId: InboxId }[]> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; inboxId: InboxId }>`
    select a.workspace_id as "workspaceId", a.inbox_id as "inboxId"
      from inbox_address as a join inbox as b on b.workspace_id = a.workspace_id and b.id = a.inbox_id
     where a.address = ${address}
     limit 100`.execute(db)
  return rows
}

/** Items of a conversation that are this mail already, by its Message-ID: one that was sent to several inboxes, and answered in one. */
export async function selectSameMail(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  rfcMessageId: string,
): Promise<InboundMailId[]> {
  const { rows } = await sql<{ id: InboundMailId }>`
    select i.inbound_id as id
      from conversation_reference as r
      join conversation_item as i on i.workspace_id = r.workspace_id and i.id = r.item_id
     where r.workspace_id = ${workspaceId} and r.rfc_id = ${rfcMessageId} and r.conversation_id = ${conversationId} and i.inbound_id is not null
     limit 20`.execute(tx)
  return rows.map(({ id }) => id)
}
