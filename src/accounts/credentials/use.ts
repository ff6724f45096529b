import type { Tx } from '../../db/database.ts'
import { SECOND } from '../../lib/clock.ts'
import type { CredentialId, WorkspaceId } from '../../lib/ids.ts'
import { paceAfter, pacedUntil } from './credential.ts'
import { movePace, selectPaces } from './queries.ts'

export type Leave =
  | { readonly kind: 'granted' }
  /** Revoked or expired since it signed in. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'too_fast'; readonly ratePerMinute: number; readonly waitSeconds: number }

/**
 * Asks leave for mail of some credentials, each with its number of recipients, in the transaction that accepts the mail: what is revoked accepts
 * nothing from then on, however long its connection has been open.
 */
export async function useCredentials(
  tx: Tx,
  workspaceId: WorkspaceId,
  uses: ReadonlyMap<CredentialId, number>,
  now: Date,
): Promise<ReadonlyMap<CredentialId, Leave>> {
  const paces = new Map((await selectPaces(tx, workspaceId, [...uses.keys()], now)).map((pace) => [pace.id, pace]))
  const leaves = new Map<CredentialId, Leave>()
  for (const [id, recipients] of uses) {
    const pace = paces.get(id)
    if (!pace) {
      leaves.set(id, { kind: 'ended' })
      continue
    }
    const until = pace.ratePerMinute === null ? null : pacedUntil(pace.pacedUntil, now)
    if (pace.ratePerMinute !== null && until) {
      const waitSeconds = Math.ceil((until.getTime() - now.getTime()) / SECOND)
      leaves.set(id, { kind: 'too_fast', ratePerMinute: pace.ratePerMinute, waitSeconds })
      continue
    }
    if (pace.ratePerMinute !== null)
      await movePace(tx, workspaceId, id, paceAfter(pace.pacedUntil, recipients, pace.ratePerMinute, now))
    leaves.set(id, { kind: 'granted' })
  }
  return leaves
}
