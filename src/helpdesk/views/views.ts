/** Making, changing and counting saved views. */
import type { Actor } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { newId, type UserId } from '../../lib/ids.ts'
import { SOME } from '../list/counts.ts'
import type { ConversationFilter, Sort } from '../list/filter.ts'
import { countConversations } from '../list/list.ts'
import { MAX_OWN_VIEWS, MAX_SHARED_VIEWS, mayChangeView, type SavedView, type ViewId } from './view.ts'
import { deleteView, insertView, lockView, orderViews, selectViews, updateView } from './view-queries.ts'

export interface ViewWish {
  readonly name: string
  readonly filter: ConversationFilter
  readonly sort: Sort
  readonly isShared: boolean
}

export type CountedView = SavedView & {
  /** Up to `SOME`; null: not counted, because it would not stay cheap. */
  readonly count: number | null
}

/** Beyond so many views the numbers are left out: each is a list of its own. */
const COUNTED = 20

export function listViews(tx: Db | Tx, actor: Actor): Promise<SavedView[]> {
  return selectViews(tx, actor.workspaceId, userOf(actor))
}

export async function countViews(tx: Db | Tx, actor: Actor): Promise<CountedView[]> {
  const counted: CountedView[] = []
  for (const [i, view] of (await listViews(tx, actor)).entries())
    counted.push({ ...view, count: i < COUNTED ? await countConversations(tx, actor, view, SOME) : null })
  return counted
}

export async function createView(tx: Tx, actor: Actor, wish: ViewWish, now: Date): Promise<SavedView> {
  const userId = ownerOf(actor, wish)
  const others = (await listViews(tx, actor)).filter((view) => view.userId === userId)
  const limit = userId ? MAX_OWN_VIEWS : MAX_SHARED_VIEWS
  if (others.length >= limit) throw new Refusal('too_many_views', { limit })
  const { name, filter, sort } = wish
  const view = { id: newId<ViewId>(now.getTime()), userId, name, filter, sort, createdBy: userOf(actor) }
  await insertView(tx, actor.workspaceId, view, now)
  return view
}

export async function changeView(tx: Tx, actor: Actor, id: ViewId, wish: Partial<ViewWish>, now: Date): Promise<SavedView> {
  const view = await mine(tx, actor, id)
  const { isShared = view.userId === null, ...rest } = wish
  const userId = isShared === (view.userId === null) ? view.userId : ownerOf(actor, { isShared })
  const changed = { ...view, ...rest, userId }
  await updateView(tx, actor.workspaceId, changed, now)
  return changed
}

export async function removeView(tx: Tx, actor: Actor, id: ViewId): Promise<void> {
  await mine(tx, actor, id)
  await deleteView(tx, actor.workspaceId, id)
}

/** Those of the given that may be changed stand in this order. */
export async function reorderViews(tx: Tx, actor: Actor, ids: readonly ViewId[]): Promise<void> {
  const changeable = new Set((await listViews(tx, actor)).filter((view) => mayChangeView(view, actor)).map(({ id }) => id))
  await orderViews(
    tx,
    actor.workspaceId,
    ids.filter((id) => changeable.has(id)),
  )
}

async function mine(tx: Tx, actor: Actor, id: ViewId): Promise<SavedView> {
  const view = await lockView(tx, actor.workspaceId, userOf(actor), id)
  if (!view) throw new Refusal('not_found', { what: 'view' })
  if (!mayChangeView(view, actor)) throw new Refusal('not_your_view', { name: view.name })
  return view
}

/** A key has nothing of its own: what it makes is everybody's. */
function ownerOf(actor: Actor, { isShared }: Pick<ViewWish, 'isShared'>): UserId | null {
  return isShared ? null : userOf(actor)
}

function userOf(actor: Actor): UserId | null {
  return actor.kind === 'user' ? actor.id : null
}
