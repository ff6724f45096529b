/** What acts on conversations share: who may, what is written beside, and how it is taken back. */
import { type Actor, actorReference, can } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { EventType, NewEvent } from '../../events/event.ts'
import { type ConversationId, type InboxId, type ItemId, newId, type UserId, type WorkspaceId } from '../../lib/ids.ts'
import { levelIn, mayReach, reachOf } from '../access/reach.ts'
import type { Conversation } from '../conversation.ts'
import { endOfMerges, findConversation, lockConversations } from '../conversations.ts'
import type { Activity } from '../item.ts'
import type { Cause } from '../notify/cause.ts'
import { type NotifyDeps, notifyAll } from '../notify/notify.ts'
import { type ActivityRow, insertActivities, selectAccess } from './queries.ts'
import { MAX_TAGS } from './tag.ts'
import type { Change, Obstacle, Seen } from './triage.ts'

export type TriageDeps = NotifyDeps

/** An act that takes another one back. */
export type Undo =
  | { readonly act: 'change'; readonly ids: readonly ConversationId[]; readonly change: Change; readonly seen: Seen }
  | { readonly act: 'delete' | 'restore' | 'unmerge'; readonly ids: readonly ConversationId[] }
  | { readonly act: 'merge'; readonly ids: readonly ConversationId[]; readonly into: ConversationId }
  | { readonly act: 'link' | 'unlink'; readonly id: ConversationId; readonly other: ConversationId }
  | {
      readonly act: 'add_participant' | 'remove_participant'
      readonly id: ConversationId
      readonly address: string
      readonly name: string
    }
  | { readonly act: 'follow' | 'unfollow'; readonly id: ConversationId; readonly userId: UserId }

/** What came of an act on several: who may not be changed and why is said, the others are changed. */
export interface Acted {
  readonly changed: readonly Conversation[]
  readonly refused: readonly { readonly id: ConversationId; readonly number: number; readonly because: Obstacle }[]
  /** Not there, or not for them. */
  readonly missing: readonly ConversationId[]
  readonly undo: readonly Undo[]
}

/** As many at once as one transaction should hold. */
export const MAX_AT_ONCE = 500

/** Locked, in one order, and only those that the actor may reach. */
export async function lockReachable(tx: Tx, ids: readonly ConversationId[], actor: Actor): Promise<Conversation[]> {
  const reach = await reachOf(tx, actor)
  const locked = await lockConversations(tx, actor.workspaceId, [...new Set(ids)])
  return locked.filter((conversation) => mayReach(reach, conversation))
}

/** The one, locked; refused when it is not there, deleted, or part of another. */
export async function lockLive(tx: Tx, id: ConversationId, actor: Actor): Promise<Conversation> {
  const [conversation] = await lockReachable(tx, [id], actor)
  if (!conversation) throw new Refusal('not_found', { what: 'conversation' })
  await refuseNotLive(tx, conversation)
  return conversation
}

/** What is part of another is not worked on, nor what is deleted: who tries is told where to go on. */
export async function refuseNotLive(db: Db | Tx, conversation: Conversation): Promise<void> {
  const { workspaceId, id, number, mergedInto, deletedAt } = conversation
  if (mergedInto === null && deletedAt === null) return
  throw await refusalFor(db, workspaceId, { id, number, because: { code: mergedInto === null ? 'deleted' : 'merged' } })
}

export function userOf(actor: Actor): UserId | null {
  return actor.kind === 'user' ? actor.id : null
}

/** Who may be given work in these inboxes. Two statements, whatever the number of people. */
export async function workersOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  inboxIds: readonly InboxId[],
): Promise<{
  readonly mayWork: (userId: UserId, inboxId: InboxId) => boolean
  readonly nameOf: (userId: UserId | null) => string | null
}> {
  const people = new Map((await rosterOf(tx, workspaceId)).map((person) => [person.id, person]))
  const access = await selectAccess(tx, workspaceId, [...new Set(inboxIds)])
  return {
    nameOf: (userId) => (userId === null ? null : (people.get(userId)?.name ?? null)),
    mayWork(userId, inboxId) {
      const person = people.get(userId)
      const inbox = access.get(inboxId)
      if (!person || !inbox) return false
      const mayWrite = can({ kind: 'user', id: userId, name: '', workspaceId, role: person.role }, 'conversations.write')
      return mayWrite && levelIn(inbox, person) !== 'none'
    },
  }
}

/** What one conversation's share of an act leaves behind. */
export interface Trace {
  readonly conversation: Conversation
  readonly activities: readonly Activity[]
  /** Of `conversation.changed`: aspect → [from, to]. */
  readonly changes?: Readonly<Record<string, unknown>>
  readonly type?: EventType
  readonly data?: Readonly<Record<string, unknown>>
  /** What agents are told of it. */
  readonly causes?: readonly Cause['event'][]
  readonly author?: UserId | null
}

/** The lines in the conversations, the events, and who is told: two statements, and those of the notifications. `actor` null: Waybill itself. */
export async function leaveTraces(
  tx: Tx,
  deps: TriageDeps,
  workspaceId: WorkspaceId,
  traces: readonly Trace[],
  actor: Actor | null,
  now: Date,
): Promise<void> {
  const userId = actor && userOf(actor)
  const by = actor && actor.kind !== 'user' ? { by: actor.name } : {}
  const rows: (ActivityRow & { readonly trace: Trace })[] = traces.flatMap((trace) =>
    trace.activities.map((activity) => ({
      id: newId<ItemId>(now.getTime()),
      conversationId: trace.conversation.id,
      activity: { ...activity, ...by },
      trace,
    })),
  )
  await insertActivities(tx, workspaceId, userId, rows, now)
  await append(
    tx,
    traces.map((trace) => eventOf(trace, actor)),
    now,
  )
  const told = traces.flatMap((trace) => {
    const itemId = rows.findLast((row) => row.trace === trace)?.id ?? null
    const { conversation, causes = [], author = null } = trace
    return causes.map((event) => ({ event, conversation, itemId, actor: userId, author }))
  })
  await notifyAll(tx, deps, told, now)
}

function eventOf({ conversation, type = 'conversation.changed', changes, data }: Trace, actor: Actor | null): NewEvent {
  const { workspaceId, id, number, inboxId } = conversation
  return {
    type,
    workspaceId,
    subjectId: id,
    actor: actor && actorReference(actor),
    data: { number, inbox_id: inboxId, ...(changes && { changes }), ...data },
  }
}

/** An obstacle, said to whoever asked for this conversation. */
export async function refusalFor(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { id, number, because }: Acted['refused'][number],
): Promise<Refusal> {
  switch (because.code) {
    case 'deleted':
      return new Refusal('conversation_deleted', { number })
    case 'merged': {
      const merged = await findConversation(db, workspaceId, id)
      const into = merged ? (await endOfMerges(db, merged)).number : number
      return new Refusal('conversation_merged', { number, into })
    }
    case 'cannot_sleep':
      return new Refusal('cannot_sleep', { pointer: '/snoozed_until' })
    case 'not_later':
      return new Refusal('not_later', { pointer: '/snoozed_until' })
    case 'too_many_tags':
      return new Refusal('too_many_tags', { limit: MAX_TAGS, pointer: '/add_tags' })
    case 'cannot_work':
      return new Refusal('cannot_work', { pointer: '/assignee_id' })
    case 'label_of_another_status':
      return new Refusal('label_of_another_status', { ...because, pointer: '/label_id' })
    case 'fields_missing':
      return new Refusal('fields_missing', { names: because.names.map((name) => `"${name}"`).join(', '), pointer: '/status' })
    case 'field_wrong':
      return new Refusal('field_wrong', { name: because.name, why: because.why, pointer: `/fields/${because.id}` })
  }
}
