import { z } from 'zod'
import { ACTIVITY_KINDS } from '../../contacts/activity/activity.ts'
import { FIELD_TYPES } from '../../contacts/custom-data.ts'
import {
  STANDING_CHOICES,
  TEXT_FIELDS,
  TEXT_OPERATORS,
  type Tree as TreeNoun,
  VALUE_OPERATORS,
} from '../../contacts/segments/segment.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

const Since = z
  .union([z.strictObject({ days: z.int().min(0).max(36_500) }), z.strictObject({ at: z.iso.datetime({ offset: true }) })])
  .describe('So many days before now, or a moment.')
const value = z.string().max(1_000)
export const Condition = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('field'), field: z.enum(TEXT_FIELDS), op: z.enum(TEXT_OPERATORS), value }),
    z.strictObject({
      kind: z.literal('data'),
      key: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
      type: z.enum(FIELD_TYPES),
      op: z.enum(VALUE_OPERATORS),
      value: z.union([value, z.number(), z.boolean()]),
    }),
    z.strictObject({ kind: z.literal('address'), op: z.enum(['domain_is', 'contains', 'none']), value }),
    z.strictObject({ kind: z.literal('tag'), tag: line(1, 60) }),
    z.strictObject({ kind: z.literal('list'), list: z.uuid(), status: z.enum(STANDING_CHOICES), since: Since.nullish() }),
    z.strictObject({ kind: z.literal('created'), when: z.enum(['before', 'after']), since: Since }),
    z.strictObject({
      kind: z.literal('activity'),
      activity: z.enum(ACTIVITY_KINDS),
      campaign: z.uuid().nullable().describe('Null: of any mail.'),
      since: Since.nullable(),
    }),
    z.strictObject({ kind: z.literal('import'), import: z.uuid() }),
  ])
  .meta({ id: 'SegmentCondition' })

export const Tree: z.ZodType<TreeNoun, TreeNoun> = z
  .union([
    z.strictObject({
      get all() {
        return z.array(Tree).max(100)
      },
    }),
    z.strictObject({
      get any() {
        return z.array(Tree).max(100)
      },
    }),
    z.strictObject({
      get not() {
        return Tree
      },
    }),
    Condition,
  ])
  .meta({ id: 'SegmentTree' })

export const Segment = z
  .object({
    id: id<'segment'>(),
    name: z.string(),
    tree: Tree,
    kind: z.enum(['live', 'snapshot']).describe('Asked anew each time, or answered once and kept.'),
    taken_at: isoDate.nullable(),
    version: z.int().describe('Give it back with a change, so that nobody overwrites what somebody else wrote.'),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Segment' })
export type Segment = z.output<typeof Segment>

const Meant = z.object({
  count: z.int(),
  sample: z
    .array(z.object({ id: id<'contact'>(), name: z.string(), company: z.string(), address: z.string() }))
    .describe('The newest ten.'),
})

const exampleTree: TreeNoun = {
  all: [
    { kind: 'data', key: 'plan', type: 'choice', op: 'is', value: 'Pro' },
    { kind: 'list', list: '0193e0a0-7777-7abc-9def-0123456789ab', status: 'subscribed' },
    { not: { kind: 'activity', activity: 'opened', campaign: null, since: { days: 30 } } },
  ],
}
const exampleSegment = {
  id: '0193e0a0-aaaa-7abc-9def-0123456789ab',
  name: 'Quiet subscribers',
  tree: exampleTree,
  kind: 'live',
  taken_at: null,
  version: 1,
  created_at: '2026-11-21T12:00:00.000Z',
  updated_at: '2026-11-21T12:00:00.000Z',
}
const exampleMeant = {
  count: 1_204,
  sample: [{ id: '0193e0a0-3333-7abc-9def-0123456789ab', name: 'Ann Example', company: '', address: 'ann@customer.example' }],
}
const params = { id: exampleSegment.id }
const byId = z.strictObject({ id: id<'segment'>() })
const wanted = { name: line(1, 100), tree: Tree, kind: z.enum(['live', 'snapshot']) }

export const listSegments = endpoint({
  method: 'GET',
  path: '/v1/segments',
  summary: 'Segments, by name.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Segment) }),
  example: { reply: { items: [exampleSegment] } },
})
export const getSegment = endpoint({
  method: 'GET',
  path: '/v1/segments/:id',
  summary: 'One segment.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: Segment,
  errors: ['not_found'],
  example: { params, reply: exampleSegment },
})
export const createSegment = endpoint({
  method: 'POST',
  path: '/v1/segments',
  summary: 'Keep a segment: a tree of conditions with `all`, `any` and `not`.',
  permission: 'audience.manage',
  transaction: 'write',
  body: z.strictObject({ name: wanted.name, tree: wanted.tree, kind: wanted.kind.optional() }),
  reply: Segment,
  status: 201,
  example: { body: { name: 'Quiet subscribers', tree: exampleTree }, reply: exampleSegment },
})
export const changeSegment = endpoint({
  method: 'PATCH',
  path: '/v1/segments/:id',
  summary: 'Change a segment. A snapshot whose tree changes, or that is said to be one again, is taken anew.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ ...wanted, version: z.int().describe('As it was read.') }).partial(),
  reply: Segment,
  errors: ['not_found', 'changed_meanwhile'],
  example: {
    params,
    body: { kind: 'snapshot', version: 1 },
    reply: { ...exampleSegment, kind: 'snapshot', taken_at: '2026-11-21T12:00:00.000Z', version: 2 },
  },
})
export const removeSegment = endpoint({
  method: 'DELETE',
  path: '/v1/segments/:id',
  summary: 'Remove a segment. Nobody in it is changed.',
  permission: 'audience.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found'],
  example: { params },
})
export const lookAtSegment = endpoint({
  method: 'GET',
  path: '/v1/segments/:id/people',
  summary: 'How many a segment means at this moment, and some of them.',
  permission: 'conversations.read',
  transaction: 'none',
  params: byId,
  reply: Meant,
  errors: ['not_found'],
  example: { params, reply: exampleMeant },
})
export const tryTree = endpoint({
  method: 'POST',
  path: '/v1/segments/try',
  summary: 'How many a tree means at this moment, and some of them, before it is kept.',
  permission: 'audience.manage',
  transaction: 'none',
  body: z.strictObject({ tree: Tree }),
  reply: Meant,
  example: { body: { tree: exampleTree }, reply: exampleMeant },
})
const Why = z
  .object({
    is_in: z.boolean(),
    conditions: z
      .array(
        z.object({
          sentence: z.string(),
          holds: z.boolean(),
          seen: z.string().describe('What is known of them where the condition looks.'),
        }),
      )
      .describe('In the order of the tree.'),
  })
  .meta({ id: 'WhyInSegment' })
const exampleWhy = { is_in: false, conditions: [{ sentence: 'Plan is “Pro”', holds: false, seen: 'Free' }] }
export const whyInTree = endpoint({
  method: 'POST',
  path: '/v1/segments/try/why',
  summary: 'Why a contact is meant by a tree, or not, before it is kept: each condition, whether it holds, and what was seen.',
  permission: 'audience.manage',
  transaction: 'none',
  body: z.strictObject({ tree: Tree, contact_id: id<'contact'>() }),
  reply: Why,
  errors: ['not_found'],
  example: { body: { tree: exampleTree, contact_id: exampleMeant.sample[0]?.id ?? '' }, reply: exampleWhy },
})
export const whyInSegment = endpoint({
  method: 'GET',
  path: '/v1/segments/:id/why',
  summary: 'Why a contact is in a segment, or out: each condition as a sentence, whether it holds, and what was seen.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ id: id<'segment'>(), contact_id: id<'contact'>() }),
  reply: Why,
  errors: ['not_found'],
  example: {
    params: { ...params, contact_id: '0193e0a0-3333-7abc-9def-0123456789ab' },
    reply: exampleWhy,
  },
})

export const segmentEndpoints = [
  listSegments,
  getSegment,
  createSegment,
  changeSegment,
  removeSegment,
  lookAtSegment,
  tryTree,
  whyInTree,
  whyInSegment,
] as const
