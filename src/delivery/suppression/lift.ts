import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { deleteMadeAt } from './queries.ts'

/** A suppression as somebody made it, at one moment. */
export interface Made {
  readonly address: string
  readonly stream: string
  readonly at: Date
}

/** Takes off the list what was put there at that very moment: what another one has taken the place of stays. Answers what went. */
export async function lift(
  tx: Tx,
  workspaceId: WorkspaceId,
  made: readonly Made[],
  actor: string | null,
  now: Date,
): Promise<{ address: string; stream: string }[]> {
  if (made.length === 0) return []
  const lifted = await deleteMadeAt(tx, workspaceId, made)
  const data = (one: { address: string; stream: string }) => ({ ...one, why: 'undone' })
  await append(
    tx,
    lifted.map((one) => ({ type: 'suppression.removed' as const, workspaceId, actor, data: data(one) })),
    now,
  )
  return lifted
}
