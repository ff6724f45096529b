import { z } from 'zod'
import { NodeId } from '../../workflows/definition/graph.ts'
import { endpoint } from '../endpoint.ts'
import { id, pageOf } from './shapes.ts'

const WorkflowAddress = z
  .object({
    node: z.string(),
    name: z.string().nullable().describe('Of the step, where it has one.'),
    url: z.string().describe('Where other programs POST to. Whoever knows it can begin the workflow.'),
    is_listening: z.boolean().describe('The step is in the version that is published, and the workflow is switched on.'),
  })
  .meta({ id: 'WorkflowAddress' })

const WORKFLOW = '0193e0a0-aaaa-7abc-9def-0123456789ab'
const example = {
  ...{ node: 'called', name: null, is_listening: true },
  url: `https://waybill.example.com/in/workflow/${WORKFLOW}/called/1-MZXW6YTBOI2DGNBVGY3TQOJQ`,
}

export const listWorkflowAddresses = endpoint({
  method: 'GET',
  path: '/v1/workflows/:id/addresses',
  summary: 'The web addresses that a workflow begins by, one of each step “A web address is called”.',
  permission: 'workflows.manage',
  transaction: 'read',
  params: z.strictObject({ id: id<'workflow'>() }),
  reply: pageOf(WorkflowAddress),
  errors: ['not_found'],
  example: { params: { id: WORKFLOW }, reply: { items: [example], next: null } },
})
export const changeWorkflowAddress = endpoint({
  method: 'POST',
  path: '/v1/workflows/:id/addresses/:node/rotate',
  summary: 'Give a step another web address. The one it had is called in vain from now on.',
  permission: 'workflows.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'workflow'>(), node: NodeId }),
  reply: WorkflowAddress,
  errors: ['not_found'],
  example: {
    params: { id: WORKFLOW, node: 'called' },
    reply: { ...example, url: `https://waybill.example.com/in/workflow/${WORKFLOW}/called/2-GEZDGNBVGY3TQOJQMZXW6YTB` },
  },
})

export const workflowAddressEndpoints = [listWorkflowAddresses, changeWorkflowAddress] as const
