/**
 * What is new to whom. A conversation is news to a person while it is open or pending and something was said in it since they looked; or after they
 * marked it as unread, whatever its status. It is a matter between a person and a conversation: nobody else is told.
 */
import type { Actor } from '../../accounts/actor.ts'
import type { Database, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, HOUR } from '../../lib/clock.ts'
import type { ConversationId, UserId } from '../../lib/ids.ts'
import { rowsOf } from '../list/list.ts'
import { reachConversation } from '../reading/read.ts'
import { deleteOldSeen, markUnseen, updateReadBefore, upsertSeen } from './seen-queries.ts'

/** They looked, and saw what was said up to `through`: what came while the page was on its way is still news. */
export async function markRead(tx: Tx, actor: Actor, id: ConversationId, through: Date | null): Promise<void> {
  const userId = personOf(actor)
  const { id: found } = await reachConversation(tx, actor, id)
  await upsertSeen(tx, actor.workspaceId, userId, [found], through)
}

export async function markUnread(tx: Tx, actor: Actor, id: ConversationId): Promise<void> {
  const userId = personOf(actor)
  const { id: found } = await reachConversation(tx, actor, id)
  await markUnseen(tx, actor.workspaceId, userId, [found])
}

/** Those of them that they may see. */
export async function markMany(tx: Tx, actor: Actor, ids: readonly ConversationId[], isRead: boolean): Promise<ConversationId[]> {
  const userId = personOf(actor)
  const seen = (await rowsOf(tx, actor, { filter: {}, sort: 'latest' }, ids)).map(({ id }) => id)
  await (isRead ? upsertSeen(tx, actor.workspaceId, userId, seen, null) : markUnseen(tx, actor.workspaceId, userId, seen))
  return seen
}

/** Everything that was said until now, everywhere; marks of one's own go as well. */
export async function markAllRead(tx: Tx, actor: Actor, now: Date): Promise<void> {
  await updateReadBefore(tx, actor.workspaceId, personOf(actor), now)
}

function personOf(actor: Actor): UserId {
  if (actor.kind !== 'user') throw new Refusal('person_needed')
  return actor.id
}

const KEPT = 90 * DAY
const AT_ONCE = 2_000

export function seenJobs(database: Database, clock: Clock): PeriodicJob[] {
  const forget = () => inChunks(database, AT_ONCE, (tx) => deleteOldSeen(tx, new Date(clock.now().getTime() - KEPT), AT_ONCE))
  return [{ name: 'helpdesk.forget_seen', everyMs: 6 * HOUR, run: forget }]
}
