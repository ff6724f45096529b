import { z } from 'zod'
import { ADDRESS_ROLES } from '../../helpdesk/collisions/collision.ts'
import { endpoint } from '../endpoint.ts'
import { isoDate, line } from './shapes.ts'

export const Collision = z
  .object({
    address: z.string(),
    uses: z.array(
      z.object({
        role: z.enum(ADDRESS_ROLES),
        id: z.string(),
        name: z.string().describe("The agent's, contact's, inbox's or account's."),
      }),
    ),
    effects: z
      .array(z.object({ code: z.string(), sentence: z.string() }))
      .describe('What follows, and what Waybill does about it.'),
    known_since: isoDate.nullable().describe('Since when somebody said that they know; null: it is news.'),
  })
  .meta({ id: 'Collision' })
export type Collision = z.output<typeof Collision>

const exampleCollision = {
  address: 'ann@example.com',
  uses: [
    { role: 'agent', id: '0193e0a0-6666-7abc-9def-0123456789ab', name: 'Ann' },
    { role: 'customer', id: '0193e0a0-3333-7abc-9def-0123456789ab', name: 'Ann Example' },
  ],
  effects: [{ code: 'agent_customer', sentence: 'Mail from it is a customer’s message.' }],
  known_since: null,
}
const body = z.strictObject({ address: line(3, 320) })

export const listCollisions = endpoint({
  method: 'GET',
  path: '/v1/collisions',
  summary:
    'Addresses that are several things at once: agent, customer, inbox, alias, receiver of blind copies, account that is read.',
  permission: 'inboxes.manage',
  transaction: 'read',
  reply: z.object({ items: z.array(Collision), next: z.null() }),
  example: { reply: { items: [exampleCollision], next: null } },
})
export const quietCollision = endpoint({
  method: 'POST',
  path: '/v1/collisions/quiet',
  summary: 'I know: tell nobody about this address until it becomes one thing more.',
  permission: 'inboxes.manage',
  transaction: 'write',
  body,
  reply: Collision,
  errors: ['not_found'],
  example: { body: { address: 'ann@example.com' }, reply: { ...exampleCollision, known_since: '2026-11-21T12:00:00.000Z' } },
})
export const tellCollision = endpoint({
  method: 'POST',
  path: '/v1/collisions/tell',
  summary: 'Tell about this address again.',
  permission: 'inboxes.manage',
  transaction: 'write',
  body,
  reply: Collision,
  errors: ['not_found'],
  example: { body: { address: 'ann@example.com' }, reply: exampleCollision },
})

export const collisionEndpoints = [listCollisions, quietCollision, tellCollision] as const
