import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate } from './shapes.ts'

const connections = z.int().min(1).max(100)
const messages = z.int().min(1).max(10_000)

const Limits = z.object({
  max_connections: z.int().describe('Connections at one time.'),
  max_messages_per_connection: z.int(),
})

/** How hard a direct route may knock at one receiver. */
export const ReceiverLimits = z
  .object({
    receiver: z.string().describe("A known name, such as google, or the domain of the receiver's mail servers."),
    title: z.string(),
    usual: Limits.describe('What a route begins with.'),
    set: z
      .object({ max_connections: z.int().nullable(), max_messages_per_connection: z.int().nullable(), at: isoDate })
      .nullable()
      .describe('What a person set; null where it is the usual.'),
    learned: z
      .object({
        max_connections: z.int().nullable(),
        max_messages_per_connection: z.int().nullable(),
        at: isoDate,
        why: z.string().describe('The answer that taught it.'),
      })
      .nullable()
      .describe('What answers of the receiver taught. It fades from day to day.'),
    now: Limits.describe('What holds at this moment.'),
  })
  .meta({ id: 'ReceiverLimits' })
export type ReceiverLimits = z.output<typeof ReceiverLimits>

const params = z.strictObject({
  id: id<'route'>(),
  receiver: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'expected a name such as google, or a domain in lower case'),
})
const example = {
  receiver: 'google',
  title: 'Google',
  usual: { max_connections: 5, max_messages_per_connection: 50 },
  set: null,
  learned: {
    max_connections: null,
    max_messages_per_connection: 20,
    at: '2026-11-21T09:00:00.000Z',
    why: '421 4.7.0 too many messages in this session',
  },
  now: { max_connections: 5, max_messages_per_connection: 25 },
}
const exampleParams = { id: '0193e0a0-1111-7abc-9def-0123456789ab', receiver: 'google' }

export const listReceiverLimits = endpoint({
  method: 'GET',
  path: '/v1/routes/:id/receivers',
  summary: 'How hard a direct route may knock at each receiver.',
  description:
    'Every receiver that is known by name, and every other whose limits differ from the usual ones. A route of another kind hands its mail to one server and has no such limits.',
  permission: 'routes.read',
  transaction: 'read',
  params: z.strictObject({ id: id<'route'>() }),
  reply: z.object({ items: z.array(ReceiverLimits), next: z.null() }),
  errors: ['not_found'],
  example: { params: { id: exampleParams.id }, reply: { items: [example], next: null } },
})
export const getReceiverLimits = endpoint({
  method: 'GET',
  path: '/v1/routes/:id/receivers/:receiver',
  summary: 'The limits of one receiver on a direct route.',
  permission: 'routes.read',
  transaction: 'read',
  params,
  reply: ReceiverLimits,
  errors: ['not_found'],
  example: { params: exampleParams, reply: example },
})
export const setReceiverLimits = endpoint({
  method: 'PUT',
  path: '/v1/routes/:id/receivers/:receiver',
  summary: 'Set the limits of one receiver on a direct route.',
  description:
    'What is null or left out stays the usual. What was learned under other limits is forgotten; answers go on teaching.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  body: z.strictObject({
    max_connections: connections.nullable().optional(),
    max_messages_per_connection: messages.nullable().optional(),
  }),
  reply: ReceiverLimits,
  errors: ['not_found'],
  example: { params: exampleParams, body: { max_connections: 3 }, reply: example },
})
export const forgetReceiverLimits = endpoint({
  method: 'DELETE',
  path: '/v1/routes/:id/receivers/:receiver',
  summary: 'Return to the usual limits of one receiver: what was set and what was learned is forgotten.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  errors: ['not_found'],
  example: { params: exampleParams },
})

export const receiverLimitEndpoints = [listReceiverLimits, getReceiverLimits, setReceiverLimits, forgetReceiverLimits]
