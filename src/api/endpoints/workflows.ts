import { z } from 'zod'
import { SUBJECTS } from '../../workflows/definition/graph.ts'
import { REFERENCES } from '../../workflows/definition/node-type.ts'
import { download, endpoint } from '../endpoint.ts'
import { flagInUrl, id, isoDate, line, pageOf, pageParams } from './shapes.ts'

const NodeName = z.string().min(1).max(40)
export const Mapping = z
  .record(NodeName, NodeName)
  .describe('Old step → the step that stands for it there. What is not named stands for itself.')

/** A definition as it travels: `workflow/1`, or what is on its way to be one. */
const Definition = z.record(z.string(), z.unknown())
const Layout = z.record(z.string(), z.unknown())

export const WorkflowProblem = z
  .object({
    key: z.string().describe('Names this problem while it stays what it is: what `acknowledged` of publishing takes.'),
    code: z.string(),
    severity: z.enum(['error', 'warning']).describe('Errors keep from publishing; warnings have to be acknowledged.'),
    node: z.string().nullable(),
    field: z.string().nullable().describe('Within the settings of the node, as in `arms.0.after`.'),
    sentence: z.string(),
    fix: z.string(),
  })
  .meta({ id: 'WorkflowProblem' })
export type WorkflowProblem = z.output<typeof WorkflowProblem>

const version = {
  id: id<'workflow_version'>(),
  number: z.int(),
  note: z.string(),
  published_at: isoDate,
  published_by: z.string().nullable(),
}
export const WorkflowVersion = z
  .object({ ...version, is_active: z.boolean().describe('New runs begin with it.') })
  .meta({ id: 'WorkflowVersion' })
export type WorkflowVersion = z.output<typeof WorkflowVersion>

const summary = {
  id: id<'workflow'>(),
  name: z.string(),
  description: z.string(),
  subject: z.enum(SUBJECTS).nullable().describe('What its runs are about; null while the draft cannot be read.'),
  is_enabled: z.boolean().describe('Begins runs. What goes on goes on either way.'),
  place: z.int().describe('Smaller ones are asked first.'),
  starts: z.array(z.string()).describe('What it begins with, in words: of what runs, or of the draft of what never did.'),
  version: z
    .object({ id: id<'workflow_version'>(), number: z.int(), published_at: isoDate })
    .nullable()
    .describe('What new runs begin with; null: it was never published.'),
  draft_revision: z.int().describe('Grows with every change of the draft.'),
  has_changes: z.boolean().describe('The draft is not what runs.'),
  has_import_report: z
    .boolean()
    .describe('It came from a file, and what could not be carried as it was is still to be looked at: `GET …/import-report`.'),
  running: z.int().describe('Runs that go on; 10,000 stands for as many or more.'),
  held: z.int().describe('Runs that wait for a person; 10,000 stands for as many or more.'),
  created_at: isoDate,
  created_by: z.string().nullable(),
  updated_at: isoDate,
}
export const WorkflowSummary = z.object(summary).meta({ id: 'WorkflowSummary' })
export type WorkflowSummary = z.output<typeof WorkflowSummary>

export const WorkflowName = z.object({ kind: z.enum(REFERENCES), id: z.string(), name: z.string() }).meta({ id: 'WorkflowName' })

export const Workflow = z
  .object({
    ...summary,
    draft: Definition.describe('`workflow/1`, or what is on its way to be: see docs/workflow.schema.json.'),
    layout: Layout.describe('Where boxes stand; no part of a version.'),
    names: z.array(WorkflowName).describe('What the draft and the active version point to, by name. What is gone is missing.'),
  })
  .meta({ id: 'Workflow' })
export type Workflow = z.output<typeof Workflow>

const ID = '0193e0a0-aaaa-7abc-9def-0123456789ab'
const VERSION = '0193e0a0-cccc-7abc-9def-0123456789ab'
const INBOX = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1b'
export const exampleDefinition = {
  schema: 'workflow/1',
  name: 'Thank for orders',
  description: '',
  subject: 'conversation',
  nodes: {
    begin: { type: 'trigger.conversation_started@1', config: { inboxes: [INBOX] }, next: { out: 'tag' } },
    tag: { type: 'conversation.tag@1', config: { tags: ['order'] }, next: {} },
  },
}
export const exampleSummary = {
  id: ID,
  name: 'Thank for orders',
  description: '',
  subject: 'conversation' as const,
  is_enabled: true,
  place: 0,
  starts: ['When a conversation begins in Support'],
  version: { id: VERSION, number: 3, published_at: '2026-11-22T10:00:00.000Z' },
  draft_revision: 7,
  has_changes: false,
  has_import_report: false,
  running: 12,
  held: 0,
  created_at: '2026-11-20T10:00:00.000Z',
  created_by: 'Ann',
  updated_at: '2026-11-22T10:00:00.000Z',
}
export const exampleWorkflow = {
  ...exampleSummary,
  draft: exampleDefinition,
  layout: {},
  names: [{ kind: 'inbox' as const, id: INBOX, name: 'Support' }],
}
export const exampleProblem = {
  key: 'failure_unconnected:send:',
  code: 'failure_unconnected',
  severity: 'warning' as const,
  node: 'send',
  field: null,
  sentence: 'If it comes to “Failed”, the run stops there until a person looks at it.',
  fix: 'Say what happens then, by a line from “Failed”; or leave it so.',
}
const exampleVersion = {
  id: VERSION,
  number: 3,
  note: 'Thanks in the language of the customer.',
  published_at: '2026-11-22T10:00:00.000Z',
  published_by: 'Ann',
  is_active: true,
}

const byId = z.strictObject({ id: id<'workflow'>() })
const params = { id: ID }
const reading = { permission: 'workflows.manage', transaction: 'read' } as const
const writing = { permission: 'workflows.manage', transaction: 'write' } as const

export const listWorkflows = endpoint({
  method: 'GET',
  path: '/v1/workflows',
  summary: 'All workflows, in the order in which they are asked.',
  ...reading,
  reply: z.object({ items: z.array(WorkflowSummary), next: z.null() }),
  example: { reply: { items: [exampleSummary], next: null } },
})
export const createWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows',
  summary: 'Begin a workflow: a draft, which runs nothing.',
  ...writing,
  body: z.strictObject({
    name: line(1, 120),
    draft: Definition.optional().describe('May have problems. Left out: nothing but the name.'),
    layout: Layout.optional(),
  }),
  reply: Workflow,
  status: 201,
  errors: ['too_many_of_these'],
  example: { body: { name: 'Thank for orders', draft: exampleDefinition }, reply: exampleWorkflow },
})
export const getWorkflow = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id',
  summary: 'One workflow with its draft.',
  ...reading,
  params: byId,
  reply: Workflow,
  errors: ['not_found'],
  example: { params, reply: exampleWorkflow },
})
export const changeWorkflow = endpoint({
  method: 'PATCH',
  path: '/v1/workflows/:id',
  summary: 'Change the draft, the name, or where boxes stand. What runs stays as it was published.',
  ...writing,
  params: byId,
  body: z
    .strictObject({
      name: line(1, 120),
      draft: Definition,
      layout: Layout,
      revision: z.int().describe('The `draft_revision` that was read: a change in between is not overwritten.'),
    })
    .partial(),
  reply: Workflow,
  errors: ['not_found', 'changed_meanwhile'],
  example: { params, body: { draft: exampleDefinition, revision: 6 }, reply: exampleWorkflow },
})
export const removeWorkflow = endpoint({
  method: 'DELETE',
  path: '/v1/workflows/:id',
  summary: 'Remove a workflow: it begins nothing any more. Its runs end as they began.',
  ...writing,
  params: byId,
  errors: ['not_found'],
  example: { params },
})

export const checkWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/check',
  summary: 'What is wrong with a draft, without saving it.',
  ...writing,
  params: byId,
  body: z.strictObject({ draft: Definition.optional().describe('Left out: the draft as it is saved.') }),
  reply: z.object({ can_publish: z.boolean(), problems: z.array(WorkflowProblem) }),
  errors: ['not_found'],
  example: { params, body: {}, reply: { can_publish: true, problems: [exampleProblem] } },
})
export const publishWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/publish',
  summary: 'Let the draft be what new runs begin with. Runs that go on keep the version they began with.',
  ...writing,
  params: byId,
  body: z.strictObject({
    revision: z.int().describe('The `draft_revision` that was looked at: another one is not published unseen.'),
    note: z.string().max(2_000).default('').describe('What is new, for the list of versions.'),
    acknowledged: z
      .array(z.string().max(300))
      .max(1_000)
      .default([])
      .describe('The keys of the warnings that were seen. One that is not among them keeps from publishing.'),
    enable: z.boolean().optional().describe('Begin runs from now on. Left out: as it was, and the first time yes.'),
    runs: z
      .enum(['finish', 'move', 'cancel'])
      .default('finish')
      .describe('What becomes of runs that go on: they end by the version they began with, go on by the new one, or end now.'),
    mapping: Mapping.optional().describe('With `move`: see `POST /v1/workflows/{id}/jobs`.'),
  }),
  reply: Workflow,
  errors: ['not_found', 'changed_meanwhile', 'workflow_has_problems', 'wrong_state'],
  example: {
    params,
    body: {
      revision: 7,
      note: 'Thanks in the language of the customer.',
      acknowledged: ['failure_unconnected:send:'],
      runs: 'finish',
    },
    reply: exampleWorkflow,
  },
})

function toggle(act: 'enable' | 'disable', said: string) {
  return endpoint({
    method: 'POST',
    path: `/v1/workflows/:id/${act}`,
    summary: said,
    ...writing,
    params: byId,
    reply: Workflow,
    errors: ['not_found', 'wrong_state'],
    example: { params, reply: exampleWorkflow },
  })
}
export const enableWorkflow = toggle('enable', 'Let it begin runs.')
export const disableWorkflow = toggle('disable', 'Let it begin nothing. Runs that go on are left alone.')

export const orderWorkflows = endpoint({
  method: 'PUT',
  path: '/v1/workflows/order',
  summary: 'In which order workflows are asked. Those that are not named come after, as they were.',
  ...writing,
  body: z.strictObject({ ids: z.array(id<'workflow'>()).min(1).max(1_000) }),
  reply: z.object({ items: z.array(WorkflowSummary), next: z.null() }),
  errors: ['not_found'],
  example: { body: { ids: [ID] }, reply: { items: [exampleSummary], next: null } },
})
export const duplicateWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/duplicate',
  summary: 'Begin a workflow with the draft of another one.',
  ...writing,
  params: byId,
  body: z.strictObject({ name: line(1, 120) }),
  reply: Workflow,
  status: 201,
  errors: ['not_found', 'too_many_of_these'],
  example: { params, body: { name: 'Thank for orders, again' }, reply: exampleWorkflow },
})

const byVersion = z.strictObject({ id: id<'workflow'>(), version_id: id<'workflow_version'>() })
export const listWorkflowVersions = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/versions',
  summary: 'What was published, newest first.',
  ...reading,
  params: z.strictObject({ id: id<'workflow'>(), ...pageParams }),
  reply: pageOf(WorkflowVersion),
  errors: ['not_found', 'invalid_cursor'],
  example: { params, reply: { items: [exampleVersion], next: null } },
})
export const getWorkflowVersion = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/versions/:version_id',
  summary: 'One version with its definition.',
  ...reading,
  params: byVersion,
  reply: WorkflowVersion.extend({ definition: Definition, names: z.array(WorkflowName) }),
  errors: ['not_found'],
  example: {
    params: { id: ID, version_id: VERSION },
    reply: { ...exampleVersion, definition: exampleDefinition, names: exampleWorkflow.names },
  },
})
export const rollBackWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/versions/:version_id/activate',
  summary: 'Let new runs begin with a version that was published before. The draft stays as it is.',
  ...writing,
  params: byVersion,
  reply: Workflow,
  errors: ['not_found'],
  example: { params: { id: ID, version_id: VERSION }, reply: exampleWorkflow },
})

export const exportWorkflow = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/export',
  summary: 'The draft as a file that can be imported elsewhere: its definition, and where its boxes stand.',
  ...reading,
  params: byId,
  produces: 'application/octet-stream',
  reply: download,
  errors: ['not_found'],
  example: { params },
})
export const ImportRemark = z.object({
  activity: z.string().nullable().describe('Its own id in the file; null: the workflow as a whole.'),
  what: z.enum(['carried', 'lost']).describe('`carried`: with a difference; `lost`: somebody has to do it again.'),
  sentence: z.string(),
})
export const importWorkflow = endpoint({
  method: 'POST',
  path: '/v1/workflows/import',
  summary:
    'Begin a workflow from a file: one that was exported, a definition by itself, or a workflow of Elsa 3. What it points to here is among its problems.',
  ...writing,
  body: z.strictObject({
    file: z
      .record(z.string(), z.unknown())
      .describe(
        '`{"definition": …, "layout": …}`, a definition by itself, or a definition of Elsa 3 as its designer exports it.',
      ),
    name: line(1, 120).optional().describe('Left out: what the definition says.'),
  }),
  reply: z.object({
    workflow: Workflow,
    problems: z.array(WorkflowProblem),
    report: z
      .object({ format: z.enum(['workflow/1', 'elsa/3']), activities: z.int(), remarks: z.array(ImportRemark) })
      .describe('What was not carried as it was. It is kept: see `GET /v1/workflows/{id}/import-report`.'),
  }),
  status: 201,
  errors: ['too_many_of_these'],
  example: {
    body: { file: { definition: exampleDefinition, layout: {} } },
    reply: {
      workflow: exampleWorkflow,
      problems: [exampleProblem],
      report: { format: 'workflow/1', activities: 2, remarks: [] },
    },
  },
})

export const countWorkflow = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/counts',
  summary: 'How many runs there are, and at which steps they stand.',
  ...reading,
  params: z.strictObject({
    id: id<'workflow'>(),
    since: isoDate.optional().describe('What ended and what passed from then on; left out: 7 days.'),
    tests: flagInUrl.optional().describe('`1`: runs of tests as well.'),
  }),
  reply: z.object({
    since: isoDate,
    running: z.int(),
    held: z.int(),
    completed: z.int(),
    cancelled: z.int(),
    is_partial: z.boolean().describe('Only the newest 10,000 runs were counted.'),
    nodes: z.array(
      z.object({
        node: z.string(),
        waiting: z.int().describe('Runs that stand there now,'),
        held: z.int().describe('and those that need a person there.'),
        passed: z.int().describe('Arrivals since, by runs that began since.'),
      }),
    ),
  }),
  errors: ['not_found'],
  example: {
    params,
    reply: {
      since: '2026-11-15T12:00:00.000Z',
      ...{ running: 12, held: 1, completed: 240, cancelled: 3, is_partial: false },
      nodes: [{ node: 'wait', waiting: 11, held: 1, passed: 255 }],
    },
  },
})

export const workflowEndpoints = [
  listWorkflows,
  createWorkflow,
  orderWorkflows,
  importWorkflow,
  getWorkflow,
  changeWorkflow,
  removeWorkflow,
  checkWorkflow,
  publishWorkflow,
  enableWorkflow,
  disableWorkflow,
  duplicateWorkflow,
  countWorkflow,
  exportWorkflow,
  listWorkflowVersions,
  getWorkflowVersion,
  rollBackWorkflow,
] as const
