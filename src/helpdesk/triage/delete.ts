import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { type Database, ENGINE } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR } from '../../lib/clock.ts'
import type { ConversationId } from '../../lib/ids.ts'
import type { Conversation } from '../conversation.ts'
import { type Acted, leaveTraces, lockReachable, type TriageDeps } from './act.ts'
import { saveConversations } from './queries.ts'
import { removeConversations, removeThese } from './removal-queries.ts'

/** What was deleted can be restored for so long; then it is gone. */
export const RESTORABLE_DAYS = 30

/** Out of sight, with everything in it. A message of the customer brings it back. */
export function deleteConversations(
  tx: Tx,
  deps: TriageDeps,
  ids: readonly ConversationId[],
  actor: Actor,
  now: Date,
): Promise<Acted> {
  return setDeleted(tx, deps, ids, actor, now, now)
}

export function restoreConversations(
  tx: Tx,
  deps: TriageDeps,
  ids: readonly ConversationId[],
  actor: Actor,
  now: Date,
): Promise<Acted> {
  return setDeleted(tx, deps, ids, actor, null, now)
}

async function setDeleted(
  tx: Tx,
  deps: TriageDeps,
  ids: readonly ConversationId[],
  actor: Actor,
  deletedAt: Date | null,
  now: Date,
): Promise<Acted> {
  const locked = await lockReachable(tx, ids, actor)
  const isOther = (conversation: Conversation) =>
    conversation.mergedInto === null && (conversation.deletedAt === null) === (deletedAt !== null)
  const changed = locked.filter(isOther).map((conversation) => ({ ...conversation, deletedAt, updatedAt: now }))
  await saveConversations(tx, changed)
  const what = deletedAt ? 'deleted' : 'restored'
  await leaveTraces(
    tx,
    deps,
    actor.workspaceId,
    changed.map((conversation) => ({ conversation, activities: [{ what }], type: `conversation.${what}` as const })),
    actor,
    now,
  )
  const found = new Set(locked.map(({ id }) => id))
  const done = changed.map(({ id }) => id)
  return {
    changed,
    refused: locked
      .filter(({ mergedInto }) => mergedInto !== null)
      .map(({ id, number }) => ({ id, number, because: { code: 'merged' } })),
    missing: ids.filter((id) => !found.has(id)),
    undo: done.length === 0 ? [] : [{ act: deletedAt ? 'restore' : 'delete', ids: done }],
  }
}

/** At once, with everything in them, and without a way back. Answers how many there were. */
export async function deleteForGood(tx: Tx, ids: readonly ConversationId[], actor: Actor, now: Date): Promise<number> {
  const locked = await lockReachable(tx, ids, actor)
  const removed = await removeThese(
    tx,
    actor.workspaceId,
    locked.map(({ id }) => id),
  )
  const by = actorReference(actor)
  await append(
    tx,
    removed.map(({ workspaceId, id, number, inboxId }) => ({
      ...{ type: 'conversation.removed' as const, workspaceId, subjectId: id, actor: by },
      data: { number, inbox_id: inboxId },
    })),
    now,
  )
  return removed.length
}

const REMOVED_AT_ONCE = 100
const MAX_CHUNKS = 1_000

/** Those whose time to be restored is over, and what was merged into them: items, files' names, ids, all of it. */
export function removalJob(database: Database): PeriodicJob {
  return {
    name: 'helpdesk.remove_deleted',
    everyMs: HOUR,
    async run(now) {
      const until = new Date(now.getTime() - RESTORABLE_DAYS * DAY)
      for (let chunk = 0; chunk < MAX_CHUNKS; chunk++) {
        const gone = await database.transaction(ENGINE, async (tx) => {
          const removed = await removeConversations(tx, until, REMOVED_AT_ONCE)
          const events = removed.map(({ workspaceId, id, number, inboxId }) => ({
            type: 'conversation.removed' as const,
            workspaceId,
            subjectId: id,
            data: { number, inbox_id: inboxId },
          }))
          await append(tx, events, now)
          return removed.length
        })
        if (gone === 0) return
      }
    },
  }
}
