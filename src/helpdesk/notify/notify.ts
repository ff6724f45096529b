import { rosterOf } from '../../accounts/roster.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { newId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { accessInto } from '../access/reach.ts'
import type { Cause } from './cause.ts'
import { type Circumstances, decide, mayBeTold, type Person } from './decide.ts'
import { insertFollowers, insertNotifications, type NotificationId, surroundingsOf } from './queries.ts'

export interface NotifyDeps {
  readonly blobs: BlobStore
  readonly secrets: Secrets
  /** Where people reach us, for links. */
  readonly url: string
}

/**
 * Tells agents, in the transaction of what they are told of: rows for those whom it concerns, by their settings and by what they may reach now.
 * The same cause tells nobody twice. The number of statements does not depend on how many people there are.
 */
export async function notify(tx: Tx, _deps: NotifyDeps, cause: Cause, now: Date): Promise<void> {
  const { workspaceId, id: conversationId, inboxId, teamId } = cause.conversation
  const people = await rosterOf(tx, workspaceId)
  const access = await accessInto(tx, workspaceId, inboxId)
  if (access === null) return
  const { settings, followers, team } = await surroundingsOf(tx, { workspaceId, inboxId, conversationId, teamId })
  const circumstances: Circumstances<Person> = {
    people,
    access,
    settings: new Map(settings.map(({ userId, ...wishes }) => [userId, wishes])),
    followers: new Set(followers),
    team: new Set(team),
  }
  await followMentioned(tx, cause, circumstances)
  const told = decide(cause, circumstances).map((each) => ({ ...each, id: newId<NotificationId>(now.getTime()) }))
  if (told.length === 0) return
  await insertNotifications(
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
      inApp: media.has('in_app'),
      byPush: media.has('push'),
    })),
    now,
  )
  const actor = cause.actor === null ? null : `user:${cause.actor}`
  const data = { number: cause.conversation.number, inbox_id: inboxId, people: told.length }
  await append(tx, { type: 'conversation.notified', workspaceId, subjectId: conversationId, actor, data }, now)
}

/** Who is named in what was written follows from then on, if they may see it at all. */
async function followMentioned(tx: Tx, cause: Cause, { people, access }: Circumstances<Person>): Promise<void> {
  const mentioned = people.filter(({ id, role }) => cause.mentioned?.includes(id) && mayBeTold({ id, role }, cause, access))
  if (mentioned.length === 0) return
  const { workspaceId, id } = cause.conversation
  await insertFollowers(
    tx,
    workspaceId,
    id,
    mentioned.map((person) => person.id),
  )
}
