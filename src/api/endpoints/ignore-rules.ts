import { z } from 'zod'
import { RULE_FIELDS } from '../../inbound/ignoring/rule.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

export const RuleField = z.enum(RULE_FIELDS)
export type RuleField = z.output<typeof RuleField>

export const IgnoreRule = z
  .object({
    id: id<'inbound_ignore'>(),
    inbox_id: id<'inbox'>().nullable().describe('Null: of every inbox.'),
    field: RuleField,
    pattern: z.string().describe('`*` stands for anything; case does not count.'),
    note: z.string(),
    created_at: isoDate,
    created_by: z.string().nullable(),
    turned_away: z.int().describe('How many mails it has turned away so far.'),
    last_at: isoDate.nullable().describe('When it last did.'),
  })
  .meta({ id: 'IgnoreRule' })
export type IgnoreRule = z.output<typeof IgnoreRule>

const wanted = {
  inbox_id: id<'inbox'>().nullable(),
  field: RuleField,
  pattern: line(1, 300),
}
const exampleWanted = { inbox_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1b', field: 'from', pattern: '*@lists.example.org' }
const exampleRule = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b2a',
  ...exampleWanted,
  note: 'Newsletters',
  created_at: '2026-11-20T12:00:00.000Z',
  created_by: 'Ann',
  turned_away: 12,
  last_at: '2026-11-21T12:00:00.000Z',
}

export const listIgnoreRules = endpoint({
  method: 'GET',
  path: '/v1/ignore-rules',
  summary: 'Rules that turn mail away before it starts or joins a conversation, newest first.',
  permission: 'inboxes.manage',
  transaction: 'read',
  params: z.strictObject({
    inbox_id: id<'inbox'>().optional().describe('Those that hold in this inbox: its own, and those of every inbox.'),
  }),
  reply: z.object({ items: z.array(IgnoreRule), next: z.null() }),
  example: { reply: { items: [exampleRule], next: null } },
})
export const addIgnoreRule = endpoint({
  method: 'POST',
  path: '/v1/ignore-rules',
  summary: 'Turn such mail away from now on. It is still stored, and listed as ignored.',
  permission: 'inboxes.manage',
  transaction: 'write',
  status: 201,
  body: z.strictObject({ ...wanted, note: line(0, 300).optional() }),
  reply: IgnoreRule,
  errors: ['not_found', 'too_many_of_these'],
  example: { body: { ...exampleWanted, note: 'Newsletters' }, reply: exampleRule },
})
export const tryIgnoreRule = endpoint({
  method: 'POST',
  path: '/v1/ignore-rules/preview',
  summary: 'What a rule would have done to the newest 1,000 mails.',
  permission: 'inboxes.manage',
  transaction: 'write',
  body: z.strictObject(wanted),
  reply: z.object({
    looked: z.int().describe('How many mails there were to try it on.'),
    fits: z.int(),
    would_be_missed: z.int().describe('Of those that fit, as many are in conversations: people would not have seen them.'),
    examples: z.array(z.object({ from: z.string(), subject: z.string(), received_at: isoDate })),
  }),
  errors: ['not_found'],
  example: {
    body: exampleWanted,
    reply: {
      looked: 1_000,
      fits: 12,
      would_be_missed: 2,
      examples: [{ from: 'news@lists.example.org', subject: 'News', received_at: '2026-11-21T12:00:00.000Z' }],
    },
  },
})
export const removeIgnoreRule = endpoint({
  method: 'DELETE',
  path: '/v1/ignore-rules/:id',
  summary: 'Let such mail in again. What it turned away stays ignored; it can be taken in from the arrivals.',
  permission: 'inboxes.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'inbound_ignore'>() }),
  errors: ['not_found'],
  example: { params: { id: exampleRule.id } },
})

export const ignoreRuleEndpoints = [listIgnoreRules, addIgnoreRule, tryIgnoreRule, removeIgnoreRule] as const
