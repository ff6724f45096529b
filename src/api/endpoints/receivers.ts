import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, RouteReference } from './shapes.ts'

export const BoardWindow = z.enum(['1h', '24h', '7d', '30d'])
export type BoardWindow = z.output<typeof BoardWindow>

export const ReceiverFigures = z
  .object({
    sent: z.int().describe('The next hop said yes. Nothing more is known of them than that, and what `delivered` says.'),
    deferred: z.int().describe('Tries that were put off.'),
    blocked: z.int().describe('Tries that met a route which takes nothing at all.'),
    bounced: z.int().describe('Refused for good, at once or later.'),
    returned: z.int().describe('Of these: had been taken before.'),
    complained: z.int(),
    delivered: z.int().describe('Reported to be in the mailbox. A plain relay reports none.'),
    unknown: z.int().describe('The connection ended before an answer was heard.'),
  })
  .meta({ id: 'ReceiverFigures' })
export type ReceiverFigures = z.output<typeof ReceiverFigures>

const ReceiverAlert = z
  .object({
    kind: z.enum(['not_arriving', 'put_off', 'refused']),
    route_id: id<'route'>(),
    sentence: z.string(),
    usual: z.number().describe('The share that was usual when it began, 0 to 1.'),
    since: isoDate,
    seen_at: isoDate,
  })
  .meta({ id: 'ReceiverAlert' })
export type ReceiverAlert = z.output<typeof ReceiverAlert>

const steps = z.array(ReceiverFigures).describe('Step by step from `since` to now; those in which nothing happened too.')
const times = {
  p50_seconds: z.number().nullable().describe('Half of the accepted mail took no longer, from submission to acceptance.'),
  p95_seconds: z.number().nullable(),
}

export const ReceiverLane = z
  .object({
    route: RouteReference.extend({ name: z.string().nullable().describe('Null: the route was removed.') }),
    figures: ReceiverFigures,
    ...times,
    usual: z
      .object({ delivered: z.number(), put_off: z.number(), refused: z.number() })
      .nullable()
      .describe('Shares of the last seven days, 0 to 1. Null: too little mail to say.'),
    steps,
    alerts: z.array(ReceiverAlert),
  })
  .meta({ id: 'ReceiverLane' })
export type ReceiverLane = z.output<typeof ReceiverLane>

export const Receiver = z
  .object({
    name: z.string().describe('`google`, `microsoft`, `yahoo`, …, the registrable domain of the mail servers, or `other`.'),
    figures: ReceiverFigures,
    ...times,
    steps,
    routes: z.array(ReceiverLane),
  })
  .meta({ id: 'Receiver' })
export type Receiver = z.output<typeof Receiver>

const board = { window: BoardWindow, since: isoDate, step_seconds: z.int() }
const filter = {
  window: BoardWindow.optional().describe('`24h` when left out.'),
  route: id<'route'>().optional().describe('Only what went through this route.'),
}

const figures = { sent: 214, deferred: 3, blocked: 0, bounced: 1, returned: 0, complained: 0, delivered: 0, unknown: 0 }
const exampleReceiver = {
  name: 'google',
  figures,
  p50_seconds: 0.8,
  p95_seconds: 4.2,
  steps: [figures],
  routes: [
    {
      route: { id: '0193e0a0-1111-7abc-9def-0123456789ab', name: 'Relay' },
      figures,
      p50_seconds: 0.8,
      p95_seconds: 4.2,
      usual: { delivered: 0.97, put_off: 0.02, refused: 0.01 },
      steps: [figures],
      alerts: [
        {
          kind: 'not_arriving',
          route_id: '0193e0a0-1111-7abc-9def-0123456789ab',
          sentence: 'google: 0 delivered of 214 relayed in 30 minutes through Relay; usually 97 %.',
          usual: 0.97,
          since: '2026-11-21T12:00:00.000Z',
          seen_at: '2026-11-21T12:05:00.000Z',
        },
      ],
    },
  ],
}
const exampleBoard = { window: '24h', since: '2026-11-20T13:00:00.000Z', step_seconds: 3_600 }

export const listReceivers = endpoint({
  method: 'GET',
  path: '/v1/receivers',
  summary: 'What came of mail, by who receives it and by route, against the last seven days.',
  description: 'Receivers with alerts come first, then those with the most mail; at most 300 pairs of receiver and route.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject(filter),
  reply: z.object({ ...board, items: z.array(Receiver) }),
  example: { reply: { ...exampleBoard, items: [exampleReceiver] } },
})
export const getReceiver = endpoint({
  method: 'GET',
  path: '/v1/receivers/:name',
  summary: 'One receiver, step by step.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ name: z.string().min(1).max(255), ...filter }),
  reply: z.object({ ...board, receiver: Receiver }),
  errors: ['not_found'],
  example: { params: { name: 'google' }, reply: { ...exampleBoard, receiver: exampleReceiver } },
})

export const receiverEndpoints = [listReceivers, getReceiver] as const
