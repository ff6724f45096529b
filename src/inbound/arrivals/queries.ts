/** Arrivals as lists, figures and pages see them. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import { type InboundMailId, type InboxId, idFloor, type WorkspaceId } from '../../lib/ids.ts'
import type { ArrivalFilter, Arrived } from './arrival.ts'

/** Which inboxes; null: all, and mail of none. */
export type Within = readonly InboxId[] | null

export interface ArrivedRow extends Arrived {
  readonly envelopeSender: string | null
  readonly envelopeRecipients: readonly string[]
  readonly toAddresses: readonly string[]
  readonly remoteIp: string | null
  readonly helo: string | null
  readonly hash: string
  readonly isCut: boolean
  /** Whom it would be for if it were taken in now; null: by whom it is addressed to. */
  readonly arrivedFor: InboxId | null
  readonly automatic: string | null
  readonly authentication: unknown
  readonly matchedBy: string | null
  readonly folder: string | null
}

const SUMMARY = sql.raw(
  `m.id, m.channel, case when s.id is null then null else json_build_object('id', s.id, 'name', s.name) end as source, m.inbox_id as "inboxId", m.state,
   m.outcome, m.reason, m.stage, m.detail, m.conversation_id as "conversationId", m.duplicate_of as "duplicateOf", m.message_id as "messageId",
   json_build_object('name', m.from_name, 'address', m.from_address) as "from", m.subject, m.size_bytes::float8 as "sizeBytes",
   m.received_at as "receivedAt", m.attempts, m.settled_at as "settledAt", m.settled_by as "settledBy", m.wish, m.rule_id as "ruleId"`,
)

export interface ArrivalPage {
  readonly after: string | null
  readonly limit: number
}

/** As far back as words are looked for among mail that stands in conversations. */
export const SEARCHED_MAX = 20_000

/** Newest first: a walk down the primary key, or down the index of what narrows it; words as `fitting` says. */
export async function selectArrivals(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  within: Within,
  filter: ArrivalFilter,
  page: ArrivalPage,
): Promise<Arrived[]> {
  const { rows } = await sql<Arrived>`
    select ${SUMMARY}
      from (${fitting(workspaceId, within, filter, page)}) as found
      join inbound_mail as m on m.workspace_id = ${workspaceId} and m.id = found.id
      left join inbound_source as s on s.workspace_id = m.workspace_id and s.id = m.source_id
     order by m.id desc`.execute(db)
  return rows
}

/** Ids in the same order and by the same filter: for acts on all that fit. */
export async function selectFitting(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  within: Within,
  filter: ArrivalFilter,
  limit: number,
): Promise<InboundMailId[]> {
  const { rows } = await sql<{ id: InboundMailId }>`${fitting(workspaceId, within, filter, { after: null, limit })}`.execute(db)
  return rows.map(({ id }) => id)
}

/**
 * Words that are no address are looked for by an index in all mail that stands in no conversation, and letter by letter in the newest SEARCHED_MAX of
 * what the rest of the filter leaves: what stands in conversations, and words too short for the index. So a search for what is not there ends.
 */
function fitting(
  workspaceId: WorkspaceId,
  within: Within,
  filter: ArrivalFilter,
  { after, limit }: ArrivalPage,
): RawBuilder<unknown> {
  const narrowed = sql`m.workspace_id = ${workspaceId} and ${conditions(within, filter)}
       ${after === null ? sql`` : sql`and m.id < ${after}::uuid`}`
  const words = wordsOf(filter)
  if (words === null) return sql`select m.id from inbound_mail as m where ${narrowed} order by m.id desc limit ${limit}`
  const { outcome } = filter
  const isShort = (words[0] as string).length < INDEXED_LETTERS
  const aside = sql`select id from ${findAside(workspaceId, within, filter, words, { after, limit })} as id`
  if (!isShort && outcome !== null && ASIDE.has(outcome)) return sql`${aside} order by id desc limit ${limit}`
  const lately = sql`
    (select m.id
       from (select m.id, m.from_address, m.from_name, m.subject from inbound_mail as m
              where ${narrowed} order by m.id desc limit ${SEARCHED_MAX}) as m
      where ${containing(words)}
      order by m.id desc
      limit ${limit})`
  return isShort || outcome !== null
    ? lately
    : sql`select id from (${aside} union ${lately}) as found order by id desc limit ${limit}`
}

/** Fewer make no trigram. */
const INDEXED_LETTERS = 3

/** What mail ends in that stands in no conversation: those of the index. */
const ASIDE: ReadonlySet<string> = new Set([
  'note_added',
  'bounce_recorded',
  'complaint_recorded',
  'unsubscribed',
  'ignored',
  'duplicate',
  'quarantined',
])

function findAside(
  workspaceId: WorkspaceId,
  within: Within,
  { outcome, reason, stage, inboxId, sourceId, channel, since, until }: ArrivalFilter,
  words: readonly string[],
  { after, limit }: ArrivalPage,
): RawBuilder<unknown> {
  const end = until === null ? null : idFloor(until)
  const before = end !== null && after !== null ? (end < after ? end : after) : (end ?? after)
  return sql`find_mail_aside(${workspaceId}, ${textArray(words)}::text[], ${within === null ? null : plainArray(within)}::uuid[],
    ${inboxId === 'none' ? null : inboxId}::uuid, ${inboxId === 'none'}, ${outcome}, ${reason}, ${stage}, ${sourceId}::uuid, ${channel},
    ${since === null ? null : idFloor(since)}::uuid, ${before}::uuid, ${limit})`
}

function conditions(within: Within, filter: ArrivalFilter): RawBuilder<unknown> {
  const { outcome, reason, stage, inboxId, sourceId, channel, since, until } = filter
  const sender = senderOf(filter)
  const all = [
    within === null ? null : sql`m.inbox_id = any(${plainArray(within)}::uuid[])`,
    outcome === null ? null : outcomeIs(outcome),
    reason === null ? null : sql`m.reason = ${reason}`,
    stage === null ? null : sql`m.stage = ${stage}`,
    inboxId === null ? null : inboxId === 'none' ? sql`m.inbox_id is null` : sql`m.inbox_id = ${inboxId}`,
    sourceId === null ? null : sql`m.source_id = ${sourceId}`,
    channel === null ? null : sql`m.channel = ${channel}`,
    since === null ? null : sql`m.id >= ${idFloor(since)}::uuid`,
    until === null ? null : sql`m.id < ${idFloor(until)}::uuid`,
    sender === null ? null : sql`lower(m.from_address) = ${sender} and m.from_address <> ''`,
  ].filter((condition) => condition !== null)
  return all.length === 0 ? sql`true` : sql.join(all, sql` and `)
}

function outcomeIs(outcome: NonNullable<ArrivalFilter['outcome']>): RawBuilder<unknown> {
  if (outcome === 'waiting') return sql`m.state = 'received'`
  // The states are said as literals: partial indexes are chosen by them.
  if (outcome === 'quarantined') return sql`m.state = 'quarantined'`
  return sql`m.outcome = ${sql.lit(outcome)}`
}

/** A whole address has an index of its own. */
function senderOf({ search }: ArrivalFilter): string | null {
  return search !== null && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(search.trim()) ? search.trim().toLowerCase() : null
}

/** The longest first. */
function wordsOf(filter: ArrivalFilter): string[] | null {
  const { search } = filter
  if (search === null || senderOf(filter) !== null) return null
  const words = search.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10)
  return words.length === 0 ? null : words.toSorted((a, b) => b.length - a.length)
}

function containing(words: readonly string[]): RawBuilder<unknown> {
  return sql.join(
    words.map((word) => sql`position(${word} in lower(m.from_address || ' ' || m.from_name || ' ' || m.subject)) > 0`),
    sql` and `,
  )
}

export async function selectArrival(db: Db | Tx, workspaceId: WorkspaceId, id: InboundMailId): Promise<ArrivedRow | null> {
  const { rows } = await sql<ArrivedRow>`
    select ${SUMMARY}, m.envelope_sender as "envelopeSender", m.envelope_recipients as "envelopeRecipients", m.to_addresses as "toAddresses",
           m.remote_ip as "remoteIp", m.helo, encode(m.hash, 'hex') as hash, m.is_cut as "isCut", case when s.id is null then m.arrived_for else s.inbox_id end as "arrivedFor", m.automatic,
           m.authentication, m.matched_by as "matchedBy", m.folder
      from inbound_mail as m left join inbound_source as s on s.workspace_id = m.workspace_id and s.id = m.source_id
     where m.workspace_id = ${workspaceId} and m.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export interface QuarantineCount {
  readonly inboxId: InboxId | null
  readonly reason: string
  readonly n: number
}

/** What lies in the quarantine, by inbox and reason. */
export async function countQuarantined(db: Db | Tx, workspaceId: WorkspaceId, within: Within): Promise<QuarantineCount[]> {
  const { rows } = await sql<QuarantineCount>`
    select inbox_id as "inboxId", reason, count(*)::int as n
      from inbound_mail
     where workspace_id = ${workspaceId} and state = 'quarantined' ${within === null ? sql`` : sql`and inbox_id = any(${plainArray(within)}::uuid[])`}
     group by 1, 2
     order by n desc`.execute(db)
  return rows
}

export interface OutcomeCount {
  /** An outcome, with `:reason` for ignored and quarantined. */
  readonly outcome: string
  readonly n: number
}

/** By the counts of each day (UTC), never over the rows. */
export async function countOutcomes(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  within: Within,
  inboxId: InboxId | 'none' | null,
  since: Date,
): Promise<OutcomeCount[]> {
  const { rows } = await sql<OutcomeCount>`
    select outcome, sum(n)::float8 as n
      from inbound_count
     where workspace_id = ${workspaceId} and day >= (${since}::timestamptz at time zone 'UTC')::date
       ${within === null ? sql`` : sql`and inbox_id = any(${plainArray(within)}::uuid[])`}
       ${inboxId === null ? sql`` : inboxId === 'none' ? sql`and inbox_id is null` : sql`and inbox_id = ${inboxId}`}
     group by outcome
    having sum(n) > 0
     order by n desc`.execute(db)
  return rows
}

export interface ActRow {
  readonly id: string
  readonly act: string
  readonly by: string
  readonly at: Date
  readonly before: Before
  readonly undoneAt: Date | null
}

/** What had become of a mail when somebody did something about it. */
export interface Before {
  readonly outcome: string
  readonly reason: string | null
  readonly stage: string | null
  readonly detail: string | null
  readonly at: string
  readonly by: string | null
  readonly attempts: number
  readonly inbox_id: InboxId | null
  readonly rule_id: string | null
}

const ACTS_MAX = 50

/** What was done about a mail, newest first. */
export async function selectActs(db: Db | Tx, workspaceId: WorkspaceId, id: InboundMailId): Promise<ActRow[]> {
  const { rows } = await sql<ActRow>`
    select id, act, by, at, before, undone_at as "undoneAt" from inbound_act
     where workspace_id = ${workspaceId} and inbound_id = ${id}
     order by at desc, id desc
     limit ${ACTS_MAX}`.execute(db)
  return rows
}
