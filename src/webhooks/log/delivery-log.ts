import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WebhookDeliveryId, WebhookEndpointId } from '../endpoint.ts'
import { requeue, selectAttempts, selectLogEntry } from './queries.ts'

export { selectLog as listLog } from './queries.ts'

const WEBHOOK_DELIVERY_STATES = ['queued', 'sending', 'delivered', 'failed'] as const
export type WebhookDeliveryState = (typeof WEBHOOK_DELIVERY_STATES)[number]

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: WebhookDeliveryId
  readonly endpointId: WebhookEndpointId
  readonly eventId: string
  readonly type: string
  readonly happenedAt: Date
  readonly messageId: string | null
  readonly body: string
  readonly state: WebhookDeliveryState
  /** How often it was tried in all; `tries` since it was queued last. */
  readonly attempt: number
  readonly tries: number
  readonly dueAt: Date | null
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly createdAt: Date
  readonly settledAt: Date | null
}

export interface WebhookAttempt {
  readonly attempt: number
  readonly startedAt: Date
  readonly durationMs: number
  readonly url: string
  readonly address: string | null
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly status: number | null
  readonly responseHeaders: Readonly<Record<string, string>> | null
  /** Its beginning. */
  readonly responseBody: string | null
  readonly error: string | null
}

export async function readLogEntry(
  tx: Tx,
  workspaceId: WorkspaceId,
  endpointId: WebhookEndpointId,
  id: WebhookDeliveryId,
): Promise<WebhookDelivery & { readonly attempts: readonly WebhookAttempt[] }> {
  const entry = await selectLogEntry(tx, workspaceId, endpointId, id)
  if (!entry) throw new Refusal('not_found', { what: 'webhook delivery' })
  return { ...entry, attempts: await selectAttempts(tx, workspaceId, id) }
}

/** A person wants it sent again, or now. */
export async function sendOnceMore(
  tx: Tx,
  workspaceId: WorkspaceId,
  endpointId: WebhookEndpointId,
  id: WebhookDeliveryId,
  now: Date,
): Promise<void> {
  const entry = await selectLogEntry(tx, workspaceId, endpointId, id)
  if (!entry) throw new Refusal('not_found', { what: 'webhook delivery' })
  if (!(await requeue(tx, workspaceId, id, now)))
    throw new Refusal('wrong_state', { what: 'webhook delivery', state: 'on its way', action: 'sent again' })
}
