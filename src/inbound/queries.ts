/** Arriving mail: the row is the queue. */
import { sql } from 'kysely'
import { textArray } from '../db/arrays.ts'
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
  const rows = mails.map(
    (
      m,
    ) => sql`(${m.workspaceId}::uuid, ${m.id}::uuid, ${m.channel}, ${m.place?.sourceId ?? null}::uuid, ${m.place?.folder ?? null},
      ${m.place?.uidValidity?.toString() ?? null}::bigint, ${m.place?.uid ?? null}, ${m.inboxId}::uuid, ${m.envelopeSender},
      ${textArray(m.envelopeRecipients)}::text[], ${m.remoteIp}, ${m.helo}, ${m.hash}::bytea, ${m.sizeBytes}::bigint, ${m.isCut}::boolean,
      ${m.receivedAt}::timestamptz, ${now}::timestamptz, ${m.inboxId}::uuid)`,
  )
  const inserted = await sql<{ id: InboundMailId }>`
    insert into inbound_mail (workspace_id, id, channel, source_id, folder, uid_validity, uid, inbox_id, envelope_sender, envelope_recipients,
                              remote_ip, helo, hash, size_bytes, is_cut, received_at, due_at, arrived_for)
    values ${sql.join(rows)}
    on conflict do nothing
    returning id`.execute(tx)
  return inserted.rows.map(({ id }) => id)
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

/** Holds a claimed row for its settling. False when somebody else took it since. */
export async function lockClaimed(
  tx: Tx,
  { workspaceId, id, attempts }: Pick<ClaimedMail, 'workspaceId' | 'id' | 'attempts'>,
): Promise<boolean> {
  const { rows } = await sql`
    select from inbound_mail
     where workspace_id = ${workspaceId} and id = ${id} and attempts = ${attempts} and state = 'received'
       for update`.execute(tx)
  return rows.length === 1
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

/**
 * The one statement that ends a mail: its outcome, what it is, and one more in the day's counts. What was known of it before and could not be read
 * this time is kept.
 */
export async function settleInbound(
  tx: Tx,
  { workspaceId, id }: Pick<ClaimedMail, 'workspaceId' | 'id'>,
  outcome: Outcome,
  facts: Facts,
  by: string | null,
  now: Date,
): Promise<void> {
  const o = outcomeColumns(outcome)
  const counted = o.reason === null ? outcome.kind : `${outcome.kind}:${o.reason}`
  await sql`
    with counted as (
      insert into inbound_count (workspace_id, inbox_id, day, outcome, n)
      values (${workspaceId}, ${facts.inboxId}, (${now}::timestamptz at time zone 'UTC')::date, ${counted}, 1)
    )
    update inbound_mail
       set state = ${o.state}, due_at = null, outcome = ${outcome.kind}, reason = ${o.reason}, stage = ${o.stage}, detail = ${o.detail},
           conversation_id = ${o.conversationId}, item_id = ${o.itemId}, duplicate_of = ${o.duplicateOf}, matched_by = ${o.matchedBy},
           message_id = ${o.messageId}, inbox_id = ${facts.inboxId},
           from_address = coalesce(nullif(${facts.from.address.slice(0, 320)}, ''), from_address),
           from_name = coalesce(nullif(${facts.from.name.slice(0, 200)}, ''), from_name),
           subject = coalesce(nullif(${facts.subject.slice(0, 1_000)}, ''), subject),
           rfc_message_id = coalesce(${facts.rfcMessageId}, rfc_message_id),
           content_hash = coalesce(${facts.contentHash}, content_hash), automatic = coalesce(${facts.automatic}, automatic),
           authentication = coalesce(${facts.authentication === null ? null : JSON.stringify(facts.authentication)}::jsonb, authentication),
           to_addresses = case when ${facts.to.length} = 0 then to_addresses else ${textArray(facts.to.slice(0, MAX_TO))}::text[] end,
           rule_id = ${facts.ruleId}, wish = null, settled_at = ${now}, settled_by = ${by}
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
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

/** The mail that this one repeats in its inbox, and the rules that may turn it away. One statement. */
export async function selectSurroundings(
  tx: Tx,
  workspaceId: WorkspaceId,
  inboxId: InboxId | null,
  repeat: { readonly rfcMessageId: string | null; readonly contentHash: Buffer | null },
): Promise<{ readonly repeats: InboundMailId | null; readonly rules: readonly IgnoreRule[] }> {
  const { rows } = await sql<{ repeats: InboundMailId | null; rules: IgnoreRule[] }>`
    select (select id from inbound_mail
             where workspace_id = ${workspaceId} and inbox_id is not distinct from ${inboxId}::uuid and rfc_message_id = ${repeat.rfcMessageId}
               and content_hash = ${repeat.contentHash} and outcome in ('conversation_started', 'reply_added', 'note_added')
             limit 1) as repeats,
           coalesce((select json_agg(json_build_object('id', r.id, 'field', r.field, 'pattern', r.pattern) order by r.id)
                       from (select id, field, pattern from inbound_ignore
                              where workspace_id = ${workspaceId} and (inbox_id is null or inbox_id = ${inboxId}::uuid) limit 1000) as r), '[]') as rules`.execute(
    tx,
  )
  return { repeats: rows[0]?.repeats ?? null, rules: rows[0]?.rules ?? [] }
}

/** A rule turned one more away. */
export async function countTurnedAway(tx: Tx, workspaceId: WorkspaceId, ruleId: string, now: Date): Promise<void> {
  await sql`
    update inbound_ignore set turned_away = turned_away + 1, last_at = ${now}
     where workspace_id = ${workspaceId} and id = ${ruleId}`.execute(tx)
}

export interface IgnoreRule {
  readonly id: string
  readonly field: 'from' | 'to' | 'subject'
  readonly pattern: string
}

/** Of these arrivals, one with the same content: sent once, it came to several inboxes. */
export async function selectSameContent(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly InboundMailId[],
  contentHash: Buffer,
): Promise<InboundMailId | null> {
  if (ids.length === 0) return null
  const { rows } = await sql<{ id: InboundMailId }>`
    select id from inbound_mail
     where workspace_id = ${workspaceId} and id = any (${`{${ids.join(',')}}`}::uuid[]) and content_hash = ${contentHash} limit 1`.execute(
    tx,
  )
  return rows[0]?.id ?? null
}

const ANSWERS_A_DAY = 10

/** Whether one more automatic mail may go to this address, whatever it is: the last lock on loops. What may is counted, in the same transaction. */
export async function mayAnswer(tx: Tx, workspaceId: WorkspaceId, address: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    insert into answer_budget as b (workspace_id, address, used, since) values (${workspaceId}, lower(${address}), 1, ${now})
    on conflict (workspace_id, address) do update
       set used = case when b.since <= ${now}::timestamptz - interval '1 day' then 1 else b.used + 1 end,
           since = case when b.since <= ${now}::timestamptz - interval '1 day' then ${now}::timestamptz else b.since end
     where b.used < ${ANSWERS_A_DAY} or b.since <= ${now}::timestamptz - interval '1 day'
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
