/**
 * Who has a conversation open, and who is writing in it.
 *
 * A page says so when that changes and every 20 seconds while it can be seen; what it said ends by itself. Others are told by a hint to every process
 * (db/notify.ts), so nobody asks in between. It is not kept: the event log has nothing of it.
 */
import { type Actor, can } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Database, Tx } from '../../db/database.ts'
import { hintInside } from '../../db/notify.ts'
import { Refusal } from '../../errors.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import type { ConversationId, UserId } from '../../lib/ids.ts'
import { mayReach, reachOf } from '../access/reach.ts'
import { findConversation } from '../conversations.ts'
import { type Person, personOf } from '../notify/person.ts'
import {
  deleteEndedPresence,
  deletePresence,
  type PresenceRow,
  selectPresence,
  selectPresenceWithin,
  upsertPresence,
} from './queries.ts'

export const DOINGS = ['looking', 'writing'] as const
export type Doing = (typeof DOINGS)[number]

/** Two beats may be lost. */
const ENDS_AFTER_MS = 50 * SECOND
const LISTED = 500
const DELETED_AT_ONCE = 1_000

export interface Present {
  readonly conversationId: ConversationId
  readonly userId: UserId
  readonly name: string
  readonly doing: Doing
  readonly endsAt: Date
}

/** `gone`: the page was left. Returns who else is there. */
export async function bePresent(
  tx: Tx,
  asker: Actor,
  {
    conversationId,
    page,
    doing,
  }: { readonly conversationId: ConversationId; readonly page: string; readonly doing: Doing | 'gone' },
  now: Date,
): Promise<Present[]> {
  const actor = await personAt(tx, asker, conversationId)
  const at = { workspaceId: actor.workspaceId, conversationId, userId: actor.id, page }
  // Who may not answer is not writing an answer.
  const shown = doing === 'writing' && !can(actor, 'conversations.write') ? 'looking' : doing
  const isNews =
    shown === 'gone'
      ? await deletePresence(tx, at)
      : await upsertPresence(tx, at, shown, new Date(now.getTime() + ENDS_AFTER_MS), now)
  if (isNews)
    await hintInside(tx, { workspaceId: actor.workspaceId, userId: null, type: 'presence.changed', subjectId: conversationId })
  return await othersOf(tx, actor, await selectPresence(tx, actor.workspaceId, conversationId, now))
}

export async function presentIn(tx: Tx, asker: Actor, conversationId: ConversationId, now: Date): Promise<Present[]> {
  const actor = await personAt(tx, asker, conversationId)
  return await othersOf(tx, actor, await selectPresence(tx, actor.workspaceId, conversationId, now))
}

/** For lists: everybody else, wherever one may look oneself. */
export async function presentAnywhere(tx: Tx, actor: Person, now: Date): Promise<Present[]> {
  const reach = await reachOf(tx, actor)
  return await othersOf(tx, actor, await selectPresenceWithin(tx, actor.workspaceId, reach, LISTED, now))
}

/** What may not be reached is not there, whoever asks. */
async function personAt(tx: Tx, actor: Actor, id: ConversationId): Promise<Person> {
  const conversation = await findConversation(tx, actor.workspaceId, id)
  if (!conversation || !mayReach(await reachOf(tx, actor), conversation)) throw new Refusal('not_found', { what: 'conversation' })
  return personOf(actor)
}

async function othersOf(tx: Tx, actor: Person, rows: readonly PresenceRow[]): Promise<Present[]> {
  const others = rows.filter(({ userId }) => userId !== actor.id)
  if (others.length === 0) return []
  const names = new Map((await rosterOf(tx, actor.workspaceId)).map(({ id, name }) => [id, name]))
  return others.flatMap(({ conversationId, userId, isWriting, endsAt }) => {
    const name = names.get(userId)
    return name === undefined ? [] : [{ conversationId, userId, name, doing: isWriting ? 'writing' : 'looking', endsAt }]
  })
}

export function presenceJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'helpdesk.forget_presence',
      everyMs: 5 * MINUTE,
      run: (now) => inChunks(database, DELETED_AT_ONCE, (tx) => deleteEndedPresence(tx, DELETED_AT_ONCE, now)),
    },
  ]
}
