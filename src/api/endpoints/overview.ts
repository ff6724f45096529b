import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { DeliveryState } from './deliveries.ts'
import { Circuit } from './routes.ts'
import { isoDate, RouteReference, Stream } from './shapes.ts'

const flow = { sent: z.int(), delivered: z.int(), bounced: z.int(), failed: z.int(), deferred: z.int() }

export const QueueOverview = z
  .object({
    routes: z.array(
      z.object({
        route: RouteReference,
        circuit: Circuit,
        last_hour: z.object(flow).describe('This hour and the one before it.'),
      }),
    ),
    streams: z.array(
      z.object({
        stream: Stream,
        counts: z.partialRecord(DeliveryState, z.int()),
        oldest_due_at: isoDate.nullable(),
        why: z.string().nullable().describe('Why the oldest waits.'),
      }),
    ),
    held: z.int(),
    unknown: z.int(),
    health: z.object({
      ok: z.boolean(),
      sentence: z.string(),
      items: z.array(
        z.object({
          sentence: z.string(),
          link: z.string().nullable(),
          incident_id: z.uuid().nullable().describe('The open incident that this is; null for what is seen at this moment only.'),
        }),
      ),
    }),
    hours: z.array(z.object({ hour: isoDate, ...flow })).describe('The last 48 hours.'),
  })
  .meta({ id: 'QueueOverview' })
export type QueueOverview = z.output<typeof QueueOverview>

export const getQueues = endpoint({
  method: 'GET',
  path: '/v1/queues',
  summary: 'What waits, where, and why; what went out in the last 48 hours.',
  permission: 'delivery.read',
  transaction: 'read',
  reply: QueueOverview,
  example: {
    reply: {
      routes: [
        {
          route: { id: '0193e0a0-1111-7abc-9def-0123456789ab', name: 'Relay' },
          circuit: { state: 'closed' },
          last_hour: { sent: 120, delivered: 0, bounced: 1, failed: 0, deferred: 3 },
        },
      ],
      streams: [
        {
          stream: 'transactional',
          counts: { queued: 3, sent: 120 },
          oldest_due_at: '2026-11-21T12:05:00.000Z',
          why: 'Greylisted by mx.example.org.',
        },
      ],
      held: 0,
      unknown: 0,
      health: { ok: true, sentence: 'All mail flows.', items: [] },
      hours: [{ hour: '2026-11-21T11:00:00.000Z', sent: 120, delivered: 0, bounced: 1, failed: 0, deferred: 3 }],
    },
  },
})

export const overviewEndpoints = [getQueues] as const
