import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../endpoint.ts'
import type { WebhookAttempt, WebhookDelivery, WebhookDeliveryState } from './delivery-log.ts'

const COLUMNS = sql.raw(
  `id, endpoint_id as "endpointId", event_id as "eventId", type, happened_at as "happenedAt", message_id as "messageId", body, state, attempt, tries,
   due_at as "dueAt", last_status as "lastStatus", last_error as "lastError", created_at as "createdAt", settled_at as "settledAt"`,
)

export interface LogPage {
  readonly after: string | null
  readonly limit: number
  readonly state: WebhookDeliveryState | null
  readonly type: string | null
}

/** Newest first. Index: webhook_delivery_log. */
export async function selectLog(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  endpointId: WebhookEndpointId,
  { after, limit, state, type }: LogPage,
): Promise<WebhookDelivery[]> {
  const { rows } = await sql<WebhookDelivery>`
    select ${COLUMNS}
      from webhook_delivery
     where workspace_id = ${workspaceId} and endpoint_id = ${endpointId}
       and (${after}::uuid is null or id < ${after}::uuid)
       and (${state}::text is null or state = ${state})
       and (${type}::text is null or type = ${type})
     order by id desc
     limit ${limit}`.execute(db)
  return rows
}

export async function selectLogEntry(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  endpointId: WebhookEndpointId,
  id: WebhookDeliveryId,
): Promise<WebhookDelivery | null> {
  const { rows } = await sql<WebhookDelivery>`
    select ${COLUMNS} from webhook_delivery where workspace_id = ${workspaceId} and endpoint_id = ${endpointId} and id = ${id}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function selectAttempts(db: Db | Tx, workspaceId: WorkspaceId, id: WebhookDeliveryId): Promise<WebhookAttempt[]> {
  const { rows } = await sql<WebhookAttempt>`
    select attempt, started_at as "startedAt", duration_ms as "durationMs", url, address, request_headers as "requestHeaders", status,
           response_headers as "responseHeaders", response_body as "responseBody", error
      from webhook_attempt
     where workspace_id = ${workspaceId} and webhook_delivery_id = ${id}
     order by attempt desc
     limit 100`.execute(db)
  return rows
}

/** Once more, whatever came of it. False when it waits or is on its way. */
export async function requeue(tx: Tx, workspaceId: WorkspaceId, id: WebhookDeliveryId, now: Date): Promise<boolean> {
  const result = await sql`
    update webhook_delivery set state = 'queued', due_at = ${now}, tries = 0, settled_at = null
     where workspace_id = ${workspaceId} and id = ${id} and state in ('failed', 'delivered')`.execute(tx)
  if (Number(result.numAffectedRows ?? 0) > 0) return true
  const sooner = await sql`
    update webhook_delivery set due_at = ${now} where workspace_id = ${workspaceId} and id = ${id} and state = 'queued'`.execute(
    tx,
  )
  return Number(sooner.numAffectedRows ?? 0) > 0
}
