/** What is to begin and waits for its turn: nothing waits without being seen. */
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'
import { selectWaitingStarts, type WaitingStart } from './waiting-queries.ts'

export type { WaitingStart } from './waiting-queries.ts'

export const WAITING_SHOWN = 100

/** Those of a workflow that are next. */
export function waitingStartsOf(tx: Tx, workspaceId: WorkspaceId, workflowId: WorkflowId): Promise<WaitingStart[]> {
  return selectWaitingStarts(tx, workspaceId, { workflowId }, WAITING_SHOWN)
}
