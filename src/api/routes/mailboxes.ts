import { isIP } from 'node:net'
import { Refusal } from '../../errors.ts'
import { sourcesByMailbox } from '../../inbound/sources/manage.ts'
import { isMailboxWatched } from '../../insight/canary/manage.ts'
import type { SourceId } from '../../lib/ids.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { formatAddress, parseAddress } from '../../mail/address.ts'
import { type MailboxLook as Look, lookAround } from '../../mailboxes/check-mailbox.ts'
import { withMailbox } from '../../mailboxes/imap.ts'
import type { Mailbox as MailboxNoun, MailboxSettings } from '../../mailboxes/mailbox.ts'
import {
  changeMailbox as change,
  createMailbox as create,
  findMailbox,
  listMailboxes as list,
  readMailbox,
  recordLook,
  removeMailbox as remove,
} from '../../mailboxes/mailboxes.ts'
import type { Session } from '../../mailboxes/open-mailbox.ts'
import { isPrivateAddress } from '../../net/private-address.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeMailbox,
  checkMailbox,
  createMailbox,
  listMailboxes,
  type Mailbox,
  type MailboxLook,
  type MailboxSecurity,
  removeMailbox,
  tryMailbox,
} from '../endpoints/mailboxes.ts'
import { type Route, route } from '../route.ts'

/** Each holds a connection to somebody for up to a minute. */
const AT_A_TIME = 4

export function mailboxRoutes(deps: ServerDeps): Route[] {
  const { database, secrets, clock } = deps
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 0 })
  const limited = async <T>(work: () => Promise<T>): Promise<T> => {
    const running = limiter.run(work)
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 20 })
    return await running
  }
  return [
    route(listMailboxes, async ({ tx, actor }) => {
      const sources = await sourcesByMailbox(tx, actor.workspaceId)
      const items = await list(tx, actor.workspaceId)
      return { items: items.map((mailbox) => toMailbox(mailbox, sources.get(mailbox.id) ?? null)), next: null }
    }),
    route(createMailbox, async ({ tx, body, actor, now }) => {
      const settings = settingsOf(body)
      refusePrivate(deps, settings)
      const wanted = { name: body.name, address: addressOf(body.address), settings, password: body.password }
      return toMailbox(await create(tx, secrets, actor.workspaceId, wanted, now), null)
    }),
    route(changeMailbox, async ({ tx, params, body, actor, now }) => {
      const { name, address, password, allow_private: allowPrivate, ...rest } = body
      const given = { ...rest, ...(allowPrivate !== undefined && { allowPrivate }) }
      const settings = Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined),
      ) as Partial<MailboxSettings>
      const wanted = { name, address: address === undefined ? undefined : addressOf(address), settings, password }
      const changed = await change(tx, secrets, actor.workspaceId, params.id, wanted, now)
      refusePrivate(deps, changed.settings)
      return toMailbox(changed, (await sourcesByMailbox(tx, actor.workspaceId)).get(changed.id) ?? null)
    }),
    route(removeMailbox, async ({ tx, params, actor }) => {
      const isWatched = await isMailboxWatched(tx, actor.workspaceId, params.id)
      await remove(tx, actor.workspaceId, params.id, isWatched ? 'a canary reads it. Remove the canary first' : null)
    }),
    route(checkMailbox, async ({ params, actor }) => {
      const { workspaceId } = actor
      const mailbox = await database.transaction({ as: 'api', workspaceId }, (tx) => findMailbox(tx, workspaceId, params.id), {
        readOnly: true,
      })
      if (!mailbox) throw new Refusal('not_found', { what: 'mailbox' })
      const session = await limited(() => readMailbox(mailbox, deps, lookAround))
      await database.transaction({ as: 'api', workspaceId }, (tx) =>
        recordLook(tx, mailbox, session.ok ? null : session.problem, clock.now()),
      )
      return toLook(session)
    }),
    route(tryMailbox, async ({ body }) =>
      toLook(
        await limited(() =>
          withMailbox({ ...settingsOf(body), credential: { kind: 'password', password: body.password } }, deps, lookAround),
        ),
      ),
    ),
  ]
}

interface SettingsBody {
  readonly host: string
  readonly port?: number | undefined
  readonly security?: MailboxSecurity | undefined
  readonly username: string
  readonly allow_private?: boolean | undefined
}

/** RFC 8314 §3.2: encrypted from the first byte, unless somebody wants otherwise. */
function settingsOf({ host, port, security, username, allow_private }: SettingsBody): MailboxSettings {
  const chosen = security ?? (port === 143 ? 'starttls' : 'tls')
  return {
    protocol: 'imap',
    auth: { kind: 'password' },
    host: host.trim(),
    port: port ?? (chosen === 'tls' ? 993 : 143),
    security: chosen,
    username,
    allowPrivate: allow_private ?? false,
  }
}

function addressOf(text: string): string {
  const parsed = parseAddress(text)
  if (!parsed) throw new Refusal('invalid_address', { text, pointer: '/address' })
  return formatAddress(parsed)
}

/** Told at once where the host itself says so. A name that leads to a private address is refused where it is dialled. */
function refusePrivate({ allowPrivateNetworks }: ServerDeps, { host, allowPrivate }: MailboxSettings): void {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const isPrivate = isIP(bare) ? isPrivateAddress(bare) : /^(.*\.)?localhost\.?$/i.test(bare)
  if (isPrivate && !allowPrivate && !allowPrivateNetworks)
    throw new Refusal('private_address_refused', { host, pointer: '/host' })
}

function toMailbox(
  { id, name, address, settings, health, createdAt, updatedAt }: MailboxNoun,
  sourceId: SourceId | null,
): Mailbox {
  const { host, port, security, username, allowPrivate } = settings
  return {
    id,
    name,
    address,
    host,
    port,
    security,
    username,
    allow_private: allowPrivate,
    source_id: sourceId,
    state: health.state,
    since: health.since,
    last_seen_at: health.state === 'untried' ? null : health.lastSeenAt,
    problem: health.state === 'failing' ? { ...health.problem } : null,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function toLook(session: Session<Look>): MailboxLook {
  if (!session.ok) return { ok: false, problem: { ...session.problem }, inbox_mails: null, folders: [] }
  const { folders, inboxMails } = session.value
  return { ok: true, problem: null, inbox_mails: inboxMails, folders: folders.map(({ path, role }) => ({ path, role })) }
}
