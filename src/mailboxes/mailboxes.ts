import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { SealBroken, type Secrets } from '../lib/secrets.ts'
import { withMailbox } from './imap.ts'
import {
  afterLook,
  type Mailbox,
  type MailboxId,
  type MailboxProblem,
  type MailboxSettings,
  type MailboxState,
  sealOf,
} from './mailbox.ts'
import { MailboxTrouble, problemOf } from './mailbox-problem.ts'
import { accessToken, type OAuthDeps } from './oauth/access-token.ts'
import type { OpenMailbox, Session } from './open-mailbox.ts'
import { deleteMailbox, lockMailbox, saveMailbox, selectMailboxes, updateHealth } from './queries.ts'
import type { MailboxAccount, ReachDeps } from './reach.ts'

export {
  deleteUidlsBut as forgetUidlsBut,
  type FolderPlace,
  insertUidls as takeUidls,
  savePlace,
  selectMailbox as findMailbox,
  selectPlaces as placesOf,
  selectUnseenUidls as unseenUidls,
} from './queries.ts'

export interface NewMailbox {
  readonly name: string
  readonly address: string
  readonly settings: MailboxSettings
  /** As it was written; it is sealed before it is stored. Null with OAuth. */
  readonly password: string | null
}

const MAX_MAILBOXES = 200

export function listMailboxes(tx: Tx, workspaceId: WorkspaceId): Promise<Mailbox[]> {
  return selectMailboxes(tx, workspaceId, MAX_MAILBOXES)
}

export async function createMailbox(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  wanted: NewMailbox,
  now: Date,
): Promise<Mailbox> {
  const others = await listMailboxes(tx, workspaceId)
  if (others.length >= MAX_MAILBOXES) throw new Refusal('too_many_mailboxes', { limit: MAX_MAILBOXES })
  refuseTakenName(others, wanted.name, null)
  refuseWithoutPassword(wanted.settings, wanted.password)
  const id = newId<MailboxId>(now.getTime())
  const { name, address, settings, password } = wanted
  const mailbox: Mailbox = {
    workspaceId,
    id,
    name,
    address,
    settings,
    sealedSecret: sealedPassword(secrets, id, settings, password),
    health: { state: 'untried', since: now },
    createdAt: now,
    updatedAt: now,
  }
  await saveMailbox(tx, mailbox)
  return mailbox
}

export interface MailboxChange {
  readonly name?: string | undefined
  readonly address?: string | undefined
  readonly settings?: Partial<MailboxSettings> | undefined
  /** undefined: keep it. */
  readonly password?: string | undefined
}

export async function changeMailbox(
  tx: Tx,
  secrets: Secrets,
  workspaceId: WorkspaceId,
  id: MailboxId,
  change: MailboxChange,
  now: Date,
): Promise<Mailbox> {
  const mailbox = await lockMailbox(tx, workspaceId, id)
  if (!mailbox) throw new Refusal('not_found', { what: 'mailbox' })
  if (change.name !== undefined) refuseTakenName(await listMailboxes(tx, workspaceId), change.name, id)
  const settings = { ...mailbox.settings, ...change.settings }
  const kept = settings.auth.kind === 'password' ? mailbox.sealedSecret : null
  if (kept === null) refuseWithoutPassword(settings, change.password ?? null)
  const changed: Mailbox = {
    ...mailbox,
    name: change.name ?? mailbox.name,
    address: change.address ?? mailbox.address,
    settings,
    sealedSecret: change.password === undefined ? kept : sealedPassword(secrets, id, settings, change.password),
    health: { state: 'untried', since: now },
    updatedAt: now,
  }
  await saveMailbox(tx, changed)
  return changed
}

/** `because`: what still reads it, in words; null when nothing does. */
export async function removeMailbox(tx: Tx, workspaceId: WorkspaceId, id: MailboxId, because: string | null): Promise<void> {
  if (!(await lockMailbox(tx, workspaceId, id))) throw new Refusal('not_found', { what: 'mailbox' })
  if (because !== null) throw new Refusal('mailbox_in_use', { why: because })
  await deleteMailbox(tx, workspaceId, id)
}

export interface MailboxDeps extends ReachDeps, OAuthDeps {}

/** Opens a stored IMAP mailbox and does the work. Needs no transaction, and must not be called in one: it is network. */
export async function readMailbox<T>(
  mailbox: Mailbox,
  deps: MailboxDeps,
  work: (open: OpenMailbox) => Promise<T>,
): Promise<Session<T>> {
  if (mailbox.settings.protocol !== 'imap')
    return {
      ok: false,
      problem: problemOf(
        new MailboxTrouble('protocol', 'this needs IMAP, and the mailbox is read by POP3'),
        mailbox.settings,
      ) as MailboxProblem,
    }
  const account = await accountOf(mailbox, deps)
  return account.ok ? await withMailbox(account.value, deps, work) : account
}

/** A mailbox with what lets us in: the password opened, or a token that lives. Network where a token has to be refreshed. */
export async function accountOf(mailbox: Mailbox, deps: MailboxDeps): Promise<Session<MailboxAccount>> {
  const { settings, sealedSecret, id } = mailbox
  try {
    if (settings.auth.kind === 'oauth') {
      const token = await accessToken(mailbox, settings.auth.provider, deps)
      return { ok: true, value: { ...settings, credential: { kind: 'token', accessToken: token } } }
    }
    const password = sealedSecret === null ? '' : deps.secrets.open(sealedSecret, sealOf(id))
    return { ok: true, value: { ...settings, credential: { kind: 'password', password } } }
  } catch (error) {
    const problem = problemOf(error instanceof SealBroken ? new MailboxTrouble('secret', '') : error, settings)
    if (problem === null) throw error
    return { ok: false, problem }
  }
}

/** Keeps what a look at a mailbox showed. Null: its settings changed meanwhile, so that it says nothing. */
export async function recordLook(
  tx: Tx,
  { workspaceId, id, updatedAt }: Mailbox,
  problem: MailboxProblem | null,
  now: Date,
): Promise<MailboxState | null> {
  const mailbox = await lockMailbox(tx, workspaceId, id)
  if (!mailbox || mailbox.updatedAt.getTime() !== updatedAt.getTime()) return null
  const health = afterLook(mailbox.health, problem, now)
  return (await updateHealth(tx, mailbox, health)) ? health : null
}

function sealedPassword(secrets: Secrets, id: MailboxId, { auth }: MailboxSettings, password: string | null): Buffer | null {
  return auth.kind === 'oauth' || password === null ? null : secrets.seal(password, sealOf(id))
}

function refuseWithoutPassword({ auth }: MailboxSettings, password: string | null): void {
  if (auth.kind === 'password' && password === null)
    throw new Refusal('invalid_request', {
      why: 'A mailbox needs a password, or a provider to connect it with.',
      pointer: '/password',
    })
}

function refuseTakenName(others: readonly Mailbox[], name: string, except: MailboxId | null): void {
  if (others.some((other) => other.id !== except && other.name.toLowerCase() === name.toLowerCase()))
    throw new Refusal('mailbox_name_taken', { name, pointer: '/name' })
}
