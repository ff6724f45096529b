import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate } from './shapes.ts'

export const WaitingStart = z
  .object({
    run_id: id<'workflow_run'>().describe('It will be there when its turn has come.'),
    workflow: z.object({ id: id<'workflow'>(), name: z.string() }),
    happening: z.string().describe('What begins it.'),
    conversation_id: z.string().nullable(),
    contact_id: z.string().nullable(),
    since: isoDate,
    sentence: z.string().describe('Why it waits.'),
  })
  .meta({ id: 'WaitingStart' })

const WORKFLOW = '0193e0a0-aaaa-7abc-9def-0123456789ab'
export const exampleWaitingStart = {
  run_id: '0193e0a0-bbbb-7abc-9def-0123456789ae',
  workflow: { id: WORKFLOW, name: 'Thank for orders' },
  happening: 'customer.replied',
  conversation_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c',
  contact_id: null,
  since: '2026-11-22T10:00:00.000Z',
  sentence: 'Begins when the run before it has ended.',
}

export const listWaitingStarts = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/waiting',
  summary:
    'Runs of a workflow that wait for their turn: one at a time for each conversation or contact, in the order in which they came.',
  permission: 'workflows.manage',
  transaction: 'read',
  params: z.strictObject({ id: id<'workflow'>() }),
  reply: z.object({ items: z.array(WaitingStart).describe('The next 100.'), next: z.null() }),
  errors: ['not_found'],
  example: { params: { id: WORKFLOW }, reply: { items: [exampleWaitingStart], next: null } },
})

export const workflowWaitingEndpoints = [listWaitingStarts] as const
