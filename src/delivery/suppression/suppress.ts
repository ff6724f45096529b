import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { deleteSuppression, insertSuppressions, type NewSuppression } from './queries.ts'

export { selectSuppressions as listSuppressions } from './queries.ts'

/** Puts addresses on the list. Those that were on it already are left as they are. */
export async function suppress(
  tx: Tx,
  workspaceId: WorkspaceId,
  list: readonly NewSuppression[],
  actor: string | null,
  now: Date,
): Promise<string[]> {
  if (list.length === 0) return []
  const added = await insertSuppressions(tx, workspaceId, list, now)
  await append(
    tx,
    added.map((address) => ({
      type: 'suppression.added' as const,
      workspaceId,
      actor,
      data: { address, reason: list[0]?.reason },
    })),
    now,
  )
  return added
}

/** Addresses that a receiver said do not exist. They are refused on every stream: nobody is there to read. */
export async function suppressUnknownAddresses(
  tx: Tx,
  workspaceId: WorkspaceId,
  evidence: readonly { address: string; deliveryId: string; note: string }[],
  now: Date,
): Promise<void> {
  await suppress(
    tx,
    workspaceId,
    evidence.map((one) => ({ ...one, stream: 'all' as const, reason: 'unknown_address' as const })),
    null,
    now,
  )
}

export async function unsuppress(
  tx: Tx,
  workspaceId: WorkspaceId,
  address: string,
  stream: string | null,
  actor: string | null,
  now: Date,
): Promise<void> {
  if ((await deleteSuppression(tx, workspaceId, address, stream)) === 0) throw new Refusal('not_found', { what: 'suppression' })
  await append(tx, { type: 'suppression.removed', workspaceId, actor, data: { address, stream } }, now)
}
