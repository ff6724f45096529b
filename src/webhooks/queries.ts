import { sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { DisabledWhy, WebhookDeliveryId, WebhookEndpoint, WebhookEndpointId } from './endpoint.ts'

const COLUMNS = sql.raw(
  `workspace_id as "workspaceId", id, url, description, event_types as "eventTypes", streams, tags, ordered, allow_private as "allowPrivate", state,
   disabled_why as "disabledWhy", disabled_at as "disabledAt", old_secret_expires_at as "oldSecretExpiresAt", failing_since as "failingSince",
   last_success_at as "lastSuccessAt", created_at as "createdAt", updated_at as "updatedAt"`,
)

export async function insertEndpoint(tx: Tx, endpoint: WebhookEndpoint, sealedSecret: Buffer): Promise<void> {
  await sql`
    insert into webhook_endpoint (workspace_id, id, url, description, event_types, streams, tags, ordered, allow_private, state, secret, created_at, updated_at)
    values (${endpoint.workspaceId}, ${endpoint.id}, ${endpoint.url}, ${endpoint.description}, ${endpoint.eventTypes as string[]},
            ${endpoint.streams as string[]}, ${endpoint.tags as string[]}, ${endpoint.ordered}, ${endpoint.allowPrivate}, 'enabled', ${sealedSecret},
            ${endpoint.createdAt}, ${endpoint.updatedAt})`.execute(tx)
}

/** What a person set; state, secrets and health have statements of their own. */
export async function updateEndpoint(tx: Tx, endpoint: WebhookEndpoint): Promise<void> {
  await sql`
    update webhook_endpoint
       set url = ${endpoint.url}, description = ${endpoint.description}, event_types = ${endpoint.eventTypes as string[]}, streams = ${endpoint.streams as string[]},
           tags = ${endpoint.tags as string[]}, ordered = ${endpoint.ordered}, allow_private = ${endpoint.allowPrivate}, updated_at = ${endpoint.updatedAt}
     where workspace_id = ${endpoint.workspaceId} and id = ${endpoint.id}`.execute(tx)
}

export async function setEndpointState(
  tx: Tx,
  { workspaceId, id }: Pick<WebhookEndpoint, 'workspaceId' | 'id'>,
  disabledWhy: DisabledWhy | null,
  now: Date,
): Promise<void> {
  await sql`
    update webhook_endpoint
       set state = ${disabledWhy ? 'disabled' : 'enabled'}, disabled_why = ${disabledWhy}, disabled_at = ${disabledWhy ? now : null}, failing_since = null,
           updated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** The secret in force becomes the old one, which signs too until `until`. */
export async function replaceSecret(
  tx: Tx,
  { workspaceId, id }: Pick<WebhookEndpoint, 'workspaceId' | 'id'>,
  sealedSecret: Buffer,
  until: Date,
  now: Date,
): Promise<void> {
  await sql`
    update webhook_endpoint set old_secret = secret, old_secret_expires_at = ${until}, secret = ${sealedSecret}, updated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function deleteEndpoint(tx: Tx, workspaceId: WorkspaceId, id: WebhookEndpointId): Promise<void> {
  await sql`delete from webhook_endpoint where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function selectEndpoints(db: Db | Tx, workspaceId: WorkspaceId): Promise<WebhookEndpoint[]> {
  const { rows } = await sql<WebhookEndpoint>`
    select ${COLUMNS} from webhook_endpoint where workspace_id = ${workspaceId} order by id desc limit 1000`.execute(db)
  return rows
}

export async function selectEnabledEndpoints(tx: Tx): Promise<WebhookEndpoint[]> {
  const { rows } = await sql<WebhookEndpoint>`
    select ${COLUMNS} from webhook_endpoint where state = 'enabled' order by workspace_id, id limit 10000`.execute(tx)
  return rows
}

export async function selectEndpoint(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
): Promise<WebhookEndpoint | null> {
  const { rows } = await sql<WebhookEndpoint>`
    select ${COLUMNS} from webhook_endpoint where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function lockEndpoint(tx: Tx, workspaceId: WorkspaceId, id: WebhookEndpointId): Promise<WebhookEndpoint | null> {
  const { rows } = await sql<WebhookEndpoint>`
    select ${COLUMNS} from webhook_endpoint where workspace_id = ${workspaceId} and id = ${id} for no key update`.execute(tx)
  return rows[0] ?? null
}

export interface NewWebhookDelivery {
  readonly workspaceId: string
  readonly id: WebhookDeliveryId
  readonly endpointId: string
  readonly eventId: string
  readonly type: string
  readonly happenedAt: Date
  readonly messageId: string | null
  readonly orderKey: string | null
  readonly body: string
}

/**
 * One row an event and endpoint, whoever tells of it how often: what is there already is left as it is, or, for a replay, queued once more with a
 * ladder of its own. Returns how many are queued now because of this.
 */
export async function enqueueDeliveries(
  tx: Tx,
  rows: readonly NewWebhookDelivery[],
  again: 'never' | 'undelivered' | 'all',
  now: Date,
): Promise<number> {
  if (rows.length === 0) return 0
  const result = await sql`
    insert into webhook_delivery as was (workspace_id, id, endpoint_id, event_id, type, happened_at, message_id, order_key, body, state, due_at, created_at)
    select d.workspace_id, d.id, d.endpoint_id, d.event_id, d.type, d.happened_at, d.message_id, d.order_key, d.body, 'queued', ${now}::timestamptz, ${now}::timestamptz
      from unnest(${plainArray(rows.map((r) => r.workspaceId))}::uuid[], ${plainArray(rows.map((r) => r.id))}::uuid[],
                  ${plainArray(rows.map((r) => r.endpointId))}::uuid[], ${textArray(rows.map((r) => r.eventId))}::text[],
                  ${textArray(rows.map((r) => r.type))}::text[], ${textArray(rows.map((r) => r.happenedAt.toISOString()))}::timestamptz[],
                  ${textArray(rows.map((r) => r.messageId))}::uuid[], ${textArray(rows.map((r) => r.orderKey))}::uuid[],
                  ${textArray(rows.map((r) => r.body))}::text[])
           with ordinality as d (workspace_id, id, endpoint_id, event_id, type, happened_at, message_id, order_key, body, n)
     order by d.n
    on conflict on constraint webhook_delivery_once_an_event do update
       set state = 'queued', due_at = ${now}, tries = 0, settled_at = null
     where (${again} = 'undelivered' and was.state = 'failed') or (${again} = 'all' and was.state in ('failed', 'delivered'))`.execute(
    tx,
  )
  return Number(result.numAffectedRows ?? 0)
}

/** Which of these events the endpoint has taken, or has waiting. */
export async function selectKnownEvents(
  tx: Tx,
  endpointId: WebhookEndpointId,
  eventIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ eventId: string; state: string }>`
    select event_id as "eventId", state from webhook_delivery
     where endpoint_id = ${endpointId} and event_id = any (${textArray(eventIds)}::text[])`.execute(tx)
  return new Map(rows.map(({ eventId, state }) => [eventId, state]))
}

/** Its attempts go with it (on delete cascade). What waits goes too: after ten days nobody waits for it. */
export async function deleteOldDeliveries(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from webhook_delivery
     where (workspace_id, id) in (
       select workspace_id, id from webhook_delivery where created_at < ${before} order by created_at limit ${limit} for update skip locked
     )`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}
