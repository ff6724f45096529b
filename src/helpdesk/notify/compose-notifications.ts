import type { Member } from '../../accounts/member.ts'
import type { Tx } from '../../db/database.ts'
import type { Submission } from '../../delivery/message.ts'
import type { InboxId, WorkspaceId } from '../../lib/ids.ts'
import { isName, type Mailbox, parseAddress } from '../../mail/address.ts'
import type { Inbox } from '../inbox.ts'
import { findInbox, listInboxes } from '../inboxes.ts'
import { composeMail } from '../outgoing/send-mail.ts'
import type { Cause } from './cause.ts'
import { mailOfMany } from './mail-of-many.ts'
import { bodiesOf, type NotificationText, notificationMail, oneLine } from './notification-mail.ts'
import type { Notified, NotifyDeps } from './notify.ts'
import { type NotificationId, type SaidItem, selectSaid } from './queries.ts'
import { headlineOf } from './words.ts'

const HISTORY = 3

/** The mails of those who want one: two statements for all of them, and none where nobody does. */
export async function composeNotifications(
  tx: Tx,
  deps: NotifyDeps,
  people: readonly Member[],
  told: readonly Notified[],
  now: Date,
): Promise<Map<NotificationId, Submission>> {
  const mails = new Map<NotificationId, Submission>()
  const byCause = Map.groupBy(
    told.filter(({ media }) => media.has('email')),
    ({ cause }) => cause,
  )
  for (const [cause, text] of await textsOf(tx, deps, people, [...byCause.keys()])) {
    const from = parseAddress(text.inbox.address)
    if (!from) continue
    const bodies = bodiesOf(text)
    const who = whoDid(cause, text, people)
    for (const { id, person, reason, others } of byCause.get(cause) ?? []) {
      const to = mailboxOf(person)
      if (!to) continue
      const count = others.length + 1
      const headline = headlineOf({
        event: cause.event,
        reason,
        who,
        number: cause.conversation.number,
        inbox: text.inbox.name,
        count,
      })
      const recipient = { id, to, headline, who }
      const mail =
        count === 1
          ? notificationMail(text, { name: '', address: from }, bodies, recipient)
          : mailOfMany(text, { name: '', address: from }, [cause, ...others], recipient)
      const composed = await composeMail({ db: tx, ...deps }, { ...mail, scheduledAt: deps.notBefore ?? null }, now)
      mails.set(id, composed.submission)
    }
  }
  return mails
}

async function textsOf(
  tx: Tx,
  { url }: NotifyDeps,
  people: readonly Member[],
  causes: readonly Cause[],
): Promise<Map<Cause, NotificationText>> {
  const workspaceId = causes[0]?.conversation.workspaceId
  if (!workspaceId) return new Map()
  const inboxes = await inboxesOf(tx, workspaceId, [...new Set(causes.map(({ conversation }) => conversation.inboxId))])
  const said = await selectSaid(tx, workspaceId, [...new Set(causes.map(({ conversation }) => conversation.id))])
  const names = new Map(people.map(({ id, name }) => [id, name]))
  return new Map(
    causes.flatMap((cause) => {
      const { conversation, itemId } = cause
      const inbox = inboxes.get(conversation.inboxId)
      if (!inbox) return []
      const items = said.get(conversation.id) ?? []
      const item = items.find(({ id }) => id === itemId) ?? null
      const history = items.filter(({ id, isHidden }) => !isHidden && id !== itemId && (!item || id < item.id)).slice(0, HISTORY)
      const nameOf = ({ userId, fromName, fromAddress }: SaidItem) =>
        (userId && names.get(userId)) || fromName || fromAddress || conversation.requester || 'Somebody'
      return [[cause, { conversation, inbox, item, history, nameOf, url }] as const]
    }),
  )
}

async function inboxesOf(tx: Tx, workspaceId: WorkspaceId, ids: readonly InboxId[]): Promise<Map<InboxId, Inbox>> {
  const [only] = ids
  const found = ids.length === 1 && only ? [await findInbox(tx, workspaceId, only)] : await listInboxes(tx, workspaceId)
  return new Map(found.flatMap((inbox) => (inbox ? [[inbox.id, inbox] as const] : [])))
}

/** Null: Waybill itself. */
function whoDid(
  { event, actor }: Cause,
  { item, conversation, nameOf }: NotificationText,
  people: readonly Member[],
): string | null {
  if (actor === null && event !== 'conversation_started' && event !== 'customer_replied') return null
  // What was done, and not said, is told by no item: assigning, moving.
  const agent = actor === null ? undefined : people.find(({ id }) => id === actor)
  const name = item ? nameOf(item) : (agent?.name ?? conversation.requester)
  return name === '' ? null : oneLine(name, 100)
}

function mailboxOf({ name, email }: Member): Mailbox | null {
  const address = parseAddress(email)
  return address && { name: isName(name) ? name : '', address }
}
