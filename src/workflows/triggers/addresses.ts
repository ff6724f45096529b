/**
 * Web addresses that workflows begin by: `/in/workflow/<workflow>/<step>/<secret>`. The secret is made from WAYBILL_SECRET, the step, and how often the
 * address was changed: nothing of it is stored, and a forged one is known without asking the database.
 */
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { encodeBase32 } from '../../lib/base32.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { isSameSecret, type Secrets } from '../../lib/secrets.ts'
import { Graph, type Json } from '../definition/graph.ts'
import { addressKey } from '../definition/nodes/triggers.ts'
import { selectVersion, type Workflow } from '../queries.ts'
import type { WorkflowId } from '../steps/step.ts'
import { type Called, nextGeneration, selectCalled, selectGenerations } from './address-queries.ts'

export type { Called } from './address-queries.ts'

export const ADDRESS_PATH = '/in/workflow/'
const TRIGGER = 'trigger.webhook@1'
const SECRET_BYTES = 20

export interface Address {
  readonly workflowId: WorkflowId
  readonly node: string
  /** `<how often it was changed>-<proof>`. */
  readonly secret: string
}

function pathOf(secrets: Pick<Secrets, 'hmac'>, workflowId: WorkflowId, node: string, generation: number): string {
  return `${ADDRESS_PATH}${workflowId}/${encodeURIComponent(node)}/${secretOf(secrets, workflowId, node, generation)}`
}

function secretOf(secrets: Pick<Secrets, 'hmac'>, workflowId: WorkflowId, node: string, generation: number): string {
  const proof = secrets.hmac('workflow-in', `${workflowId}:${node}:${generation}`)
  return `${generation}-${encodeBase32(proof.subarray(0, SECRET_BYTES))}`
}

/** Made here, whether or not it was changed since. */
export function isAddress(secrets: Pick<Secrets, 'hmac'>, { workflowId, node, secret }: Address): boolean {
  const generation = Number(/^([1-9][0-9]{0,8})-/.exec(secret)?.[1] ?? 0)
  return generation > 0 && isSameSecret(secret, secretOf(secrets, workflowId, node, generation))
}

/** Refused where the address was changed, or its workflow is gone; and where nobody listens at present. */
export async function findCalled(db: Db | Tx, { workflowId, node, secret }: Address): Promise<Called> {
  const found = await selectCalled(db, workflowId, node)
  if (!found || !secret.startsWith(`${found.generation}-`)) throw new Refusal('not_found', { what: 'web address' })
  if (!found.isListening)
    throw new Refusal('wrong_state', { what: 'web address', state: 'of a workflow that is switched off', action: 'called' })
  return found
}

export interface Call {
  readonly payload: Json
  readonly query: Readonly<Record<string, string>>
  readonly contentType: string | null
}

/** Whether a run begins is decided where its subject's other runs are. */
export async function takeCall(
  tx: Tx,
  workspaceId: WorkspaceId,
  { workflowId, node }: Address,
  { payload, query, contentType }: Call,
  now: Date,
): Promise<void> {
  const data = {
    ...{ act: 'start', happening: 'webhook.received', key: addressKey({ workflowId, nodeId: node }), node, payload, query },
    ...(contentType !== null && { content_type: contentType }),
  }
  await append(tx, { type: 'workflow.asked', workspaceId, subjectId: workflowId, data }, now)
}

export interface ShownAddress {
  readonly node: string
  readonly name: string | null
  readonly path: string
  /** Its version is published, and switched on. */
  readonly isListening: boolean
}

/** Of the draft, and of the version that is published. */
export async function addressesOf(tx: Tx, secrets: Pick<Secrets, 'hmac'>, workflow: Workflow): Promise<ShownAddress[]> {
  const { workspaceId, id, draft, versionId, isEnabled } = workflow
  const version = versionId && (await selectVersion(tx, workspaceId, versionId))
  const published = version ? nodesOf(version.graph) : new Map<string, string | null>()
  const generations = await selectGenerations(tx, workspaceId, id)
  return [...new Map([...published, ...nodesOf(draft)])].map(([node, name]) => ({
    ...{ node, name, path: pathOf(secrets, id, node, generations.get(node) ?? 1) },
    isListening: isEnabled && published.has(node),
  }))
}

function nodesOf(graph: Json): Map<string, string | null> {
  const nodes = Object.entries(Graph.safeParse(graph).data?.nodes ?? {})
  return new Map(nodes.filter(([, { type }]) => type === TRIGGER).map(([id, { name = null }]) => [id, name]))
}

/** From now on the address that there was is called in vain. */
export async function changeAddress(
  tx: Tx,
  secrets: Pick<Secrets, 'hmac'>,
  workflow: Workflow,
  node: string,
  by: string | null,
  now: Date,
): Promise<ShownAddress> {
  const shown = (await addressesOf(tx, secrets, workflow)).find((one) => one.node === node)
  if (!shown) throw new Refusal('not_found', { what: 'web address' })
  const { workspaceId, id, name } = workflow
  const generation = await nextGeneration(tx, workspaceId, id, node, now)
  const event = { type: 'workflow.address_changed' as const, workspaceId, subjectId: id, actor: by, data: { name, node } }
  await append(tx, event, now)
  return { ...shown, path: pathOf(secrets, id, node, generation) }
}
