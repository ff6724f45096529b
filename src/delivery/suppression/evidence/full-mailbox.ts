import type { Tx } from '../../../db/database.ts'
import type { WorkspaceId } from '../../../lib/ids.ts'
import { suppress } from '../suppress.ts'
import { FULL_DAYS, FULL_LASTS_MS, FULL_WITHIN_MS } from '../suppression.ts'
import type { Evidence } from './evidence.ts'
import { insertEvidence, selectOftenFull } from './queries.ts'

/**
 * Mailboxes that had no room. Once says little; on three different days within two weeks means that nobody reads there at present, so the address is left
 * alone for a week. After that it is tried again.
 */
export async function recordFullMailboxes(
  tx: Tx,
  workspaceId: WorkspaceId,
  evidence: readonly Evidence[],
  now: Date,
): Promise<void> {
  if (evidence.length === 0) return
  await insertEvidence(tx, workspaceId, 'mailbox_full', evidence, 'counted', now)
  const addresses = evidence.map(({ address }) => address.toLowerCase())
  const often = await selectOftenFull(tx, workspaceId, addresses, FULL_DAYS, new Date(now.getTime() - FULL_WITHIN_MS))
  await suppress(
    tx,
    workspaceId,
    evidence
      .filter(({ address }) => often.has(address.toLowerCase()))
      .map(({ address, deliveryId, note, reply = '', late }) => ({
        address,
        deliveryId,
        note,
        reply,
        stream: 'all' as const,
        reason: 'mailbox_full' as const,
        source: late ? ('feedback' as const) : ('reply' as const),
        expiresAt: new Date(now.getTime() + FULL_LASTS_MS),
      })),
    null,
    now,
  )
}
