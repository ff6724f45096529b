/** Where routes are told their news, and what is known of it. */
import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import { idFloor, type RouteId, type WorkspaceId } from '../../lib/ids.ts'

/** The workspace of a route of this kind whose news come in at this generation's address. */
export async function selectInletOwner(db: Db, routeId: RouteId, kind: string, generation: number): Promise<WorkspaceId | null> {
  const { rows } = await sql<{ id: WorkspaceId }>`
    select workspace.id
      from workspace
     cross join lateral (select from route where route.workspace_id = workspace.id and route.id = ${routeId} and kind = ${kind} and removed_at is null) as found
      left join feedback_inlet as inlet on inlet.workspace_id = workspace.id and inlet.route_id = ${routeId}
     where coalesce(inlet.generation, 1) = ${generation}
     limit 1`.execute(db)
  return rows[0]?.id ?? null
}

/** At most once a second: many requests come at a time, and all would wait for this one row. */
export async function noteReceived(db: Db, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, last_received_at) values (${workspaceId}, ${routeId}, ${now})
    on conflict (workspace_id, route_id) do update set last_received_at = excluded.last_received_at
     where inlet.last_received_at is null or inlet.last_received_at < excluded.last_received_at - interval '1 second'`.execute(db)
}

/** What came was proven to be the provider's; at most once a second, as above. */
export async function noteBelieved(db: Db, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, last_believed_at) values (${workspaceId}, ${routeId}, ${now})
    on conflict (workspace_id, route_id) do update set last_believed_at = excluded.last_believed_at
     where inlet.last_believed_at is null or inlet.last_believed_at < excluded.last_believed_at - interval '1 second'`.execute(db)
}

export async function noteSeenTopic(db: Db, workspaceId: WorkspaceId, routeId: RouteId, topic: string): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, seen_topic) values (${workspaceId}, ${routeId}, ${topic})
    on conflict (workspace_id, route_id) do update set seen_topic = excluded.seen_topic
     where inlet.seen_topic is distinct from excluded.seen_topic`.execute(db)
}

export async function noteConfirmed(db: Db, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, confirmed_at) values (${workspaceId}, ${routeId}, ${now})
    on conflict (workspace_id, route_id) do update set confirmed_at = excluded.confirmed_at, seen_topic = null`.execute(db)
}

export interface InletToPoll {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  readonly cursor: Date | null
}

/** Routes to Scaleway of which nothing was told since, that were not asked about since either, and that took mail at all. */
export async function selectInletsToPoll(
  db: Db,
  before: { readonly polled: Date; readonly told: Date },
  limit: number,
): Promise<InletToPoll[]> {
  const { rows } = await sql<InletToPoll>`
    select route.workspace_id as "workspaceId", route.id as "routeId", inlet.poll_cursor as cursor
      from route
      left join feedback_inlet as inlet on inlet.workspace_id = route.workspace_id and inlet.route_id = route.id
     where route.kind = 'scaleway' and route.removed_at is null and route.secret is not null
       and (inlet.polled_at is null or inlet.polled_at <= ${before.polled})
       and (inlet.last_believed_at is null or inlet.last_believed_at <= ${before.told})
       and exists (select from provider_message as sent where sent.workspace_id = route.workspace_id and sent.route_id = route.id)
     order by inlet.polled_at nulls first
     limit ${limit}`.execute(db)
  return rows
}

export async function notePolled(db: Db, workspaceId: WorkspaceId, routeId: RouteId, cursor: Date, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet (workspace_id, route_id, polled_at, poll_cursor) values (${workspaceId}, ${routeId}, ${now}, ${cursor})
    on conflict (workspace_id, route_id) do update set polled_at = excluded.polled_at, poll_cursor = excluded.poll_cursor, poll_error = null`.execute(
    db,
  )
}

export async function notePollFailed(
  db: Db,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  error: string,
  now: Date,
): Promise<void> {
  await sql`
    insert into feedback_inlet (workspace_id, route_id, polled_at, poll_error) values (${workspaceId}, ${routeId}, ${now}, ${error})
    on conflict (workspace_id, route_id) do update set polled_at = excluded.polled_at, poll_error = excluded.poll_error`.execute(
    db,
  )
}

export interface Inlet {
  readonly generation: number
  readonly seenTopic: string | null
  readonly confirmedAt: Date | null
  readonly lastReceivedAt: Date | null
  readonly lastBelievedAt: Date | null
  readonly polledAt: Date | null
  readonly pollError: string | null
}

const NO_INLET: Inlet = {
  generation: 1,
  seenTopic: null,
  confirmedAt: null,
  lastReceivedAt: null,
  lastBelievedAt: null,
  polledAt: null,
  pollError: null,
}

export async function selectInlet(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId): Promise<Inlet> {
  const { rows } = await sql<Inlet>`
    select generation, seen_topic as "seenTopic", confirmed_at as "confirmedAt", last_received_at as "lastReceivedAt",
           last_believed_at as "lastBelievedAt", polled_at as "polledAt", poll_error as "pollError"
      from feedback_inlet
     where workspace_id = ${workspaceId} and route_id = ${routeId}`.execute(tx)
  return rows[0] ?? NO_INLET
}

export async function bumpGeneration(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, generation) values (${workspaceId}, ${routeId}, 2)
    on conflict (workspace_id, route_id) do update set generation = inlet.generation + 1, confirmed_at = null`.execute(tx)
}

export interface SilentInlet {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  readonly name: string
  readonly lastBelievedAt: Date
}

/**
 * Routes whose provider took at least `mails` mails since it told something last, with time left to tell of them. Ids of deliveries grow, so
 * that a bound in time is a bound on ids (index provider_message_by_delivery); counting ends at `mails`.
 */
export async function selectSilentInlets(
  tx: Tx,
  { silentSince, sentSince }: { readonly silentSince: Date; readonly sentSince: Date },
  mails: number,
): Promise<SilentInlet[]> {
  const { rows } = await sql<SilentInlet>`
    select inlet.workspace_id as "workspaceId", inlet.route_id as "routeId", route.name, inlet.last_believed_at as "lastBelievedAt"
      from feedback_inlet as inlet
      join route on route.workspace_id = inlet.workspace_id and route.id = inlet.route_id and route.removed_at is null
     where inlet.last_believed_at <= ${silentSince}
       and ${mails} <= (select count(*)
                          from (select from provider_message as sent
                                 where sent.workspace_id = inlet.workspace_id and sent.route_id = inlet.route_id
                                   and sent.delivery_id >= ${idFloor(sentSince)}::uuid
                                   and sent.created_at > inlet.last_believed_at and sent.created_at <= ${silentSince}
                                 limit ${mails}) as sample)
     limit 1000`.execute(tx)
  return rows
}
