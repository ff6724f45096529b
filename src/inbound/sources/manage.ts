import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type InboxId, newId, type RouteId, type SourceId, type WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { Mailbox, MailboxId } from '../../mailboxes/mailbox.ts'
import {
  changeMailbox,
  createMailbox,
  findMailbox,
  listMailboxes,
  type MailboxChange,
  type NewMailbox,
  removeMailbox,
} from '../../mailboxes/mailboxes.ts'
import { deleteSource, insertSource, lockSource, selectSources, updateSource, wantNow } from './queries.ts'
import { type Afterwards, type Beginning, isFolderName, isSameMailbox, type Source } from './source.ts'

export { selectFigures as sourceFigures, selectSource as findSource } from './queries.ts'

const MAX_SOURCES = 100

export interface SesWanted {
  readonly topicArn: string
  readonly routeId: RouteId | null
}

export interface SourceWanted {
  readonly name: string
  /** Exactly one of the three. */
  readonly mailbox: Omit<NewMailbox, 'name'> | null
  readonly path: string | null
  readonly ses: SesWanted | null
  readonly folders: readonly string[]
  readonly inboxId: InboxId | null
  readonly afterwards: Afterwards
  readonly moveTo: string | null
  readonly beginWith: Beginning
  readonly isEnabled: boolean
}

export interface SourceWithMailbox {
  readonly source: Source
  readonly mailbox: Mailbox | null
}

export async function listSources(tx: Tx, workspaceId: WorkspaceId): Promise<SourceWithMailbox[]> {
  const [sources, mailboxes] = [await selectSources(tx, workspaceId, MAX_SOURCES), await listMailboxes(tx, workspaceId)]
  const byId = new Map(mailboxes.map((mailbox) => [mailbox.id, mailbox]))
  return sources.map((source) => ({ source, mailbox: (source.mailboxId && byId.get(source.mailboxId)) ?? null }))
}

export async function readSource(tx: Tx, workspaceId: WorkspaceId, id: SourceId): Promise<SourceWithMailbox> {
  const found = (await listSources(tx, workspaceId)).find(({ source }) => source.id === id)
  if (!found) throw new Refusal('not_found', { what: 'source' })
  return found
}

/** A source and its mailbox in one. Two sources for one mailbox would steal each other's mail. */
export async function createSource(
  tx: Tx,
  secrets: Secrets,
  { workspaceId, actor }: { readonly workspaceId: WorkspaceId; readonly actor: string },
  wanted: SourceWanted,
  now: Date,
): Promise<SourceWithMailbox> {
  const others = await listSources(tx, workspaceId)
  if (others.length >= MAX_SOURCES) throw new Refusal('too_many_sources', { limit: MAX_SOURCES })
  refuseTakenName(others, wanted.name, null)
  if (wanted.mailbox) refuseTakenMailbox(others, wanted.mailbox.settings, null)
  const mailbox = wanted.mailbox
    ? await createMailbox(tx, secrets, workspaceId, { ...wanted.mailbox, name: wanted.name }, now)
    : null
  if (wanted.ses) refuseTakenTopic(others, wanted.ses, null)
  const { name, path, ses, folders, inboxId, afterwards, moveTo, beginWith, isEnabled } = wanted
  const source: Source = {
    workspaceId,
    id: newId<SourceId>(now.getTime()),
    kind: mailbox ? 'mailbox' : ses ? 'ses' : 'folder',
    name,
    mailboxId: mailbox?.id ?? null,
    path: mailbox || ses ? null : path,
    topicArn: ses?.topicArn ?? null,
    routeId: ses?.routeId ?? null,
    folders,
    inboxId,
    afterwards,
    moveTo: afterwards === 'move' ? moveTo : null,
    beginWith,
    isEnabled,
    state: isEnabled ? 'untried' : 'paused',
    problem: null,
    stateSince: now,
    lastHeardAt: null,
    listening: null,
    lastMailAt: null,
    counted: null,
    failures: 0,
    createdAt: now,
    updatedAt: now,
  }
  refuseNonsense(source, mailbox)
  await insertSource(tx, source)
  await append(tx, { type: 'source.created', workspaceId, subjectId: source.id, actor, data: { name } }, now)
  return { source, mailbox }
}

export interface SourceChange {
  readonly name?: string | undefined
  readonly mailbox?: Omit<MailboxChange, 'name'> | undefined
  readonly ses?: { readonly topicArn?: string | undefined; readonly routeId?: RouteId | null | undefined } | undefined
  readonly folders?: readonly string[] | undefined
  readonly inboxId?: InboxId | null | undefined
  readonly afterwards?: Afterwards | undefined
  readonly moveTo?: string | null | undefined
  readonly isEnabled?: boolean | undefined
}

/** Whoever fetches by the old settings loses the lease with this commit. */
export async function changeSource(
  tx: Tx,
  secrets: Secrets,
  { workspaceId, actor, id }: { readonly workspaceId: WorkspaceId; readonly actor: string; readonly id: SourceId },
  change: SourceChange,
  now: Date,
): Promise<SourceWithMailbox> {
  const source = await lockSource(tx, workspaceId, id)
  if (!source) throw new Refusal('not_found', { what: 'source' })
  const others = (await listSources(tx, workspaceId)).filter((other) => other.source.id !== id)
  if (change.name !== undefined) refuseTakenName(others, change.name, id)
  const was = source.mailboxId && (await findMailbox(tx, workspaceId, source.mailboxId))
  const isChanged = change.mailbox !== undefined || (change.name !== undefined && change.name !== source.name)
  const mailbox =
    was && isChanged
      ? await changeMailbox(tx, secrets, workspaceId, was.id, { ...change.mailbox, name: change.name }, now)
      : (was ?? null)
  if (mailbox) refuseTakenMailbox(others, mailbox.settings, id)
  const topicArn = source.kind === 'ses' ? (change.ses?.topicArn ?? source.topicArn) : null
  if (topicArn !== null) refuseTakenTopic(others, { topicArn }, id)
  const afterwards = change.afterwards ?? source.afterwards
  const changed: Source = {
    ...source,
    name: change.name ?? source.name,
    topicArn,
    routeId: source.kind === 'ses' && change.ses?.routeId !== undefined ? change.ses.routeId : source.routeId,
    folders: change.folders ?? source.folders,
    inboxId: change.inboxId === undefined ? source.inboxId : change.inboxId,
    afterwards,
    moveTo: afterwards === 'move' ? (change.moveTo ?? source.moveTo) : null,
    isEnabled: change.isEnabled ?? source.isEnabled,
  }
  refuseNonsense(changed, mailbox)
  await updateSource(tx, changed, now)
  await append(tx, { type: 'source.changed', workspaceId, subjectId: id, actor, data: { name: changed.name } }, now)
  return await readSource(tx, workspaceId, id)
}

/** What it brought stays, and what lies on its server stays. `isWatched`: a canary reads the mailbox, which is then kept for it. */
export async function removeSource(
  tx: Tx,
  { workspaceId, actor, id }: { readonly workspaceId: WorkspaceId; readonly actor: string; readonly id: SourceId },
  isWatched: (id: MailboxId) => Promise<boolean>,
  now: Date,
): Promise<void> {
  const source = await lockSource(tx, workspaceId, id)
  if (!source) throw new Refusal('not_found', { what: 'source' })
  await deleteSource(tx, workspaceId, id)
  if (source.mailboxId && !(await isWatched(source.mailboxId))) await removeMailbox(tx, workspaceId, source.mailboxId, null)
  await append(tx, { type: 'source.removed', workspaceId, subjectId: id, actor, data: { name: source.name } }, now)
}

/** Asks whoever fetches from it to look now; `recount`: and to count server against rows. */
export async function fetchNow(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: SourceId,
  recount: boolean,
  now: Date,
): Promise<SourceWithMailbox> {
  const found = await readSource(tx, workspaceId, id)
  if (!found.source.isEnabled) throw new Refusal('wrong_state', { what: 'source', state: 'paused', action: 'fetched from' })
  if (found.source.kind === 'ses')
    throw new Refusal('wrong_state', { what: 'source', state: 'one that hands its mail over', action: 'fetched from' })
  await wantNow(tx, found.source, recount, now)
  return found
}

/** After a mailbox was connected anew: whoever waits to try again tries now, with the new token. */
export async function beginAnew(tx: Tx, workspaceId: WorkspaceId, mailboxId: MailboxId, now: Date): Promise<SourceId | null> {
  const found = (await selectSources(tx, workspaceId, MAX_SOURCES)).find((source) => source.mailboxId === mailboxId)
  if (!found) return null
  await updateSource(tx, found, now)
  return found.id
}

function refuseTakenName(others: readonly SourceWithMailbox[], name: string, except: SourceId | null): void {
  if (others.some(({ source }) => source.id !== except && source.name.toLowerCase() === name.toLowerCase()))
    throw new Refusal('source_name_taken', { name, pointer: '/name' })
}

function refuseTakenMailbox(
  others: readonly SourceWithMailbox[],
  settings: { host: string; username: string },
  except: SourceId | null,
): void {
  const same = others.find(({ source, mailbox }) => source.id !== except && mailbox && isSameMailbox(mailbox.settings, settings))
  if (same) throw new Refusal('source_mailbox_taken', { name: same.source.name, pointer: '/username' })
}

function refuseTakenTopic(
  others: readonly SourceWithMailbox[],
  { topicArn }: Pick<SesWanted, 'topicArn'>,
  except: SourceId | null,
): void {
  const same = others.find(({ source }) => source.id !== except && source.topicArn === topicArn)
  if (same)
    throw new Refusal('invalid_request', {
      why: `The source ${same.source.name} believes this topic.`,
      pointer: '/ses/topic_arn',
    })
}

function refuseNonsense({ kind, path, afterwards, moveTo, folders }: Source, mailbox: Mailbox | null): void {
  const refuse = (why: string, pointer: string) => {
    throw new Refusal('invalid_request', { why, pointer })
  }
  if (kind === 'folder' && (path === null || !isFolderName(path)))
    refuse('The name of a folder has letters, digits, dots, dashes and underscores, up to 100.', '/path')
  if (kind === 'folder' && afterwards !== 'leave')
    refuse('Files that were taken are moved to "done"; there is no other choice.', '/afterwards')
  if (kind === 'ses' && afterwards !== 'leave')
    refuse('What SES handed over is not on a server of yours any more.', '/afterwards')
  if (mailbox?.settings.protocol === 'pop3' && (afterwards === 'mark_seen' || afterwards === 'move'))
    refuse('POP3 can neither mark nor move mail. Choose to leave or to delete it.', '/afterwards')
  if (afterwards === 'move' && (moveTo === null || moveTo === ''))
    refuse('Say to which folder the mail is to be moved.', '/move_to')
  if (moveTo !== null && folders.includes(moveTo))
    refuse('Mail that is moved to a folder that is read would be fetched again.', '/move_to')
}

/** Which source takes mail from which mailbox. */
export async function sourcesByMailbox(tx: Tx, workspaceId: WorkspaceId): Promise<ReadonlyMap<MailboxId, SourceId>> {
  const sources = await selectSources(tx, workspaceId, MAX_SOURCES)
  return new Map(sources.flatMap(({ id, mailboxId }) => (mailboxId ? [[mailboxId, id] as const] : [])))
}
