import { z } from 'zod'
import { ACCESS_LEVELS } from '../../helpdesk/access/levels.ts'
import { ASSIGN_ON_REPLY, FROM_NAMES, NO_MATCH, STATUSES_AFTER_REPLY } from '../../helpdesk/inbox.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

const html = z.string().max(50_000)
const StandingText = z.strictObject({ subject: line(1, 300), html: html.min(1) })

const settings = {
  name: line(1, 100),
  address: line(3, 320).describe('What it writes from.'),
  addresses: z
    .array(z.strictObject({ address: line(3, 320), may_send: z.boolean().describe('Answers may leave from it.') }))
    .max(100)
    .describe('Every address that mail for it comes to; its own is always among them.'),
  from_name: z
    .enum(FROM_NAMES)
    .describe('Whose name stands before the address: of the inbox, of the agent, or "agent at inbox".'),
  route_id: id<'route'>().nullable().describe('Null: as the rules say.'),
  signature: html.describe('HTML with variables such as `{{ agent.name }}`. It is cleaned before it is stored.'),
  status_after_reply: z.enum(STATUSES_AFTER_REPLY),
  assign_on_reply: z.enum(ASSIGN_ON_REPLY),
  default_assignee: id<'user'>().nullable().describe('Who gets new conversations.'),
  default_team: id<'team'>().nullable(),
  auto_bcc: z.array(line(3, 320)).max(10),
  auto_reply: StandingText.nullable().describe('Sent once to whoever starts a conversation; never to machines.'),
  undo_seconds: z.int().min(0).max(120).describe('So long an answer waits before it leaves, and can be taken back.'),
  subject_tag: z.boolean().describe('Writes `[slug-123]` into the subjects of answers.'),
  plus_address: z.boolean().describe('Answers come back to `address+r.token@…`: its server must deliver plus addresses.'),
  no_match: z.enum(NO_MATCH).describe('Mail that belongs to no conversation. Anything but `start` makes the inbox update-only.'),
  no_match_answer: StandingText.nullable(),
  no_match_alert: z.int().min(1).max(1_000_000).nullable().describe('So many of these a day raise an incident.'),
  sent_copy: z
    .strictObject({ mailbox_id: id<'mailbox'>(), folder: line(1, 255) })
    .nullable()
    .describe('A copy of what is sent goes into this folder of a mailbox.'),
}

export const InboxProblem = z.object({ code: z.string(), sentence: z.string(), hint: z.string() })
export const Inbox = z
  .object({
    id: id<'inbox'>(),
    slug: z.string().describe('Of `[slug-123]` in subjects. Made of its first name; renaming leaves it.'),
    ...settings,
    restricted: z.boolean().describe('Only people with access see it.'),
    closed_at: isoDate.nullable().describe('Since then it takes no mail.'),
    open: z.int().describe('Open conversations.'),
    unassigned: z.int().describe("Those of them that are nobody's."),
    no_match_today: z
      .int()
      .describe('Mails of this day (UTC) that belonged to no conversation, where the inbox starts none by mail.'),
    problems: z.array(InboxProblem),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Inbox' })
export type Inbox = z.output<typeof Inbox>

const Body = z.strictObject(settings).partial()
export type InboxBody = z.output<typeof Body>

export const InboxAccess = z
  .strictObject({
    restricted: z.boolean(),
    people: z
      .array(z.strictObject({ user_id: id<'user'>(), level: z.enum(ACCESS_LEVELS) }))
      .max(1_000)
      .describe('Who is not named has all of an inbox that is open to the workspace, and nothing of a restricted one.'),
  })
  .meta({ id: 'InboxAccess' })
export type InboxAccess = z.output<typeof InboxAccess>

const exampleInbox = {
  id: '0193e0a0-5555-7abc-9def-0123456789ab',
  slug: 'support',
  name: 'Support',
  address: 'help@example.com',
  addresses: [
    { address: 'help@example.com', may_send: true },
    { address: 'support@example.com', may_send: false },
  ],
  from_name: 'agent_at_inbox',
  route_id: null,
  signature: '<p>{{ agent.name }}<br />Example Ltd</p>',
  status_after_reply: 'pending',
  assign_on_reply: 'if_unassigned',
  default_assignee: null,
  default_team: null,
  auto_bcc: [],
  auto_reply: null,
  undo_seconds: 15,
  subject_tag: false,
  plus_address: false,
  no_match: 'start',
  no_match_answer: null,
  no_match_alert: null,
  sent_copy: null,
  restricted: false,
  closed_at: null,
  open: 12,
  unassigned: 3,
  no_match_today: 0,
  problems: [],
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
}
const byId = z.strictObject({ id: id<'inbox'>() })
const params = { id: exampleInbox.id }
const exampleAccess = { restricted: true, people: [{ user_id: '0193e0a0-6666-7abc-9def-0123456789ab', level: 'full' }] }
const WRONG = ['inbox_name_taken', 'invalid_address', 'address_in_use', 'too_many_addresses', 'unknown_variable'] as const

export const listInboxes = endpoint({
  method: 'GET',
  path: '/v1/inboxes',
  summary: 'The inboxes that you may reach, by name; closed ones too.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Inbox), next: z.null() }),
  example: { reply: { items: [exampleInbox], next: null } },
})
export const getInbox = endpoint({
  method: 'GET',
  path: '/v1/inboxes/:id',
  summary: 'One inbox with all its settings.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: Inbox,
  errors: ['not_found'],
  example: { params, reply: exampleInbox },
})
export const createInbox = endpoint({
  method: 'POST',
  path: '/v1/inboxes',
  summary: 'Make an inbox.',
  permission: 'inboxes.manage',
  transaction: 'write',
  body: Body.required({ name: true, address: true }),
  reply: Inbox,
  status: 201,
  errors: [...WRONG, 'too_many_inboxes'],
  example: { body: { name: 'Support', address: 'help@example.com' }, reply: exampleInbox },
})
export const changeInbox = endpoint({
  method: 'PATCH',
  path: '/v1/inboxes/:id',
  summary: 'Change an inbox; what is left out stays.',
  permission: 'inboxes.manage',
  transaction: 'write',
  params: byId,
  body: Body,
  reply: Inbox,
  errors: ['not_found', ...WRONG],
  example: { params, body: { undo_seconds: 30 }, reply: { ...exampleInbox, undo_seconds: 30 } },
})
export const closeInbox = endpoint({
  method: 'POST',
  path: '/v1/inboxes/:id/close',
  summary: 'Take no mail any more. What is in it can still be read and answered.',
  permission: 'inboxes.manage',
  transaction: 'write',
  params: byId,
  reply: Inbox,
  errors: ['not_found'],
  example: { params, reply: { ...exampleInbox, closed_at: '2026-11-21T12:00:00.000Z' } },
})
export const reopenInbox = endpoint({
  method: 'POST',
  path: '/v1/inboxes/:id/reopen',
  summary: 'Take mail again.',
  permission: 'inboxes.manage',
  transaction: 'write',
  params: byId,
  reply: Inbox,
  errors: ['not_found'],
  example: { params, reply: exampleInbox },
})
export const removeInbox = endpoint({
  method: 'POST',
  path: '/v1/inboxes/:id/remove',
  summary: 'Remove an inbox that is empty, or whose conversations and addresses move to another.',
  description:
    'A request moves at most 10,000 conversations. Repeat it until `removed` is true; stopping in between loses nothing.',
  permission: 'inboxes.manage',
  transaction: 'none',
  params: byId,
  body: z.strictObject({ move_to: id<'inbox'>().nullable().optional() }),
  reply: z.object({ removed: z.boolean(), moved: z.int() }),
  errors: ['not_found', 'inbox_in_use', 'wrong_state', 'database_unavailable'],
  example: { params, body: { move_to: '0193e0a0-5555-7abc-9def-0123456789cd' }, reply: { removed: true, moved: 118 } },
})
export const getInboxAccess = endpoint({
  method: 'GET',
  path: '/v1/inboxes/:id/access',
  summary: 'Who may work in an inbox.',
  permission: 'inboxes.manage',
  transaction: 'read',
  params: byId,
  reply: InboxAccess,
  errors: ['not_found'],
  example: { params, reply: exampleAccess },
})
export const changeInboxAccess = endpoint({
  method: 'PUT',
  path: '/v1/inboxes/:id/access',
  summary: 'Say who may work in an inbox: the whole list at once. Owners and administrators always may.',
  permission: 'inboxes.manage',
  transaction: 'write',
  params: byId,
  body: InboxAccess,
  reply: InboxAccess,
  errors: ['not_found'],
  example: { params, body: exampleAccess, reply: exampleAccess },
})

export const inboxEndpoints = [
  listInboxes,
  getInbox,
  createInbox,
  changeInbox,
  closeInbox,
  reopenInbox,
  removeInbox,
  getInboxAccess,
  changeInboxAccess,
] as const
