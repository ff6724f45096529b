import { sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { LinkSetId, MessageId, WorkspaceId } from '../lib/ids.ts'
import type { Hit, HitKind, LinkCount, NewHit, Who } from './hit.ts'
import type { LinkSet } from './track.ts'

export async function insertLinks(tx: Tx, workspaceId: WorkspaceId, sets: readonly LinkSet[]): Promise<void> {
  const rows = sets.flatMap(({ id, urls }) => urls.map((url, i) => ({ id, n: i + 1, url })))
  await sql`
    insert into tracked_link (workspace_id, link_set, n, url)
    select ${workspaceId}::uuid, l.*
      from unnest(${plainArray(rows.map(({ id }) => id))}::uuid[], ${plainArray(rows.map(({ n }) => n))}::smallint[],
                  ${textArray(rows.map(({ url }) => url))}::text[]) as l`.execute(tx)
}

export async function selectLink(db: Db, workspaceId: WorkspaceId, linkSet: LinkSetId, n: number): Promise<string | null> {
  const { rows } = await sql<{ url: string }>`
    select url from tracked_link where workspace_id = ${workspaceId} and link_set = ${linkSet} and n = ${n}`.execute(db)
  return rows[0]?.url ?? null
}

/** Nothing is written where the delivery has as many already. Two at once may both be the last: the bound is for the disk, not a promise. */
export async function insertHit(db: Db, hit: NewHit, max: number): Promise<void> {
  await sql`
    insert into tracking_hit (workspace_id, delivery_id, id, message_id, kind, link_set, link, at, who, user_agent)
    select ${hit.workspaceId}, ${hit.deliveryId}, ${hit.id}, ${hit.messageId}, ${hit.kind}, ${hit.linkSet}, ${hit.link}, ${hit.at}, ${hit.who}, ${hit.userAgent}
     where (select count(*) from (select from tracking_hit
                                   where workspace_id = ${hit.workspaceId} and delivery_id = ${hit.deliveryId} limit ${max}) as known) < ${max}`.execute(
    db,
  )
}

/** The oldest hits that nobody has settled, with all others of their deliveries. Locks the new ones. Index: tracking_hit_unsettled. */
export async function selectUnsettled(tx: Tx, before: Date, limit: number): Promise<Hit[]> {
  const { rows } = await sql<Hit>`
    with due as materialized (
      select workspace_id, delivery_id, id
        from tracking_hit
       where settled_at is null and at <= ${before}
       order by at
       limit ${limit}
         for update skip locked
    )
    select h.workspace_id as "workspaceId", h.delivery_id as "deliveryId", h.id, h.message_id as "messageId", h.kind, h.link_set as "linkSet", h.link, h.at, h.who,
           h.user_agent as "userAgent", h.settled_at as "settledAt", exists (select from due where due.id = h.id) as "isDue", l.url
      from tracking_hit as h
      join (select distinct workspace_id, delivery_id from due) as d using (workspace_id, delivery_id)
      left join tracked_link as l on l.workspace_id = h.workspace_id and l.link_set = h.link_set and l.n = h.link
     order by h.at, h.id`.execute(tx)
  return rows
}

export async function settleHits(
  tx: Tx,
  hits: readonly Pick<Hit, 'workspaceId' | 'deliveryId' | 'id' | 'who'>[],
  now: Date,
): Promise<void> {
  await sql`
    update tracking_hit as h
       set who = s.who, settled_at = ${now}
      from unnest(${plainArray(hits.map((hit) => hit.workspaceId))}::uuid[], ${plainArray(hits.map((hit) => hit.deliveryId))}::uuid[],
                  ${plainArray(hits.map((hit) => hit.id))}::uuid[], ${plainArray(hits.map((hit) => hit.who))}::text[])
           as s (workspace_id, delivery_id, id, who)
     where h.workspace_id = s.workspace_id and h.delivery_id = s.delivery_id and h.id = s.id`.execute(tx)
}

/** In the order of their keys: whoever counts at the same time waits and does not stand in a ring. */
export async function addCounts(tx: Tx, counts: readonly LinkCount[]): Promise<void> {
  await sql`
    insert into tracking_count as was (workspace_id, link_set, link, who, hits, deliveries, since)
    select c.*
      from unnest(${plainArray(counts.map((one) => one.workspaceId))}::uuid[], ${plainArray(counts.map((one) => one.linkSet))}::uuid[],
                  ${plainArray(counts.map((one) => one.link))}::smallint[], ${plainArray(counts.map((one) => one.who))}::text[],
                  ${plainArray(counts.map((one) => one.hits))}::int[], ${plainArray(counts.map((one) => one.deliveries))}::int[],
                  ${textArray(counts.map((one) => one.since.toISOString()))}::timestamptz[])
           as c (workspace_id, link_set, link, who, hits, deliveries, since)
     order by 1, 2, 3, 4
    on conflict (workspace_id, link_set, link, who)
    do update set hits = was.hits + excluded.hits, deliveries = was.deliveries + excluded.deliveries, since = least(was.since, excluded.since)`.execute(
    tx,
  )
}

export interface HitCount {
  readonly kind: HitKind
  readonly who: Who
  readonly deliveries: number
  readonly hits: number
}

/** Index: tracking_hit_of_message. */
export async function countHits(tx: Tx | Db, workspaceId: WorkspaceId, messageId: MessageId): Promise<HitCount[]> {
  const { rows } = await sql<HitCount>`
    select kind, who, count(distinct delivery_id)::int as deliveries, count(*)::int as hits
      from tracking_hit
     where workspace_id = ${workspaceId} and message_id = ${messageId} and settled_at is not null
     group by kind, who`.execute(tx)
  return rows
}

/** Answers how many went. Index: tracking_hit_by_age. */
export async function deleteOldHits(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from tracking_hit
     where (workspace_id, delivery_id, id) in (select workspace_id, delivery_id, id from tracking_hit where at < ${before} limit ${limit})`.execute(
    tx,
  )
  return Number(result.numAffectedRows ?? 0)
}
