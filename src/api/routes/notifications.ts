import { Refusal } from '../../errors.ts'
import {
  listNotifications as listOf,
  readNotifications as markRead,
  type Notification,
  unreadOf,
} from '../../helpdesk/notify/bell.ts'
import { type Person, personOf } from '../../helpdesk/notify/person.ts'
import { changeSettings, type NotificationSettings, settingsOf } from '../../helpdesk/notify/settings.ts'
import { base64url } from '../../helpdesk/push/encrypt.ts'
import {
  listSubscriptions,
  type PushSubscription,
  pushKeysOf,
  subscribe,
  unsubscribe,
} from '../../helpdesk/push/subscriptions.ts'
import type { ServerDeps } from '../deps.ts'
import {
  addPushBrowser,
  changeNotificationSettings,
  countNotifications,
  getNotificationSettings,
  getPush,
  listNotifications,
  readNotifications,
  removePushBrowser,
} from '../endpoints/notifications.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'

export function notificationRoutes(deps: ServerDeps): Route[] {
  return [...told(), ...settings(), ...browsers(deps)]
}

function told(): Route[] {
  return [
    route(listNotifications, async ({ tx, params, actor }) => {
      const page = pageById('notifications', params)
      const found = await listOf(tx, personOf(actor), { onlyUnread: params.unread ?? false, ...page.query })
      return page.of(found, toWire)
    }),
    route(countNotifications, async ({ tx, actor }) => ({ unread: await unreadOf(tx, personOf(actor)) })),
    route(readNotifications, async ({ tx, body, actor, now }) => {
      const which = {
        ...(body.ids && { ids: body.ids }),
        ...(body.conversation_id && { conversationId: body.conversation_id }),
      }
      return { read: await markRead(tx, personOf(actor), which, now) }
    }),
  ]
}

function settings(): Route[] {
  return [
    route(getNotificationSettings, async ({ tx, actor }) => toSettings(await settingsOf(tx, personOf(actor)))),
    route(changeNotificationSettings, async ({ tx, body, actor, now }) => {
      const person = personOf(actor)
      await changeSettings(
        tx,
        person,
        { ...(body.choices && { choices: body.choices }), ...(body.muted && { muted: body.muted }) },
        now,
      )
      return toSettings(await settingsOf(tx, person))
    }),
  ]
}

function browsers({ database, secrets, allowPrivateNetworks }: ServerDeps): Route[] {
  const mine = ({ workspaceId, id }: Person) => ({ workspaceId, userId: id })
  return [
    route(getPush, async ({ actor, now }) => {
      const person = personOf(actor)
      const { publicKey } = await pushKeysOf(database, secrets, now)
      const list = await listSubscriptions(database.db, person.workspaceId, person.id)
      return { public_key: base64url(publicKey), browsers: list.map(toBrowser) }
    }),
    route(addPushBrowser, async ({ tx, body, actor, now }) =>
      toBrowser(await subscribe(tx, mine(personOf(actor)), body, allowPrivateNetworks, now)),
    ),
    route(removePushBrowser, async ({ tx, params, actor }) => {
      // A key is told nowhere: none of them is its own.
      if (actor.kind !== 'user') throw new Refusal('not_found', { what: 'browser' })
      await unsubscribe(tx, mine(actor), params.id)
    }),
  ]
}

function toWire({
  id,
  conversationId,
  number,
  subject,
  itemId,
  event,
  reason,
  headline,
  preview,
  createdAt,
  readAt,
  count,
}: Notification) {
  return {
    id,
    conversations: count,
    conversation: { id: conversationId, number, subject },
    item_id: itemId,
    event,
    reason,
    headline,
    preview,
    created_at: createdAt,
    read_at: readAt,
  }
}

function toSettings({ choices, inboxes }: NotificationSettings) {
  return {
    choices: choices.map(({ reason, media, usual }) => ({ reason, media: [...media], usual: [...usual] })),
    inboxes: inboxes.map(({ id, name, isMuted }) => ({ id, name, muted: isMuted })),
  }
}

function toBrowser({ id, endpoint, browser, createdAt, usedAt, problem }: PushSubscription) {
  return { id, endpoint, browser, created_at: createdAt, used_at: usedAt, problem }
}
