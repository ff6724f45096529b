/** Why a workflow began, or did not. */
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'
import { type RunPage, selectVerdicts, type VerdictRow } from './runs-queries.ts'

/** Newest first. */
export function verdictsOf(tx: Tx, workspaceId: WorkspaceId, workflowId: WorkflowId, page: RunPage): Promise<VerdictRow[]> {
  return selectVerdicts(tx, workspaceId, { workflowId }, page)
}
