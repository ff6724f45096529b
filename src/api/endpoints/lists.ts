import { z } from 'zod'
import { FIELD_TYPES } from '../../contacts/custom-data.ts'
import { MAX_DAYS } from '../../contacts/growth/growth.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

export const List = z
  .object({
    id: id<'contact_list'>(),
    name: z.string(),
    slug: z.string(),
    description: z.string(),
    visibility: z.enum(['public', 'private']).describe('Public lists are shown to people who may choose.'),
    opt_in: z.enum(['single', 'double']).describe('With `double` nobody is mailed before they confirmed.'),
    is_archived: z.boolean(),
    pending: z.int(),
    subscribed: z.int(),
    unsubscribed: z.int(),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'List' })
export type List = z.output<typeof List>

const exampleList = {
  id: '0193e0a0-7777-7abc-9def-0123456789ab',
  name: 'Newsletter',
  slug: 'newsletter',
  description: 'Once a month.',
  visibility: 'public',
  opt_in: 'double',
  is_archived: false,
  pending: 12,
  subscribed: 2_088,
  unsubscribed: 31,
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
}
const wanted = {
  name: line(1, 100),
  slug: line(1, 60).regex(/^[a-z0-9][a-z0-9-]*$/, 'is made of small letters, digits and hyphens'),
  description: z.string().max(1_000),
  visibility: z.enum(['public', 'private']),
  opt_in: z.enum(['single', 'double']),
}
const byId = z.strictObject({ id: id<'contact_list'>() })

export const listLists = endpoint({
  method: 'GET',
  path: '/v1/lists',
  summary: 'Lists that people subscribe to, with how many stand where; archived ones last.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(List) }),
  example: { reply: { items: [exampleList] } },
})
export const getList = endpoint({
  method: 'GET',
  path: '/v1/lists/:id',
  summary: 'One list.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: List,
  errors: ['not_found'],
  example: { params: { id: exampleList.id }, reply: exampleList },
})
export const createList = endpoint({
  method: 'POST',
  path: '/v1/lists',
  summary: 'Add a list.',
  permission: 'audience.manage',
  transaction: 'write',
  body: z.strictObject(wanted).partial().required({ name: true }),
  reply: List,
  status: 201,
  errors: ['list_name_taken'],
  example: { body: { name: 'Newsletter', opt_in: 'double' }, reply: exampleList },
})
export const changeList = endpoint({
  method: 'PATCH',
  path: '/v1/lists/:id',
  summary: 'Change a list, or archive it: it then keeps its people and their consent, and nothing is sent to it.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ ...wanted, is_archived: z.boolean() }).partial(),
  reply: List,
  errors: ['not_found', 'list_name_taken'],
  example: { params: { id: exampleList.id }, body: { visibility: 'public' }, reply: exampleList },
})

const DayOfGrowth = z
  .object({
    day: z.iso.date(),
    joined: z.int().describe('Became subscribed.'),
    left: z.int().describe('Were subscribed, and are not any more.'),
    net: z.int(),
    size: z.int().describe('Who was subscribed at the end of the day.'),
  })
  .meta({ id: 'DayOfGrowth' })
export type DayOfGrowth = z.output<typeof DayOfGrowth>

export const listGrowth = endpoint({
  method: 'GET',
  path: '/v1/lists/:id/growth',
  summary: 'How a list grew, day by day: who joined, who left, and how many were on it.',
  description: 'Read from the proofs of consent. Whoever was erased since is not counted on any day.',
  permission: 'conversations.read',
  transaction: 'none',
  params: z.strictObject({
    ...byId.shape,
    days: z.coerce.number().int().min(1).max(MAX_DAYS).optional().describe('The last so many days, today among them; 30.'),
    zone: line(1, 64).optional().describe('Where days begin, such as `Europe/Berlin`; UTC.'),
  }),
  reply: z.object({ items: z.array(DayOfGrowth) }),
  errors: ['not_found'],
  example: {
    params: { id: exampleList.id },
    reply: { items: [{ day: '2026-11-21', joined: 14, left: 3, net: 11, size: 2_088 }] },
  },
})

export const ContactField = z
  .object({
    key: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'begins with a small letter and has small letters, digits and underscores'),
    label: line(1, 60),
    type: z.enum(FIELD_TYPES),
    options: z.array(line(1, 200)).max(200).describe('The choices, of `choice` and `choices`.'),
    is_required: z.boolean(),
    position: z.int().min(0).max(10_000),
  })
  .meta({ id: 'ContactField' })
export type ContactField = z.output<typeof ContactField>
const exampleField = { key: 'plan', label: 'Plan', type: 'choice', options: ['Free', 'Pro'], is_required: false, position: 0 }
const { key, type, ...changeable } = ContactField.shape

export const listContactFields = endpoint({
  method: 'GET',
  path: '/v1/contact-fields',
  summary: 'Fields that this workspace adds to contacts.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(ContactField) }),
  example: { reply: { items: [exampleField] } },
})
export const addContactField = endpoint({
  method: 'POST',
  path: '/v1/contact-fields',
  summary: 'Add a field to contacts.',
  permission: 'audience.manage',
  transaction: 'write',
  body: z.strictObject({ key, type, ...z.object(changeable).partial().shape, label: changeable.label }),
  reply: ContactField,
  status: 201,
  example: { body: { key: 'plan', label: 'Plan', type: 'choice', options: ['Free', 'Pro'] }, reply: exampleField },
})
export const changeContactField = endpoint({
  method: 'PATCH',
  path: '/v1/contact-fields/:key',
  summary: 'Change what a field is called, its choices, its place, or whether it is required. Key and type stay.',
  permission: 'audience.manage',
  transaction: 'write',
  params: z.strictObject({ key: z.string().max(40) }),
  body: z.strictObject(changeable).partial(),
  reply: ContactField,
  errors: ['not_found'],
  example: { params: { key: 'plan' }, body: { label: 'Tariff' }, reply: { ...exampleField, label: 'Tariff' } },
})
export const removeContactField = endpoint({
  method: 'DELETE',
  path: '/v1/contact-fields/:key',
  summary: 'Remove a field. What contacts have in it is not shown any more; a field of the same key finds it again.',
  permission: 'audience.manage',
  transaction: 'write',
  params: z.strictObject({ key: z.string().max(40) }),
  errors: ['not_found'],
  example: { params: { key: 'plan' } },
})

export const listEndpoints = [
  listLists,
  getList,
  createList,
  changeList,
  listGrowth,
  listContactFields,
  addContactField,
  changeContactField,
  removeContactField,
] as const
