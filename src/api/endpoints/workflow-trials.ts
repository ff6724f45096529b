import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

const Values = z.record(z.string(), z.unknown())
const byId = z.strictObject({ id: id<'workflow'>() })
const ID = '0193e0a0-aaaa-7abc-9def-0123456789ab'
const CONVERSATION = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c'
const exampleTrace = {
  ...{ how: 'all', holds: true },
  of: [{ field: 'conversation.subject', op: 'contains', wanted: 'order', seen: 'My order', holds: true }],
}
const draft = Values.optional().describe('Left out: the draft as it is saved.')

export const tryWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/test',
  summary: 'What a draft would do with something that really happened. Nothing is sent, and nothing is kept.',
  description:
    'The newest thing that the trigger listens for, of the conversation or contact that is named. Where a step waits, the path ends, unless `ways` says by which way to go on.',
  permission: 'workflows.manage',
  transaction: 'none',
  params: byId,
  body: z.strictObject({
    draft,
    trigger: line(1, 40).optional().describe('The node it begins at; left out: its only one, or the first.'),
    conversation_id: z.string().min(1).max(64).optional(),
    contact_id: id<'contact'>().optional(),
    payload: Values.optional().describe('Of an event with a name, or a call of a web address.'),
    inputs: Values.optional(),
    ways: z.record(z.string(), z.string()).optional().describe('Node → port, for steps that wait or that did not work.'),
  }),
  reply: z.object({
    happened: z.object({ kind: z.string(), facts: Values }).nullable().describe('Null: nothing that the trigger listens for.'),
    begins: z.boolean(),
    sentence: z.string(),
    trace: z.unknown().describe('Condition by condition; null: nothing was asked.'),
    status: z.enum(['running', 'completed', 'cancelled']).nullable().describe('How it would stand then.'),
    visits: z.record(z.string(), z.int()).describe('The path: arrivals by node.'),
    lines: z.array(
      z.object({
        ...{ node: z.string(), visit: z.int(), what: z.string(), port: z.string().nullable() },
        ...{ sentence: z.string(), detail: Values },
      }),
    ),
    stands: z
      .array(
        z.object({
          ...{ node: z.string(), state: z.enum(['ready', 'waiting', 'held']), sentence: z.string(), until: isoDate.nullable() },
          ports: z.array(z.object({ key: z.string(), label: z.string(), is_failure: z.boolean() })),
        }),
      )
      .describe('Where it would wait, or need somebody.'),
    ...{ vars: Values, outputs: Values },
    is_cut: z.boolean().describe('It went on for longer than a trial may.'),
  }),
  errors: ['not_found', 'workflow_has_problems'],
  example: {
    params: { id: ID },
    body: { conversation_id: CONVERSATION },
    reply: {
      happened: { kind: 'conversation.started', facts: { type: 'conversation.started' } },
      ...{ begins: true, sentence: 'It begins.', trace: exampleTrace, status: 'completed', visits: { begin: 1, tag: 1 } },
      lines: [{ node: 'begin', visit: 1, what: 'done', port: 'out', sentence: 'When a conversation begins.', detail: {} }],
      ...{ stands: [], vars: {}, outputs: {}, is_cut: false },
    },
  },
})

export const simulateWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/simulate',
  summary: 'How often a draft would have begun in the last 30 days, and the first 50 times.',
  description: 'Conditions are judged by what is true today: what a conversation was then is not kept.',
  permission: 'workflows.manage',
  transaction: 'none',
  params: byId,
  body: z.strictObject({ draft }),
  reply: z.object({
    looked: z.int().describe('So often something happened that it listens for.'),
    would_begin: z.int(),
    is_partial: z.boolean().describe('There was more than could be looked at: the newest was.'),
    first: z.array(
      z.object({
        ...{ at: isoDate, trigger: z.string(), begins: z.boolean(), trace: z.unknown() },
        subject: z.object({ kind: z.enum(['conversation', 'contact']), id: z.string(), label: z.string().nullable() }).nullable(),
      }),
    ),
  }),
  errors: ['not_found', 'workflow_has_problems'],
  example: {
    params: { id: ID },
    body: {},
    reply: {
      ...{ looked: 120, would_begin: 17, is_partial: false },
      first: [
        {
          ...{ at: '2026-11-22T10:00:00.000Z', trigger: 'begin', begins: true, trace: exampleTrace },
          subject: { kind: 'conversation', id: CONVERSATION, label: '#17 My order' },
        },
      ],
    },
  },
})

export const compareWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/compare',
  summary: 'What is different between the version that runs and the draft, in sentences.',
  permission: 'workflows.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({
    draft,
    version_id: id<'workflow_version'>().optional().describe('Left out: what new runs begin with.'),
  }),
  reply: z.object({
    differences: z.array(
      z.object({
        what: z.enum(['added', 'removed', 'changed', 'led', 'setting']),
        node: z.string().nullable(),
        sentence: z.string(),
      }),
    ),
    blockers: z.array(z.string()).describe('Nodes that a run which stands on them could not take along.'),
  }),
  errors: ['not_found', 'workflow_has_problems'],
  example: {
    params: { id: ID },
    body: {},
    reply: { differences: [{ what: 'added', node: 'tag', sentence: 'Added: Add the tag order.' }], blockers: [] },
  },
})

export const workflowTrialEndpoints = [tryWorkflow, simulateWorkflow, compareWorkflow] as const
