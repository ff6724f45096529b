import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

export const SuppressionStream = z.enum(['all', 'transactional', 'conversation', 'bulk'])

export const Suppression = z
  .object({
    address: z.string(),
    stream: SuppressionStream,
    reason: z.enum(['unknown_address', 'complaint', 'manual']),
    note: z.string(),
    delivery_id: id<'delivery'>().nullable().describe('The delivery that taught us.'),
    created_at: isoDate,
  })
  .meta({ id: 'Suppression' })
export type Suppression = z.output<typeof Suppression>

const exampleSuppression = {
  address: 'gone@example.org',
  stream: 'all',
  reason: 'manual',
  note: 'Asked by telephone',
  delivery_id: null,
  created_at: '2026-11-21T12:00:00.000Z',
}

export const listSuppressions = endpoint({
  method: 'GET',
  path: '/v1/suppressions',
  summary: 'Addresses we do not send to, newest first.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ address: z.string().min(1).max(320).optional().describe('Only this address.'), ...pageParams }),
  reply: pageOf(Suppression),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleSuppression], next: null } },
})
export const addSuppression = endpoint({
  method: 'POST',
  path: '/v1/suppressions',
  summary: 'Do not send to this address any more.',
  permission: 'suppressions.manage',
  transaction: 'write',
  body: z.strictObject({ address: line(3, 320), stream: SuppressionStream.optional(), note: line(0, 500).optional() }),
  reply: Suppression,
  status: 201,
  errors: ['invalid_address', 'already_suppressed'],
  example: { body: { address: 'gone@example.org', note: 'Asked by telephone' }, reply: exampleSuppression },
})
export const removeSuppression = endpoint({
  method: 'DELETE',
  path: '/v1/suppressions/:address',
  summary: 'Send to this address again.',
  permission: 'suppressions.manage',
  transaction: 'write',
  params: z.strictObject({
    address: z.string().min(1).max(320),
    stream: SuppressionStream.optional().describe('`all` when left out.'),
  }),
  errors: ['not_found'],
  example: { params: { address: 'gone@example.org' } },
})

export const suppressionEndpoints = [listSuppressions, addSuppression, removeSuppression] as const
