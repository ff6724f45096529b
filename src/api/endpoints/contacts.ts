import { z } from 'zod'
import { ACTIVITY_KINDS } from '../../contacts/activity/activity.ts'
import { CONSENT_SOURCES, STANDINGS } from '../../contacts/consent/consent.ts'
import { SORTS } from '../../contacts/filter/sorts.ts'
import { SUPPRESSION_REASONS } from '../../delivery/suppression/suppression.ts'
import { download, endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])
const fields = {
  name: line(0, 200).describe('Follows first and last name until it is written itself.'),
  first_name: line(0, 100),
  last_name: line(0, 100),
  external_id: line(1, 200).nullable().describe('Their key in another system; nobody else has it.'),
  language: line(0, 35).describe('`en`, `pt-BR`; empty where it is not known.'),
  time_zone: line(0, 64).describe('`Europe/Berlin`; empty where it is not known.'),
  tags: z.array(line(1, 60)).max(50),
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
    data: z.record(z.string(), value).describe('By the keys of `/v1/contact-fields`.'),
    merged_into: id<'contact'>().nullable().describe('Who this one turned out to be.'),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Contact' })
export type Contact = z.output<typeof Contact>

const ShortContact = z.object({ id: id<'contact'>(), name: z.string(), company: z.string(), address: z.string().nullable() })

export const Membership = z.object({
  list_id: id<'contact_list'>(),
  list: z.string(),
  opt_in: z.enum(['single', 'double']),
  status: z.enum(['pending', 'subscribed', 'unsubscribed']),
  source: z.enum(CONSENT_SOURCES),
  since: isoDate,
})

export const ContactDetail = Contact.extend({
  lists: z.array(Membership).describe('Where they stand with lists.'),
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
  first_name: 'Ann',
  last_name: 'Example',
  external_id: null,
  language: 'en',
  time_zone: 'Europe/London',
  tags: ['customer'],
  data: { plan: 'Pro' },
  company: 'Example Ltd',
  job_title: '',
  phones: ['+44 20 7946 0000'],
  note: '',
  addresses: ['ann@customer.example', 'ann@home.example'],
  merged_into: null,
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
}
const LIST = '0193e0a0-7777-7abc-9def-0123456789ab'
const exampleMembership = {
  list_id: LIST,
  list: 'Newsletter',
  opt_in: 'double',
  status: 'subscribed',
  source: 'recipient',
  since: '2026-11-21T12:00:00.000Z',
}
const exampleDetail = { ...exampleContact, lists: [exampleMembership], suppressions: [], others: null, merges: [] }
const byId = z.strictObject({ id: id<'contact'>() })
const params = { id: exampleContact.id }
const Body = z
  .strictObject({
    ...fields,
    data: z.record(z.string().max(40), value.nullable()).describe('Null takes a value away; what is left out stays.'),
    take_addresses: z.boolean().describe("Addresses that are another contact's come over; otherwise they are refused."),
  })
  .partial()
export type ContactBody = z.output<typeof Body>

export const contactFilter = {
  list: z.uuid().optional().describe('Who is, or was, on this list.'),
  segment: z.uuid().optional().describe('Who is in this segment.'),
  tag: line(1, 60).optional(),
  field: line(1, 40).optional().describe('A field: `company`, or the key of one of your own.'),
  value: line(0, 200).optional().describe('What the field contains; left out: that it is not empty.'),
}

export const listContacts = endpoint({
  method: 'GET',
  path: '/v1/contacts',
  summary: 'Contacts, newest first; with `search`, the 50 that fit best by name, company or address.',
  description: 'With `search` nothing else narrows them down. All others that are said hold together.',
  permission: 'conversations.read',
  transaction: 'none',
  params: z.strictObject({ search: line(1, 200).optional(), ...contactFilter, sort: z.enum(SORTS).optional(), ...pageParams }),
  reply: pageOf(Contact),
  errors: ['invalid_cursor', 'not_found'],
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

const Standing = z.enum(STANDINGS)
export const TimelineEntry = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('consent'),
      at: isoDate,
      list_id: id<'contact_list'>(),
      list: z.string(),
      was: Standing,
      became: Standing,
      address: z.string(),
      source: z.enum(CONSENT_SOURCES),
      source_id: z.string().nullable().describe('Which import, form, delivery or contact.'),
      actor: z.string().nullable(),
      is_override: z.boolean(),
      wording: z.string().describe('What they were asked, or why somebody overrode what they had said.'),
      ip: z.string().nullable(),
    }),
    z.object({
      kind: z.enum(ACTIVITY_KINDS),
      at: isoDate,
      address: z.string(),
      subject_id: z.string().describe('The delivery or, of what they wrote, the conversation.'),
      campaign_id: z.string().nullable(),
    }),
  ])
  .meta({ id: 'TimelineEntry' })
export type TimelineEntry = z.output<typeof TimelineEntry>
export const timelineOfContact = endpoint({
  method: 'GET',
  path: '/v1/contacts/:id/timeline',
  summary:
    'What happened with a contact, newest first: the proof of their consent, what became of mail to them, what they wrote.',
  description: 'The latest 200. What happened to mail is here a few seconds after it did.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: z.object({ items: z.array(TimelineEntry) }),
  errors: ['not_found'],
  example: {
    params,
    reply: {
      items: [
        {
          kind: 'opened',
          at: '2026-11-21T12:00:00.000Z',
          address: 'ann@customer.example',
          subject_id: '0193e0a0-8888-7abc-9def-0123456789ab',
          campaign_id: null,
        },
      ],
    },
  },
})
export const changeStanding = endpoint({
  method: 'PUT',
  path: '/v1/contacts/:id/lists/:list_id',
  summary: 'Say where a contact stands with a list.',
  description:
    'Down it goes as you say. Up only as far as the person themself said: whoever left a list, or did not confirm one with double opt-in, is put on it again only with `override`, and `reason` says why. Both are kept as the proof.',
  permission: 'contacts.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'contact'>(), list_id: id<'contact_list'>() }),
  body: z.strictObject({
    status: z.enum(['pending', 'subscribed', 'unsubscribed']),
    reason: z.string().max(2_000).optional().describe('How they agreed, or why it is overridden.'),
    override: z.boolean().optional(),
  }),
  reply: Membership,
  errors: ['not_found', 'consent_refused'],
  example: {
    params: { ...params, list_id: LIST },
    body: { status: 'subscribed', reason: 'Asked for it at the fair in Leipzig' },
    reply: exampleMembership,
  },
})
export const tellEverything = endpoint({
  method: 'GET',
  path: '/v1/contacts/:id/export',
  summary: 'Everything that is known of one person, as a file for them.',
  description:
    'JSON: the contact, their lists with the proof of every change, what became of mail to them, and what keeps mail away.',
  permission: 'contacts.manage',
  transaction: 'read',
  params: byId,
  reply: download,
  produces: 'application/octet-stream',
  errors: ['not_found'],
  example: { params },
})
export const eraseContact = endpoint({
  method: 'DELETE',
  path: '/v1/contacts/:id',
  summary: 'Erase a person: the contact, their lists, consent, fields, tags and what became of mail to them.',
  description:
    'It cannot be undone. Their addresses stay on the suppression list, so that no newsletter goes to them again whatever is imported later; nothing else of them stays there. Conversations stay, without the contact: delete those you want gone.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found'],
  example: { params },
})
export const listTagsOfContacts = endpoint({
  method: 'GET',
  path: '/v1/contact-tags',
  summary: 'Tags that contacts have, the most used first.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(z.object({ tag: z.string(), contacts: z.int() })) }),
  example: { reply: { items: [{ tag: 'customer', contacts: 1_204 }] } },
})

export const contactEndpoints = [
  listContacts,
  getContact,
  createContact,
  changeContact,
  eraseContact,
  mergeContact,
  partContact,
  timelineOfContact,
  changeStanding,
  tellEverything,
  listTagsOfContacts,
] as const
