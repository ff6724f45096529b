import type { Member } from '../../accounts/member.ts'
import type { Tx } from '../../db/database.ts'
import type { Submission } from '../../delivery/message.ts'
import { isName, type Mailbox, parseAddress } from '../../mail/address.ts'
import { findItems } from '../conversations.ts'
import { findInbox } from '../inboxes.ts'
import type { Item } from '../item.ts'
import { composeMail } from '../outgoing/send-mail.ts'
import type { Cause } from './cause.ts'
import { bodiesOf, type NotificationText, notificationMail, oneLine } from './notification-mail.ts'
import type { Notified, NotifyDeps } from './notify.ts'
import type { NotificationId } from './queries.ts'
import { headlineOf } from './words.ts'

const HISTORY = 3
/** Lines of what was done stand between what was said. */
const LOOKED_AT = 20

/** The mails of those who want one: two statements for all of them, and none where nobody does. */
export async function composeNotifications(
  tx: Tx,
  deps: NotifyDeps,
  cause: Cause,
  people: readonly Member[],
  told: readonly Notified[],
  now: Date,
): Promise<Map<NotificationId, Submission>> {
  const wanted = told.filter(({ media }) => media.has('email'))
  if (wanted.length === 0) return new Map()
  const text = await textOf(tx, deps, cause, people)
  const from = text && parseAddress(text.inbox.address)
  if (!text || !from) return new Map()
  const bodies = bodiesOf(text)
  const who = whoDid(cause, text)
  const mails = new Map<NotificationId, Submission>()
  for (const { id, person, reason } of wanted) {
    const to = mailboxOf(person)
    if (!to) continue
    const headline = headlineOf({ event: cause.event, reason, who, number: cause.conversation.number, inbox: text.inbox.name })
    const mail = notificationMail(text, { name: '', address: from }, bodies, { id, to, headline, who })
    mails.set(id, (await composeMail({ db: tx, ...deps }, mail, now)).submission)
  }
  return mails
}

async function textOf(tx: Tx, { url }: NotifyDeps, cause: Cause, people: readonly Member[]): Promise<NotificationText | null> {
  const { workspaceId, id, inboxId, requester } = cause.conversation
  const inbox = await findInbox(tx, workspaceId, inboxId)
  if (!inbox) return null
  const items = await findItems(tx, workspaceId, id, { before: null, limit: LOOKED_AT })
  const item = items.find((each) => each.id === cause.itemId) ?? null
  const history = items
    .filter((each) => each.id !== cause.itemId && isSaid(each) && (!item || each.id < item.id))
    .slice(0, HISTORY)
  const names = new Map(people.map(({ id: userId, name }) => [userId, name]))
  const nameOf = ({ userId, from }: Item) => (userId && names.get(userId)) || from.name || from.address || requester || 'Somebody'
  return { conversation: cause.conversation, inbox, item, history, nameOf, url }
}

function isSaid({ kind, hiddenAt }: Item): boolean {
  return kind !== 'activity' && hiddenAt === null
}

/** Null: Waybill itself. */
function whoDid({ event, actor }: Cause, { item, conversation, nameOf }: NotificationText): string | null {
  if (actor === null && event !== 'conversation_started' && event !== 'customer_replied') return null
  const name = item ? nameOf(item) : conversation.requester
  return name === '' ? null : oneLine(name, 100)
}

function mailboxOf({ name, email }: Member): Mailbox | null {
  const address = parseAddress(email)
  return address && { name: isName(name) ? name : '', address }
}
