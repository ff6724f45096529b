import { z } from 'zod'
import { ConversationFilter } from '../../helpdesk/list/filter.ts'
import { JOB_KINDS, JOB_STATES } from '../../workflows/jobs/job.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'
import { exampleProblem, exampleWorkflow, ImportRemark, Mapping, Workflow, WorkflowProblem } from './workflows.ts'

const NodeName = z.string().min(1).max(40)
const LeftOut = z.array(z.object({ reason: z.string(), sentence: z.string(), count: z.int() }))
const Among = z
  .strictObject({
    conversations: ConversationFilter.optional(),
    contacts: z
      .strictObject({
        list: z.uuid().optional(),
        segment: z.uuid().optional(),
        tag: line(1, 60).optional(),
      })
      .optional(),
  })
  .describe('Only those of what is there that fit: conversations as a list or a saved view shows them, or contacts.')

export const WorkflowJob = z
  .object({
    id: id<'workflow_job'>(),
    kind: z.enum(JOB_KINDS),
    state: z.enum(JOB_STATES),
    version_id: id<'workflow_version'>().describe('Where runs go, by which new ones begin, or whose runs are left alone.'),
    version: z.int().nullable().describe('Its number; null: it is gone.'),
    from_version_id: id<'workflow_version'>().nullable().describe('Only runs of this one; null: of all others.'),
    mapping: Mapping,
    node: z.string().nullable().describe('The trigger that is applied.'),
    among: Among.nullable().describe('Of what is applied: only these; null: all.'),
    per_minute: z.int().nullable(),
    seen: z.int().describe('Runs, or conversations or contacts, that were looked at so far,'),
    done: z.int().describe('and those with which it was done.'),
    left_out: LeftOut.describe('The others, by why.'),
    outcomes: z
      .array(z.object({ verdict: z.string(), sentence: z.string(), count: z.int() }))
      .describe(
        'Of what is applied: whether runs began for those with which it was done, and why they did not. What is missing is not decided yet, or so long ago that nobody keeps it.',
      ),
    created_at: isoDate,
    created_by: z.string().nullable(),
    ended_at: isoDate.nullable(),
  })
  .meta({ id: 'WorkflowJob' })
export type WorkflowJob = z.output<typeof WorkflowJob>

const ID = '0193e0a0-aaaa-7abc-9def-0123456789ab'
const VERSION = '0193e0a0-cccc-7abc-9def-0123456789ab'
const JOB = '0193e0a0-dddd-7abc-9def-0123456789ad'
const RUN = '0193e0a0-bbbb-7abc-9def-0123456789ab'
const exampleJob = {
  ...{ id: JOB, kind: 'move' as const, state: 'done' as const, version_id: VERSION, version: 6, from_version_id: null },
  ...{ mapping: {}, node: null, among: null, per_minute: null, seen: 214, done: 211, outcomes: [] },
  left_out: [{ reason: 'gone', sentence: 'This step is not there in the other version.', count: 3 }],
  ...{ created_at: '2026-11-22T10:00:00.000Z', created_by: 'Ann', ended_at: '2026-11-22T10:00:02.000Z' },
}

const byId = z.strictObject({ id: id<'workflow'>() })
const byJob = z.strictObject({ id: id<'workflow'>(), job_id: id<'workflow_job'>() })
const params = { id: ID }
const writing = { permission: 'workflows.manage', transaction: 'write' } as const
const reading = { permission: 'workflows.manage', transaction: 'read' } as const

export const planWorkflowMove = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/move-plan',
  summary:
    'What would become of the runs that go on, if they went on by another version: how many stand where, and what is in their way.',
  ...writing,
  params: byId,
  body: z.strictObject({
    version_id: id<'workflow_version'>()
      .optional()
      .describe('Where they would go. Left out: the draft, as if it were published.'),
    from_version_id: id<'workflow_version'>().optional().describe('Only runs of this one.'),
    mapping: Mapping.default({}),
  }),
  reply: z.object({
    runs: z.int(),
    movable: z.int(),
    blocked: z.int(),
    is_partial: z.boolean().describe('Only the newest 20,000 runs were looked at.'),
    versions: z.array(z.object({ id: id<'workflow_version'>(), number: z.int(), runs: z.int() })),
    nodes: z.array(
      z.object({
        node: z.string(),
        to: z.string().describe('Where those that stand at it would stand.'),
        waiting: z.int(),
        held: z.int(),
        blocker: z.object({ code: z.string(), sentence: z.string() }).nullable(),
      }),
    ),
  }),
  errors: ['not_found', 'wrong_state'],
  example: {
    params,
    body: { mapping: {} },
    reply: {
      ...{ runs: 214, movable: 211, blocked: 3, is_partial: false, versions: [{ id: VERSION, number: 5, runs: 214 }] },
      nodes: [{ node: 'wait', to: 'wait', waiting: 211, held: 0, blocker: null }],
    },
  },
})

export const previewWorkflowApply = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/apply-preview',
  summary:
    'Of what is there already: how many conversations, or contacts, the trigger would have met as they are now, and the first 50.',
  ...writing,
  params: byId,
  body: z.strictObject({
    node: NodeName.optional().describe('The trigger. Left out: the only one.'),
    among: Among.optional(),
    of: z.enum(['version', 'draft']).default('version').describe('What is asked: what new runs begin with, or the draft.'),
  }),
  reply: z.object({
    node: z.string(),
    looked_at: z.int().describe('The newest, as many as could be looked at in a moment,'),
    matched: z.int().describe('and those of them that fit.'),
    has_more: z.boolean().describe('There are older ones that were not looked at.'),
    items: z.array(z.object({ kind: z.enum(['conversation', 'contact']), id: z.uuid(), label: z.string().nullable() })),
  }),
  errors: ['not_found', 'wrong_state'],
  example: {
    params,
    body: { of: 'version' },
    reply: {
      ...{ node: 'begin', looked_at: 2_000, matched: 137, has_more: true },
      items: [{ kind: 'conversation', id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c', label: '#17 Your offer' }],
    },
  },
})

export const listWorkflowJobs = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/jobs',
  summary: 'What was done with many runs of a workflow at once, newest first.',
  ...reading,
  params: z.strictObject({ id: id<'workflow'>(), ...pageParams }),
  reply: pageOf(WorkflowJob),
  errors: ['not_found', 'invalid_cursor'],
  example: { params, reply: { items: [exampleJob], next: null } },
})
export const startWorkflowJob = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/jobs',
  summary: 'Move runs to another version, cancel them, or begin with what was there before. It goes on in the background.',
  description:
    'One at a time for a workflow. Runs that move keep what they wait for, and until when. What begins keeps to the workflow’s rule for subjects that meet it again, and to its runs for each of them.',
  ...writing,
  params: byId,
  body: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('move'),
      version_id: id<'workflow_version'>().optional().describe('Left out: what new runs begin with.'),
      from_version_id: id<'workflow_version'>().optional().describe('Only runs of this one; left out: of all others.'),
      mapping: Mapping.optional(),
    }),
    z.strictObject({
      kind: z.literal('cancel'),
      from_version_id: id<'workflow_version'>()
        .optional()
        .describe('Only runs of this one; left out: of all but what new runs begin with.'),
    }),
    z.strictObject({
      kind: z.literal('apply'),
      node: NodeName.optional().describe('The trigger. Left out: the only one.'),
      among: Among.optional(),
      per_minute: z.int().min(1).max(100_000).optional().describe('Begin no more than so many in a minute.'),
    }),
  ]),
  reply: WorkflowJob,
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params, body: { kind: 'move', mapping: { remind: 'remind_again' } }, reply: exampleJob },
})
export const getWorkflowJob = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/jobs/:job_id',
  summary: 'How far a job is.',
  ...reading,
  params: byJob,
  reply: WorkflowJob,
  errors: ['not_found'],
  example: { params: { id: ID, job_id: JOB }, reply: exampleJob },
})
export const stopWorkflowJob = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/jobs/:job_id/stop',
  summary: 'Stop a job. What is done stays done; the rest is left as it is.',
  ...writing,
  params: byJob,
  reply: WorkflowJob,
  errors: ['not_found'],
  example: { params: { id: ID, job_id: JOB }, reply: exampleJob },
})

export const moveWorkflowRun = endpoint({
  method: 'POST',
  path: '/v1/workflow-runs/:id/move',
  summary: 'Let one run go on by another version. It keeps what it waits for, and until when.',
  ...writing,
  params: z.strictObject({ id: id<'workflow_run'>() }),
  body: z.strictObject({ version_id: id<'workflow_version'>(), mapping: Mapping.default({}) }),
  errors: ['not_found', 'wrong_state'],
  example: { params: { id: RUN }, body: { version_id: VERSION, mapping: {} } },
})

export const WorkflowTemplate = z
  .object({
    key: line(1, 60),
    title: z.string(),
    about: z.string(),
    subject: z.enum(['conversation', 'contact', 'none']),
    definition: z.record(z.string(), z.unknown()),
    sentences: z.array(z.string()).describe('What it does, step by step.'),
    choose: z
      .array(z.object({ node: z.string(), field: z.string().nullable(), sentence: z.string() }))
      .describe('What has to be chosen before it can be published.'),
  })
  .meta({ id: 'WorkflowTemplate' })
export type WorkflowTemplate = z.output<typeof WorkflowTemplate>

export const listWorkflowTemplates = endpoint({
  method: 'GET',
  path: '/v1/workflow-templates',
  summary: 'Workflows to begin with, ready but for what has to be chosen.',
  ...reading,
  params: z.strictObject({}),
  reply: z.object({ items: z.array(WorkflowTemplate), next: z.null() }),
  example: {
    params: {},
    reply: {
      items: [
        {
          ...{ key: 'csat_after_close', title: 'Ask how it was', about: 'A day after a conversation is closed.' },
          ...{ subject: 'conversation', definition: {}, sentences: ['When the status changes to closed'], choose: [] },
        },
      ],
      next: null,
    },
  },
})

export const createFromTemplate = endpoint({
  method: 'POST',
  path: '/v1/workflows/from-template',
  summary: 'Begin a workflow with one of those that are ready. What has to be chosen is among its problems.',
  ...writing,
  body: z.strictObject({
    template: line(1, 60).describe('The `key` of one of `GET /v1/workflow-templates`.'),
    name: line(1, 120).optional().describe('Left out: what the template is called.'),
  }),
  reply: z.object({ workflow: Workflow, problems: z.array(WorkflowProblem) }),
  status: 201,
  errors: ['not_found', 'too_many_of_these'],
  example: { body: { template: 'csat_after_close' }, reply: { workflow: exampleWorkflow, problems: [exampleProblem] } },
})

const ImportReport = z.object({
  format: z.enum(['workflow/1', 'elsa/3']),
  activities: z.int().describe('How many the file had.'),
  remarks: z.array(ImportRemark),
  created_at: isoDate,
  created_by: z.string().nullable(),
  done_at: isoDate.nullable().describe('When somebody said that nothing of it is left to do.'),
})
const exampleReport = {
  ...{ format: 'elsa/3' as const, activities: 7, created_at: '2026-11-22T10:00:00.000Z', created_by: 'Ann', done_at: null },
  remarks: [{ activity: 'RunScript1', what: 'lost' as const, sentence: 'Scripts are not carried.' }],
}
export const getWorkflowImportReport = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/import-report',
  summary: 'What was said when this workflow was read from a file of another program.',
  ...reading,
  params: byId,
  reply: ImportReport,
  errors: ['not_found'],
  example: { params, reply: exampleReport },
})
export const finishWorkflowImport = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/import-report/done',
  summary: 'Say that nothing of the report is left to do: `has_import_report` is false from then on. The report stays.',
  ...writing,
  params: byId,
  reply: ImportReport,
  errors: ['not_found'],
  example: { params, reply: { ...exampleReport, done_at: '2026-11-22T12:00:00.000Z' } },
})

export const workflowJobEndpoints = [
  planWorkflowMove,
  previewWorkflowApply,
  listWorkflowJobs,
  startWorkflowJob,
  getWorkflowJob,
  stopWorkflowJob,
  moveWorkflowRun,
  listWorkflowTemplates,
  createFromTemplate,
  getWorkflowImportReport,
  finishWorkflowImport,
] as const
