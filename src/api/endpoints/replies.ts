import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Event, isoDate, pageOf, pageParams } from './shapes.ts'

export const UnknownReply = z
  .object({
    fingerprint: z.string().describe('The same for replies that say the same.'),
    pattern: z.string().describe('What is the same in them: names, addresses, numbers and ids left out.'),
    code: z.int(),
    enhanced: z.string().nullable(),
    stage: z
      .string()
      .describe('Where in the dialogue it was said; `report` when it was told later, in a bounce or by a provider.'),
    example: z.string().describe('One of them, as it was said.'),
    host: z.string().describe('Who said it first; empty where a report does not tell.'),
    receiver: z.string().describe('Who receives the mail: google, microsoft, …, or other.'),
    first_seen_at: isoDate,
    last_seen_at: isoDate,
    n: z.int().describe('How often it was said.'),
    known_as: z.string().nullable().describe('The class that a rule of this version gives it; null while none does.'),
    reviewed_at: isoDate.nullable(),
    reviewed_by: Event.shape.actor.nullable(),
  })
  .meta({ id: 'UnknownReply' })
export type UnknownReply = z.output<typeof UnknownReply>

const exampleReply = {
  fingerprint: '5d41402abc4b2a76b9719d911017c592',
  pattern: '550 - message refused by house rule # (<id>)',
  code: 550,
  enhanced: null,
  stage: 'dot',
  example: 'Message refused by house rule 17 (q7R-9981a)',
  host: 'mx.example.org',
  receiver: 'other',
  first_seen_at: '2026-11-20T08:12:00.000Z',
  last_seen_at: '2026-11-21T11:58:00.000Z',
  n: 214,
  known_as: null,
  reviewed_at: null,
  reviewed_by: null,
}

export const listReplies = endpoint({
  method: 'GET',
  path: '/v1/replies',
  summary: 'Replies of mail servers that no rule knows: what nobody has looked at first, then what is said most.',
  description:
    'Such a reply defers (4xx) or ends (5xx) its own message and nothing else, and suppresses nobody. What is said often is worth a rule.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ ...pageParams }),
  reply: pageOf(UnknownReply),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleReply], next: null } },
})
export const reviewReply = endpoint({
  method: 'POST',
  path: '/v1/replies/:fingerprint/review',
  summary: 'Say that somebody has looked at a reply. It is counted on.',
  permission: 'delivery.manage',
  transaction: 'write',
  params: z.strictObject({ fingerprint: z.string().regex(/^[0-9a-f]{32}$/) }),
  body: z.strictObject({ reviewed: z.boolean().optional().describe('`false`: it wants another look. `true` when left out.') }),
  reply: UnknownReply,
  errors: ['not_found'],
  example: {
    params: { fingerprint: exampleReply.fingerprint },
    body: {},
    reply: {
      ...exampleReply,
      reviewed_at: '2026-11-21T12:00:00.000Z',
      reviewed_by: { kind: 'user', id: '0193e0a0-2222-7abc-9def-0123456789ab', name: 'Ann' },
    },
  },
})

export const replyEndpoints = [listReplies, reviewReply] as const
