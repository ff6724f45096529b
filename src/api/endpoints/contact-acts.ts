import { z } from 'zod'
import { ACT_REFUSALS, ACT_STATES } from '../../contacts/acts/act.ts'
import { endpoint } from '../endpoint.ts'
import { contactFilter } from './contacts.ts'
import { id, isoDate, line, pageParams } from './shapes.ts'

const list = id<'contact_list'>()
const reason = z.string().max(2_000)
const Act = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tag'), tag: line(1, 60) }),
  z.strictObject({ kind: z.literal('untag'), tag: line(1, 60) }),
  z.strictObject({
    kind: z.literal('subscribe'),
    list,
    reason: reason.describe(
      'How they agreed, or with `override` why it is right all the same: the proof that is kept with each of them.',
    ),
    override: z.boolean().optional().describe('Also those who left the list, or did not confirm it.'),
  }),
  z.strictObject({ kind: z.literal('unsubscribe'), list, reason: reason.optional() }),
])
const Scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('contacts'), ids: z.array(z.uuid()).min(1).max(10_000) }),
  z
    .strictObject({ kind: z.literal('filter'), ...contactFilter })
    .describe('As the list of contacts narrows them down; without anything: all of them.'),
])
const counts = {
  people: z.int().describe('Whom it means, decided when it begins.'),
  changed: z.int(),
  pending: z.int().describe('Of those that are changed: who are to confirm the list first.'),
  already: z.int().describe('Were so already.'),
  refused: z
    .partialRecord(z.enum(ACT_REFUSALS), z.int())
    .describe('Could not be changed, by reason: they left the list, did not confirm it, have 50 tags, or something failed.'),
}
const Expected = z.object(counts).meta({ id: 'ExpectedContactAct' })
export type ExpectedContactAct = z.output<typeof Expected>

export const ContactAct = z
  .object({
    id: id<'contact_act'>(),
    state: z.enum(ACT_STATES),
    act: Act,
    scope: z.enum(['contacts', 'filter']),
    ...counts,
    gone: z.int().describe('Were erased, or joined with another, meanwhile.'),
    left: z.int().describe('Were not looked at, since it was stopped.'),
    undone: z.int(),
    stayed: z.int().describe('Could not be undone: somebody changed them since.'),
    problem: z.string(),
    created_at: isoDate,
    finished_at: isoDate.nullable(),
  })
  .meta({ id: 'ContactAct' })
export type ContactAct = z.output<typeof ContactAct>

const ChangedContact = z
  .object({
    contact_id: id<'contact'>(),
    name: z.string(),
    address: z.string(),
    done: z.enum(['changed', 'refused']),
    reason: z.enum(['', ...ACT_REFUSALS]),
    was: z.string().describe('The tag as it was written, or where they stood with the list.'),
    became: z.string(),
    undone: z.enum(['back', 'stayed']).nullable(),
  })
  .meta({ id: 'ChangedContact' })
export type ChangedContact = z.output<typeof ChangedContact>

const expected = { people: 2_100, changed: 2_044, pending: 0, already: 25, refused: { unsubscribed: 31 } }
const act = {
  kind: 'subscribe',
  list: '0193e0a0-7777-7abc-9def-0123456789ab',
  reason: 'Asked for it at the fair in Leipzig',
  override: false,
} as const
const example = {
  ...{ id: '0193e0a0-dddd-7abc-9def-0123456789ab', state: 'done', act, scope: 'filter', ...expected },
  ...{ gone: 0, left: 0, undone: 0, stayed: 0, problem: '' },
  created_at: '2026-11-21T12:00:00.000Z',
  finished_at: '2026-11-21T12:00:02.000Z',
}
const byId = z.strictObject({ id: id<'contact_act'>() })
const params = { id: example.id }
const wanted = z.strictObject({ act: Act, scope: Scope })
const body = { act, scope: { kind: 'filter', tag: 'fair' } }

export const expectContactAct = endpoint({
  method: 'POST',
  path: '/v1/contact-acts/count',
  summary: 'What an act on many contacts would do, if it began now. It changes nothing.',
  permission: 'audience.manage',
  transaction: 'none',
  body: z.strictObject({ act: Act.nullable().describe('Null: only how many it would mean.'), scope: Scope }),
  reply: Expected,
  errors: ['not_found'],
  example: { body, reply: expected },
})
export const startContactAct = endpoint({
  method: 'POST',
  path: '/v1/contact-acts',
  summary: 'Tag many contacts or take a tag from them, put them on a list or take them off it.',
  description:
    'A job does it, some hundred at a time, and goes on after a restart. Consent rises as it does for one contact: whoever left a list, or did not confirm one with double opt-in, is put on it only with `override`, and the reason is kept. Taken off a list is whoever is on it. It can be undone for 90 days.',
  permission: 'audience.manage',
  transaction: 'write',
  body: wanted,
  reply: ContactAct,
  status: 202,
  errors: ['not_found'],
  example: {
    body,
    reply: { ...example, state: 'choosing', ...{ people: 0, changed: 0, already: 0, refused: {} }, finished_at: null },
  },
})
export const listContactActs = endpoint({
  method: 'GET',
  path: '/v1/contact-acts',
  summary: 'Acts on many contacts, newest first: the last 100. They are kept for 90 days.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(ContactAct) }),
  example: { reply: { items: [example] } },
})
export const getContactAct = endpoint({
  method: 'GET',
  path: '/v1/contact-acts/:id',
  summary: 'How an act on many contacts stands.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: ContactAct,
  errors: ['not_found'],
  example: { params, reply: example },
})
export const listChangedContacts = endpoint({
  method: 'GET',
  path: '/v1/contact-acts/:id/contacts',
  summary: 'Who was changed by an act, who could not be and why, and of whom it was taken back.',
  permission: 'audience.manage',
  transaction: 'read',
  params: z.strictObject({
    ...byId.shape,
    ...pageParams,
    done: ChangedContact.shape.done.optional(),
    undone: z.enum(['back', 'stayed']).optional(),
  }),
  reply: z.object({ items: z.array(ChangedContact), next: z.string().nullable() }),
  errors: ['not_found', 'invalid_cursor'],
  example: {
    params,
    reply: {
      items: [
        {
          ...{ contact_id: '0193e0a0-3333-7abc-9def-0123456789ab', name: 'Ann', address: 'ann@customer.example' },
          ...{ done: 'refused', reason: 'unsubscribed', was: 'unsubscribed', became: 'unsubscribed', undone: null },
        },
      ],
      next: null,
    },
  },
})
export const stopContactAct = endpoint({
  method: 'POST',
  path: '/v1/contact-acts/:id/stop',
  summary: 'Stop an act on many contacts. What is done stays, and can be undone; everybody else is left as they are.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  reply: ContactAct,
  errors: ['not_found', 'wrong_state'],
  example: { params, reply: { ...example, state: 'stopped', changed: 500, already: 0, refused: {}, left: 1_600 } },
})
export const undoContactAct = endpoint({
  method: 'POST',
  path: '/v1/contact-acts/:id/undo',
  summary: 'Take an act on many contacts back, where nobody changed since what it did.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  reply: ContactAct,
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params, reply: { ...example, state: 'undoing', finished_at: null } },
})

export const contactActEndpoints = [
  expectContactAct,
  startContactAct,
  listContactActs,
  getContactAct,
  listChangedContacts,
  stopContactAct,
  undoContactAct,
] as const
