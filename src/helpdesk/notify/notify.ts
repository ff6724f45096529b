import type { Member } from '../../accounts/member.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { submit } from '../../delivery/submit.ts'
import { append } from '../../events/append.ts'
import type { NewEvent } from '../../events/event.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { selectAccess } from '../triage/queries.ts'
import type { Cause } from './cause.ts'
import { composeNotifications } from './compose-notifications.ts'
import { type Circumstances, decide, mayBeTold, type Told } from './decide.ts'
import { insertFollowers, insertNotifications, insertPushes, type NotificationId, surroundingsOf } from './queries.ts'

export interface NotifyDeps {
  readonly blobs: BlobStore
  readonly secrets: Pick<Secrets, 'hmac'>
  /** Where people reach us, for links. */
  readonly url: string
  /** What is done can be taken back until then: mails about it wait as long. */
  readonly notBefore?: Date | null
}

/** Somebody who is told of something, and the row that says so. */
export interface Notified extends Told<Member> {
  readonly id: NotificationId
  readonly cause: Cause
  readonly causeId: string
  /** The other conversations of one act that it tells of as well. */
  readonly others: readonly Cause[]
}

/**
 * Tells agents, in the transaction of what they are told of: a row for each whom it concerns, by their settings and by what they may reach now, and with
 * it, where they wish, a mail of its own and pushes that are due. The same cause tells nobody twice.
 */
export function notify(tx: Tx, deps: NotifyDeps, cause: Cause, now: Date): Promise<void> {
  return notifyAll(tx, deps, [cause], now)
}

/** The same for several causes. The number of statements depends neither on how many there are nor on how many people. */
export async function notifyAll(tx: Tx, deps: NotifyDeps, causes: readonly Cause[], now: Date): Promise<void> {
  for (const [workspaceId, group] of Map.groupBy(causes, ({ conversation }) => conversation.workspaceId))
    await notifyIn(tx, deps, workspaceId, group, now)
}

async function notifyIn(tx: Tx, deps: NotifyDeps, workspaceId: WorkspaceId, causes: readonly Cause[], now: Date): Promise<void> {
  const people = await rosterOf(tx, workspaceId)
  const circumstances = await circumstancesOf(tx, workspaceId, causes, people)
  await followMentioned(tx, workspaceId, circumstances)
  const each = [...circumstances].flatMap(([cause, around]): Notified[] => {
    // What left no item behind has an id that all who are told of it share.
    const causeId = cause.itemId ?? newId(now.getTime())
    return decide(cause, around).map((one) => ({ ...one, cause, causeId, id: newId<NotificationId>(now.getTime()), others: [] }))
  })
  const told = together(each)
  if (told.length === 0) return
  const mails = await composeNotifications(tx, deps, people, told, now)
  const isNew = await insertNotifications(
    tx,
    workspaceId,
    told.map((each) => rowOf(each, mails.get(each.id)?.id ?? null)),
    told.every(({ cause }) => cause.isFirst),
    now,
  )
  if (isNew.size === 0) return
  const due = [...mails].flatMap(([id, submission]) => (isNew.has(id) ? [submission] : []))
  if (due.length > 0) await submit(tx, deps.blobs, due, now)
  const pushed = told.filter(({ id, media }) => isNew.has(id) && media.has('push')).map(({ id }) => id)
  if (pushed.length > 0) await insertPushes(tx, workspaceId, pushed, deps.notBefore ?? now, now)
  await append(tx, eventsOf(told.filter(({ id }) => isNew.has(id))), now)
}

/** What one act does to several conversations at once. */
const OF_MANY: ReadonlySet<Cause['event']> = new Set(['assigned', 'moved', 'snooze_over'])
/** As many as one act may have (triage/act.ts), and room to spare; whatever is more is told of by another. */
const MOST_TOGETHER = 1_000

/** Who is told the same of several conversations is told once. */
export function together(told: readonly Notified[]): Notified[] {
  const groups = Map.groupBy(told, ({ cause, person, reason, media, id }) =>
    OF_MANY.has(cause.event) ? [person.id, cause.event, reason, cause.actor, ...[...media].sort()].join() : id,
  )
  return [...groups.values()].flatMap((group) => {
    const parts: Notified[] = []
    for (let at = 0; at < group.length; at += MOST_TOGETHER) {
      const [first, ...others] = group.slice(at, at + MOST_TOGETHER)
      if (first) parts.push({ ...first, others: others.map(({ cause }) => cause) })
    }
    return parts
  })
}

type ByCause = ReadonlyMap<Cause, Circumstances<Member>>

/** Causes in an inbox that is not there tell nobody. */
async function circumstancesOf(
  tx: Tx,
  workspaceId: WorkspaceId,
  causes: readonly Cause[],
  people: readonly Member[],
): Promise<ByCause> {
  const conversations = causes.map(({ conversation }) => conversation)
  const access = await selectAccess(tx, workspaceId, [...new Set(conversations.map(({ inboxId }) => inboxId))])
  const { settings, followers, teams } = await surroundingsOf(
    tx,
    workspaceId,
    [...new Set(conversations.map(({ id }) => id))],
    [...new Set(conversations.flatMap(({ teamId }) => teamId ?? []))],
  )
  return new Map(
    causes.flatMap((cause) => {
      const { id, inboxId, teamId } = cause.conversation
      const inbox = access.get(inboxId)
      if (!inbox) return []
      const wishes = settings.map(
        ({ userId, choices, muted }) => [userId, { choices, isMuted: muted.includes(inboxId) }] as const,
      )
      const around = {
        people,
        access: inbox,
        settings: new Map(wishes),
        followers: new Set(followers[id] ?? []),
        team: new Set(teamId === null ? [] : (teams[teamId] ?? [])),
      }
      return [[cause, around] as const]
    }),
  )
}

/** Who is named in what was written follows from then on, if they may see it at all. */
async function followMentioned(tx: Tx, workspaceId: WorkspaceId, circumstances: ByCause): Promise<void> {
  const pairs = [...circumstances].flatMap(([cause, { people, access }]) =>
    people
      .filter((person) => cause.mentioned?.includes(person.id) && mayBeTold(person, cause, access))
      .map(({ id }) => ({ conversationId: cause.conversation.id, userId: id })),
  )
  if (pairs.length > 0) await insertFollowers(tx, workspaceId, pairs)
}

function rowOf({ id, cause, causeId, person, reason, media, others }: Notified, messageId: string | null) {
  return {
    id,
    userId: person.id,
    conversationId: cause.conversation.id,
    itemId: cause.itemId,
    causeId,
    event: cause.event,
    actorId: cause.actor,
    reason,
    // Who cannot be reached by mail is told here, so that nobody is told nowhere.
    inApp: media.has('in_app') || (media.has('email') && messageId === null),
    byPush: media.has('push'),
    messageId,
    others: others.map(({ conversation }) => conversation.id),
  }
}

/** One for each cause that told anybody anything. */
function eventsOf(told: readonly Notified[]): NewEvent[] {
  return [...Map.groupBy(told, ({ cause }) => cause)].map(([{ actor, conversation }, { length: people }]) => ({
    type: 'conversation.notified',
    workspaceId: conversation.workspaceId,
    subjectId: conversation.id,
    actor: actor === null ? null : `user:${actor}`,
    data: { number: conversation.number, inbox_id: conversation.inboxId, people },
  }))
}
