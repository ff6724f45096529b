import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryState } from '../../delivery/delivery.ts'
import type { ContactId, DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'

/** What became of one person of a campaign. */
export interface Outcome {
  readonly contactId: ContactId
  /** As people know them; '' where nobody said. */
  readonly name: string
  readonly address: string
  /** Why nothing is sent to them; null where they have a delivery, or will have one. */
  readonly excluded: string | null
  readonly detail: string
  readonly tries: number
  /** Of a campaign with several: which version they got, counted from 0; null: none, or not decided. */
  readonly variant: number | null
  readonly deliveryId: DeliveryId | null
  readonly messageId: MessageId | null
  readonly state: DeliveryState | null
  readonly reason: string | null
  readonly reasonCode: string | null
  readonly attempt: number | null
  readonly receiver: string | null
  /** What the other side said last, and when. */
  readonly reply: string | null
  readonly triedAt: Date | null
  readonly dueAt: Date | null
  readonly settledAt: Date | null
}

export interface OutcomeFilter {
  /** States of deliveries. */
  readonly states?: readonly DeliveryState[] | undefined
  /** Only those that wait for another try. */
  readonly deferred?: boolean | undefined
  /** Reasons of exclusion; 'any' of them. */
  readonly excluded?: readonly string[] | 'any' | undefined
  /** The beginning of the address. */
  readonly search?: string | undefined
  readonly failureClass?: string | undefined
  /** Who receives for it, or the domain. */
  readonly receiver?: string | undefined
}

export interface OutcomePage {
  /** The key of the last one of the page before. */
  readonly after: readonly [string, string] | null
  readonly limit: number
}

export interface Keyed extends Outcome {
  readonly key: readonly [string, string]
}

/** People in an order that an index has, each with the two parts of the key. */
type Driver = RawBuilder<unknown>

interface Source {
  readonly workspaceId: WorkspaceId
  readonly campaignId: string
  readonly filter: OutcomeFilter
  readonly after: OutcomePage['after']
  readonly limit: number
}

/**
 * The order is that of an index which has just those that are asked for: of one end (delivery_of_mailing), of what waits (the lanes), of a reason
 * (campaign_recipient_excluded), of an address; else of contacts (campaign_recipient's key). So a page is a walk of its own length.
 */
function driverOf(source: Source): Driver {
  const { search, excluded, states, deferred } = source.filter
  if (search) return byAddress(source, search)
  if (deferred) return byDelivery(source, [sql`d.state = 'queued' and d.attempt > 0`])
  if (excluded && !states) return byReason(source, excluded)
  if (states?.length === 1 && states[0] === 'queued') return byTurn(source)
  if (states && !excluded) return byDelivery(source, states.map(inState))
  return byContact(source)
}

const recipient = ({ workspaceId, campaignId }: Source) => sql`r.workspace_id = ${workspaceId} and r.campaign_id = ${campaignId}`

const columns = sql.raw('r.contact_id, r.address, r.reason, r.detail, r.tries, r.variant, r.delivery_id')

function byContact(source: Source): Driver {
  const after = source.after ? sql`and r.contact_id > ${source.after[0]}::uuid` : sql``
  return sql`
    select ${columns}, r.contact_id::text as k1, '' as k2 from campaign_recipient as r
     where ${recipient(source)} ${after}
     order by r.contact_id limit ${source.limit}`
}

function byReason(source: Source, wanted: readonly string[] | 'any'): Driver {
  const only = wanted === 'any' ? sql`` : sql`and r.reason = any (${textArray(wanted)}::text[])`
  const after = source.after ? sql`and (r.reason, r.contact_id) > (${source.after[0]}, ${source.after[1]}::uuid)` : sql``
  return sql`
    select ${columns}, r.reason as k1, r.contact_id::text as k2 from campaign_recipient as r
     where ${recipient(source)} and r.state = 'excluded' ${only} ${after}
     order by r.reason, r.contact_id limit ${source.limit}`
}

/** Each state of recipients has its own index by address. */
function byAddress(source: Source, search: string): Driver {
  const after = source.after ? sql`and (r.address, r.contact_id) > (${source.after[0]}, ${source.after[1]}::uuid)` : sql``
  const of = (state: string) => sql`
    (select ${columns}, r.address as k1, r.contact_id::text as k2 from campaign_recipient as r
      where ${recipient(source)} and r.state = ${sql.lit(state)} and starts_with(r.address, lower(${search})) ${after}
      order by r.address, r.contact_id limit ${source.limit})`
  return sql`select * from (${of('prepared')} union all ${of('excluded')}) as both_kinds order by k1, k2 limit ${source.limit}`
}

/** A literal, so that the planner sees which partial index holds it. */
function inState(state: DeliveryState): RawBuilder<unknown> {
  return sql`d.state = ${sql.lit(state)}${state === 'queued' || state === 'sending' || state === 'held' || state === 'unknown' ? sql`` : sql` and d.settled_at is not null`}`
}

function byDelivery(source: Source, kinds: readonly RawBuilder<unknown>[]): Driver {
  const { workspaceId, campaignId, limit } = source
  const after = source.after ? sql`and d.id > ${source.after[0]}::uuid` : sql``
  const each = kinds.map(
    (kind) => sql`
      (select d.id from delivery as d
        where d.workspace_id = ${workspaceId} and d.mailing_id = (select mailing_id from of_campaign) and ${kind} ${after}
        order by d.id limit ${limit})`,
  )
  return sql`
    with of_campaign as materialized (select mailing_id from campaign where workspace_id = ${workspaceId} and id = ${campaignId}),
    found as materialized (select id from (${sql.join(each, sql` union all `)}) as every_kind order by id limit ${limit})
    select ${columns}, found.id::text as k1, '' as k2
      from found
      join campaign_recipient as r on r.workspace_id = ${workspaceId} and r.delivery_id = found.id and r.campaign_id = ${campaignId}
     order by found.id`
}

/** Those that wait, in the order of their turns: the first of each lane. Index: delivery_due. */
function byTurn(source: Source): Driver {
  const { workspaceId, campaignId, limit } = source
  const after = source.after ? sql`and (d.due_at, d.id) > (${source.after[0]}::timestamptz, ${source.after[1]}::uuid)` : sql``
  return sql`
    with found as materialized (
      select head.id, head.due_at
        from lane
       cross join lateral (select d.id, d.due_at from delivery as d
                            where d.lane_id = lane.id and d.state = 'queued' ${after} order by d.due_at, d.id limit ${limit}) as head
       where lane.workspace_id = ${workspaceId}
         and lane.mailing_id = (select mailing_id from campaign where workspace_id = ${workspaceId} and id = ${campaignId})
       order by head.due_at, head.id limit ${limit}
    )
    select ${columns}, to_json(found.due_at) #>> '{}' as k1, found.id::text as k2
      from found
      join campaign_recipient as r on r.workspace_id = ${workspaceId} and r.delivery_id = found.id and r.campaign_id = ${campaignId}
     order by found.due_at, found.id`
}

/** What an index does not choose is looked at in so many rows at a time: the answer then holds fewer, and where to go on. */
const WINDOW = 2_500

export async function selectOutcomes(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  campaignId: string,
  filter: OutcomeFilter,
  { after, limit }: OutcomePage,
): Promise<{ readonly items: readonly Keyed[]; readonly next: readonly [string, string] | null }> {
  const more = restOf(filter)
  const source = { workspaceId, campaignId, filter, after, limit: (more ? Math.max(WINDOW, limit) : limit) + 1 }
  const driver = driverOf(source)
  const { rows } = await sql<Keyed>`
    with driver as materialized (${driver}),
    found as (
      select driver.*, d.id as "deliveryId", d.message_id as "messageId", d.state, d.reason ->> 'sentence' as "why",
             coalesce(d.reason #>> '{failure,class}', d.reason ->> 'code') as "reasonCode", d.attempt, d.due_at as "dueAt", d.settled_at as "settledAt",
             d.created_at, coalesce(lane.receiver, known.lane_receiver) as receiver
        from driver
        left join delivery as d on d.workspace_id = ${workspaceId} and d.id = driver.delivery_id
        left join lane on lane.id = d.lane_id
        left join recipient_domain as known on known.domain = substring(driver.address from '[^@]*$')
       where ${more ?? sql`true`}
       order by ${orderOf(filter)} limit ${limit + 1}
    )
    select found.contact_id as "contactId", coalesce(c.name, '') as name, found.address, found.reason as excluded, found.detail, found.tries, found.variant,
           found."deliveryId", found."messageId", found.state, found.why as reason, found."reasonCode", found.attempt, found.receiver, tried.text as reply,
           tried.started_at as "triedAt", found."dueAt", found."settledAt", array[k1, k2] as key
      from found
      left join contact as c on c.workspace_id = ${workspaceId} and c.id = found.contact_id
      left join lateral (select a.text, a.started_at from attempt as a
                          where a.workspace_id = ${workspaceId} and a.delivery_id = found."deliveryId" and a.attempt <= found.attempt
                            and a.started_at >= found.created_at
                          order by a.attempt desc, a.started_at desc limit 1) as tried on found.attempt > 0
     order by ${orderOf(filter)}`.execute(db)
  const items = rows.slice(0, limit)
  if (rows.length > limit) return { items, next: items.at(-1)?.key ?? null }
  return { items, next: more ? await endOfWindow(db, driver, source.limit, filter) : null }
}

/** Where the window ended, when there may be more behind it. */
async function endOfWindow(
  db: Db | Tx,
  driver: Driver,
  full: number,
  filter: OutcomeFilter,
): Promise<readonly [string, string] | null> {
  const { rows } = await sql<{ key: [string, string] }>`
    select array[k1, k2] as key from (${driver}) as driver order by ${orderOf(filter)} offset ${full - 1} limit 1`.execute(db)
  return rows[0]?.key ?? null
}

function orderOf({ search, excluded, states, deferred }: OutcomeFilter): RawBuilder<unknown> {
  if (search) return sql`k1, k2::uuid`
  if (deferred) return sql`k1::uuid`
  if (excluded && !states) return sql`k1, k2::uuid`
  if (states?.length === 1 && states[0] === 'queued') return sql`k1::timestamptz, k2::uuid`
  return sql`k1::uuid`
}

/** The conditions that no order has. */
function restOf({ states, excluded, deferred, search, failureClass, receiver }: OutcomeFilter): RawBuilder<unknown> | null {
  const all: RawBuilder<unknown>[] = []
  const isMixed = Boolean(states && excluded)
  if (search || isMixed) {
    const either: RawBuilder<unknown>[] = []
    if (states) either.push(sql`d.state = any (${plainArray(states)}::text[])`)
    if (excluded)
      either.push(excluded === 'any' ? sql`driver.reason is not null` : sql`driver.reason = any (${textArray(excluded)}::text[])`)
    if (either.length > 0) all.push(sql`(${sql.join(either, sql` or `)})`)
    if (search && deferred) all.push(sql`d.state = 'queued' and d.attempt > 0`)
  }
  if (failureClass) all.push(sql`(d.reason ->> 'code' = ${failureClass} or d.reason #>> '{failure,class}' = ${failureClass})`)
  if (receiver)
    all.push(
      sql`(lane.receiver = ${receiver} or known.lane_receiver = ${receiver} or known.receiver = ${receiver} or substring(driver.address from '[^@]*$') = lower(${receiver}))`,
    )
  return all.length === 0 ? null : sql.join(all, sql` and `)
}
