import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { countSuppressions, deleteSuppressions, type SuppressionFilter } from './queries.ts'

/** One request takes off so many at most; whoever has more asks again. */
const UNDO_AT_ONCE = 10_000

/** How many an undo would take off; exact up to 100,000. */
export async function previewUndo(tx: Tx, workspaceId: WorkspaceId, filter: SuppressionFilter): Promise<number> {
  return await countSuppressions(tx, workspaceId, filter, UNDO_AT_ONCE * 10)
}

/** Takes everything off the list that fits: a receiver's fault that was taken for a verdict, by its words and its time. */
export async function undo(
  tx: Tx,
  workspaceId: WorkspaceId,
  filter: SuppressionFilter,
  actor: string,
  now: Date,
): Promise<{ readonly removed: number; readonly more: boolean }> {
  const removed = await deleteSuppressions(tx, workspaceId, filter, UNDO_AT_ONCE)
  await append(
    tx,
    removed.map(({ address, stream, reason }) => ({
      type: 'suppression.removed' as const,
      workspaceId,
      actor,
      data: { address, stream, reason, why: 'undone' },
    })),
    now,
  )
  return { removed: removed.length, more: removed.length === UNDO_AT_ONCE }
}
