/** Arriving mail: the row is the queue. */
import { type RawBuilder, sql } from 'kysely'
import { type Columns, plainArray, tableOf, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ConversationId, InboundMailId, InboxId, MessageId, SourceId, WorkspaceId } from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import type { Arrival, InboundChannel, Outcome, Wish } from './inbound-mail.ts'

export interface NewInboundMail extends Arrival {
  readonly id: InboundMailId
  readonly hash: Buffer
  readonly sizeBytes: number
}

/** Rows of one transaction. What lay at its place before is left out of the answer: it was taken then. */
export async function insertInbound(tx: Tx, mails: readonly NewInboundMail[], now: Date): Promise<InboundMailId[]> {
  if (mails.length === 0) return []
  const inserted = await sql<{ id: InboundMailId }>`
    insert into inbound_mail (workspace_id, id, channel, source_id, folder, uid_validity, uid, inbox_id, envelope_sender, envelope_recipients,
                              remote_ip, helo, hash, size_bytes, is_cut, received_at, due_at, arrived_for)
    select n.workspace_id, n.id, n.channel, n.source_id, n.folder, n.uid_validity, n.uid, n.inbox_id, n.envelope_sender, n.envelope_recipients::text[],
           n.remote_ip, n.helo, n.hash, n.size_bytes, n.is_cut, n.received_at, ${now}::timestamptz, n.inbox_id
      from ${tableOf('n', mails, NEW_COLUMNS)}
    on conflict do nothing
    returning id`.execute(tx)
  return inserted.rows.map(({ id }) => id)
}

const NEW_COLUMNS: Columns<NewInboundMail> = {
  workspace_id: ['uuid', (m) => m.workspaceId],
  id: ['uuid', (m) => m.id],
  channel: ['text', (m) => m.channel],
  source_id: ['uuid', (m) => m.place?.sourceId ?? null],
  folder: ['text', (m) => m.place?.folder ?? null],
  uid_validity: ['bigint', (m) => m.place?.uidValidity?.toString() ?? null],
  uid: ['text', (m) => m.place?.uid ?? null],
  inbox_id: ['uuid', (m) => m.inboxId],
  envelope_sender: ['text', (m) => m.envelopeSender],
  envelope_recipients: ['text', (m) => textArray(m.envelopeRecipients)],
  remote_ip: ['text', (m) => m.remoteIp],
  helo: ['text', (m) => m.helo],
  hash: ['bytea', (m) => m.hash],
  size_bytes: ['bigint', (m) => m.sizeBytes],
  is_cut: ['boolean', (m) => m.isCut],
  received_at: ['timestamptz', (m) => m.receivedAt],
}

/** What is being worked on. `attempts` fences: whoever took it later settles it. */
export interface ClaimedMail {
  readonly workspaceId: WorkspaceId
  readonly id: InboundMailId
  readonly channel: InboundChannel
  readonly sourceId: SourceId | null
  readonly inboxId: InboxId | null
  readonly envelopeSender: string | null
  readonly envelopeRecipients: readonly string[]
  readonly remoteIp: string | null
  readonly helo: string | null
  /** Hexadecimal. */
  readonly hash: string
  readonly sizeBytes: number
  readonly isCut: boolean
  readonly receivedAt: Date
  readonly attempts: number
  /** What somebody wants of it who looked at what had become of it; null: it has just come. */
  readonly wish: Wish | null
}

const CLAIMED = sql.raw(
  `m.workspace_id as "workspaceId", m.id, m.channel, m.source_id as "sourceId",
   case when m.wish is null then m.inbox_id else m.arrived_for end as "inboxId", m.wish, m.envelope_sender as "envelopeSender",
   m.envelope_recipients as "envelopeRecipients", m.remote_ip as "remoteIp", m.helo, encode(m.hash, 'hex') as hash, m.size_bytes::float8 as "sizeBytes",
   m.is_cut as "isCut", m.received_at as "receivedAt", m.attempts`,
)

/**
 * Takes what is due until `leaseUntil`, and counts the try. `fresh`: what was never tried; otherwise what was, which goes alone, so that a mail that
 * ends the process takes no other with it.
 */
export async function claimInbound(
  db: Db,
  wanted: { readonly fresh: boolean; readonly limit: number },
  leaseUntil: Date,
  now: Date,
): Promise<ClaimedMail[]> {
  const { rows } = await sql<ClaimedMail>`
    with due as (
      select workspace_id, id from inbound_mail
       where state = 'received' and due_at <= ${now} and ${wanted.fresh ? sql`attempts = 0` : sql`attempts > 0`}
       order by due_at, id
       limit ${wanted.limit}
         for update skip locked
    )
    update inbound_mail as m
       set due_at = ${leaseUntil}, attempts = m.attempts + 1
      from due
     where m.workspace_id = due.workspace_id and m.id = due.id
    returning ${CLAIMED}`.execute(db)
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** When the next of them may be looked at: null when none waits. */
export async function nextDue(db: Db): Promise<Date | null> {
  const { rows } = await sql<{
    at: Date
  }>`select due_at as at from inbound_mail where state = 'received' order by due_at limit 1`.execute(db)
  return rows[0]?.at ?? null
}

/** Holds claimed rows for their settling. Those that somebody else took since are left out. */
export async function lockClaimed(
  tx: Tx,
  workspaceId: WorkspaceId,
  claimed: readonly Pick<ClaimedMail, 'id' | 'attempts'>[],
): Promise<Set<InboundMailId>> {
  const { rows } = await sql<{ id: InboundMailId }>`
    select m.id
      from inbound_mail as m
      join ${tableOf('c', claimed, { id: ['uuid', (c) => c.id], attempts: ['int', (c) => c.attempts] })} on c.id = m.id and c.attempts = m.attempts
     where m.workspace_id = ${workspaceId} and m.state = 'received'
     order by m.id
       for update of m`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

/** A try that failed through no fault of the mail: it comes again at `dueAt`, and where `isOurs`, the try does not count. */
export async function putOff(
  db: Db | Tx,
  { workspaceId, id, attempts }: Pick<ClaimedMail, 'workspaceId' | 'id' | 'attempts'>,
  dueAt: Date,
  isOurs: boolean,
): Promise<void> {
  await sql`
    update inbound_mail set due_at = ${dueAt}, attempts = attempts - ${isOurs ? 1 : 0}
     where workspace_id = ${workspaceId} and id = ${id} and attempts = ${attempts} and state = 'received'`.execute(db)
}

/** What is written of a mail with its outcome. */
export interface Facts {
  readonly inboxId: InboxId | null
  readonly from: Correspondent
  readonly subject: string
  readonly rfcMessageId: string | null
  readonly contentHash: Buffer | null
  readonly automatic: string | null
  readonly authentication: unknown
  readonly to: readonly string[]
  /** The rule that turns it away. */
  readonly ruleId: string | null
}

/** A mail and what it came to. */
export interface Ended {
  readonly claimed: Pick<ClaimedMail, 'workspaceId' | 'id'>
  readonly outcome: Outcome
  readonly facts: Facts
  /** Who wanted it so; null: nobody. */
  readonly by: string | null
}

/**
 * The one statement that ends mails of a workspace: their outcomes, what they are, and as many more in the day's counts. What was known of one before
 * and could not be read this time is kept.
 */
export async function settleInbound(tx: Tx, ended: readonly Ended[], now: Date): Promise<void> {
  const rows = ended.map((one) => ({ ...one, o: outcomeColumns(one.outcome) }))
  await sql`
    with ended as materialized (
      select * from ${tableOf('e', rows, ENDED_COLUMNS)}
    ), counted as (
      insert into inbound_count (workspace_id, inbox_id, day, outcome, n)
      select workspace_id, inbox_id, (${now}::timestamptz at time zone 'UTC')::date, outcome || coalesce(':' || reason, ''), count(*)
        from ended group by 1, 2, 3, 4
    )
    update inbound_mail as m
       set state = e.state, due_at = null, outcome = e.outcome, reason = e.reason, stage = e.stage, detail = e.detail,
           conversation_id = e.conversation_id, item_id = e.item_id, duplicate_of = e.duplicate_of, matched_by = e.matched_by,
           message_id = e.message_id, inbox_id = e.inbox_id,
           from_address = coalesce(nullif(e.from_address, ''), m.from_address), from_name = coalesce(nullif(e.from_name, ''), m.from_name),
           subject = coalesce(nullif(e.subject, ''), m.subject), rfc_message_id = coalesce(e.rfc_message_id, m.rfc_message_id),
           content_hash = coalesce(e.content_hash, m.content_hash), automatic = coalesce(e.automatic, m.automatic),
           authentication = coalesce(e.authentication, m.authentication),
           to_addresses = coalesce(e.to_addresses::text[], m.to_addresses),
           rule_id = e.rule_id, wish = null, settled_at = ${now}, settled_by = e.by
      from ended as e
     where m.workspace_id = e.workspace_id and m.id = e.id`.execute(tx)
}

const ENDED_COLUMNS: Columns<Ended & { readonly o: OutcomeColumns }> = {
  workspace_id: ['uuid', ({ claimed }) => claimed.workspaceId],
  id: ['uuid', ({ claimed }) => claimed.id],
  outcome: ['text', ({ outcome }) => outcome.kind],
  state: ['text', ({ o }) => o.state],
  reason: ['text', ({ o }) => o.reason],
  stage: ['text', ({ o }) => o.stage],
  detail: ['text', ({ o }) => o.detail],
  conversation_id: ['uuid', ({ o }) => o.conversationId],
  item_id: ['uuid', ({ o }) => o.itemId],
  duplicate_of: ['uuid', ({ o }) => o.duplicateOf],
  matched_by: ['text', ({ o }) => o.matchedBy],
  message_id: ['uuid', ({ o }) => o.messageId],
  inbox_id: ['uuid', ({ facts }) => facts.inboxId],
  from_address: ['text', ({ facts }) => facts.from.address.slice(0, 320)],
  from_name: ['text', ({ facts }) => facts.from.name.slice(0, 200)],
  subject: ['text', ({ facts }) => facts.subject.slice(0, 1_000)],
  rfc_message_id: ['text', ({ facts }) => facts.rfcMessageId],
  content_hash: ['bytea', ({ facts }) => facts.contentHash],
  automatic: ['text', ({ facts }) => facts.automatic],
  authentication: ['jsonb', ({ facts }) => (facts.authentication === null ? null : JSON.stringify(facts.authentication))],
  to_addresses: ['text', ({ facts }) => (facts.to.length === 0 ? null : textArray(facts.to.slice(0, MAX_TO)))],
  rule_id: ['uuid', ({ facts }) => facts.ruleId],
  by: ['text', ({ by }) => by],
}

const MAX_TO = 50

interface OutcomeColumns {
  readonly state: 'settled' | 'quarantined'
  readonly reason: string | null
  readonly stage: string | null
  readonly detail: string | null
  readonly conversationId: ConversationId | null
  readonly itemId: string | null
  readonly duplicateOf: InboundMailId | null
  readonly matchedBy: string | null
  readonly messageId: MessageId | null
}

const NO_COLUMNS: OutcomeColumns = {
  state: 'settled',
  reason: null,
  stage: null,
  detail: null,
  conversationId: null,
  itemId: null,
  duplicateOf: null,
  matchedBy: null,
  messageId: null,
}

function outcomeColumns(outcome: Outcome): OutcomeColumns {
  switch (outcome.kind) {
    case 'conversation_started':
    case 'reply_added':
    case 'note_added':
      return { ...NO_COLUMNS, conversationId: outcome.conversationId, itemId: outcome.itemId, matchedBy: outcome.matchedBy }
    case 'bounce_recorded':
    case 'complaint_recorded':
      return { ...NO_COLUMNS, messageId: outcome.messageId, detail: outcome.detail }
    case 'unsubscribed':
      return { ...NO_COLUMNS, detail: outcome.detail }
    case 'ignored':
      return { ...NO_COLUMNS, reason: outcome.reason, detail: outcome.detail }
    case 'duplicate':
      return { ...NO_COLUMNS, duplicateOf: outcome.of }
    case 'quarantined':
      return { ...NO_COLUMNS, state: 'quarantined', reason: outcome.reason, stage: outcome.stage, detail: outcome.detail }
  }
}

/** What is asked of one mail: in which inbox, and by what it would be known again. */
export interface AskedSurroundings {
  readonly inboxId: InboxId | null
  readonly rfcMessageId: string | null
  readonly contentHash: Buffer | null
}

const RULES_MAX = 1_000

/** For each mail the one that it repeats in its inbox, and the rules that may turn it away. Two statements for all of them. */
export async function selectSurroundings(
  tx: Tx,
  workspaceId: WorkspaceId,
  asked: readonly AskedSurroundings[],
): Promise<{ readonly repeats: InboundMailId | null; readonly rules: readonly IgnoreRule[] }[]> {
  const repeats = await selectRepeats(tx, workspaceId, asked)
  const inboxes = [...new Set(asked.flatMap(({ inboxId }) => inboxId ?? []))]
  const { rows } = await sql<IgnoreRule & { inboxId: InboxId | null }>`
    select id, field, pattern, inbox_id as "inboxId" from inbound_ignore
     where workspace_id = ${workspaceId} and (inbox_id is null or inbox_id = any (${plainArray(inboxes)}::uuid[]))
     order by id limit ${RULES_MAX * (inboxes.length + 1)}`.execute(tx)
  return asked.map(({ inboxId }, n) => ({
    repeats: repeats.get(n) ?? null,
    rules: rows.filter((rule) => rule.inboxId === null || rule.inboxId === inboxId).slice(0, RULES_MAX),
  }))
}

/** By the index of mails that are no repeats, which says all four. */
async function selectRepeats(
  tx: Tx,
  workspaceId: WorkspaceId,
  asked: readonly AskedSurroundings[],
): Promise<Map<number, InboundMailId>> {
  const named = asked.flatMap((each, n) => (each.rfcMessageId === null ? [] : [{ ...each, n }]))
  if (named.length === 0) return new Map()
  const columns: Columns<AskedSurroundings & { n: number }> = {
    n: ['int', (a) => a.n],
    inbox_id: ['uuid', (a) => a.inboxId],
    rfc_id: ['text', (a) => a.rfcMessageId],
    hash: ['bytea', (a) => a.contentHash],
  }
  const repeated = (inbox: RawBuilder<unknown>) => sql`
    (select m.id from inbound_mail as m
      where m.workspace_id = ${workspaceId} and ${inbox} and m.rfc_message_id = a.rfc_id and m.content_hash = a.hash
        and m.outcome in ('conversation_started', 'reply_added', 'note_added')
      limit 1)`
  const { rows } = await sql<{ n: number; id: InboundMailId | null }>`
    select a.n, coalesce(${repeated(sql`m.inbox_id = a.inbox_id`)}, ${repeated(sql`a.inbox_id is null and m.inbox_id is null`)}) as id
      from ${tableOf('a', named, columns)}`.execute(tx)
  return new Map(rows.flatMap(({ n, id }) => (id === null ? [] : [[n, id]])))
}

/** Rules turned mails away, each named once for each mail. In the order of ids, so that no two wait for one another in a circle. */
export async function countTurnedAway(tx: Tx, workspaceId: WorkspaceId, ruleIds: readonly string[], now: Date): Promise<void> {
  if (ruleIds.length === 0) return
  await sql`
    with more as (
      select id, count(*) as n from unnest(${plainArray(ruleIds)}::uuid[]) as id group by id
    ), held as (
      select r.id, more.n from inbound_ignore as r join more on more.id = r.id where r.workspace_id = ${workspaceId} order by r.id for update of r
    )
    update inbound_ignore as r set turned_away = r.turned_away + held.n, last_at = ${now}
      from held where r.workspace_id = ${workspaceId} and r.id = held.id`.execute(tx)
}

export interface IgnoreRule {
  readonly id: string
  readonly field: 'from' | 'to' | 'subject'
  readonly pattern: string
}

/** For each mail, of these arrivals one with the same content: sent once, it came to several inboxes. */
export async function selectSameContent(
  tx: Tx,
  workspaceId: WorkspaceId,
  asked: readonly { readonly ids: readonly InboundMailId[]; readonly contentHash: Buffer }[],
): Promise<(InboundMailId | null)[]> {
  const ids = asked.flatMap((each) => each.ids)
  if (ids.length === 0) return asked.map(() => null)
  const { rows } = await sql<{ id: InboundMailId; hash: string | null }>`
    select id, encode(content_hash, 'hex') as hash from inbound_mail
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  const hashes = new Map(rows.map(({ id, hash }) => [id, hash]))
  return asked.map(({ ids, contentHash }) => ids.find((id) => hashes.get(id) === contentHash.toString('hex')) ?? null)
}

const ANSWERS_A_DAY = 10

/** Whether one more automatic mail may go to this address, whatever it is: the last lock on loops. What may is counted, in the same transaction. */
export async function mayAnswer(
  tx: Tx,
  workspaceId: WorkspaceId,
  address: string,
  now: Date,
  most: number = ANSWERS_A_DAY,
): Promise<boolean> {
  const { rows } = await sql`
    insert into answer_budget as b (workspace_id, address, used, since) values (${workspaceId}, lower(${address}), 1, ${now})
    on conflict (workspace_id, address) do update
       set used = case when b.since <= ${now}::timestamptz - interval '1 day' then 1 else b.used + 1 end,
           since = case when b.since <= ${now}::timestamptz - interval '1 day' then ${now}::timestamptz else b.since end
     where b.used < ${most} or b.since <= ${now}::timestamptz - interval '1 day'
    returning used`.execute(tx)
  return rows.length === 1
}

/** How many mails of this day (UTC) belonged to no conversation of an inbox that starts none. */
export async function countNoMatch(tx: Tx, workspaceId: WorkspaceId, inboxId: InboxId, now: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum(n), 0) as n from inbound_count
     where workspace_id = ${workspaceId} and day = (${now}::timestamptz at time zone 'UTC')::date and inbox_id = ${inboxId}
       and outcome in ('ignored:update_only_no_match', 'quarantined:update_only_no_match')`.execute(tx)
  return rows[0]?.n ?? 0
}
