import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { newId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { unpinRoute } from '../queries.ts'
import {
  endCircuitWait,
  insertRoute,
  lockRoute,
  markRouteRemoved,
  selectRoute,
  selectRoutes,
  setDefaultRoute,
  updateRoute,
} from './queries.ts'
import type { MxSettings, Route, ScalewaySettings, SesSettings, SmtpSettings, Way } from './route.ts'

/** `secret` is the password or secret key, as it was written; it is sealed before it is stored. */
export interface NewRoute {
  readonly name: string
  readonly way: NewWay
  readonly secret: string | null
  readonly isDefault: boolean
}
export type NewWay =
  | { readonly kind: 'smtp'; readonly settings: SmtpSettings }
  | { readonly kind: 'mx'; readonly settings: MxSettings }
  | { readonly kind: 'ses'; readonly settings: SesSettings }
  | { readonly kind: 'scaleway'; readonly settings: ScalewaySettings }

export { selectRoute as findRoute, selectRoutes as listRoutes } from './queries.ts'

/** Every workspace begins with a sandbox as its default route: nothing leaves by accident. */
export async function createSandboxRoute(tx: Tx, workspaceId: WorkspaceId, now: Date): Promise<Route> {
  const route: Route = {
    id: newId<RouteId>(now.getTime()),
    workspaceId,
    name: 'Sandbox',
    version: 1,
    isDefault: true,
    way: { kind: 'sandbox' },
    circuit: { state: 'closed' },
    createdAt: now,
    updatedAt: now,
  }
  await insertRoute(tx, route)
  await append(tx, { type: 'route.created', workspaceId, subjectId: route.id, data: { name: route.name, kind: 'sandbox' } }, now)
  return route
}

export async function createRoute(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  wanted: NewRoute,
  actor: string | null,
  now: Date,
): Promise<Route> {
  await refuseTakenName(tx, workspaceId, wanted.name, null)
  const id = newId<RouteId>(now.getTime())
  const route: Route = {
    id,
    workspaceId,
    name: wanted.name,
    version: 1,
    isDefault: false,
    way:
      wanted.way.kind === 'mx'
        ? { ...wanted.way, sealedSecret: null }
        : { ...wanted.way, sealedSecret: wanted.secret === null ? null : secrets.seal(wanted.secret, sealOf(id)) },
    circuit: { state: 'closed' },
    createdAt: now,
    updatedAt: now,
  }
  await insertRoute(tx, route)
  await append(
    tx,
    {
      type: 'route.created',
      workspaceId,
      subjectId: route.id,
      actor,
      data: {
        name: route.name,
        kind: wanted.way.kind,
        ...(wanted.way.kind === 'smtp' && { host: wanted.way.settings.host }),
      },
    },
    now,
  )
  return wanted.isDefault ? makeDefault(tx, workspaceId, route.id, actor, now) : route
}

export interface RouteChange {
  readonly name?: string | undefined
  /** Of the route's own kind: which that is has been looked at when the change was read. */
  readonly settings?: Partial<SmtpSettings> | Partial<MxSettings> | Partial<SesSettings> | Partial<ScalewaySettings> | undefined
  /** undefined: keep it; null: none. */
  readonly secret?: string | null | undefined
}

export async function changeRoute(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  id: RouteId,
  change: RouteChange,
  actor: string | null,
  now: Date,
): Promise<Route> {
  const route = await mustLock(tx, workspaceId, id)
  if (route.way.kind === 'sandbox' && (change.settings !== undefined || change.secret !== undefined)) {
    throw new Refusal('invalid_request', { pointer: '/settings', why: 'The sandbox has no settings: it keeps what it is given.' })
  }
  if (change.name !== undefined) await refuseTakenName(tx, workspaceId, change.name, id)
  const way = changedWay(route.way, change, (secret) => secrets.seal(secret, sealOf(id)))
  await updateRoute(tx, { ...route, name: change.name ?? route.name, way }, now)
  await append(
    tx,
    {
      type: 'route.changed',
      workspaceId,
      subjectId: id,
      actor,
      data: { name: change.name ?? route.name, changed: changedFields(change) },
    },
    now,
  )
  return mustFind(tx, workspaceId, id)
}

export async function removeRoute(tx: Tx, workspaceId: WorkspaceId, id: RouteId, actor: string | null, now: Date): Promise<void> {
  const route = await mustLock(tx, workspaceId, id)
  if (route.isDefault) throw new Refusal('route_in_use', { why: 'it is the default route. Make another route the default first' })
  if (route.way.kind === 'sandbox') throw new Refusal('route_in_use', { why: 'a workspace keeps its sandbox' })
  await unpinRoute(tx, workspaceId, id)
  await markRouteRemoved(tx, workspaceId, id, now)
  await append(tx, { type: 'route.removed', workspaceId, subjectId: id, actor, data: { name: route.name } }, now)
}

function changedWay(way: Way, { settings, secret }: RouteChange, seal: (secret: string) => Buffer): Way {
  if (way.kind === 'sandbox') return way
  const merged = { ...way, settings: { ...way.settings, ...settings } } as Way
  if (merged.kind === 'sandbox' || merged.kind === 'mx' || secret === undefined) return merged
  return { ...merged, sealedSecret: secret === null ? null : seal(secret) }
}

/** From now on everything that waits, and everything new, goes this way. */
export async function makeDefault(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: RouteId,
  actor: string | null,
  now: Date,
): Promise<Route> {
  const route = await mustLock(tx, workspaceId, id)
  if (!route.isDefault) {
    await setDefaultRoute(tx, workspaceId, id, now)
    await append(tx, { type: 'route.made_default', workspaceId, subjectId: id, actor, data: { name: route.name } }, now)
  }
  return mustFind(tx, workspaceId, id)
}

/** A person's "try now": the next message goes as a probe at once. */
export async function probeNow(tx: Tx, workspaceId: WorkspaceId, id: RouteId, actor: string | null, now: Date): Promise<Route> {
  const route = await mustLock(tx, workspaceId, id)
  if (await endCircuitWait(tx, workspaceId, id, now)) {
    await append(tx, { type: 'route.probed', workspaceId, subjectId: id, actor, data: { name: route.name } }, now)
  }
  return mustFind(tx, workspaceId, id)
}

/** The place a route's password is sealed for. */
export function sealOf(id: RouteId): string {
  return `route:${id}`
}

async function mustLock(tx: Tx, workspaceId: WorkspaceId, id: RouteId): Promise<Route> {
  const route = await lockRoute(tx, workspaceId, id)
  if (!route) throw new Refusal('not_found', { what: 'route' })
  return route
}

async function mustFind(tx: Tx, workspaceId: WorkspaceId, id: RouteId): Promise<Route> {
  const route = await selectRoute(tx, workspaceId, id)
  if (!route) throw new Refusal('not_found', { what: 'route' })
  return route
}

async function refuseTakenName(tx: Tx, workspaceId: WorkspaceId, name: string, except: RouteId | null): Promise<void> {
  const taken = (await selectRoutes(tx, workspaceId)).some(
    (route) => route.id !== except && route.name.toLowerCase() === name.toLowerCase(),
  )
  if (taken) throw new Refusal('route_name_taken', { name, pointer: '/name' })
}

/** Which settings changed, never their values: a password must not reach the log. */
function changedFields(change: RouteChange): string[] {
  return [
    ...(change.name === undefined ? [] : ['name']),
    ...Object.keys(change.settings ?? {}),
    ...(change.secret === undefined ? [] : ['secret']),
  ]
}
