import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { SealBroken, type Secrets } from '../lib/secrets.ts'
import { type ImapDeps, type OpenMailbox, type Session, withMailbox } from './imap.ts'
import { ImapTrouble, problemOf } from './imap-problem.ts'
import {
  afterLook,
  type Mailbox,
  type MailboxId,
  type MailboxProblem,
  type MailboxSettings,
  type MailboxState,
  sealOf,
} from './mailbox.ts'
import { deleteMailbox, lockMailbox, saveMailbox, selectMailboxes, updateHealth } from './queries.ts'

export { type FolderPlace, savePlace, selectMailbox as findMailbox, selectPlaces as placesOf } from './queries.ts'

export interface NewMailbox {
  readonly name: string
  readonly address: string
  readonly settings: MailboxSettings
  /** As it was written; it is sealed before it is stored. */
  readonly password: string
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
  const id = newId<MailboxId>(now.getTime())
  const { name, address, settings, password } = wanted
  const mailbox: Mailbox = {
    workspaceId,
    id,
    name,
    address,
    settings,
    sealedSecret: secrets.seal(password, sealOf(id)),
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
  const changed: Mailbox = {
    ...mailbox,
    name: change.name ?? mailbox.name,
    address: change.address ?? mailbox.address,
    settings: { ...mailbox.settings, ...change.settings },
    sealedSecret: change.password === undefined ? mailbox.sealedSecret : secrets.seal(change.password, sealOf(id)),
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

export interface MailboxDeps extends ImapDeps {
  readonly secrets: Secrets
}

/** Opens a stored mailbox and does the work. Needs no transaction, and must not be called in one: it is network. */
export async function readMailbox<T>(
  mailbox: Mailbox,
  deps: MailboxDeps,
  work: (open: OpenMailbox) => Promise<T>,
): Promise<Session<T>> {
  let password: string
  try {
    password = deps.secrets.open(mailbox.sealedSecret, sealOf(mailbox.id))
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error
    return { ok: false, problem: problemOf(new ImapTrouble('secret', ''), mailbox.settings) as MailboxProblem }
  }
  return await withMailbox({ ...mailbox.settings, password }, deps, work)
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

function refuseTakenName(others: readonly Mailbox[], name: string, except: MailboxId | null): void {
  if (others.some((other) => other.id !== except && other.name.toLowerCase() === name.toLowerCase()))
    throw new Refusal('mailbox_name_taken', { name, pointer: '/name' })
}
