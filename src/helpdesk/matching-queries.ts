/** The conversations that the keys of a mail lead to, and whose inbox an address is. */
import { sql } from 'kysely'
import { type Columns, tableOf, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, ConversationId, InboundMailId, InboxId, ItemId, MessageId, WorkspaceId } from '../lib/ids.ts'
import type { Inbox } from './inbox.ts'
import type { Candidate } from './matching.ts'
import { selectInboxesById } from './queries.ts'

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

/** What is asked of one mail: its keys, who sent it in lower case, and who that is, if known. */
export interface AskedCandidates {
  readonly keys: Keys
  readonly sender: string
  readonly contactId: ContactId | null
}

const CANDIDATES_MAX = 200

/** For each mail where its keys lead. One statement for all of them. */
export async function selectCandidates(
  tx: Tx,
  workspaceId: WorkspaceId,
  asked: readonly AskedCandidates[],
): Promise<Candidate[][]> {
  const of = <T>(pick: (keys: Keys) => readonly T[]) =>
    asked.flatMap(({ keys }, n) => pick(keys).map((value, rank) => ({ n, rank, value })))
  const place = { n: ['int', (k: { n: number }) => k.n], rank: ['int', (k: { rank: number }) => k.rank] } as const
  const references = tableOf(
    'w',
    of(({ references }) => references),
    { ...place, id: ['text', (k) => k.value] },
  )
  const tokens = tableOf(
    'w',
    of(({ tokens }) => tokens),
    { ...place, id: ['uuid', (k) => k.value] },
  )
  const messages = of(({ messages }) => messages)
  const sent = tableOf('w', messages, {
    ...place,
    id: ['text', (k) => k.value.rfcId],
    message_id: ['uuid', (k) => k.value.messageId],
  })
  const tags = of(({ tags }) => tags)
  const tagged = tableOf('w', tags, {
    ...place,
    queue: ['text', (k) => k.value.queue],
    number: ['bigint', (k) => k.value.number],
  })
  const senders = asked.map(({ sender, contactId }, n) => ({ n, sender, contactId }))
  const who = tableOf('a', senders, {
    n: ['int', (a) => a.n],
    sender: ['text', (a) => a.sender],
    contact: ['uuid', (a) => a.contactId],
  })
  const { rows } = await sql<Row & { n: number }>`
    with recursive key as (
      select w.n, 'reference' as via, w.id as key, w.rank, r.source <> 'inbound' as ours, r.conversation_id, r.item_id
        from ${references}
        join conversation_reference as r on r.workspace_id = ${workspaceId} and r.rfc_id = w.id
      union all
      select w.n, 'token', '', 0, true, i.conversation_id, i.id
        from ${tokens} join conversation_item as i on i.workspace_id = ${workspaceId} and i.id = w.id
      union all
      select w.n, 'reference', w.id, w.rank, true, i.conversation_id, i.id
        from ${sent} join conversation_item as i on i.workspace_id = ${workspaceId} and i.message_id = w.message_id
      union all
      select w.n, 'tag', w.queue, w.rank, false, c.id, null
        from ${tagged} join conversation as c on c.workspace_id = ${workspaceId} and c.number = w.number
    ), step as (
      select key.*, c.id as at, c.merged_into, 0 as steps
        from key join conversation as c on c.workspace_id = ${workspaceId} and c.id = key.conversation_id
      union all
      select step.n, step.via, step.key, step.rank, step.ours, step.conversation_id, step.item_id, c.id, c.merged_into, step.steps + 1
        from step join conversation as c on c.workspace_id = ${workspaceId} and c.id = step.merged_into
       where step.steps < 20
    ), ended as (
      select step.*, row_number() over (partition by step.n order by step.rank) as place from step where step.merged_into is null
    )
    select step.n, step.via, step.key, step.rank, step.ours as "isOurs", c.id as "conversationId", step.item_id as "itemId",
           c.inbox_id as "inboxId", b.slug as "inboxSlug",
           (lower(c.requester) = a.sender or c.contact_id is not distinct from a.contact and c.contact_id is not null
            or exists (select from conversation_participant as p
                        where p.workspace_id = c.workspace_id and p.conversation_id = c.id and not p.is_removed
                          and (p.address = a.sender or p.contact_id = a.contact))) as "senderTakesPart"
      from ended as step
      join ${who} on a.n = step.n
      join conversation as c on c.workspace_id = ${workspaceId} and c.id = step.at
      join inbox as b on b.workspace_id = c.workspace_id and b.id = c.inbox_id
     where step.place <= ${CANDIDATES_MAX}`.execute(tx)
  const found = asked.map((): Candidate[] => [])
  for (const { n, ...row } of rows) found[n]?.push(toCandidate(row, asked[n]?.keys.tags ?? []))
  return found
}

function toCandidate({ via, key, isOurs, ...row }: Row, tags: Keys['tags']): Candidate {
  const number = tags.find(({ queue }) => queue === key)?.number ?? ''
  switch (via) {
    case 'token':
      return { ...row, key: { via } }
    case 'reference':
      return { ...row, key: { via, rfcId: key, isOurs } }
    case 'tag':
      return { ...row, key: { via, queue: key, tag: `[${key}-${number}]` } }
  }
}

export interface Addressed {
  /** Whose inbox it came to; null where none of the addresses is one of ours. */
  readonly inbox: Inbox | null
  /** Those of the addresses that are inboxes' of ours. */
  readonly own: ReadonlyMap<string, InboxId>
}

/** What is asked of one mail. Addresses in lower case; `others` are only looked up. */
export interface AskedAddresses {
  readonly known: InboxId | null
  /** The likeliest first: the first that is ours decides. */
  readonly recipients: readonly string[]
  readonly others: readonly string[]
}

/** For each mail whose inbox it came to. Two statements for all of them. */
export async function findAddressed(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  asked: readonly AskedAddresses[],
): Promise<Addressed[]> {
  const all = new Set(asked.flatMap(({ recipients, others }) => [...recipients, ...others]))
  const { rows } = await sql<{ address: string; inboxId: InboxId }>`
    select address, inbox_id as "inboxId" from inbox_address
     where workspace_id = ${workspaceId} and address = any (${textArray([...all])}::text[])`.execute(db)
  const ours = new Map(rows.map(({ address, inboxId }) => [address, inboxId]))
  const found = asked.map(({ known, recipients, others }) => {
    const own = new Map([...recipients, ...others].flatMap((address) => ownOf(ours, address)))
    const first = recipients.find((address) => own.has(address))
    return { own, id: known ?? (first === undefined ? null : (own.get(first) ?? null)) }
  })
  const ids = [...new Set(found.flatMap(({ id }) => id ?? []))]
  const inboxes = new Map((await selectInboxesById(db, workspaceId, ids)).map((inbox) => [inbox.id, inbox]))
  return found.map(({ own, id }) => ({ own, inbox: id && (inboxes.get(id) ?? null) }))
}

function ownOf(ours: ReadonlyMap<string, InboxId>, address: string): [string, InboxId][] {
  const id = ours.get(address)
  return id === undefined ? [] : [[address, id]]
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

export interface AskedSameMail {
  readonly conversationId: ConversationId
  readonly rfcMessageId: string
}

/** For each mail the arrivals that its conversation has under its Message-ID: one that was sent to several inboxes, and answered in one. */
export async function selectSameMail(
  tx: Tx,
  workspaceId: WorkspaceId,
  asked: readonly AskedSameMail[],
): Promise<InboundMailId[][]> {
  const found = asked.map((): InboundMailId[] => [])
  if (asked.length === 0) return found
  const columns: Columns<AskedSameMail & { n: number }> = {
    n: ['int', (a) => a.n],
    conversation_id: ['uuid', (a) => a.conversationId],
    rfc_id: ['text', (a) => a.rfcMessageId],
  }
  const { rows } = await sql<{ n: number; id: InboundMailId }>`
    select a.n, same.id
      from ${tableOf(
        'a',
        asked.map((each, n) => ({ ...each, n })),
        columns,
      )}
     cross join lateral (
           select i.inbound_id as id
             from conversation_reference as r
             join conversation_item as i on i.workspace_id = r.workspace_id and i.id = r.item_id
            where r.workspace_id = ${workspaceId} and r.rfc_id = a.rfc_id and r.conversation_id = a.conversation_id and i.inbound_id is not null
            limit 20) as same`.execute(tx)
  for (const { n, id } of rows) found[n]?.push(id)
  return found
}
