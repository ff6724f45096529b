import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, pageParams } from './shapes.ts'

const Split = z.object({
  address: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  rest: z.array(z.string()).describe('What stood there beside address and names: it goes to the note.'),
})
export const MalformedAddress = z
  .object({
    address: z.string().describe('As it is stored.'),
    contact_id: id<'contact'>(),
    split: Split.nullable().describe('What it would become; null where nobody can tell.'),
    why: z.string().describe('Why nobody can tell.'),
    conflict: z
      .object({ id: id<'contact'>(), name: z.string() })
      .nullable()
      .describe('Another contact who has that address already.'),
  })
  .meta({ id: 'MalformedAddress' })
export type MalformedAddress = z.output<typeof MalformedAddress>

export const ContactRepair = z
  .object({
    id: id<'contact_repair'>(),
    state: z.enum(['running', 'done', 'undoing', 'undone']),
    conflicts: z.enum(['skip', 'merge']),
    is_all: z.boolean().describe('All that could be split, and not chosen ones.'),
    split: z.int(),
    merged: z.int(),
    skipped: z.int(),
    undone: z.int(),
    stayed: z.int().describe('Could not be undone: somebody changed them since.'),
    created_at: isoDate,
    finished_at: isoDate.nullable(),
  })
  .meta({ id: 'ContactRepair' })
export type ContactRepair = z.output<typeof ContactRepair>

const RepairedAddress = z
  .object({
    address: z.string().describe('As it was.'),
    contact_id: id<'contact'>(),
    done: z.enum(['split', 'merged', 'skipped']),
    became: z.string().nullable(),
    reason: z.string(),
    undone: z.enum(['back', 'stayed']).nullable(),
  })
  .meta({ id: 'RepairedAddress' })

const CONTACT = '0193e0a0-3333-7abc-9def-0123456789ab'
const GLUED = 'ann@example.org;ann;smith'
const exampleRepair = {
  id: '0193e0a0-cccc-7abc-9def-0123456789ab',
  state: 'done',
  conflicts: 'skip',
  is_all: true,
  split: 1_660,
  merged: 0,
  skipped: 2,
  undone: 0,
  stayed: 0,
  created_at: '2026-11-21T12:00:00.000Z',
  finished_at: '2026-11-21T12:00:04.000Z',
}
const byId = z.strictObject({ id: id<'contact_repair'>() })
const params = { id: exampleRepair.id }

export const countMalformedAddresses = endpoint({
  method: 'GET',
  path: '/v1/contact-repairs/count',
  summary: 'How many stored addresses are none, such as whole rows of a table.',
  permission: 'conversations.read',
  transaction: 'none',
  reply: z.object({
    malformed: z.int(),
    splittable: z.int().describe('Of these, how many can be repaired.'),
    is_more: z.boolean().describe('There are more than were looked at.'),
  }),
  example: { reply: { malformed: 1_662, splittable: 1_660, is_more: false } },
})
export const listMalformedAddresses = endpoint({
  method: 'GET',
  path: '/v1/contact-repairs/addresses',
  summary: 'Stored addresses that are none, each with what it would become.',
  permission: 'conversations.read',
  transaction: 'none',
  params: z.strictObject(pageParams),
  reply: z.object({ items: z.array(MalformedAddress), next: z.string().nullable() }),
  example: {
    reply: {
      items: [
        {
          address: GLUED,
          contact_id: CONTACT,
          split: { address: 'ann@example.org', first_name: 'Ann', last_name: 'Smith', rest: [] },
          why: '',
          conflict: null,
        },
      ],
      next: null,
    },
  },
})
export const startContactRepair = endpoint({
  method: 'POST',
  path: '/v1/contact-repairs',
  summary: 'Repair addresses that are none: all that can be split, or chosen ones.',
  description:
    'A job does it and goes on after a restart. Names go where none is, what is left over goes to the note. Consent stays with the person; on lists with double opt-in they are to be confirmed anew.',
  permission: 'audience.manage',
  transaction: 'write',
  body: z.strictObject({
    addresses: z.array(z.string().min(1).max(320)).min(1).max(10_000).nullable().describe('Null: all.'),
    conflicts: z
      .enum(['skip', 'merge'])
      .describe('Where another contact has the address already: leave it as it is, or join the two.'),
  }),
  reply: ContactRepair,
  status: 202,
  example: { body: { addresses: null, conflicts: 'skip' }, reply: { ...exampleRepair, state: 'running', finished_at: null } },
})
export const listContactRepairs = endpoint({
  method: 'GET',
  path: '/v1/contact-repairs',
  summary: 'Repairs of addresses, newest first: the last 100. They are kept for 90 days.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(ContactRepair) }),
  example: { reply: { items: [exampleRepair] } },
})
export const getContactRepair = endpoint({
  method: 'GET',
  path: '/v1/contact-repairs/:id',
  summary: 'How a repair stands.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: ContactRepair,
  errors: ['not_found'],
  example: { params, reply: exampleRepair },
})
export const listRepairedAddresses = endpoint({
  method: 'GET',
  path: '/v1/contact-repairs/:id/addresses',
  summary: 'What became of each address of a repair, and why some were left as they are.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ ...byId.shape, ...pageParams, done: RepairedAddress.shape.done.optional() }),
  reply: z.object({ items: z.array(RepairedAddress), next: z.string().nullable() }),
  errors: ['not_found'],
  example: {
    params,
    reply: {
      items: [{ address: GLUED, contact_id: CONTACT, done: 'split', became: 'ann@example.org', reason: '', undone: null }],
      next: null,
    },
  },
})
export const undoContactRepair = endpoint({
  method: 'POST',
  path: '/v1/contact-repairs/:id/undo',
  summary: 'Take a repair back, where nobody changed since what it did.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  reply: ContactRepair,
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params, reply: { ...exampleRepair, state: 'undoing', finished_at: null } },
})

export const contactRepairEndpoints = [
  countMalformedAddresses,
  listMalformedAddresses,
  startContactRepair,
  listContactRepairs,
  getContactRepair,
  listRepairedAddresses,
  undoContactRepair,
] as const
