import { z } from 'zod'
import { CAUSE_EVENTS } from '../../helpdesk/notify/cause.ts'
import { MEDIA, REASONS } from '../../helpdesk/notify/matrix.ts'
import { endpoint } from '../endpoint.ts'
import { flagInUrl, id, isoDate, line, pageOf, pageParams } from './shapes.ts'

export const Medium = z.enum(MEDIA)
export const NotificationReason = z.enum(REASONS)

export const Notification = z
  .object({
    id: id<'notification'>(),
    conversation: z.object({ id: id<'conversation'>(), number: z.int(), subject: z.string() }),
    item_id: id<'conversation_item'>().nullable(),
    event: z.enum(CAUSE_EVENTS).describe('What happened.'),
    reason: NotificationReason.describe('The row of your settings by which you were told.'),
    conversations: z.int().describe('How many it tells of: one act on many is told once. `conversation` is the first of them.'),
    headline: z.string(),
    preview: z.string().describe('The beginning of what was written.'),
    created_at: isoDate,
    read_at: isoDate.nullable(),
  })
  .meta({ id: 'Notification' })
export type Notification = z.output<typeof Notification>

const exampleNotification = {
  id: '0193e0a0-7777-7abc-9def-0123456789ab',
  conversation: { id: '0193e0a0-8888-7abc-9def-0123456789ab', number: 4711, subject: 'Where is my parcel?' },
  item_id: '0193e0a0-9999-7abc-9def-0123456789ab',
  event: 'customer_replied',
  reason: 'customer_replied_mine',
  conversations: 1,
  headline: 'Bob answered in conversation #4711',
  preview: 'It has not come yet.',
  created_at: '2026-11-21T12:00:00.000Z',
  read_at: null,
}

export const listNotifications = endpoint({
  method: 'GET',
  path: '/v1/notifications',
  summary: 'What you were told, newest first.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ unread: flagInUrl.optional().describe('1: only what you have not read.'), ...pageParams }),
  reply: pageOf(Notification),
  errors: ['invalid_cursor', 'person_needed'],
  example: { reply: { items: [exampleNotification], next: null } },
})

export const countNotifications = endpoint({
  method: 'GET',
  path: '/v1/notifications/count',
  summary: 'How much of it you have not read. It counts to 100.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ unread: z.int() }),
  errors: ['person_needed'],
  example: { reply: { unread: 3 } },
})

export const readNotifications = endpoint({
  method: 'POST',
  path: '/v1/notifications/read',
  summary: 'Mark as read: these, those of one conversation, or, with neither, all.',
  permission: 'signed_in',
  transaction: 'write',
  body: z.strictObject({
    ids: z.array(id<'notification'>()).max(200).optional(),
    conversation_id: id<'conversation'>().optional(),
  }),
  reply: z.object({ read: z.int() }),
  errors: ['person_needed'],
  example: { body: { conversation_id: '0193e0a0-8888-7abc-9def-0123456789ab' }, reply: { read: 2 } },
})

export const NotificationSettings = z
  .object({
    choices: z.array(
      z.object({
        reason: NotificationReason,
        media: z.array(Medium),
        usual: z.array(Medium).describe('What everybody gets who chose nothing.'),
      }),
    ),
    inboxes: z.array(z.object({ id: id<'inbox'>(), name: z.string(), muted: z.boolean() })),
  })
  .meta({ id: 'NotificationSettings' })
export type NotificationSettings = z.output<typeof NotificationSettings>

const exampleSettings = {
  choices: [{ reason: 'assigned_me', media: ['in_app', 'email'], usual: ['in_app', 'email', 'push'] }],
  inboxes: [{ id: '0193e0a0-6666-7abc-9def-0123456789ab', name: 'Support', muted: false }],
}

export const getNotificationSettings = endpoint({
  method: 'GET',
  path: '/v1/notification-settings',
  summary: 'What you want to be told, and by what.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: NotificationSettings,
  errors: ['person_needed'],
  example: { reply: exampleSettings },
})

export const changeNotificationSettings = endpoint({
  method: 'PATCH',
  path: '/v1/notification-settings',
  summary: 'Choose what you want to be told. What is left out stays.',
  description:
    'A muted inbox is silent but for what concerns you yourself: conversations of yours, mentions, and what you follow.',
  permission: 'signed_in',
  transaction: 'write',
  body: z.strictObject({
    choices: z.partialRecord(NotificationReason, z.array(Medium).max(MEDIA.length)).optional(),
    muted: z.array(id<'inbox'>()).max(1_000).optional().describe('All inboxes that are muted.'),
  }),
  reply: NotificationSettings,
  errors: ['not_found', 'person_needed'],
  example: { body: { choices: { assigned_me: ['in_app', 'email'] } }, reply: exampleSettings },
})

export const PushBrowser = z
  .object({
    id: id<'push_subscription'>(),
    endpoint: z.string(),
    browser: z.string(),
    created_at: isoDate,
    used_at: isoDate.nullable(),
    problem: z.string().nullable().describe('Why the last try failed.'),
  })
  .meta({ id: 'PushBrowser' })
export type PushBrowser = z.output<typeof PushBrowser>

const exampleBrowser = {
  id: '0193e0a0-aaaa-7abc-9def-0123456789ab',
  endpoint: 'https://push.example.org/4711',
  browser: 'Firefox on Linux',
  created_at: '2026-11-21T12:00:00.000Z',
  used_at: null,
  problem: null,
}

export const getPush = endpoint({
  method: 'GET',
  path: '/v1/push',
  summary: 'The browsers in which you are told, and the key that a browser needs for it.',
  permission: 'conversations.read',
  transaction: 'none',
  reply: z.object({ public_key: z.string().describe('base64url.'), browsers: z.array(PushBrowser) }),
  errors: ['person_needed'],
  example: {
    reply: {
      public_key: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      browsers: [exampleBrowser],
    },
  },
})

export const addPushBrowser = endpoint({
  method: 'POST',
  path: '/v1/push/browsers',
  summary: 'Be told in this browser from now on.',
  permission: 'signed_in',
  transaction: 'write',
  body: z.strictObject({
    endpoint: line(1, 1_000),
    p256dh: z.string().max(200),
    auth: z.string().max(100),
    browser: line(0, 200),
  }),
  reply: PushBrowser,
  status: 201,
  errors: ['person_needed'],
  example: {
    body: {
      endpoint: 'https://push.example.org/4711',
      p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
      browser: 'Firefox on Linux',
    },
    reply: exampleBrowser,
  },
})

export const removePushBrowser = endpoint({
  method: 'DELETE',
  path: '/v1/push/browsers/:id',
  summary: 'Be told in this browser no longer.',
  permission: 'signed_in',
  transaction: 'write',
  params: z.strictObject({ id: id<'push_subscription'>() }),
  errors: ['not_found'],
  example: { params: { id: '0193e0a0-aaaa-7abc-9def-0123456789ab' } },
})

export const notificationEndpoints = [
  listNotifications,
  countNotifications,
  readNotifications,
  getNotificationSettings,
  changeNotificationSettings,
  getPush,
  addPushBrowser,
  removePushBrowser,
] as const
