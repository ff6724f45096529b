/** What people subscribe to. Who is on a list is decided in consent/change-consent.ts alone. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { takeTurn } from '../db/turns.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import type { OptIn } from './consent/consent.ts'
import type { ListId } from './consent/queries.ts'
import { countMembers, selectList, selectListBySlug, selectLists, upsertList } from './lists-queries.ts'

export { selectList as findList, selectMembers as listMembers } from './lists-queries.ts'

export interface ContactList {
  readonly id: ListId
  readonly name: string
  /** What links and programs call it. */
  readonly slug: string
  readonly description: string
  /** Public lists are shown to people who may choose. */
  readonly visibility: 'public' | 'private'
  readonly optIn: OptIn
  readonly archivedAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface CountedList extends ContactList {
  readonly pending: number
  readonly subscribed: number
  readonly unsubscribed: number
}

export async function listLists(db: Db | Tx, workspaceId: WorkspaceId): Promise<CountedList[]> {
  return await counted(db, workspaceId, await selectLists(db, workspaceId))
}

export async function counted(db: Db | Tx, workspaceId: WorkspaceId, lists: readonly ContactList[]): Promise<CountedList[]> {
  const counts = await countMembers(
    db,
    workspaceId,
    lists.map(({ id }) => id),
  )
  const of = (id: ListId, status: string) => counts.find((count) => count.listId === id && count.status === status)?.n ?? 0
  return lists.map((list) => ({
    ...list,
    pending: of(list.id, 'pending'),
    subscribed: of(list.id, 'subscribed'),
    unsubscribed: of(list.id, 'unsubscribed'),
  }))
}

export type ListChange = Partial<Pick<ContactList, 'name' | 'slug' | 'description' | 'visibility' | 'optIn'>> & {
  readonly isArchived?: boolean
}

export async function createList(
  tx: Tx,
  wanted: ListChange & { readonly name: string },
  actor: Actor,
  now: Date,
): Promise<ContactList> {
  return await addList(tx, wanted, { workspaceId: actor.workspaceId, by: actorReference(actor) }, now)
}

/** Whoever makes or changes lists: names are then free or not, and no change is lost. */
const TURN = 'contact_list'

/** Who does it: a reference, or null for the engine itself. */
export interface ListMaker {
  readonly workspaceId: WorkspaceId
  readonly by: string | null
}

export async function addList(
  tx: Tx,
  wanted: ListChange & { readonly name: string },
  maker: ListMaker,
  now: Date,
): Promise<ContactList> {
  await takeTurn(tx, TURN, maker.workspaceId)
  const list: ContactList = {
    id: newId<ListId>(now.getTime()),
    slug: slugOf(wanted.name),
    description: '',
    visibility: 'private',
    optIn: 'single',
    archivedAt: null,
    createdAt: now,
    updatedAt: now,
    name: wanted.name,
  }
  return await save(tx, list, wanted, maker, now)
}

export async function changeList(tx: Tx, id: ListId, change: ListChange, actor: Actor, now: Date): Promise<ContactList> {
  await takeTurn(tx, TURN, actor.workspaceId)
  const list = await selectList(tx, actor.workspaceId, id)
  if (!list) throw new Refusal('not_found', { what: 'list' })
  return await save(tx, list, change, { workspaceId: actor.workspaceId, by: actorReference(actor) }, now)
}

async function save(
  tx: Tx,
  before: ContactList,
  change: ListChange,
  { workspaceId, by }: ListMaker,
  now: Date,
): Promise<ContactList> {
  const { isArchived, ...fields } = change
  const archivedAt = isArchived === undefined ? before.archivedAt : isArchived ? (before.archivedAt ?? now) : null
  const list = { ...before, ...fields, archivedAt, updatedAt: now }
  const other = await selectListBySlug(tx, workspaceId, list.slug)
  if (other && other.id !== list.id)
    throw new Refusal('list_name_taken', { name: other.name, pointer: fields.slug ? '/slug' : '/name' })
  await upsertList(tx, workspaceId, list)
  const event = {
    type: 'list.changed' as const,
    workspaceId,
    subjectId: list.id,
    actor: by,
  }
  await append(tx, { ...event, data: { name: list.name } }, now)
  return list
}

/** `Été à Paris!` as `ete-a-paris`. */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return plain.slice(0, 60).replace(/-+$/, '') || 'list'
}
