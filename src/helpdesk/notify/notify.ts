import type { Member } from '../../accounts/member.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { submit } from '../../delivery/submit.ts'
import { append } from '../../events/append.ts'
import { newId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { accessInto } from '../access/reach.ts'
import type { Cause } from './cause.ts'
import { composeNotifications } from './compose-notifications.ts'
import { type Circumstances, decide, mayBeTold, type Told } from './decide.ts'
import { insertFollowers, insertNotifications, insertPushes, type NotificationId, surroundingsOf } from './queries.ts'

export interface NotifyDeps {
  readonly blobs: BlobStore
  readonly secrets: Pick<Secrets, 'hmac'>
  /** Where people reach us, for links. */
  readonly url: string
}

/** Somebody who is told, and the row that says so. */
export interface Notified extends Told<Member> {
  readonly id: NotificationId
}

/**
 * Tells agents, in the transaction of what they are told of: a row for each whom it concerns, by their settings and by what they may reach now, and with
 * it, where they wish, a mail of its own and pushes that are due. The same cause tells nobody twice. The number of statements does not depend on how many
 * people there are.
 */
export async function notify(tx: Tx, deps: NotifyDeps, cause: Cause, now: Date): Promise<void> {
  const { workspaceId, id: conversationId } = cause.conversation
  const circumstances = await circumstancesOf(tx, cause)
  if (circumstances === null) return
  await followMentioned(tx, cause, circumstances)
  const told: Notified[] = decide(cause, circumstances).map((each) => ({ ...each, id: newId<NotificationId>(now.getTime()) }))
  if (told.length === 0) return
  const mails = await composeNotifications(tx, deps, cause, circumstances.people, told, now)
  const isNew = await insertNotifications(
    tx,
    {
      workspaceId,
      conversationId,
      itemId: cause.itemId,
      causeId: cause.itemId ?? newId(now.getTime()),
      event: cause.event,
      actorId: cause.actor,
    },
    told.map(({ id, person, reason, media }) => ({
      id,
      userId: person.id,
      reason,
      // Who cannot be reached by mail is told here, so that nobody is told nowhere.
      inApp: media.has('in_app') || (media.has('email') && !mails.has(id)),
      byPush: media.has('push'),
      messageId: mails.get(id)?.id ?? null,
    })),
    now,
  )
  if (isNew.size === 0) return
  const due = [...mails].flatMap(([id, submission]) => (isNew.has(id) ? [submission] : []))
  if (due.length > 0) await submit(tx, deps.blobs, due, now)
  const pushed = told.filter(({ id, media }) => isNew.has(id) && media.has('push')).map(({ id }) => id)
  if (pushed.length > 0) await insertPushes(tx, workspaceId, pushed, now)
  const actor = cause.actor === null ? null : `user:${cause.actor}`
  const data = { number: cause.conversation.number, inbox_id: cause.conversation.inboxId, people: isNew.size }
  await append(tx, { type: 'conversation.notified', workspaceId, subjectId: conversationId, actor, data }, now)
}

async function circumstancesOf(tx: Tx, { conversation }: Cause): Promise<Circumstances<Member> | null> {
  const { workspaceId, id: conversationId, inboxId, teamId } = conversation
  const access = await accessInto(tx, workspaceId, inboxId)
  if (access === null) return null
  const people = await rosterOf(tx, workspaceId)
  const { settings, followers, team } = await surroundingsOf(tx, { workspaceId, inboxId, conversationId, teamId })
  return {
    people,
    access,
    settings: new Map(settings.map(({ userId, ...wishes }) => [userId, wishes])),
    followers: new Set(followers),
    team: new Set(team),
  }
}

/** Who is named in what was written follows from then on, if they may see it at all. */
async function followMentioned(tx: Tx, cause: Cause, { people, access }: Circumstances<Member>): Promise<void> {
  const mentioned = people.filter((person) => cause.mentioned?.includes(person.id) && mayBeTold(person, cause, access))
  if (mentioned.length === 0) return
  const { workspaceId, id } = cause.conversation
  await insertFollowers(
    tx,
    workspaceId,
    id,
    mentioned.map((person) => person.id),
  )
}
