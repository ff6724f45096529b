import { z } from 'zod'
import { MAX_COMMENT, TASK_STATES } from '../../workflows/tasks/task.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

const Named = z.string().nullable().describe('Null: not there any more.')

export const WorkflowTask = z
  .object({
    id: id<'workflow_task'>(),
    workflow: z.object({ id: id<'workflow'>(), name: z.string() }).describe('Which asks, by its name when it did.'),
    run_id: id<'workflow_run'>(),
    node: z.string(),
    title: z.string(),
    body: z.string(),
    decisions: z.array(z.object({ key: z.string(), label: z.string() })).describe('The ways to go on, one of which is chosen.'),
    fields: z
      .array(
        z.object({
          key: z.string(),
          label: z.string(),
          type: z.enum(['text', 'long_text', 'number', 'date', 'yes_no', 'choice']),
          choices: z.array(z.string()),
          required: z.boolean(),
          initial: z.string().nullable().describe('What stands in it at first.'),
        }),
      )
      .describe('What is to be filled in with it.'),
    people: z.array(z.object({ id: id<'user'>(), name: Named })).describe('Who was asked.'),
    team: z.object({ id: id<'team'>(), name: Named }).nullable().describe('Anybody of it may decide.'),
    conversation: z
      .object({ id: id<'conversation'>(), number: z.int(), subject: z.string() })
      .nullable()
      .describe('What it is about; null: none, or one that you do not reach.'),
    state: z.enum(TASK_STATES),
    may_decide: z.boolean().describe('You.'),
    created_at: isoDate,
    due_at: isoDate.nullable().describe('Until when it can be decided.'),
    ended_at: isoDate.nullable(),
    decision: z.string().nullable().describe('Its key.'),
    decided_by: z.string().nullable(),
    comment: z.string(),
    answers: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'WorkflowTask' })
export type WorkflowTask = z.output<typeof WorkflowTask>

const ID = '0193e0a0-dddd-7abc-9def-0123456789ab'
const example = {
  id: ID,
  workflow: { id: '0193e0a0-aaaa-7abc-9def-0123456789ab', name: 'Refunds' },
  run_id: '0193e0a0-bbbb-7abc-9def-0123456789ab',
  node: 'ask',
  title: 'Refund 120 to Zoe?',
  body: 'She sent it back on Monday.',
  decisions: [
    { key: 'yes', label: 'Refund it' },
    { key: 'no', label: 'Refuse' },
  ],
  fields: [{ key: 'sum', label: 'How much', type: 'number' as const, choices: [], required: true, initial: '120' }],
  people: [{ id: '0193e0a0-1111-7abc-9def-0123456789ab', name: 'Bob' }],
  team: null,
  conversation: { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c', number: 17, subject: 'Your offer' },
  state: 'open' as const,
  may_decide: true,
  created_at: '2026-11-22T10:00:00.000Z',
  due_at: '2026-11-24T10:00:00.000Z',
  ended_at: null,
  decision: null,
  decided_by: null,
  comment: '',
  answers: {},
}
const byId = z.strictObject({ id: id<'workflow_task'>() })
const params = { id: ID }

export const listWorkflowTasks = endpoint({
  method: 'GET',
  path: '/v1/workflow-tasks',
  summary: 'What workflows ask of people, newest first.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({
    whose: z
      .enum(['mine', 'teams', 'all'])
      .optional()
      .describe(
        '`mine`: you were asked; `teams` (when left out): you or your teams; `all` (when a key leaves it out): everything that you may see.',
      ),
    state: z.enum(TASK_STATES).optional(),
    conversation_id: z.string().min(1).max(64).optional().describe('About one conversation that you reach.'),
    run_id: id<'workflow_run'>().optional(),
    ...pageParams,
  }),
  reply: pageOf(WorkflowTask),
  errors: ['not_found', 'invalid_cursor'],
  example: { params: {}, reply: { items: [example], next: null } },
})
export const getWorkflowTask = endpoint({
  method: 'GET',
  path: '/v1/workflow-tasks/:id',
  summary: 'One task, and what was decided.',
  description: 'For whoever was asked, writes workflows, or reaches the conversation it is about.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: WorkflowTask,
  errors: ['not_found'],
  example: { params, reply: example },
})
export const decideWorkflowTask = endpoint({
  method: 'POST',
  path: '/v1/workflow-tasks/:id/decide',
  summary: 'Decide. The first word holds, and the run goes on by it.',
  description: 'Whoever was asked decides, whatever their role; whoever is of the team that was; and whoever runs the workspace.',
  permission: 'signed_in',
  transaction: 'write',
  params: byId,
  body: z.strictObject({
    decision: line(1, 60).describe('The key of one of its decisions.'),
    comment: z.string().max(MAX_COMMENT).default(''),
    answers: z.record(z.string(), z.unknown()).default({}).describe('By the keys of its fields.'),
  }),
  reply: WorkflowTask,
  errors: ['not_found', 'wrong_state'],
  example: {
    params,
    body: { decision: 'yes', comment: 'She is right.', answers: { sum: 100 } },
    reply: {
      ...{ ...example, state: 'decided', may_decide: false, ended_at: '2026-11-22T11:00:00.000Z' },
      ...{ decision: 'yes', decided_by: 'Bob', comment: 'She is right.', answers: { sum: 100 } },
    },
  },
})

export const passOnWorkflowTask = endpoint({
  method: 'POST',
  path: '/v1/workflow-tasks/:id/pass-on',
  summary:
    'Let somebody else decide. They are asked by mail, with a link of their own; whoever passes it on is not asked any more.',
  description: 'By whoever may decide. The team that was asked, and the others, may decide still.',
  permission: 'signed_in',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ user_id: id<'user'>() }),
  reply: WorkflowTask,
  errors: ['not_found', 'wrong_state'],
  example: { params, body: { user_id: '0193e0a0-1111-7abc-9def-0123456789ab' }, reply: example },
})
export const decideWorkflowTasks = endpoint({
  method: 'POST',
  path: '/v1/workflow-tasks/decide',
  summary: 'Decide several alike. Each goes by itself: what cannot be decided so, or was decided by somebody else, is told.',
  description: 'A task whose fields must be filled in is decided alone.',
  permission: 'signed_in',
  transaction: 'none',
  body: z.strictObject({
    task_ids: z.array(id<'workflow_task'>()).min(1).max(100),
    decision: line(1, 60).describe('The key of a decision that all of them have.'),
    comment: z.string().max(MAX_COMMENT).default(''),
  }),
  reply: z.object({
    done: z.int(),
    refused: z.array(z.object({ task_id: id<'workflow_task'>(), sentence: z.string() })),
  }),
  example: { body: { task_ids: [ID], decision: 'yes', comment: '' }, reply: { done: 1, refused: [] } },
})

export const workflowTaskEndpoints = [
  listWorkflowTasks,
  decideWorkflowTasks,
  getWorkflowTask,
  decideWorkflowTask,
  passOnWorkflowTask,
] as const
