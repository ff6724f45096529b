import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate } from './shapes.ts'

export const Present = z
  .object({
    conversation_id: id<'conversation'>(),
    user_id: id<'user'>(),
    name: z.string(),
    doing: z.enum(['looking', 'writing']),
    ends_at: isoDate.describe('Unless they say so again before.'),
  })
  .meta({ id: 'Present' })
export type Present = z.output<typeof Present>

const examplePresent = {
  conversation_id: '0193e0a0-8888-7abc-9def-0123456789ab',
  user_id: '0193e0a0-3333-7abc-9def-0123456789ab',
  name: 'Ben',
  doing: 'writing',
  ends_at: '2026-11-21T12:00:50.000Z',
}
const present = z.object({ items: z.array(Present), next: z.null() })

export const listPresence = endpoint({
  method: 'GET',
  path: '/v1/presence',
  summary: 'Who else has which conversation open.',
  description:
    'A `changed` event of the type `presence.changed` on the live line says when to ask again, and for which conversation.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: present,
  errors: ['person_needed'],
  example: { reply: { items: [examplePresent], next: null } },
})

export const getConversationPresence = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/presence',
  summary: 'Who else has a conversation open.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ id: id<'conversation'>() }),
  reply: present,
  errors: ['not_found', 'person_needed'],
  example: { params: { id: examplePresent.conversation_id }, reply: { items: [examplePresent], next: null } },
})

export const bePresent = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/presence',
  summary: 'Say that you have it open, or write in it. It ends by itself after 50 seconds.',
  description:
    'Say it when it changes, and every 20 seconds. The answer has who else is there. What you were told of it counts as read.',
  permission: 'signed_in',
  transaction: 'write',
  params: z.strictObject({ id: id<'conversation'>() }),
  body: z.strictObject({
    page: z.uuid().describe('Made by the page that shows it, anew each time.'),
    doing: z.enum(['looking', 'writing', 'gone']),
  }),
  reply: present,
  errors: ['not_found', 'person_needed'],
  example: {
    params: { id: examplePresent.conversation_id },
    body: { page: '0193e0a0-bbbb-4abc-9def-0123456789ab', doing: 'looking' },
    reply: { items: [examplePresent], next: null },
  },
})

export const listMentionable = endpoint({
  method: 'GET',
  path: '/v1/inboxes/:id/mentionable',
  summary: 'Whom one can name with @ in what one writes: people and teams that see all of the inbox.',
  permission: 'conversations.write',
  transaction: 'read',
  params: z.strictObject({ id: id<'inbox'>(), search: z.string().max(100).optional().describe('The beginning of a name.') }),
  reply: z.object({
    items: z.array(
      z.object({
        kind: z.enum(['user', 'team']),
        id: z.uuid(),
        name: z.string(),
        email: z.string().nullable().describe('Null for a team.'),
        members: z.int().describe('1 for a person.'),
      }),
    ),
    next: z.null(),
  }),
  errors: ['not_found'],
  example: {
    params: { id: '0193e0a0-6666-7abc-9def-0123456789ab', search: 'be' },
    reply: {
      items: [{ kind: 'user', id: '0193e0a0-3333-7abc-9def-0123456789ab', name: 'Ben', email: 'ben@example.com', members: 1 }],
      next: null,
    },
  },
})

export const presenceEndpoints = [listPresence, getConversationPresence, bePresent, listMentionable] as const
