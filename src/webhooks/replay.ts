import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { eventsOfTime, type LogPosition } from '../events/follow.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { deliveriesOf, type ReadMail } from './announce.ts'
import type { WebhookEndpointId } from './endpoint.ts'
import { enqueueDeliveries, lockEndpoint, type NewWebhookDelivery, selectKnownEvents } from './queries.ts'

export interface ReplayRequest {
  readonly from: Date
  readonly to: Date
  /** Only these types, of those the endpoint wants. None: all of them. */
  readonly eventTypes: readonly string[]
  /** `undelivered`: what it never took, also because it was switched off. `all`: what it took, too. */
  readonly which: 'undelivered' | 'all'
}

export interface Replayed {
  /** How many events are (or, in a preview, would be) sent. */
  readonly events: number
  /** There are more than one replay takes; begin the next one here. */
  readonly continueAt: Date | null
}

const EVENTS_A_PAGE = 2_000
const MAX_READ = 50_000
const MAX_QUEUED = 10_000

/**
 * Sends what happened in a stretch of time, once more or at last, as the endpoint's filter is now. Read from the log itself, so that it finds what
 * nobody was told of. With `preview` nothing is queued.
 */
export async function replay(
  tx: Tx,
  readMail: ReadMail,
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  request: ReplayRequest,
  by: { readonly actor: string; readonly preview: boolean },
  now: Date,
): Promise<Replayed> {
  const endpoint = await lockEndpoint(tx, workspaceId, id)
  if (!endpoint) throw new Refusal('not_found', { what: 'webhook' })
  if (endpoint.state === 'disabled' && !by.preview)
    throw new Refusal('wrong_state', { what: 'webhook', state: 'switched off', action: 'sent anything' })
  let after: LogPosition | null = null
  let count = 0
  for (let read = 0; read < MAX_READ; read += EVENTS_A_PAGE) {
    const events = await eventsOfTime(tx, workspaceId, request, after, EVENTS_A_PAGE)
    const last = events.at(-1)
    if (count >= MAX_QUEUED && last) return await done(events[0]?.at ?? null)
    const chosen = request.eventTypes.length === 0 ? events : events.filter(({ type }) => request.eventTypes.includes(type))
    const rows = await notKnown(tx, id, await deliveriesOf(tx, readMail, [endpoint], chosen), request.which)
    count += by.preview ? rows.length : await enqueueDeliveries(tx, rows, request.which, now)
    if (events.length < EVENTS_A_PAGE || !last) return await done(null)
    after = last.position
    if (read + EVENTS_A_PAGE >= MAX_READ) return await done(last.at)
  }
  return await done(null)

  async function done(continueAt: Date | null): Promise<Replayed> {
    if (!by.preview && count > 0) {
      const data = { url: endpoint?.url, from: request.from, to: request.to, events: count }
      await append(tx, { type: 'webhook.replayed', workspaceId, subjectId: id, actor: by.actor, data }, now)
    }
    return { events: count, continueAt }
  }
}

/** What waits or is on its way comes anyway. */
async function notKnown(
  tx: Tx,
  id: WebhookEndpointId,
  rows: readonly NewWebhookDelivery[],
  which: ReplayRequest['which'],
): Promise<NewWebhookDelivery[]> {
  const known = await selectKnownEvents(
    tx,
    id,
    rows.map(({ eventId }) => eventId),
  )
  return rows.filter(({ eventId }) => {
    const state = known.get(eventId)
    return state === undefined || state === 'failed' || (which === 'all' && state === 'delivered')
  })
}
