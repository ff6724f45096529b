import { z } from 'zod'
import { SUPPRESSION_REASONS } from '../../delivery/suppression/suppression.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

const fields = {
  name: line(0, 200),
  company: line(0, 200),
  job_title: line(0, 200),
  phones: z.array(line(1, 50)).max(20),
  note: z.string().max(10_000),
  addresses: z.array(line(3, 320)).max(50).describe('In lower case; the first one is where mail to them goes.'),
}

export const Contact = z
  .object({
    id: id<'contact'>(),
    ...fields,
    merged_into: id<'contact'>().nullable().describe('Who this one turned out to be.'),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Contact' })
export type Contact = z.output<typeof Contact>

const ShortContact = z.object({ id: id<'contact'>(), name: z.string(), company: z.string(), address: z.string().nullable() })

export const ContactDetail = Contact.extend({
  suppressions: z
    .array(
      z.object({
        address: z.string(),
        stream: z.enum(['all', 'transactional', 'conversation', 'bulk']),
        reason: z.enum(SUPPRESSION_REASONS),
        expires_at: isoDate.nullable(),
      }),
    )
    .describe('What keeps mail from their addresses.'),
  others: z
    .object({ domain: z.string(), people: z.array(ShortContact) })
    .nullable()
    .describe('Others who write from their domain; null where strangers have mailboxes there.'),
  merges: z
    .array(z.object({ id: id<'contact'>(), name: z.string(), addresses: z.array(z.string()), merged_at: isoDate }))
    .describe('Contacts that were joined with this one and can be parted again.'),
}).meta({ id: 'ContactDetail' })
export type ContactDetail = z.output<typeof ContactDetail>

const exampleContact = {
  id: '0193e0a0-3333-7abc-9def-0123456789ab',
  name: 'Ann Example',
  company: 'Example Ltd',
  job_title: '',
  phones: ['+44 20 7946 0000'],
  note: '',
  addresses: ['ann@customer.example', 'ann@home.example'],
  merged_into: null,
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
}
const exampleDetail = { ...exampleContact, suppressions: [], others: null, merges: [] }
const byId = z.strictObject({ id: id<'contact'>() })
const params = { id: exampleContact.id }
const Body = z
  .strictObject({
    ...fields,
    take_addresses: z.boolean().describe("Addresses that are another contact's come over; otherwise they are refused."),
  })
  .partial()
export type ContactBody = z.output<typeof Body>

export const listContacts = endpoint({
  method: 'GET',
  path: '/v1/contacts',
  summary: 'Contacts, newest first; with `search`, the 50 that fit best by name, company or address.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ search: line(1, 200).optional(), ...pageParams }),
  reply: pageOf(Contact),
  errors: ['invalid_cursor'],
  example: { params: { search: 'ann' }, reply: { items: [exampleContact], next: null } },
})
export const getContact = endpoint({
  method: 'GET',
  path: '/v1/contacts/:id',
  summary: 'A contact, or whom they turned out to be, and what is around them.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: ContactDetail,
  errors: ['not_found'],
  example: { params, reply: exampleDetail },
})
export const createContact = endpoint({
  method: 'POST',
  path: '/v1/contacts',
  summary: 'Add a contact. Whoever writes to an inbox is added by themselves.',
  permission: 'contacts.manage',
  transaction: 'write',
  body: Body,
  reply: Contact,
  status: 201,
  errors: ['invalid_address', 'address_in_use', 'too_many_addresses'],
  example: { body: { name: 'Ann Example', addresses: ['ann@customer.example'] }, reply: exampleContact },
})
export const changeContact = endpoint({
  method: 'PATCH',
  path: '/v1/contacts/:id',
  summary: 'Change a contact; what is left out stays, lists are replaced whole.',
  permission: 'contacts.manage',
  transaction: 'write',
  params: byId,
  body: Body,
  reply: Contact,
  errors: ['not_found', 'invalid_address', 'address_in_use', 'too_many_addresses', 'wrong_state'],
  example: { params, body: { company: 'Example Ltd' }, reply: exampleContact },
})
export const mergeContact = endpoint({
  method: 'POST',
  path: '/v1/contacts/:id/merge',
  summary: 'This contact is the same person as another: addresses and conversations go over to that one.',
  description: 'What the other one says of itself stays. Doing so twice changes nothing. It can be undone by parting them.',
  permission: 'contacts.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ into: id<'contact'>() }),
  reply: Contact,
  errors: ['not_found', 'contacts_not_joined', 'too_many_addresses'],
  example: { params: { id: '0193e0a0-3333-7abc-9def-0123456789cd' }, body: { into: exampleContact.id }, reply: exampleContact },
})
export const partContact = endpoint({
  method: 'POST',
  path: '/v1/contacts/:id/part',
  summary: 'This contact was another person after all: its addresses and conversations go back to it.',
  permission: 'contacts.manage',
  transaction: 'write',
  params: byId,
  reply: Contact,
  errors: ['not_found', 'contacts_not_joined'],
  example: { params, reply: exampleContact },
})

export const contactEndpoints = [listContacts, getContact, createContact, changeContact, mergeContact, partContact] as const
