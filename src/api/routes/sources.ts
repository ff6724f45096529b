import { isIP } from 'node:net'
import { actorReference } from '../../accounts/actor.ts'
import type { Principal } from '../../accounts/authenticate.ts'
import type { Tx } from '../../db/database.ts'
import { findRoute } from '../../delivery/routes/manage.ts'
import { Refusal } from '../../errors.ts'
import { mailInletPath } from '../../inbound/ses/inlet.ts'
import {
  beginAnew,
  changeSource as change,
  createSource as create,
  fetchNow,
  listSources as list,
  readSource,
  removeSource as remove,
  type SourceWithMailbox,
  sourceFigures,
} from '../../inbound/sources/manage.ts'
import { isMailboxWatched } from '../../insight/canary/manage.ts'
import { DAY } from '../../lib/clock.ts'
import { idFloor, type RouteId, type SourceId, type WorkspaceId } from '../../lib/ids.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { formatAddress, parseAddress } from '../../mail/address.ts'
import { examineMailbox, type MailboxExamination } from '../../mailboxes/examine-mailbox.ts'
import { type MailboxSettings, type OAuthProvider, usualPort } from '../../mailboxes/mailbox.ts'
import { accountOf, findMailbox } from '../../mailboxes/mailboxes.ts'
import { findApp, findTokens, listApps, removeApp, setApp } from '../../mailboxes/oauth/apps.ts'
import { authoriseUrl, grant, readErrand } from '../../mailboxes/oauth/authorise.ts'
import { serverOf } from '../../mailboxes/oauth/providers.ts'
import type { OAuthApp as App } from '../../mailboxes/oauth/token.ts'
import { isPrivateAddress } from '../../net/private-address.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeSource,
  checkSource,
  connectSource,
  createSource,
  fetchSource,
  grantSource,
  listOAuthApps,
  listSources,
  type OAuthApp,
  removeOAuthApp,
  removeSource,
  type Source,
  setOAuthApp,
  trySource,
  type WantedMailbox,
} from '../endpoints/sources.ts'
import { type Route, route } from '../route.ts'
import { toExamination, toSource } from '../wire/sources.ts'

/** Each holds a connection to somebody for up to a minute. */
const AT_A_TIME = 4
const FIGURES_MS = 30 * DAY

export function sourceRoutes(deps: ServerDeps): Route[] {
  const { database, secrets, clock } = deps
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 0 })
  const limited = async <T>(work: () => Promise<T>): Promise<T> => {
    const running = limiter.run(work)
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 20 })
    return await running
  }
  return [
    route(listSources, async ({ tx, actor, now }) => ({
      items: await shown(tx, deps, actor.workspaceId, await list(tx, actor.workspaceId), now),
      next: null,
    })),
    route(createSource, async ({ tx, body, actor, now }) => {
      if ([body.mailbox, body.path, body.ses].filter((given) => given !== undefined).length !== 1)
        throw new Refusal('invalid_request', {
          why: 'A source needs either a mailbox, the path of a folder, or a topic of SES.',
          pointer: '/mailbox',
        })
      const made = await create(
        tx,
        secrets,
        { workspaceId: actor.workspaceId, actor: actorReference(actor) },
        {
          name: body.name,
          mailbox: body.mailbox ? await newMailbox(tx, deps, actor.workspaceId, body.mailbox) : null,
          path: body.path ?? null,
          ses: body.ses
            ? { topicArn: body.ses.topic_arn, routeId: await sesRoute(tx, actor.workspaceId, body.ses.route_id) }
            : null,
          folders: body.folders ?? ['INBOX'],
          inboxId: body.inbox_id ?? null,
          afterwards: body.afterwards ?? 'leave',
          moveTo: body.move_to ?? null,
          beginWith: body.begin_with ?? 'new',
          isEnabled: body.enabled ?? true,
        },
        now,
      )
      return await one(tx, deps, made, now)
    }),
    route(changeSource, async ({ tx, params, body, actor, now }) => {
      const { workspaceId } = actor
      const mailbox = body.mailbox && (await changedMailbox(tx, deps, workspaceId, params.id, body.mailbox))
      const { name, folders, inbox_id: inboxId, afterwards, move_to: moveTo, enabled: isEnabled } = body
      const ses = body.ses && {
        topicArn: body.ses.topic_arn,
        routeId: body.ses.route_id === undefined ? undefined : await sesRoute(tx, workspaceId, body.ses.route_id),
      }
      const wanted = { name, mailbox, ses, folders, inboxId, afterwards, moveTo, isEnabled }
      return await one(
        tx,
        deps,
        await change(tx, secrets, { workspaceId, actor: actorReference(actor), id: params.id }, wanted, now),
        now,
      )
    }),
    route(removeSource, async ({ tx, params, actor, now }) => {
      const { workspaceId } = actor
      await remove(
        tx,
        { workspaceId, actor: actorReference(actor), id: params.id },
        (id) => isMailboxWatched(tx, workspaceId, id),
        now,
      )
    }),
    route(fetchSource, async ({ tx, params, body, actor, now }) =>
      one(tx, deps, await fetchNow(tx, actor.workspaceId, params.id, body.recount === true, now), now),
    ),
    route(checkSource, async ({ params, actor }) => {
      const { workspaceId } = actor
      const { mailbox } = await database.transaction({ as: 'api', workspaceId }, (tx) => readSource(tx, workspaceId, params.id), {
        readOnly: true,
      })
      if (!mailbox) throw new Refusal('wrong_state', { what: 'source', state: 'one without a mailbox', action: 'examined' })
      return toExamination(await limited(() => examined(deps, async () => await accountOf(mailbox, deps))))
    }),
    route(trySource, async ({ body }) => {
      if (body.provider || body.password === undefined)
        throw new Refusal('invalid_request', {
          why: 'Only a mailbox with a password can be tried before it is stored.',
          pointer: '/password',
        })
      const settings = settingsOf(deps, body)
      const account = { ...settings, credential: { kind: 'password', password: body.password } } as const
      return toExamination(await limited(() => examineMailbox(account, deps)))
    }),
    route(connectSource, async ({ tx, params, actor, principal, now }) => {
      const { mailbox } = await readSource(tx, actor.workspaceId, params.id)
      if (mailbox?.settings.auth.kind !== 'oauth')
        throw new Refusal('wrong_state', { what: 'source', state: 'used with a password', action: 'connected' })
      const { provider } = mailbox.settings.auth
      const app = await findApp(tx, actor.workspaceId, provider)
      if (!app) throw new Refusal('oauth_app_missing', { provider })
      return { url: authoriseUrl(app, mailbox, deps, { sessionId: sessionOf(principal), redirectUri: redirectUri(deps) }, now) }
    }),
    route(grantSource, async ({ body, actor, principal, now }) => {
      const { workspaceId } = actor
      const errand = readErrand(secrets, body.state, sessionOf(principal), now)
      const within = <T>(work: (tx: Tx) => Promise<T>) => database.transaction({ as: 'api', workspaceId }, work)
      const mailbox =
        errand.workspaceId === workspaceId ? await within((tx) => findMailbox(tx, workspaceId, errand.mailboxId)) : null
      if (mailbox?.settings.auth.kind !== 'oauth') throw new Refusal('not_found', { what: 'mailbox' })
      const { provider } = mailbox.settings.auth
      await grant(
        deps,
        within,
        { mailbox, provider },
        { code: body.code, verifier: errand.verifier, redirectUri: redirectUri(deps) },
      )
      return { source_id: await within((tx) => beginAnew(tx, workspaceId, mailbox.id, clock.now())) }
    }),
    route(listOAuthApps, async ({ tx, actor }) => ({
      items: (await listApps(tx, actor.workspaceId)).map((app) => toApp(deps, app)),
      redirect_uri: redirectUri(deps),
      next: null,
    })),
    route(setOAuthApp, async ({ tx, params, body, actor, now }) => {
      const wanted = {
        provider: params.provider,
        clientId: body.client_id,
        clientSecret: body.client_secret,
        tenant: body.tenant,
        secretEndsOn: body.client_secret_ends_on,
        inTesting: body.in_testing,
      }
      return toApp(deps, await setApp(tx, secrets, actor.workspaceId, wanted, now))
    }),
    route(removeOAuthApp, async ({ tx, params, actor }) => removeApp(tx, actor.workspaceId, params.provider)),
  ]
}

async function shown(
  tx: Tx,
  deps: Pick<ServerDeps, 'secrets' | 'url'>,
  workspaceId: WorkspaceId,
  found: readonly SourceWithMailbox[],
  now: Date,
): Promise<Source[]> {
  const figures = new Map(
    (await sourceFigures(tx, workspaceId, idFloor(new Date(now.getTime() - FIGURES_MS)))).map((each) => [each.sourceId, each]),
  )
  const tokens = new Map((await findTokens(tx, workspaceId)).map((token) => [token.mailboxId, token]))
  const apps = new Map((await listApps(tx, workspaceId)).map((app) => [app.provider, app]))
  return found.map((each) =>
    toSource(
      each,
      figures.get(each.source.id),
      { token: (each.mailbox && tokens.get(each.mailbox.id)) ?? null, apps },
      now,
      (id) => `${deps.url}${mailInletPath(deps.secrets, id)}`,
    ),
  )
}

async function one(tx: Tx, deps: Pick<ServerDeps, 'secrets' | 'url'>, found: SourceWithMailbox, now: Date): Promise<Source> {
  const { workspaceId, id } = found.source
  const [source] = await shown(tx, deps, workspaceId, [await readSource(tx, workspaceId, id)], now)
  if (!source) throw new Refusal('not_found', { what: 'source' })
  return source
}

/** Only a route to SES has access to AWS. */
async function sesRoute(tx: Tx, workspaceId: WorkspaceId, id: RouteId | null | undefined): Promise<RouteId | null> {
  if (!id) return null
  if ((await findRoute(tx, workspaceId, id))?.way.kind !== 'ses')
    throw new Refusal('invalid_request', { why: 'This is no route to Amazon SES.', pointer: '/ses/route_id' })
  return id
}

async function newMailbox(tx: Tx, deps: ServerDeps, workspaceId: WorkspaceId, body: WantedMailbox) {
  const settings = settingsOf(deps, body)
  if (settings.auth.kind === 'oauth') await needApp(tx, workspaceId, settings.auth.provider)
  return { address: addressOf(body.address), settings, password: body.password ?? null }
}

async function changedMailbox(
  tx: Tx,
  deps: ServerDeps,
  workspaceId: WorkspaceId,
  id: SourceId,
  body: { readonly [Key in keyof WantedMailbox]?: WantedMailbox[Key] | undefined },
) {
  const { mailbox } = await readSource(tx, workspaceId, id)
  if (!mailbox)
    throw new Refusal('invalid_request', { why: 'This source reads a folder of files and has no mailbox.', pointer: '/mailbox' })
  const { settings: was, address } = mailbox
  const settings = settingsOf(deps, {
    protocol: was.protocol,
    provider: was.auth.kind === 'oauth' ? was.auth.provider : null,
    host: was.host,
    port: was.port,
    security: was.security,
    username: was.username,
    allow_private: was.allowPrivate,
    ...Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
  })
  if (settings.auth.kind === 'oauth') await needApp(tx, workspaceId, settings.auth.provider)
  return { settings, address: body.address === undefined ? address : addressOf(body.address), password: body.password }
}

async function needApp(tx: Tx, workspaceId: WorkspaceId, provider: OAuthProvider): Promise<void> {
  if (!(await findApp(tx, workspaceId, provider)))
    throw new Refusal('oauth_app_missing', { provider, pointer: '/mailbox/provider' })
}

/** RFC 8314 §3.2: encrypted from the first byte, unless somebody wants otherwise. */
function settingsOf({ allowPrivateNetworks }: ServerDeps, body: Omit<WantedMailbox, 'address' | 'password'>): MailboxSettings {
  const { protocol, provider, port, username } = body
  const host = body.host?.trim() || (provider ? serverOf(provider, protocol) : '')
  if (host === '') throw new Refusal('invalid_request', { why: 'Say on which server the mailbox is.', pointer: '/mailbox/host' })
  const security = body.security ?? (port !== undefined && port === usualPort(protocol, 'none') ? 'starttls' : 'tls')
  const allowPrivate = body.allow_private ?? false
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const isPrivate = isIP(bare) ? isPrivateAddress(bare) : /^(.*\.)?localhost\.?$/i.test(bare)
  if (isPrivate && !allowPrivate && !allowPrivateNetworks)
    throw new Refusal('private_address_refused', { host, pointer: '/mailbox/host' })
  return {
    protocol,
    auth: provider ? { kind: 'oauth', provider } : { kind: 'password' },
    host,
    port: port ?? usualPort(protocol, security),
    security,
    username,
    allowPrivate,
  }
}

function addressOf(text: string): string {
  const parsed = parseAddress(text)
  if (!parsed) throw new Refusal('invalid_address', { text, pointer: '/mailbox/address' })
  return formatAddress(parsed)
}

async function examined(deps: ServerDeps, account: () => ReturnType<typeof accountOf>): Promise<MailboxExamination> {
  const opened = await account()
  if (opened.ok) return await examineMailbox(opened.value, deps)
  const { sentence, hint } = opened.problem
  return { checks: [{ name: 'login', state: 'bad', sentence, hint }], problem: opened.problem, folders: [], inboxMails: null }
}

/** An errand at a provider belongs to the session that began it; a key has none. */
function sessionOf({ session }: Principal): string {
  if (!session) throw new Refusal('not_signed_in')
  return session.id
}

/** Where providers send the browser back to; it has to be registered there, word for word. */
function redirectUri({ url }: ServerDeps): string {
  return `${url}/settings/sources/connected`
}

function toApp(deps: ServerDeps, { provider, clientId, secretEndsOn, inTesting, tenant, updatedAt }: App): OAuthApp {
  return {
    provider,
    client_id: clientId,
    client_secret_ends_on: secretEndsOn,
    in_testing: inTesting,
    tenant,
    redirect_uri: redirectUri(deps),
    updated_at: updatedAt,
  }
}
