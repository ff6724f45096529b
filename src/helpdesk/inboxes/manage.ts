/** Making inboxes and changing them. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { listMembers } from '../../accounts/members.ts'
import type { Tx } from '../../db/database.ts'
import { takeTurn } from '../../db/turns.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type InboxId, newId } from '../../lib/ids.ts'
import { tellNewCollisions } from '../collisions/collisions.ts'
import type { Inbox } from '../inbox.ts'
import { findInbox, listInboxes, MAX_INBOXES } from '../inboxes.ts'
import { type AccessRow, replaceAccess, replaceAddresses, selectAccess, upsertInbox } from './inbox-queries.ts'
import { changed, type InboxChange } from './settings.ts'
import { freeSlug } from './slug.ts'

export { type AccessRow, levelsOfInboxes, type OpenCount, openCounts } from './inbox-queries.ts'
export type { InboxChange } from './settings.ts'

export type NewInbox = InboxChange & Pick<Inbox, 'name' | 'address'>

export async function createInbox(tx: Tx, wanted: NewInbox, actor: Actor, now: Date): Promise<Inbox> {
  const { workspaceId } = actor
  await takeTurn(tx, 'inboxes', workspaceId)
  const others = await listInboxes(tx, workspaceId)
  if (others.length >= MAX_INBOXES) throw new Refusal('too_many_inboxes', { limit: MAX_INBOXES })
  const plain: Inbox = {
    workspaceId,
    id: newId<InboxId>(now.getTime()),
    slug: freeSlug(wanted.name, new Set(others.map(({ slug }) => slug))),
    ...PLAIN,
    name: wanted.name,
    address: wanted.address,
    createdAt: now,
    updatedAt: now,
  }
  const inbox = await changed(tx, plain, wanted, actor, now)
  return await save(tx, inbox, others, { type: 'inbox.created', actor, data: { address: inbox.address } }, now)
}

/** What an inbox is when nothing was said. */
const PLAIN = {
  addresses: [],
  fromName: 'inbox',
  routeId: null,
  signature: '',
  statusAfterReply: 'pending',
  assignOnReply: 'if_unassigned',
  defaultAssignee: null,
  defaultTeam: null,
  autoBcc: [],
  autoReply: null,
  undoSeconds: 15,
  subjectTag: false,
  plusAddress: false,
  noMatch: 'start',
  noMatchAnswer: null,
  noMatchAlert: null,
  sentCopy: null,
  restricted: false,
  closedAt: null,
} as const satisfies Partial<Inbox>

export async function changeInbox(tx: Tx, id: InboxId, change: InboxChange, actor: Actor, now: Date): Promise<Inbox> {
  const { inbox, others } = await lockedInbox(tx, id, actor)
  const next = await changed(tx, inbox, change, actor, now)
  const changes = changesBetween(inbox, next)
  if (changes.length === 0) return inbox
  return await save(tx, next, others, { type: 'inbox.changed', actor, data: { changes } }, now)
}

/** A closed inbox takes no mail any more; what is in it can be read and answered. */
export async function closeInbox(tx: Tx, id: InboxId, actor: Actor, now: Date): Promise<Inbox> {
  return await setClosed(tx, id, now, actor, now)
}

export async function reopenInbox(tx: Tx, id: InboxId, actor: Actor, now: Date): Promise<Inbox> {
  return await setClosed(tx, id, null, actor, now)
}

async function setClosed(tx: Tx, id: InboxId, closedAt: Date | null, actor: Actor, now: Date): Promise<Inbox> {
  const { inbox, others } = await lockedInbox(tx, id, actor)
  if ((inbox.closedAt === null) === (closedAt === null)) return inbox
  const data = { changes: [closedAt === null ? 'reopened' : 'closed'] }
  return await save(tx, { ...inbox, closedAt, updatedAt: now }, others, { type: 'inbox.changed', actor, data }, now)
}

export interface Access {
  readonly restricted: boolean
  readonly people: readonly AccessRow[]
}

export async function accessOf(tx: Tx, id: InboxId, actor: Actor): Promise<Access> {
  const inbox = await findInbox(tx, actor.workspaceId, id)
  if (!inbox) throw new Refusal('not_found', { what: 'inbox' })
  return { restricted: inbox.restricted, people: await selectAccess(tx, actor.workspaceId, id) }
}

/** The whole list at once, so that two who change it at one time do not make a third that nobody wanted. */
export async function changeAccess(tx: Tx, id: InboxId, access: Access, actor: Actor, now: Date): Promise<Access> {
  const { inbox, others } = await lockedInbox(tx, id, actor)
  const people = [...new Map(access.people.map((row) => [row.userId, row])).values()]
  const members = new Set((await listMembers(tx, actor)).map((member) => member.id))
  const stranger = people.findIndex(({ userId }) => !members.has(userId))
  if (stranger >= 0)
    throw new Refusal('invalid_request', {
      why: 'There is no such member in this workspace.',
      pointer: `/people/${stranger}/user_id`,
    })
  await replaceAccess(tx, actor.workspaceId, id, people)
  const data = { changes: ['access'] }
  await save(tx, { ...inbox, restricted: access.restricted, updatedAt: now }, others, { type: 'inbox.changed', actor, data }, now)
  return { restricted: access.restricted, people }
}

interface Occasion {
  readonly type: 'inbox.created' | 'inbox.changed'
  readonly actor: Actor
  readonly data: Readonly<Record<string, unknown>>
}

async function save(tx: Tx, inbox: Inbox, others: readonly Inbox[], { type, actor, data }: Occasion, now: Date): Promise<Inbox> {
  const { workspaceId, id, name } = inbox
  if (others.some((other) => other.id !== id && other.name.toLowerCase() === name.toLowerCase()))
    throw new Refusal('inbox_name_taken', { name, pointer: '/name' })
  await upsertInbox(tx, inbox)
  await replaceAddresses(tx, inbox)
  await append(tx, { type, workspaceId, subjectId: id, actor: actorReference(actor), data: { name, ...data } }, now)
  await tellNewCollisions(tx, workspaceId, now)
  return inbox
}

async function lockedInbox(tx: Tx, id: InboxId, actor: Actor): Promise<{ inbox: Inbox; others: readonly Inbox[] }> {
  await takeTurn(tx, 'inboxes', actor.workspaceId)
  const others = await listInboxes(tx, actor.workspaceId)
  const inbox = others.find((other) => other.id === id)
  if (!inbox) throw new Refusal('not_found', { what: 'inbox' })
  return { inbox, others }
}

function changesBetween(before: Inbox, after: Inbox): string[] {
  const names = Object.keys(after) as (keyof Inbox)[]
  return names.filter((name) => name !== 'updatedAt' && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}
