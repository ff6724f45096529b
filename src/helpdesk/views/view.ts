/** A saved view: a question that is asked often, under a name. Of one person, or of everybody (`userId` null). */
import type { Actor } from '../../accounts/actor.ts'
import type { Id, UserId } from '../../lib/ids.ts'
import type { ConversationFilter, Sort } from '../list/filter.ts'

export type ViewId = Id<'saved_view'>

export interface SavedView {
  readonly id: ViewId
  readonly userId: UserId | null
  readonly name: string
  readonly filter: ConversationFilter
  readonly sort: Sort
  readonly createdBy: UserId | null
}

export const MAX_OWN_VIEWS = 50
export const MAX_SHARED_VIEWS = 50

/** One's own always; a shared one only who made it, or who runs the workspace: others work by it. */
export function mayChangeView(view: Pick<SavedView, 'userId' | 'createdBy'>, actor: Actor): boolean {
  if (actor.kind !== 'user') return view.userId === null
  if (view.userId !== null) return view.userId === actor.id
  return view.createdBy === actor.id || actor.role === 'owner' || actor.role === 'admin'
}
