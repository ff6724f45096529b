import { z } from 'zod'
import { BULK_KINDS } from '../../delivery/bulk/bulk-act.ts'
import { FAILURE_CLASSES } from '../../mail/failure.ts'
import { endpoint } from '../endpoint.ts'
import { DeliveryState } from './deliveries.ts'
import { id, isoDate, pageOf, pageParams, Stream } from './shapes.ts'

const few = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(100).optional()
const domain = z.string().trim().toLowerCase().min(1).max(255)

/** Every condition that is given has to hold; within one, any of its values will do. */
export const BulkFilter = z
  .strictObject({
    states: few(DeliveryState),
    streams: few(Stream),
    route_id: id<'route'>().optional().describe('The route of the latest attempt.'),
    receivers: few(domain),
    from_domains: few(domain),
    recipient_domains: few(domain),
    tags: few(z.string().min(1).max(100)),
    classes: few(z.enum(FAILURE_CLASSES)).describe('Classes of failure that they wait or ended for.'),
    since: isoDate.optional().describe('Accepted at this time or later.'),
    until: isoDate.optional().describe('Accepted before this time; now when left out.'),
  })
  .meta({ id: 'BulkFilter' })
export type BulkFilter = z.output<typeof BulkFilter>

export const BulkKind = z.enum(BULK_KINDS).describe('replay: sends again what a next hop took and nothing more was heard of.')

const exampleFilter = {
  states: ['sent'],
  route_id: '0193e0a0-1111-7abc-9def-0123456789ab',
  receivers: ['google'],
  since: '2026-11-08T00:00:00.000Z',
}

export const previewBulkAct = endpoint({
  method: 'POST',
  path: '/v1/bulk-acts/preview',
  summary: 'How many deliveries an act would meet, and which. Changes nothing.',
  permission: 'delivery.manage',
  transaction: 'write',
  body: z.strictObject({ kind: BulkKind, filter: BulkFilter }),
  reply: z.object({
    matched: z.int(),
    by_receiver: z.array(z.object({ receiver: z.string().nullable(), n: z.int() })),
    examples: z.array(
      z.object({
        id: id<'delivery'>(),
        message_id: id<'message'>(),
        recipient: z.string(),
        subject: z.string(),
        state: DeliveryState,
      }),
    ),
  }),
  example: {
    body: { kind: 'replay', filter: exampleFilter },
    reply: {
      matched: 214,
      by_receiver: [{ receiver: 'google', n: 214 }],
      examples: [
        {
          id: '0193e0a0-2222-7abc-9def-0123456789ab',
          message_id: '0193e0a0-3333-7abc-9def-0123456789ab',
          recipient: 'ann@gmail.com',
          subject: 'Your invitation',
          state: 'sent',
        },
      ],
    },
  },
})

export const BulkAct = z
  .object({
    id: id<'bulk_act'>(),
    kind: BulkKind,
    filter: BulkFilter,
    route_id: id<'route'>().nullable(),
    state: z.enum(['running', 'done', 'stopped']),
    matched: z.int().describe('How many it were when somebody decided.'),
    done: z.int(),
    passed_over: z.int().describe('Their state did not fit any more when it was their turn.'),
    created_at: isoDate,
    finished_at: isoDate.nullable(),
  })
  .meta({ id: 'BulkAct' })
export type BulkAct = z.output<typeof BulkAct>

const exampleAct = {
  id: '0193e0a0-6666-7abc-9def-0123456789ab',
  kind: 'replay',
  filter: { ...exampleFilter, until: '2026-11-22T12:00:00.000Z' },
  route_id: null,
  state: 'running',
  matched: 214,
  done: 0,
  passed_over: 0,
  created_at: '2026-11-22T12:00:00.000Z',
  finished_at: null,
}
const params = z.strictObject({ id: id<'bulk_act'>() })

export const startBulkAct = endpoint({
  method: 'POST',
  path: '/v1/bulk-acts',
  summary: 'Retry, hold, release, cancel, reroute or replay many deliveries.',
  description:
    'Runs in the background, in small steps, and survives a restart. Deliveries accepted after it began are not part of it.',
  permission: 'delivery.manage',
  transaction: 'write',
  body: z.strictObject({
    kind: BulkKind,
    filter: BulkFilter,
    route_id: id<'route'>()
      .nullable()
      .optional()
      .describe('For reroute and replay: the way to take; null or left out: as the rules say.'),
    expected: z.int().min(0).optional().describe('What the preview said: refused when it is not so any more.'),
  }),
  reply: BulkAct,
  status: 202,
  errors: ['nothing_to_do', 'preview_is_old', 'invalid_request'],
  example: { body: { kind: 'replay', filter: exampleFilter, expected: 214 }, reply: exampleAct },
})
export const listBulkActs = endpoint({
  method: 'GET',
  path: '/v1/bulk-acts',
  summary: 'What was done with many deliveries at once, newest first.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ ...pageParams }),
  reply: pageOf(BulkAct),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleAct], next: null } },
})
export const getBulkAct = endpoint({
  method: 'GET',
  path: '/v1/bulk-acts/:id',
  summary: 'How far it is.',
  permission: 'delivery.read',
  transaction: 'read',
  params,
  reply: BulkAct,
  errors: ['not_found'],
  example: { params: { id: exampleAct.id }, reply: exampleAct },
})
export const stopBulkAct = endpoint({
  method: 'PUT',
  path: '/v1/bulk-acts/:id/stop',
  summary: 'Stop it. What is done stays done.',
  permission: 'delivery.manage',
  transaction: 'write',
  params,
  reply: BulkAct,
  errors: ['not_found'],
  example: { params: { id: exampleAct.id }, reply: { ...exampleAct, state: 'stopped', finished_at: '2026-11-22T12:00:05.000Z' } },
})

export const bulkActEndpoints = [previewBulkAct, startBulkAct, listBulkActs, getBulkAct, stopBulkAct] as const
