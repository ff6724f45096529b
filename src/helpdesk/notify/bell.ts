/** What a person was told in the program: the list behind the bell, and how much of it is new. */
import { nameActors } from '../../accounts/names.ts'
import type { Tx } from '../../db/database.ts'
import { hintInside } from '../../db/notify.ts'
import type { ConversationId } from '../../lib/ids.ts'
import { reachOf } from '../access/reach.ts'
import { type BellRow, countUnread, markRead, selectBell } from './bell-queries.ts'
import type { Person } from './person.ts'
import type { NotificationId } from './queries.ts'
import { headlineOf } from './words.ts'

export interface Notification extends BellRow {
  readonly headline: string
}

/** Nobody reads further than this; "99+" is said without counting more. */
export const COUNTED_UNREAD = 100

/** Newest first. What one may no longer see is not there. */
export async function listNotifications(
  tx: Tx,
  person: Person,
  wanted: { readonly onlyUnread: boolean; readonly after: string | null; readonly limit: number },
): Promise<Notification[]> {
  const rows = await selectBell(tx, person.workspaceId, person.id, await reachOf(tx, person), wanted)
  const name = await nameActors(
    tx,
    person.workspaceId,
    rows.map(({ actorId }) => actorId && `user:${actorId}`),
  )
  return rows.map((row) => {
    const isCustomers = row.event === 'conversation_started' || row.event === 'customer_replied'
    const who = row.actorId ? name(`user:${row.actorId}`).name : isCustomers ? row.writer : null
    return { ...row, headline: headlineOf({ ...row, who }) }
  })
}

export async function unreadOf(tx: Tx, person: Person): Promise<number> {
  return await countUnread(tx, person.workspaceId, person.id, await reachOf(tx, person), COUNTED_UNREAD)
}

/** These, or all of one conversation, or all. The person's other pages are told. */
export async function readNotifications(
  tx: Tx,
  person: Person,
  which: { readonly ids?: readonly NotificationId[]; readonly conversationId?: ConversationId },
  now: Date,
): Promise<number> {
  const read = await markRead(tx, person.workspaceId, person.id, which, now)
  const { workspaceId, id: userId } = person
  if (read > 0) await hintInside(tx, { workspaceId, userId, type: 'notification.read', subjectId: userId })
  return read
}
