import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import { type Db, sqlStateOf, type Tx } from '../db/database.ts'
import { revive } from '../delivery/revive.ts'
import type { ContactId, DeliveryId, WorkspaceId } from '../lib/ids.ts'
import type { Campaign, CampaignId, CampaignState, Exclusion } from './campaign.ts'

const columns = sql.raw(
  `workspace_id as "workspaceId", id, name, state, version, content, sender, reply_to as "replyTo", audience, pace, tracking, scheduled_at as "scheduledAt",
   time_zone as "timeZone", question, reason, phase, cursor, mailing_id as "mailingId", encode(content_hash, 'hex') as "contentHash", size_bytes::float8 as "sizeBytes", parts,
   link_set as "linkSet", candidates, prepared, excluded, again, again_cursor as "againCursor", settled, moved_at as "movedAt", created_at as "createdAt",
   created_by as "createdBy", updated_at as "updatedAt", started_at as "startedAt", finished_at as "finishedAt", reply_inbox_id as "replyInboxId", utm,
   local_time as "localTime", local_date as "localDate", begins_at as "beginsAt", cap_exempt as "capExempt", is_public as "isPublic",
   archive_url as "archiveUrl", ab, variants, decides_at as "decidesAt", winner, decision`,
)

function toCampaign(row: Campaign): Campaign {
  return { ...row, question: row.question && revive(row.question), reason: row.reason && revive(row.reason) }
}

const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value))

export async function insertCampaign(tx: Tx, c: Campaign): Promise<void> {
  await sql`
    insert into campaign (workspace_id, id, name, state, content, sender, reply_to, audience, pace, tracking, created_at, created_by, updated_at,
                          reply_inbox_id, utm, local_time, cap_exempt, is_public, ab)
    values (${c.workspaceId}, ${c.id}, ${c.name}, ${c.state}, ${json(c.content)}::jsonb, ${c.sender}, ${c.replyTo}, ${json(c.audience)}::jsonb,
            ${json(c.pace)}::jsonb, ${json(c.tracking)}::jsonb, ${c.createdAt}, ${c.createdBy}, ${c.updatedAt},
            ${c.replyInboxId}, ${json(c.utm)}::jsonb, ${json(c.localTime)}::jsonb, ${c.capExempt}, ${c.isPublic}, ${json(c.ab)}::jsonb)`.execute(
    tx,
  )
}

/** Everything of it but its counts, which are moved by steps. */
export async function saveCampaign(tx: Tx, c: Campaign): Promise<void> {
  await sql`
    update campaign
       set name = ${c.name}, state = ${c.state}, version = ${c.version}, content = ${json(c.content)}::jsonb, sender = ${c.sender}, reply_to = ${c.replyTo},
           audience = ${json(c.audience)}::jsonb, pace = ${json(c.pace)}::jsonb, tracking = ${json(c.tracking)}::jsonb, scheduled_at = ${c.scheduledAt},
           time_zone = ${c.timeZone}, question = ${json(c.question)}::jsonb, reason = ${json(c.reason)}::jsonb, phase = ${c.phase}, cursor = ${c.cursor},
           mailing_id = ${c.mailingId}, content_hash = decode(${c.contentHash}::text, 'hex'), size_bytes = ${c.sizeBytes}, parts = ${json(c.parts)}::jsonb,
           link_set = ${c.linkSet}, again = ${json(c.again)}::jsonb, again_cursor = ${c.againCursor}, settled = ${c.settled}, moved_at = ${c.movedAt},
           updated_at = ${c.updatedAt}, started_at = ${c.startedAt}, finished_at = ${c.finishedAt},
           reply_inbox_id = ${c.replyInboxId}, utm = ${json(c.utm)}::jsonb, local_time = ${json(c.localTime)}::jsonb, local_date = ${c.localDate},
           begins_at = ${c.beginsAt}, cap_exempt = ${c.capExempt}, is_public = ${c.isPublic}, archive_url = ${c.archiveUrl}, ab = ${json(c.ab)}::jsonb,
           variants = ${json(c.variants)}::jsonb, decides_at = ${c.decidesAt}, winner = ${c.winner}, decision = ${json(c.decision)}::jsonb
     where workspace_id = ${c.workspaceId} and id = ${c.id}`.execute(tx)
}

export async function deleteCampaign(tx: Tx, workspaceId: WorkspaceId, id: CampaignId): Promise<void> {
  await sql`delete from campaign where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function selectCampaign(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId): Promise<Campaign | null> {
  const { rows } =
    await sql<Campaign>`select ${columns} from campaign where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ? toCampaign(rows[0]) : null
}

export async function lockCampaign(tx: Tx, workspaceId: WorkspaceId, id: CampaignId): Promise<Campaign | null> {
  const { rows } = await sql<Campaign>`
    select ${columns} from campaign where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows[0] ? toCampaign(rows[0]) : null
}

/** In these states, in all workspaces; who moved longest ago comes first. Index: campaign_under_way. */
export async function selectUnderWay(db: Db | Tx, states: readonly CampaignState[], limit: number): Promise<Campaign[]> {
  const { rows } = await sql<Campaign>`
    select ${columns} from campaign where state = any (${plainArray(states)}::text[]) order by moved_at nulls first limit ${limit}`.execute(
    db,
  )
  return rows.map(toCampaign)
}

/** Of which something is to be sent again. */
export async function selectAgain(db: Db | Tx, limit: number): Promise<Campaign[]> {
  const { rows } = await sql<Campaign>`
    select ${columns} from campaign where state in ('sending', 'paused') and again is not null order by moved_at nulls first limit ${limit}`.execute(
    db,
  )
  return rows.map(toCampaign)
}

export async function selectDue(db: Db | Tx, limit: number, now: Date): Promise<Campaign[]> {
  const { rows } = await sql<Campaign>`
    select ${columns} from campaign where state = 'scheduled' and question is null and begins_at <= ${now} order by begins_at limit ${limit}`.execute(
    db,
  )
  return rows.map(toCampaign)
}

/** After a restore: what is due or on its way asks. */
export async function askAll(tx: Tx, reason: object, now: Date): Promise<number> {
  const result = await sql`
    update campaign set question = ${json(reason)}::jsonb, updated_at = ${now}
     where (state = 'scheduled' and begins_at <= ${now}) or state = 'preparing'`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

type Key = Pick<Campaign, 'workspaceId' | 'id'>

/** What other tables say against somebody, as conditions of a statement. */
export interface FreezeRules {
  isSuppressed(address: RawBuilder<unknown>): RawBuilder<unknown>
  isCapped(contactId: RawBuilder<unknown>): RawBuilder<unknown>
}

export interface Frozen {
  readonly looked: number
  readonly last: ContactId | null
}

/**
 * Writes down a chunk of candidates, each prepared or excluded with the reason, and moves cursor and counts with them: one statement for any number.
 * `candidates`: (contact_id, address, standing) in the order of contacts, of somebody else's tables; a standing is 'subscribed', 'pending', or the reason
 * itself. Whoever is in the campaign already is passed over.
 * Of two with one address the first is prepared; whoever has the address of somebody prepared earlier is a duplicate. An address is one contact's, so
 * that this takes one that went from person to person while the campaign was under way: the index says when it happened, and only then is it looked for.
 */
export async function freezeChunk(
  tx: Tx,
  campaign: Key & Pick<Campaign, 'cursor'>,
  candidates: RawBuilder<unknown>,
  rules: FreezeRules,
  now: Date,
): Promise<Frozen> {
  // Every table is read behind the cursor, in the order of contacts: read whole for each chunk, a million people would be read fifty times.
  await sql`select set_config('enable_seqscan', 'off', true)`.execute(tx)
  await sql`savepoint frozen_chunk`.execute(tx)
  try {
    return await writeChunk(tx, campaign, candidates, rules, now)
  } catch (error) {
    if (sqlStateOf(error) !== '23505') throw error
    await sql`rollback to savepoint frozen_chunk`.execute(tx)
    return await writeChunk(tx, campaign, candidates, { ...rules, isDuplicate: duplicatesIn(campaign) }, now)
  }
}

interface ChunkRules extends FreezeRules {
  /** Whether the address of one of `fresh` is in the campaign already, or comes twice. */
  readonly isDuplicate?: RawBuilder<unknown>
}

/** One look by index for each: `offset 0` keeps the planner, to whom a campaign that began a moment ago is empty, from reading all of it for each chunk. */
function duplicatesIn({ workspaceId, id }: Key): RawBuilder<unknown> {
  return sql`(row_number() over (partition by fresh.address order by fresh.contact_id) > 1
              or exists (select from campaign_recipient as r
                          where r.workspace_id = ${workspaceId} and r.campaign_id = ${id} and r.address = fresh.address and r.state = 'prepared' offset 0))`
}

async function writeChunk(
  tx: Tx,
  { workspaceId, id, cursor }: Key & Pick<Campaign, 'cursor'>,
  candidates: RawBuilder<unknown>,
  { isSuppressed, isCapped, isDuplicate = sql`false` }: ChunkRules,
  now: Date,
): Promise<Frozen> {
  const { rows } = await sql<Frozen>`
    with candidate as materialized (${candidates}),
    fresh as (
      select c.contact_id, c.address, c.standing
        from candidate as c
       where not exists (select from campaign_recipient as r where r.workspace_id = ${workspaceId} and r.campaign_id = ${id} and r.contact_id = c.contact_id
                            and (${cursor}::uuid is null or r.contact_id > ${cursor}::uuid))
    ), judged as materialized (
      select contact_id, address,
             case when standing = 'pending' then 'unconfirmed'
                  when standing <> 'subscribed' then standing
                  when address = '' then 'no_address'
                  when ${isDuplicate} then 'duplicate'
                  when ${isSuppressed(sql`fresh.address`)} then 'suppressed'
                  when ${isCapped(sql`fresh.contact_id`)} then 'capped' end as reason
        from fresh
    ), added as (
      insert into campaign_recipient (workspace_id, campaign_id, contact_id, address, state, reason)
      select ${workspaceId}::uuid, ${id}::uuid, contact_id, address, case when reason is null then 'prepared' else 'excluded' end, reason from judged
    ), reasons as (
      insert into campaign_exclusion as e (workspace_id, campaign_id, reason, n)
      select ${workspaceId}::uuid, ${id}::uuid, reason, count(*) from judged where reason is not null group by reason
      on conflict (workspace_id, campaign_id, reason) do update set n = e.n + excluded.n
    ), looked as (
      select (select count(*)::int from candidate) as looked, (select contact_id from candidate order by contact_id desc limit 1) as last
    ), counted as (
      select count(*) as judged, count(reason) as excluded from judged
    ), moved as (
      update campaign
         set candidates = candidates + counted.judged,
             prepared = prepared + counted.judged - counted.excluded,
             excluded = campaign.excluded + counted.excluded,
             cursor = coalesce((select last from looked), cursor), moved_at = ${now}
        from counted
       where workspace_id = ${workspaceId} and id = ${id}
    )
    select looked, last from looked`.execute(tx)
  return rows[0] ?? { looked: 0, last: null }
}

/** Where everybody is meant each table is read once. With figures that are older than an import the planner would look people up one by one, in lists. */
async function readOnce(tx: Tx): Promise<void> {
  await sql`select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true), set_config('work_mem', '64MB', true)`.execute(
    tx,
  )
}

/** Writes down who is meant at this moment, in pieces of so many. `people`: (contact_id, left_out) of somebody else's tables. */
export async function insertAudience(
  tx: Tx,
  { workspaceId, id }: Key,
  people: RawBuilder<unknown>,
  pieceOf: number,
): Promise<void> {
  await readOnce(tx)
  await sql`
    insert into campaign_audience_part (workspace_id, campaign_id, first_id, last_id, contact_ids, left_out)
    select ${workspaceId}::uuid, ${id}::uuid, (array_agg(contact_id order by contact_id))[1], (array_agg(contact_id order by contact_id))[count(*)],
           array_agg(contact_id order by contact_id), array_agg(left_out order by contact_id)
      from (select contact_id, left_out, (row_number() over (order by contact_id) - 1) / ${pieceOf}::bigint as piece from (${people}) as meant) as numbered
     group by piece`.execute(tx)
}

export interface AudiencePart {
  readonly first: ContactId
  readonly last: ContactId
}

/** Between whom the next piece behind a contact lies. */
export async function nextAudiencePart(tx: Tx, { workspaceId, id }: Key, after: ContactId): Promise<AudiencePart | null> {
  const { rows } = await sql<AudiencePart>`
    select first_id as first, last_id as last from campaign_audience_part
     where workspace_id = ${workspaceId} and campaign_id = ${id} and last_id > ${after} order by last_id limit 1`.execute(tx)
  return rows[0] ?? null
}

/** Its people, as (contact_id, left_out). */
export function peopleOfPart({ workspaceId, id }: Key, { last }: AudiencePart): RawBuilder<unknown> {
  return sql`
    select meant.contact_id, meant.is_out as left_out
      from campaign_audience_part as part, people_of_part(part.contact_ids, part.left_out) as meant
     where part.workspace_id = ${workspaceId} and part.campaign_id = ${id} and part.last_id = ${last}`
}

export async function deleteAudience(tx: Tx, { workspaceId, id }: Key): Promise<void> {
  await sql`delete from campaign_audience_part where workspace_id = ${workspaceId} and campaign_id = ${id}`.execute(tx)
}

export interface CountedReason {
  readonly reason: Exclusion | null
  readonly n: number
}

/**
 * What freezing would make of these candidates, counted: a null reason are those who would get it. As in freezeChunk; an address is one contact's, so
 * that there are no duplicates among them. `malformed`: addresses that are none.
 */
export async function countCandidates(
  tx: Tx,
  candidates: RawBuilder<unknown>,
  malformed: readonly string[],
  { isSuppressed, isCapped }: FreezeRules,
): Promise<CountedReason[]> {
  await readOnce(tx)
  const { rows } = await sql<CountedReason>`
    select case when standing = 'pending' then 'unconfirmed'
                when standing <> 'subscribed' then standing
                when address = '' then 'no_address'
                when ${isSuppressed(sql`candidate.address`)} then 'suppressed'
                when ${isCapped(sql`candidate.contact_id`)} then 'capped'
                when address = any (${textArray(malformed)}::text[]) then 'malformed' end as reason,
           count(*) as n
      from (${candidates}) as candidate
     group by 1 order by 2 desc`.execute(tx)
  return rows
}

export interface Unfilled {
  readonly contactId: ContactId
  readonly address: string
}

/** Prepared ones without a delivery, behind the cursor. Index: campaign_recipient's key. */
export async function selectUnfilled(
  db: Db | Tx,
  { workspaceId, id }: Key,
  after: ContactId | null,
  limit: number,
): Promise<Unfilled[]> {
  const { rows } = await sql<Unfilled>`
    select contact_id as "contactId", address from campaign_recipient
     where workspace_id = ${workspaceId} and campaign_id = ${id} and (${after}::uuid is null or contact_id > ${after}::uuid)
       and state = 'prepared' and delivery_id is null
     order by contact_id limit ${limit}`.execute(db)
  return rows
}

export interface NotPrepared {
  readonly contactId: ContactId
  readonly reason: Exclusion
  readonly detail: string
}

/** Excludes those of whom it turned out only now; counts follow. */
export async function excludeRecipients(tx: Tx, { workspaceId, id }: Key, list: readonly NotPrepared[]): Promise<void> {
  if (list.length === 0) return
  await sql`
    with said as materialized (
      select * from unnest(${plainArray(list.map((r) => r.contactId))}::uuid[], ${plainArray(list.map((r) => r.reason))}::text[],
                           ${textArray(list.map((r) => r.detail))}::text[]) as s (contact_id, reason, detail)
    ), moved as (
      update campaign_recipient as r set state = 'excluded', reason = said.reason, detail = left(said.detail, 500)
        from said
       where r.workspace_id = ${workspaceId} and r.campaign_id = ${id} and r.contact_id = said.contact_id and r.state = 'prepared' and r.delivery_id is null
      returning r.reason
    ), reasons as (
      insert into campaign_exclusion as e (workspace_id, campaign_id, reason, n)
      select ${workspaceId}::uuid, ${id}::uuid, reason, count(*) from moved group by reason
      on conflict (workspace_id, campaign_id, reason) do update set n = e.n + excluded.n
    )
    update campaign set prepared = prepared - (select count(*) from moved), excluded = campaign.excluded + (select count(*) from moved)
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/**
 * Gives recipients their deliveries. `isAgain`: in the place of one that failed. They are looked for between the first and the last of them: without
 * that the planner, who knows nothing of a campaign that is being prepared, reads all its people for each thousand.
 */
export async function giveDeliveries(
  tx: Tx,
  { workspaceId, id }: Key,
  list: readonly { readonly contactId: ContactId; readonly deliveryId: DeliveryId }[],
  { isAgain, variant = null }: { readonly isAgain: boolean; readonly variant?: number | null },
): Promise<void> {
  if (list.length === 0) return
  const ids = list.map(({ contactId }) => contactId).sort()
  await sql`
    update campaign_recipient as r set delivery_id = s.delivery_id, tries = r.tries + ${isAgain ? 1 : 0}, variant = coalesce(${variant}::smallint, r.variant)
      from unnest(${plainArray(list.map((one) => one.contactId))}::uuid[], ${plainArray(list.map((one) => one.deliveryId))}::uuid[]) as s (contact_id, delivery_id)
     where r.workspace_id = ${workspaceId} and r.campaign_id = ${id} and r.contact_id = s.contact_id
       and r.contact_id between ${ids[0]} and ${ids.at(-1)}`.execute(tx)
}

/** Moves the cursor of a phase, in the transaction of its work. */
export async function moveCursor(tx: Tx, { workspaceId, id }: Key, cursor: ContactId | null, now: Date): Promise<void> {
  await sql`
    update campaign set cursor = coalesce(${cursor}::uuid, cursor), moved_at = ${now} where workspace_id = ${workspaceId} and id = ${id}`.execute(
    tx,
  )
}

/** It had a reason to stand still until now. */
export async function markMoved(tx: Tx, { workspaceId, id }: Key, now: Date): Promise<void> {
  await sql`update campaign set moved_at = ${now} where workspace_id = ${workspaceId} and id = ${id} and state = 'sending'`.execute(
    tx,
  )
}

/** Who has it at this address. Index: campaign_recipient_address_once. */
export async function selectContactAt(db: Db | Tx, { workspaceId, id }: Key, address: string): Promise<ContactId | null> {
  const { rows } = await sql<{ contactId: ContactId }>`
    select contact_id as "contactId" from campaign_recipient
     where workspace_id = ${workspaceId} and campaign_id = ${id} and address = ${address} and state = 'prepared'`.execute(db)
  return rows[0]?.contactId ?? null
}

export interface Census {
  readonly prepared: number
  readonly excluded: number
  readonly filled: number
  /** Prepared, and without a delivery: they wait for the winner of a test. */
  readonly waits: number
}

/** Counted over all rows, once: before the first mail may leave. */
export async function takeCensus(tx: Tx, { workspaceId, id }: Key): Promise<Census> {
  const { rows } = await sql<Census>`
    select count(*) filter (where state = 'prepared')::int as prepared, count(*) filter (where state = 'excluded')::int as excluded,
           count(delivery_id)::int as filled, count(*) filter (where state = 'prepared' and delivery_id is null)::int as waits
      from campaign_recipient where workspace_id = ${workspaceId} and campaign_id = ${id}`.execute(tx)
  return rows[0] ?? { prepared: 0, excluded: 0, filled: 0, waits: 0 }
}

export async function selectExclusions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: CampaignId,
): Promise<{ reason: Exclusion; n: number }[]> {
  const { rows } = await sql<{ reason: Exclusion; n: number }>`
    select reason, n from campaign_exclusion where workspace_id = ${workspaceId} and campaign_id = ${id} order by n desc, reason`.execute(
    db,
  )
  return rows
}

export interface FilledRecipient {
  readonly contactId: ContactId
  readonly deliveryId: DeliveryId
  readonly address: string
  readonly variant: number | null
}

/** Those who have a delivery, behind a contact. Index: campaign_recipient's key. */
export async function selectFilled(
  tx: Tx,
  { workspaceId, id }: Key,
  after: ContactId | null,
  limit: number,
): Promise<FilledRecipient[]> {
  const { rows } = await sql<FilledRecipient>`
    select contact_id as "contactId", delivery_id as "deliveryId", address, variant from campaign_recipient
     where workspace_id = ${workspaceId} and campaign_id = ${id} and (${after}::uuid is null or contact_id > ${after}::uuid) and delivery_id is not null
     order by contact_id limit ${limit}`.execute(tx)
  return rows
}

/** Everybody who got another campaign and did not open it, as candidates: behind a contact, in the order of ids. */
export function recipientsOf(
  workspaceId: WorkspaceId,
  id: CampaignId,
  hasOpened: (contactId: RawBuilder<unknown>) => RawBuilder<unknown>,
  after: ContactId | null,
  limit: number | null,
): RawBuilder<unknown> {
  return sql`
    select r.contact_id, r.address, 'subscribed' as standing
      from campaign_recipient as r
     where r.workspace_id = ${workspaceId} and r.campaign_id = ${id} and r.delivery_id is not null
       and (${after}::uuid is null or r.contact_id > ${after}::uuid)
       and not ${hasOpened(sql`r.contact_id`)}
     order by r.contact_id limit ${limit}::bigint`
}

/** Names of campaigns whose audience names a list or segment, newest first; and whether mail to that list is limited. */
export async function selectNamesToList(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: string,
  limit: number,
): Promise<{ campaigns: string[]; isCapped: boolean }> {
  const { rows } = await sql<{ campaigns: string[]; isCapped: boolean }>`
    select array(select name from campaign where workspace_id = ${workspaceId} and position(${id}::text in audience::text) > 0 order by id desc limit ${limit})
             as campaigns,
           exists (select from campaign_cap where workspace_id = ${workspaceId} and list_id = ${id}::uuid) as "isCapped"`.execute(
    db,
  )
  return rows[0] ?? { campaigns: [], isCapped: false }
}

/** Whose sender, or that of a version, has the domain after its @; an internationalised one may be written otherwise, and is then read by all of them. */
export async function selectNamingDomain(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  domain: string,
  states: readonly CampaignState[],
  limit: number,
): Promise<Campaign[]> {
  const { rows } = await sql<Campaign>`
    select ${columns} from campaign
     where workspace_id = ${workspaceId} and state = any (${plainArray(states)}::text[])
       and (${domain.includes('xn--')}::boolean or position(${`@${domain}`}::text in lower(sender || coalesce(ab::text, ''))) > 0)
     order by id desc limit ${limit}`.execute(db)
  return rows.map(toCampaign)
}
