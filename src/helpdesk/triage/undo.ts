import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { type Acted, refusalFor, type TriageDeps, type Undo } from './act.ts'
import { changeConversations } from './change.ts'
import { deleteConversations, restoreConversations } from './delete.ts'
import { mergeConversations, unmergeConversations } from './merge.ts'
import { addParticipant, linkConversations, removeParticipant, setFollowing, unlinkConversations } from './people.ts'

/** Takes acts back, all of them or none, and says how that is taken back in turn. What somebody else changed since refuses it. */
export async function undoActs(
  tx: Tx,
  deps: TriageDeps,
  acts: readonly Undo[],
  actor: Actor,
  now: Date,
): Promise<readonly Undo[]> {
  const back: Undo[] = []
  for (const act of acts) back.unshift(...(await undoOne(tx, deps, act, actor, now)))
  return back
}

async function undoOne(tx: Tx, deps: TriageDeps, undo: Undo, actor: Actor, now: Date): Promise<readonly Undo[]> {
  switch (undo.act) {
    case 'change': {
      // What would have woken by now is awake.
      const { snoozedUntil } = undo.change
      const change = snoozedUntil && snoozedUntil <= now ? { ...undo.change, snoozedUntil: null } : undo.change
      return await whole(tx, actor, await changeConversations(tx, deps, undo.ids, change, actor, now, undo.seen))
    }
    case 'delete':
      return await whole(tx, actor, await deleteConversations(tx, deps, undo.ids, actor, now))
    case 'restore':
      return await whole(tx, actor, await restoreConversations(tx, deps, undo.ids, actor, now))
    case 'unmerge':
      return unmergeConversations(tx, deps, undo.ids, actor, now)
    case 'merge':
      return (await mergeConversations(tx, deps, undo.ids, undo.into, actor, now)).undo
    case 'link':
      return linkConversations(tx, deps, undo, actor, now)
    case 'unlink':
      return unlinkConversations(tx, deps, undo, actor, now)
    case 'add_participant':
      return (await addParticipant(tx, deps, undo.id, undo, actor, now)).undo
    case 'remove_participant':
      return (await removeParticipant(tx, deps, undo.id, undo.address, actor, now)).undo
    case 'follow':
    case 'unfollow':
      return setFollowing(tx, deps, undo.id, { userId: undo.userId, follows: undo.act === 'follow' }, actor, now)
  }
}

async function whole(tx: Tx, { workspaceId }: Actor, { refused, undo }: Acted): Promise<readonly Undo[]> {
  const [obstacle] = refused
  if (obstacle) throw await refusalFor(tx, workspaceId, obstacle)
  return undo
}
