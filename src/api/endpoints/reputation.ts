import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate } from './shapes.ts'

const SubjectKind = z.enum(['address', 'domain', 'route', 'receiver'])
const State = z.enum(['good', 'warning', 'bad', 'unknown'])

export const ReputationFinding = z
  .object({
    subject_kind: SubjectKind,
    subject: z.string(),
    subject_name: z.string().describe('For people: of a route its name.'),
    check: z.string().describe('`source`, `reverse_dns`, `blocklist:<zone>`, `provider`, `complaints`.'),
    check_name: z.string(),
    route_id: id<'route'>().nullable(),
    state: State.describe('unknown: nobody answered, or would not. It neither blames nor clears.'),
    sentence: z.string(),
    hint: z.string(),
    evidence: z.record(z.string(), z.unknown()),
    since: isoDate,
    checked_at: isoDate,
  })
  .meta({ id: 'ReputationFinding' })
export type ReputationFinding = z.output<typeof ReputationFinding>

export const ReputationChange = z
  .object({
    subject_kind: SubjectKind,
    subject: z.string(),
    subject_name: z.string(),
    check_name: z.string(),
    state: State,
    sentence: z.string(),
    at: isoDate,
  })
  .meta({ id: 'ReputationChange' })
export type ReputationChange = z.output<typeof ReputationChange>

const exampleFinding = {
  subject_kind: 'address',
  subject: '203.0.113.7',
  subject_name: '203.0.113.7',
  check: 'reverse_dns',
  check_name: 'Name and way back',
  route_id: '0193e0a0-1111-7abc-9def-0123456789ab',
  state: 'good',
  sentence: '203.0.113.7 is called mail.shop.example, and mail.shop.example leads back to it.',
  hint: '',
  evidence: { names: ['mail.shop.example'] },
  since: '2026-11-20T12:00:00.000Z',
  checked_at: '2026-11-21T12:00:00.000Z',
}

export const getReputation = endpoint({
  method: 'GET',
  path: '/v1/reputation',
  summary: 'What others say of the addresses, domains and accounts that mail leaves by.',
  description:
    'Addresses of direct routes and domains are looked at every six hours, accounts and complaints every 15 minutes. `changes`: the latest 100.',
  permission: 'routes.read',
  transaction: 'read',
  reply: z.object({ items: z.array(ReputationFinding), changes: z.array(ReputationChange) }),
  example: {
    reply: {
      items: [exampleFinding],
      changes: [
        {
          subject_kind: 'address',
          subject: '203.0.113.7',
          subject_name: '203.0.113.7',
          check_name: 'Spamhaus ZEN',
          state: 'bad',
          sentence: '203.0.113.7 is on Spamhaus ZEN.',
          at: '2026-11-19T12:00:00.000Z',
        },
      ],
    },
  },
})

export const reputationEndpoints = [getReputation] as const
