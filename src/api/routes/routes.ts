import { isIP } from 'node:net'
import type { z } from 'zod'
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Principal } from '../../accounts/authenticate.ts'
import type { Tx } from '../../db/database.ts'
import { isApiRoute } from '../../delivery/provider-accounts/examine.ts'
import { findAccount, routeDomains } from '../../delivery/provider-accounts/refresh.ts'
import { countWaiting } from '../../delivery/reading/read.ts'
import {
  changeRoute as change,
  createRoute as create,
  findRoute,
  listRoutes as list,
  makeDefault,
  type NewWay,
  probeNow,
  removeRoute as remove,
  sealOf,
} from '../../delivery/routes/manage.ts'
import { MxSettings, type Route as RouteNoun, ScalewaySettings, SesSettings, SmtpSettings } from '../../delivery/routes/route.ts'
import { Refusal } from '../../errors.ts'
import { prepareSend } from '../../gateway/prepare.ts'
import { send } from '../../gateway/send.ts'
import { reportOnSealedPassword } from '../../insight/doctor/account.ts'
import { isDirectRoute } from '../../insight/doctor/direct/examine-direct.ts'
import type { ConnectionInput } from '../../insight/doctor/report.ts'
import type { MessageId, RouteId } from '../../lib/ids.ts'
import { SealBroken } from '../../lib/secrets.ts'
import { parseAddress } from '../../mail/address.ts'
import { isPrivateAddress } from '../../net/private-address.ts'
import type { ServerDeps } from '../deps.ts'
import { type AnySettingsBody, SETTINGS_BODIES, type SettingsBodies } from '../endpoints/route-settings.ts'
import {
  changeRoute,
  checkRoute,
  createRoute,
  getRoute,
  getRouteAccount,
  listRoutes,
  makeDefaultRoute,
  probeRoute,
  type RouteBody,
  removeRoute,
  testRoute,
} from '../endpoints/routes.ts'
import { parseAt, preparedRoute, type Route, route } from '../route.ts'
import { toDoctorReport } from '../wire/doctor.ts'
import { fromSettingsBody, toRoute, toRouteAccount } from '../wire/routes.ts'
import { createExamineDirect, createExamineRoute, type Examine } from './examine.ts'

export function routeRoutes(deps: ServerDeps, examine: Examine): Route[] {
  const { blobs, database, secrets } = deps
  const examineRoute = createExamineRoute(deps)
  const examineDirect = createExamineDirect(deps)
  return [
    route(listRoutes, async ({ tx, actor, now }) => {
      const waiting = await countWaiting(tx, actor.workspaceId, now)
      return { items: (await list(tx, actor.workspaceId)).map((each) => toRoute(each, waiting.get(each.id) ?? 0)), next: null }
    }),
    route(getRoute, async ({ tx, params, actor, now }) => show(tx, await mustFind(tx, params.id, actor), now)),
    route(createRoute, async ({ tx, body, actor, now }) => {
      const way = wayOf(body)
      refusePrivate(deps, way)
      const secret = fromSettingsBody(way.kind, body.settings ?? {}).secret ?? null
      const wanted = { name: body.name, way, secret, isDefault: body.is_default ?? false }
      return show(tx, await create(tx, secrets, actor.workspaceId, wanted, actorReference(actor), now), now)
    }),
    route(changeRoute, async ({ tx, params, body, actor, now }) => {
      const { kind } = (await mustFind(tx, params.id, actor)).way
      const wanted = { name: body.name, ...(body.settings && changeOf(kind, body.settings)) }
      const changed = await change(tx, secrets, actor.workspaceId, params.id, wanted, actorReference(actor), now)
      if (changed.way.kind !== 'sandbox') refusePrivate(deps, changed.way)
      return show(tx, changed, now)
    }),
    route(removeRoute, async ({ tx, params, actor, now }) =>
      remove(tx, actor.workspaceId, params.id, actorReference(actor), now),
    ),
    route(makeDefaultRoute, async ({ tx, params, actor, now }) =>
      show(tx, await makeDefault(tx, actor.workspaceId, params.id, actorReference(actor), now), now),
    ),
    route(probeRoute, async ({ tx, params, actor, now }) =>
      show(tx, await probeNow(tx, actor.workspaceId, params.id, actorReference(actor), now), now),
    ),
    route(getRouteAccount, async ({ tx, params, actor }) => {
      const found = await mustFind(tx, params.id, actor)
      return toRouteAccount(found, await findAccount(tx, found), await routeDomains(tx, found))
    }),
    route(checkRoute, async ({ params, actor, principal, signal, now }) => {
      const scope = { as: 'api', workspaceId: actor.workspaceId } as const
      const found = await database.transaction(scope, (tx) => mustFind(tx, params.id, actor), { readOnly: true })
      if (isApiRoute(found)) return await examineRoute(found, now)
      if (isDirectRoute(found)) return await examineDirect(found, domainOf(principal))
      const connection = connectionOf(deps, found)
      return connection === null ? toDoctorReport(reportOnSealedPassword()) : await examine(connection, signal)
    }),
    preparedRoute(
      testRoute,
      ({ body, actor, principal, params, now }) => {
        const by = {
          workspaceId: actor.workspaceId,
          actor: actorReference(actor),
          origin: { kind: 'route_test', route_id: params.id },
        }
        return prepareSend(
          { blobs, tracking: null },
          testMessage(body.to, body.from ?? addressOf(principal) ?? body.to, params.id, now),
          by,
          now,
        )
      },
      async ({ tx, prepared, params, actor, now }) => {
        await mustFind(tx, params.id, actor)
        const { receipt } = await send(tx, blobs, prepared, null, now)
        return { message_id: receipt.id as MessageId }
      },
    ),
  ]
}

async function show(tx: Tx, found: RouteNoun, now: Date) {
  return toRoute(found, (await countWaiting(tx, found.workspaceId, now)).get(found.id) ?? 0)
}

async function mustFind(tx: Tx, id: RouteId, actor: Actor): Promise<RouteNoun> {
  const found = await findRoute(tx, actor.workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'route' })
  return found
}

function wayOf(body: RouteBody): NewWay {
  switch (body.kind) {
    case 'mx':
      return { kind: 'mx', settings: MxSettings.parse(fromSettingsBody('mx', body.settings ?? {}).settings) }
    case 'ses':
      return { kind: 'ses', settings: SesSettings.parse(fromSettingsBody('ses', body.settings).settings) }
    case 'scaleway':
      return { kind: 'scaleway', settings: ScalewaySettings.parse(fromSettingsBody('scaleway', body.settings).settings) }
    default:
      return { kind: 'smtp', settings: relaySettings(body.settings) }
  }
}

/** What is left out is what most relays want: 587 with STARTTLS, or 465 where encryption is from the first byte. */
function relaySettings(body: SettingsBodies['smtp']): SmtpSettings {
  const security = body.security ?? (body.port === 465 ? 'tls' : 'starttls')
  const port = body.port ?? (security === 'tls' ? 465 : 587)
  return SmtpSettings.parse({ ...fromSettingsBody('smtp', body).settings, security, port })
}

/** Read as what the route is: a field that only other kinds have is refused by its name. */
function changeOf(kind: RouteNoun['way']['kind'], body: z.output<typeof AnySettingsBody>) {
  if (kind === 'sandbox') return { settings: {} }
  return fromSettingsBody(kind, parseAt(SETTINGS_BODIES[kind], body, 'body', ['settings']))
}

/** Told at once where the host itself says so. A name that leads to a private address is refused where it is dialled. */
function refusePrivate({ allowPrivateNetworks }: ServerDeps, way: NewWay): void {
  if (way.settings.allow_private || allowPrivateNetworks || way.kind === 'mx') return
  const { host, field } =
    way.kind === 'smtp'
      ? { host: way.settings.host, field: 'host' }
      : { host: way.settings.endpoint && new URL(way.settings.endpoint).hostname, field: 'endpoint' }
  if (host !== null && isPrivateHost(host)) throw new Refusal('private_address_refused', { host, pointer: `/settings/${field}` })
}

function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare)) return isPrivateAddress(bare)
  return /^(.*\.)?localhost\.?$/i.test(bare)
}

/** Null where the password cannot be opened. */
function connectionOf({ secrets }: ServerDeps, { id, way }: RouteNoun): ConnectionInput | null {
  if (way.kind !== 'smtp')
    throw new Refusal('invalid_request', { why: 'Mail of this route stays here: there is no way out to examine.' })
  try {
    return { ...way.settings, password: way.sealedSecret && secrets.open(way.sealedSecret, sealOf(id)) }
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}

function domainOf({ user }: Principal): string | null {
  return (user && parseAddress(user.email)?.domain) ?? null
}

function addressOf(principal: Principal): string | null {
  return principal.user?.email ?? null
}

function testMessage(to: string, from: string, viaRoute: RouteId, now: Date) {
  return {
    from,
    to: [to],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: 'A test from Waybill',
    text: `This message was sent at ${now.toISOString()} to see whether mail leaves this server and arrives.\n\nIt did.\n`,
    html: null,
    headers: {},
    attachments: [],
    stream: 'transactional',
    tags: ['route-test'],
    metadata: {},
    scheduledAt: null,
    expiresAt: null,
    viaRoute,
  } as const
}
