import { z } from 'zod'
import { MAX_SECRET, MAX_SECRETS } from '../../workflows/requests/limits.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf } from './shapes.ts'

const Name = line(1, 100).describe('What steps name it by: letters, digits, spaces, . _ and -.')
const PLACES = ['draft', 'published', 'older'] as const
const Use = z.object({
  workflow: z.object({ id: id<'workflow'>(), name: z.string(), is_removed: z.boolean() }),
  places: z.array(z.enum(PLACES)).describe('The draft, what new runs begin with, and older versions by which runs still go on.'),
})
const WorkflowSecret = z
  .object({
    name: z.string(),
    changed_at: isoDate.describe('When it got its value.'),
    used_by: z.array(Use).describe('Workflows that name it.'),
  })
  .meta({ id: 'WorkflowSecret' })
export type WorkflowSecret = z.output<typeof WorkflowSecret>
const WORKFLOW = '0193e0a0-aaaa-7abc-9def-0123456789ab'
const example = {
  ...{ name: 'Shop', changed_at: '2026-11-22T10:00:00.000Z' },
  used_by: [{ workflow: { id: WORKFLOW, name: 'Look up orders', is_removed: false }, places: ['draft', 'published'] as const }],
}

export const listWorkflowSecrets = endpoint({
  method: 'GET',
  path: '/v1/workflow-secrets',
  summary: 'What web requests of workflows prove themselves with, by name. A value is never shown.',
  permission: 'workflows.manage',
  transaction: 'read',
  reply: pageOf(WorkflowSecret),
  example: { reply: { items: [example], next: null } },
})
export const saveWorkflowSecret = endpoint({
  method: 'POST',
  path: '/v1/workflow-secrets',
  summary: 'Keep a secret for web requests of workflows, or give one that is there another value.',
  description: `It is sealed with WAYBILL_SECRET. A workspace has ${MAX_SECRETS} at most.`,
  permission: 'workflows.manage',
  transaction: 'write',
  body: z.strictObject({ name: Name, value: z.string().min(1).max(MAX_SECRET).describe('Letters, digits and signs of ASCII.') }),
  reply: WorkflowSecret,
  example: { body: { name: 'Shop', value: 'shop-7f3a' }, reply: example },
})
export const removeWorkflowSecret = endpoint({
  method: 'DELETE',
  path: '/v1/workflow-secrets/:name',
  summary: 'Forget a secret. Requests that name it fail from then on.',
  permission: 'workflows.manage',
  transaction: 'write',
  params: z.strictObject({ name: Name }),
  errors: ['not_found'],
  example: { params: { name: 'Shop' } },
})

export const workflowSecretEndpoints = [listWorkflowSecrets, saveWorkflowSecret, removeWorkflowSecret] as const
