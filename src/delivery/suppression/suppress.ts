import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { type Evidence, sortEvidence } from './evidence/evidence.ts'
import { insertEvidence } from './evidence/queries.ts'
import { deleteSuppression, insertSuppressions, type NewSuppression } from './queries.ts'
import type { SuppressionReason, SuppressionSource } from './suppression.ts'

export {
  EVERYTHING,
  hasGot,
  isSuppressedIn,
  type NewSuppression,
  type SuppressionFilter,
  selectSuppressions as listSuppressions,
  selectSuppressionsOf as suppressionsOf,
} from './queries.ts'

/** Puts addresses on the list. Those that were on it already, for as long or longer, are left as they are. */
export async function suppress(
  tx: Tx,
  workspaceId: WorkspaceId,
  list: readonly NewSuppression[],
  actor: string | null,
  now: Date,
): Promise<string[]> {
  if (list.length === 0) return []
  const told = list.map((one) => ({ ...one, source: one.source ?? SOURCE_OF[one.reason] }))
  const reasons = new Map(told.map((one) => [`${one.address.toLowerCase()} ${one.stream}`, one]))
  const added = await insertSuppressions(tx, workspaceId, told, now)
  await append(
    tx,
    added.map(({ address, stream }) => {
      const { reason, source, expiresAt = null } = reasons.get(`${address} ${stream}`) ?? {}
      const data = { address, stream, reason, source, ...(expiresAt && { expires_at: expiresAt }) }
      return { type: 'suppression.added' as const, workspaceId, actor, data }
    }),
    now,
  )
  return added.map(({ address }) => address)
}

/** Who usually tells of it. */
const SOURCE_OF: Readonly<Record<SuppressionReason, SuppressionSource>> = {
  unknown_address: 'reply',
  mailbox_full: 'reply',
  complaint: 'feedback',
  unsubscribed: 'recipient',
  manual: 'person',
}

/**
 * Addresses that a receiver said do not exist. They are refused on every stream: nobody is there to read. But when a large part of one domain is
 * said not to exist all at once, that is news about the domain: it is held, and a person decides.
 */
export async function suppressUnknownAddresses(
  tx: Tx,
  workspaceId: WorkspaceId,
  evidence: readonly Evidence[],
  now: Date,
): Promise<void> {
  if (evidence.length === 0) return
  const { apply, hold } = await sortEvidence(tx, workspaceId, evidence, now)
  await insertEvidence(tx, workspaceId, 'unknown_address', hold, 'held', now)
  await insertEvidence(tx, workspaceId, 'unknown_address', apply, 'applied', now)
  await suppress(
    tx,
    workspaceId,
    apply.map(({ address, deliveryId, note, reply = '', late }) => ({
      address,
      deliveryId,
      note,
      reply,
      stream: 'all' as const,
      reason: 'unknown_address' as const,
      source: late ? ('feedback' as const) : ('reply' as const),
    })),
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
