import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import { findRoute } from '../routes/manage.ts'
import type { Route } from '../routes/route.ts'
import { type LimitsRow, limitsNow } from './limits.ts'
import { deleteLimits, selectLimits, touchRoute, upsertSet } from './queries.ts'
import { limitsOfReceiver, titleOfReceiver } from './receiver.ts'
import { RECEIVER_SEEDS, type ReceiverLimits } from './receiver-seeds.ts'

/** All that is known about how hard a route may knock at one receiver. */
export interface LimitsStory extends LimitsRow {
  readonly title: string
  /** What a route begins with. */
  readonly usual: ReceiverLimits
  readonly now: ReceiverLimits
}

/** Every receiver that is known by name, and every other whose limits differ from the usual ones. */
export async function listLimits(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<LimitsStory[]> {
  await mustBeDirect(tx, workspaceId, routeId)
  const rows = new Map((await selectLimits(tx, workspaceId, routeId, null)).map((row) => [row.receiver, row]))
  const names = new Set([...RECEIVER_SEEDS.map(({ name }) => name), ...rows.keys()])
  return [...names].map((receiver) => toStory(receiver, rows.get(receiver) ?? null, now))
}

export async function readLimits(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string,
  now: Date,
): Promise<LimitsStory> {
  await mustBeDirect(tx, workspaceId, routeId)
  refuseUnknown(receiver)
  const [row] = await selectLimits(tx, workspaceId, routeId, receiver)
  return toStory(receiver, row ?? null, now)
}

export interface WantedLimits {
  readonly connections: number | null
  readonly messages: number | null
}

/** What a person knows better than our list. Senders take it up at once, and forget what they had learned under other limits. */
export async function setLimits(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string,
  wanted: WantedLimits,
  actor: string | null,
  now: Date,
): Promise<LimitsStory> {
  const route = await mustBeDirect(tx, workspaceId, routeId)
  refuseUnknown(receiver)
  if (wanted.connections === null && wanted.messages === null)
    throw new Refusal('invalid_request', {
      pointer: '/max_connections',
      why: 'Give a number of connections, of messages a connection, or both. To return to the usual limits, delete these.',
    })
  await upsertSet(tx, workspaceId, routeId, receiver, { ...wanted, at: now })
  await tell(tx, route, receiver, actor, now)
  return readLimits(tx, workspaceId, routeId, receiver, now)
}

/** Back to the usual limits: what was set and what was learned is forgotten. */
export async function forgetLimits(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string,
  actor: string | null,
  now: Date,
): Promise<void> {
  const route = await mustBeDirect(tx, workspaceId, routeId)
  await deleteLimits(tx, workspaceId, routeId, receiver)
  await tell(tx, route, receiver, actor, now)
}

function toStory(receiver: string, row: LimitsRow | null, now: Date): LimitsStory {
  const usual = limitsOfReceiver(receiver)
  return {
    receiver,
    title: titleOfReceiver(receiver),
    usual,
    set: row?.set ?? null,
    learned: row?.learned ?? null,
    now: limitsNow(usual, row, now),
  }
}

async function mustBeDirect(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId): Promise<Route> {
  const route = await findRoute(tx, workspaceId, routeId)
  if (!route) throw new Refusal('not_found', { what: 'route' })
  if (route.way.kind !== 'mx')
    throw new Refusal('invalid_request', {
      why: `${route.name} hands all its mail to one server: only a direct route has limits for each receiver.`,
    })
  return route
}

function refuseUnknown(receiver: string): void {
  if (receiver.includes('.') || RECEIVER_SEEDS.some(({ name }) => name === receiver)) return
  throw new Refusal('invalid_request', {
    why: `No receiver is called "${receiver}". It is one of the known names, such as google, or the domain of a receiver's mail servers, such as example.org.`,
  })
}

async function tell(tx: Tx, route: Route, receiver: string, actor: string | null, now: Date): Promise<void> {
  await touchRoute(tx, route.workspaceId, route.id, now)
  await append(
    tx,
    {
      type: 'route.changed',
      workspaceId: route.workspaceId,
      subjectId: route.id,
      actor,
      data: { name: route.name, changed: [`limits of ${receiver}`] },
    },
    now,
  )
}
