import { z } from 'zod'
import { DELIVERY_STATES } from '../../delivery/delivery.ts'
import { VAR_TYPES } from '../../workflows/definition/graph.ts'
import { MAX_PAYLOAD_CHARACTERS, RUNS_AT_ONCE } from '../../workflows/limits.ts'
import { endpoint } from '../endpoint.ts'
import { flagInUrl, id, integerInUrl, isoDate, line, pageOf, pageParams } from './shapes.ts'
import { exampleWaitingStart, WaitingStart } from './workflow-waiting.ts'
import { exampleDefinition, WorkflowName } from './workflows.ts'

const RUN_STATUSES = ['running', 'completed', 'cancelled'] as const
const Values = z.record(z.string(), z.unknown())

const summary = {
  id: id<'workflow_run'>(),
  workflow: z.object({
    id: id<'workflow'>(),
    name: z.string(),
    is_removed: z.boolean().describe('Its runs end as they began.'),
  }),
  version: z.int().describe('The number of the version it runs by.'),
  status: z.enum(RUN_STATUSES),
  is_test: z.boolean(),
  subject: z
    .object({ kind: z.enum(['conversation', 'contact']), id: z.string(), label: z.string().nullable() })
    .nullable()
    .describe('What it is about; null: nothing in particular.'),
  trigger: z.string().describe('The node it began at.'),
  held: z.int().describe('Steps that need a person.'),
  sentence: z.string().describe('What it waits for, or how it ended.'),
  started_at: isoDate,
  ended_at: isoDate.nullable(),
  end_reason: z.string().nullable(),
}
export const WorkflowRunSummary = z.object(summary).meta({ id: 'WorkflowRunSummary' })
export type WorkflowRunSummary = z.output<typeof WorkflowRunSummary>

const Token = z.object({
  id: z.uuid(),
  node: z.string(),
  visit: z.int().describe('Its arrivals at this node, this one included.'),
  state: z.enum(['ready', 'waiting', 'held']),
  step: z.string().describe('What the node does.'),
  waits_for: z.string().nullable().describe('In words; null where it needs a person.'),
  waits: z.array(z.object({ port: z.string(), happening: z.string(), key: z.string(), sentence: z.string() })),
  until: isoDate.nullable().describe('When it goes on by itself.'),
  timeout_port: z.string().nullable().describe('Which way it goes then.'),
  attempt: z.int().describe('Tries so far.'),
  branch: z
    .array(z.object({ branch: z.int(), item: z.unknown().optional() }))
    .describe('Branches and loops it is in, outermost first.'),
  arrived_at: isoDate,
  trouble: z
    .object({ class: z.string(), sentence: z.string(), port: z.string().nullable(), at: isoDate })
    .nullable()
    .describe('Why it needs a person.'),
  in_the_way: z
    .object({
      message_id: z.uuid(),
      delivery_id: z.uuid(),
      recipient: z.string(),
      route: z.object({ id: z.uuid(), name: z.string() }).nullable(),
      sentence: z.string(),
      hint: z.string().describe('What mends it.'),
      since: isoDate.nullable(),
      next_try_at: isoDate.nullable().describe('When it is tried again by itself; null: only a person can change it.'),
      tries: z.int().describe('Tries that the mail itself has used up.'),
    })
    .nullable()
    .describe('What keeps the mail that it waits for from leaving.'),
  ports: z
    .array(z.object({ key: z.string(), label: z.string(), is_failure: z.boolean() }))
    .describe('The ways it may be skipped to.'),
  acts: z.array(z.enum(['retry', 'skip', 'continue'])),
})

const Line = z.object({
  seq: z.int(),
  at: isoDate,
  node: z.string(),
  visit: z.int(),
  what: z.string(),
  port: z.string().nullable(),
  sentence: z.string(),
  detail: Values,
})

const Verdict = z.object({
  id: z.uuid(),
  at: isoDate,
  workflow: z.object({ id: id<'workflow'>(), name: z.string() }),
  run_id: id<'workflow_run'>().nullable(),
  verdict: z.string(),
  sentence: z.string(),
  trace: z
    .unknown()
    .describe('Condition by condition: what was seen, what was wanted, whether it holds; null: nothing was asked.'),
})

export const WorkflowRun = z
  .object({
    ...summary,
    version_id: id<'workflow_version'>(),
    definition: Values.nullable().describe('Of the version it runs by; null: it cannot be read any more.'),
    names: z.array(WorkflowName),
    cause: z.object({ happening: z.string(), facts: Values }).describe('What it began by.'),
    inputs: Values,
    vars: Values,
    outputs: Values,
    steps: z.int(),
    visits: z.record(z.string(), z.int()).describe('Arrivals by node: the path it took.'),
    deadline_at: isoDate,
    tokens: z.array(Token).describe('Where it stands.'),
    lines: z.array(Line).describe('Its story, oldest first.'),
    has_more: z.boolean().describe('There are more lines: ask with `after` for those after the last one.'),
    messages: z.array(
      z.object({
        message_id: id<'message'>(),
        delivery_id: id<'delivery'>(),
        recipient: z.string(),
        state: z.enum(DELIVERY_STATES),
        reason: z.string().nullable(),
      }),
    ),
    newer_version: z
      .object({ id: id<'workflow_version'>(), number: z.int() })
      .nullable()
      .describe('What new runs begin with, where it is another version.'),
    verdict: Verdict.nullable().describe('Why it began; null: nothing was asked, or it began so long ago that nobody keeps it.'),
    parent: WorkflowRunSummary.nullable(),
    children: z.array(WorkflowRunSummary),
  })
  .meta({ id: 'WorkflowRun' })
export type WorkflowRun = z.output<typeof WorkflowRun>

const ID = '0193e0a0-bbbb-7abc-9def-0123456789ab'
const WORKFLOW = '0193e0a0-aaaa-7abc-9def-0123456789ab'
const TOKEN = '0193e0a0-bbbb-7abc-9def-0123456789ac'
const CONVERSATION = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c'
const INCIDENT = '0193e0a0-6666-7abc-9def-0123456789ab'
const exampleSummary = {
  id: ID,
  workflow: { id: WORKFLOW, name: 'Thank for orders', is_removed: false },
  version: 3,
  status: 'running' as const,
  is_test: false,
  subject: { kind: 'conversation' as const, id: CONVERSATION, label: '#17 Your offer' },
  trigger: 'begin',
  held: 0,
  sentence: 'Waits for a message of the customer, but not for ever.',
  started_at: '2026-11-22T10:00:00.000Z',
  ended_at: null,
  end_reason: null,
}
const exampleRun = {
  ...exampleSummary,
  version_id: '0193e0a0-cccc-7abc-9def-0123456789ab',
  definition: exampleDefinition,
  names: [],
  cause: { happening: 'conversation.started', facts: { type: 'conversation.started' } },
  ...{ inputs: {}, vars: { reminders: 1 }, outputs: {}, steps: 3, visits: { begin: 1, tag: 1 } },
  deadline_at: '2027-11-22T10:00:00.000Z',
  tokens: [
    {
      ...{ id: TOKEN, node: 'wait', visit: 1, state: 'waiting' as const, step: 'Wait for the customer to write, 3 days at most' },
      waits_for: 'Waits for a message of the customer, but not for ever',
      waits: [
        {
          ...{ port: 'replied', happening: 'customer.replied', key: `conversation:${CONVERSATION}` },
          sentence: 'a message of the customer',
        },
      ],
      until: '2026-11-25T10:00:00.000Z',
      ...{
        timeout_port: 'timeout',
        attempt: 0,
        branch: [],
        arrived_at: '2026-11-22T10:00:00.000Z',
        trouble: null,
        in_the_way: null,
      },
      ports: [{ key: 'replied', label: 'An answer came', is_failure: false }],
      acts: ['skip' as const, 'continue' as const],
    },
  ],
  lines: [
    {
      ...{ seq: 1, at: '2026-11-22T10:00:00.000Z', node: 'begin', visit: 1, what: 'done', port: 'out' },
      ...{ sentence: 'When a conversation begins in Support.', detail: {} },
    },
  ],
  has_more: false,
  messages: [],
  newer_version: null,
  verdict: null,
  parent: null,
  children: [],
}

const byId = z.strictObject({ id: id<'workflow_run'>() })
const params = { id: ID }

export const listWorkflowRuns = endpoint({
  method: 'GET',
  path: '/v1/workflow-runs',
  summary: 'Runs of workflows, newest first.',
  permission: 'workflows.manage',
  transaction: 'read',
  params: z.strictObject({
    workflow_id: id<'workflow'>().optional(),
    subject_id: z.uuid().optional().describe('Of one conversation or contact.'),
    status: z.enum(RUN_STATUSES).optional(),
    held: flagInUrl.optional().describe('`1`: only those that need a person.'),
    node: z.string().min(1).max(40).optional().describe('Only those that stand at this step now.'),
    passed: z.string().min(1).max(40).optional().describe('Only those that came to this step, of the newest 10,000.'),
    since: isoDate.optional().describe('Only those that began at this time or later.'),
    ...pageParams,
  }),
  reply: pageOf(WorkflowRunSummary),
  errors: ['invalid_cursor'],
  example: { params: {}, reply: { items: [exampleSummary], next: null } },
})
export const getWorkflowRun = endpoint({
  method: 'GET',
  path: '/v1/workflow-runs/:id',
  summary: 'One run: what it does, what it waits for, and its story so far.',
  description: 'Whoever may not write workflows sees the runs of conversations that they reach.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({
    id: id<'workflow_run'>(),
    after: integerInUrl(0, 999_999_999).optional().describe('Lines after this one.'),
  }),
  reply: WorkflowRun,
  errors: ['not_found', 'run_not_begun_yet', 'run_did_not_begin'],
  example: { params, reply: exampleRun },
})

const acting = {
  permission: 'workflows.manage',
  transaction: 'write',
  params: byId,
  reply: WorkflowRun,
  errors: ['not_found', 'wrong_state'],
} as const
const token = { token_id: z.uuid().describe('Which of its tokens.') }

export const retryWorkflowRun = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/:id/retry',
  summary: 'Try a step again that needs a person, or that waits for its next try.',
  ...acting,
  body: z.strictObject({ ...token, vars: Values.optional().describe('Put right before: only variables that the workflow has.') }),
  example: { params, body: { token_id: TOKEN, vars: { reminders: 0 } }, reply: exampleRun },
})
export const skipWorkflowRun = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/:id/skip',
  summary: 'Go on as if a step had come to this.',
  ...acting,
  body: z.strictObject({ ...token, port: line(1, 60) }),
  example: { params, body: { token_id: TOKEN, port: 'replied' }, reply: exampleRun },
})
export const continueWorkflowRun = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/:id/continue',
  summary: 'Go on now, as if the time that a step waits for had come.',
  ...acting,
  body: z.strictObject(token),
  example: { params, body: { token_id: TOKEN }, reply: exampleRun },
})
export const cancelWorkflowRun = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/:id/cancel',
  summary: 'End a run, with everything that is under way in it.',
  ...acting,
  example: { params, reply: exampleRun },
})
const Refused = z.array(z.object({ run_id: id<'workflow_run'>(), sentence: z.string() }))
export const actOnHeldRuns = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/held',
  summary: 'Act on all runs that one incident is about, up to 200 at a time.',
  permission: 'workflows.manage',
  transaction: 'none',
  body: z.strictObject({
    incident_id: id<'incident'>(),
    act: z.discriminatedUnion('act', [
      z.strictObject({ act: z.literal('retry') }),
      z.strictObject({ act: z.literal('skip'), port: line(1, 60) }),
      z.strictObject({ act: z.literal('cancel') }),
    ]),
  }),
  reply: z.object({
    done: z.int(),
    refused: Refused,
    has_more: z.boolean().describe('Ask again for those that are left.'),
  }),
  errors: ['not_found', 'wrong_state'],
  example: { body: { incident_id: INCIDENT, act: { act: 'retry' } }, reply: { done: 12, refused: [], has_more: false } },
})

export const cancelWorkflowRuns = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/cancel',
  summary: 'End the runs that are chosen, with everything that is under way in them. What came to its end meanwhile is told.',
  permission: 'workflows.manage',
  transaction: 'none',
  body: z.strictObject({ run_ids: z.array(id<'workflow_run'>()).min(1).max(RUNS_AT_ONCE) }),
  reply: z.object({ done: z.int(), refused: Refused }),
  example: { body: { run_ids: [ID] }, reply: { done: 1, refused: [] } },
})

export const startRunAgain = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/:id/again',
  summary: 'Begin a run that ended once more: a new one, by the same trigger and with the same inputs, as the workflow is now.',
  description:
    'Its conditions are asked as things are now, and the rule for subjects that meet the workflow again holds; how often it ran for its subject does not count. Whether a run begins is decided a moment later.',
  permission: 'workflows.manage',
  transaction: 'write',
  params: byId,
  reply: z.object({
    run_id: id<'workflow_run'>().describe(
      'Asked for before it begins, `GET /v1/workflow-runs/:id` says so; where it does not begin, it says why.',
    ),
  }),
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params, reply: { run_id: '0193e0a0-bbbb-7abc-9def-0123456789ae' } },
})

export const startWorkflowRun = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/runs',
  summary: 'Start a workflow, by its button or as a program. Whether a run begins is decided a moment later.',
  description: 'Whoever may not write workflows names a conversation that they reach.',
  permission: 'conversations.write',
  transaction: 'write',
  params: z.strictObject({ id: id<'workflow'>() }),
  body: z.strictObject({
    by: z.enum(['button', 'program']).default('program').describe('Which of its triggers it begins at.'),
    conversation_id: z.string().min(1).max(64).optional(),
    contact_id: id<'contact'>().optional(),
    inputs: Values.default({}),
    is_test: z
      .boolean()
      .default(false)
      .describe('Marks the run, and its steps see it as `run.is_test`. All that it does is done: a trial does nothing.'),
  }),
  reply: z.object({
    run_id: id<'workflow_run'>().describe(
      'Asked for before it begins, `GET /v1/workflow-runs/:id` says so; where it does not begin, it says why.',
    ),
  }),
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: {
    params: { id: WORKFLOW },
    body: { by: 'button', conversation_id: CONVERSATION, inputs: {}, is_test: false },
    reply: { run_id: ID },
  },
})

const exampleVerdict = {
  id: '0193e0a0-bbbb-7abc-9def-0123456789ad',
  at: '2026-11-22T10:00:00.000Z',
  workflow: { id: WORKFLOW, name: 'Thank for orders' },
  run_id: null,
  verdict: 'conditions',
  sentence: 'Its conditions were not met.',
  trace: {
    how: 'all',
    of: [{ field: 'conversation.tags', op: 'has', wanted: 'order', seen: ['vip'], holds: false }],
    holds: false,
  },
}
const Input = z.object({
  key: z.string(),
  type: z.enum(VAR_TYPES),
  label: z.string().nullable(),
  default: z.unknown(),
})
const Button = z.object({
  workflow: z.object({ id: id<'workflow'>(), name: z.string() }),
  node: z.string(),
  label: z.string(),
  inputs: z.array(Input).describe('What is asked for.'),
})

export const startWorkflowRuns = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/runs/many',
  summary:
    'Press a button of a workflow for several conversations. Whether runs begin is decided a moment later, for each by itself.',
  permission: 'conversations.write',
  transaction: 'write',
  params: z.strictObject({ id: id<'workflow'>() }),
  body: z.strictObject({
    conversation_ids: z.array(id<'conversation'>()).min(1).max(RUNS_AT_ONCE),
    inputs: Values.default({}),
  }),
  reply: z.object({
    done: z.int(),
    refused: z
      .array(z.object({ conversation_id: id<'conversation'>(), sentence: z.string() }))
      .describe('Those that you do not reach.'),
  }),
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: {
    params: { id: WORKFLOW },
    body: { conversation_ids: [CONVERSATION], inputs: {} },
    reply: { done: 1, refused: [] },
  },
})
export const listWorkflowButtons = endpoint({
  method: 'GET',
  path: '/v1/workflow-buttons',
  summary: 'Buttons of workflows that may be pressed for conversations.',
  permission: 'conversations.write',
  transaction: 'read',
  params: z.strictObject({}),
  reply: z.object({
    items: z.array(
      Button.extend({ inboxes: z.array(id<'inbox'>()).describe('Only for conversations in these; empty: in all.') }),
    ),
    next: z.null(),
  }),
  example: {
    params: {},
    reply: {
      items: [{ workflow: { id: WORKFLOW, name: 'Thank for orders' }, node: 'button', label: 'Thank', inputs: [], inboxes: [] }],
      next: null,
    },
  },
})
export const getConversationAutomations = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/automations',
  summary: 'What workflows did with a conversation, why they did not, and which may be started by hand.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ id: z.string().min(1).max(64), ...pageParams }),
  reply: z.object({
    runs: z.array(WorkflowRunSummary).describe('The newest 100.'),
    verdicts: pageOf(Verdict).describe('Why workflows began, or did not, newest first.'),
    waiting: z.array(WaitingStart).describe('What is to begin here, and waits for its turn.'),
    buttons: z.array(Button),
  }),
  errors: ['not_found', 'invalid_cursor'],
  example: {
    params: { id: CONVERSATION },
    reply: {
      runs: [exampleSummary],
      verdicts: { items: [exampleVerdict], next: null },
      waiting: [exampleWaitingStart],
      buttons: [{ workflow: { id: WORKFLOW, name: 'Thank for orders' }, node: 'button', label: 'Thank', inputs: [] }],
    },
  },
})
export const listWorkflowVerdicts = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/verdicts',
  summary: 'Why a workflow began, or did not, newest first.',
  permission: 'workflows.manage',
  transaction: 'read',
  params: z.strictObject({ id: id<'workflow'>(), ...pageParams }),
  reply: pageOf(Verdict),
  errors: ['not_found', 'invalid_cursor'],
  example: { params: { id: WORKFLOW }, reply: { items: [exampleVerdict], next: null } },
})

export const tellNamedEvent = endpoint({
  method: 'POST',
  path: '/v1/events',
  summary: 'Tell that something happened. Workflows that begin by it begin, those that wait for it go on.',
  permission: 'events.send',
  // Those that come together are written down together.
  transaction: 'none',
  idempotent: true,
  body: z.strictObject({
    name: line(1, 80).describe('As in `order.paid`.'),
    key: line(1, 200).optional().describe('Of what, as in `A-17`: a step may wait for the event of one key.'),
    payload: Values.default({}).describe(
      `What expressions see as \`event.payload\`; ${MAX_PAYLOAD_CHARACTERS.toLocaleString('en')} characters at most, as JSON.`,
    ),
    conversation_id: z.string().min(1).max(64).optional(),
    contact_id: id<'contact'>().optional(),
  }),
  reply: z.object({ accepted: z.literal(true) }),
  status: 202,
  errors: ['not_found', 'idempotency_key_reused'],
  example: { body: { name: 'order.paid', key: 'A-17', payload: { amount: 120 } }, reply: { accepted: true } },
})

export const workflowRunEndpoints = [
  listWorkflowRuns,
  actOnHeldRuns,
  cancelWorkflowRuns,
  startRunAgain,
  startWorkflowRuns,
  listWorkflowButtons,
  getWorkflowRun,
  retryWorkflowRun,
  skipWorkflowRun,
  continueWorkflowRun,
  cancelWorkflowRun,
  startWorkflowRun,
  listWorkflowVerdicts,
  getConversationAutomations,
  tellNamedEvent,
] as const
