import { randomBytes } from 'node:crypto'
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { clearIncident, raiseIncident } from '../incidents/incidents.ts'
import { DAY, HOUR } from '../lib/clock.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import {
  type DisabledWhy,
  MAX_ENDPOINTS,
  TEST_TYPE,
  type WebhookDeliveryId,
  type WebhookEndpoint,
  type WebhookEndpointId,
  type WebhookFilter,
} from './endpoint.ts'
import { disabledIncident, disabledKey, failingKey } from './incident.ts'
import {
  deleteEndpoint,
  enqueueDeliveries,
  insertEndpoint,
  lockEndpoint,
  replaceSecret,
  selectEndpoints,
  setEndpointState,
  updateEndpoint,
} from './queries.ts'
import { SECRET_BYTES, secretOf } from './signature.ts'

export { selectEndpoint as findEndpoint, selectEndpoints as listEndpoints } from './queries.ts'

export interface WebhookSettings extends WebhookFilter {
  readonly url: string
  readonly description: string
  readonly ordered: boolean
  readonly allowPrivate: boolean
}

const SECRET_OVERLAP_MAX_MS = 7 * DAY
export const SECRET_OVERLAP_MS = 24 * HOUR

/** Where a secret is kept: sealed for one endpoint, it opens for no other. */
export function secretPlace(id: WebhookEndpointId): string {
  return `webhook:${id}`
}

/** The answer is the one moment in which the secret is told. */
export async function createEndpoint(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  settings: WebhookSettings,
  actor: string,
  now: Date,
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }> {
  if ((await selectEndpoints(tx, workspaceId)).length >= MAX_ENDPOINTS)
    throw new Refusal('too_many_webhooks', { limit: MAX_ENDPOINTS })
  const id = newId<WebhookEndpointId>()
  const secret = secretOf(randomBytes(SECRET_BYTES))
  const endpoint: WebhookEndpoint = {
    ...settings,
    workspaceId,
    id,
    state: 'enabled',
    disabledWhy: null,
    disabledAt: null,
    oldSecretExpiresAt: null,
    failingSince: null,
    lastSuccessAt: null,
    createdAt: now,
    updatedAt: now,
  }
  await insertEndpoint(tx, endpoint, secrets.seal(secret, secretPlace(id)))
  await record(tx, 'webhook.created', endpoint, actor, now)
  return { endpoint, secret }
}

export async function changeEndpoint(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  change: Partial<WebhookSettings>,
  actor: string,
  now: Date,
): Promise<WebhookEndpoint> {
  const changed = { ...(await mustLock(tx, workspaceId, id)), ...change, updatedAt: now }
  await updateEndpoint(tx, changed)
  await record(tx, 'webhook.changed', changed, actor, now)
  return changed
}

export async function removeEndpoint(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  actor: string,
  now: Date,
): Promise<void> {
  const endpoint = await mustLock(tx, workspaceId, id)
  await deleteEndpoint(tx, workspaceId, id)
  await clearTroubles(tx, endpoint, now)
  await record(tx, 'webhook.removed', endpoint, actor, now)
}

export async function enableEndpoint(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  actor: string,
  now: Date,
): Promise<WebhookEndpoint> {
  const endpoint = await mustLock(tx, workspaceId, id)
  if (endpoint.state === 'enabled') return endpoint
  await setEndpointState(tx, endpoint, null, now)
  await clearTroubles(tx, endpoint, now)
  await record(tx, 'webhook.enabled', endpoint, actor, now)
  return { ...endpoint, state: 'enabled', disabledWhy: null, disabledAt: null, failingSince: null, updatedAt: now }
}

/** By a person, or by what the endpoint itself showed: then somebody has to know. */
export async function disableEndpoint(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  why: { readonly reason: DisabledWhy; readonly actor: string | null; readonly evidence?: Readonly<Record<string, unknown>> },
  now: Date,
): Promise<WebhookEndpoint> {
  const endpoint = await mustLock(tx, workspaceId, id)
  if (endpoint.state === 'disabled') return endpoint
  await setEndpointState(tx, endpoint, why.reason, now)
  await clearIncident(tx, workspaceId, failingKey(id), now)
  if (why.reason !== 'by_hand') await raiseIncident(tx, disabledIncident(endpoint, why.reason, why.evidence ?? {}), now)
  await record(tx, 'webhook.disabled', endpoint, why.actor, now, { why: why.reason })
  return { ...endpoint, state: 'disabled', disabledWhy: why.reason, disabledAt: now, failingSince: null, updatedAt: now }
}

/** A new secret; the one before signs too for a while, so that the receiver can be changed without losing anything. */
export async function rotateSecret(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  overlapMs: number,
  actor: string,
  now: Date,
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }> {
  const endpoint = await mustLock(tx, workspaceId, id)
  const secret = secretOf(randomBytes(SECRET_BYTES))
  const until = new Date(now.getTime() + Math.min(overlapMs, SECRET_OVERLAP_MAX_MS))
  await replaceSecret(tx, endpoint, secrets.seal(secret, secretPlace(id)), until, now)
  await record(tx, 'webhook.secret_rotated', endpoint, actor, now, { old_until: until })
  return { endpoint: { ...endpoint, oldSecretExpiresAt: until, updatedAt: now }, secret }
}

/** Queues a delivery that is in nobody's log of events; `body` is an example of what would be sent. */
export async function sendTest(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  bodyOf: (eventId: string) => string,
  now: Date,
): Promise<WebhookDeliveryId> {
  const endpoint = await mustLock(tx, workspaceId, id)
  if (endpoint.state === 'disabled') throw new Refusal('wrong_state', { what: 'webhook', state: 'switched off', action: 'tried' })
  const deliveryId = newId<WebhookDeliveryId>()
  const eventId = `test_${deliveryId}`
  const row = {
    workspaceId,
    id: deliveryId,
    endpointId: id,
    eventId,
    type: TEST_TYPE,
    happenedAt: now,
    messageId: null,
    orderKey: null,
  }
  await enqueueDeliveries(tx, [{ ...row, body: bodyOf(eventId) }], 'never', now)
  return deliveryId
}

async function mustLock(tx: Tx, workspaceId: WorkspaceId, id: WebhookEndpointId): Promise<WebhookEndpoint> {
  const endpoint = await lockEndpoint(tx, workspaceId, id)
  if (!endpoint) throw new Refusal('not_found', { what: 'webhook' })
  return endpoint
}

async function clearTroubles(tx: Tx, { workspaceId, id }: WebhookEndpoint, now: Date): Promise<void> {
  await clearIncident(tx, workspaceId, disabledKey(id), now)
  await clearIncident(tx, workspaceId, failingKey(id), now)
}

type Happened = 'created' | 'changed' | 'removed' | 'enabled' | 'disabled' | 'secret_rotated'

async function record(
  tx: Tx,
  type: `webhook.${Happened}`,
  endpoint: WebhookEndpoint,
  actor: string | null,
  now: Date,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { workspaceId, id, url } = endpoint
  await append(tx, { type, workspaceId, subjectId: id, actor, data: { url, ...more } }, now)
}
