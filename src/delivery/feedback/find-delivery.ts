import type { Tx } from '../../db/database.ts'
import type { DeliveryId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import { type Candidate, isDelivery, selectByMessageId, selectByProviderId, selectSiblings } from './find-queries.ts'
import type { DeliveryRef, News } from './news.ts'

/** Who told it: news speaks of deliveries of this workspace, and where a provider tells it, of mail that it took from this route. */
export interface Teller {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId | null
}

/** The delivery that news speaks of, by the first of its references that leads to one. */
export async function findDelivery(tx: Tx, teller: Teller, { refs, names }: News): Promise<DeliveryId | null> {
  for (const ref of refs) {
    const found = await follow(tx, teller, ref, names)
    if (found) return found
  }
  return null
}

async function follow(
  tx: Tx,
  { workspaceId, routeId }: Teller,
  ref: DeliveryRef,
  names: readonly string[],
): Promise<DeliveryId | null> {
  switch (ref.by) {
    case 'return_path': {
      // One return path may have served several recipients of its message; never any other message. A name that none of them has is
      // where the mail was forwarded to.
      const siblings = await selectSiblings(tx, workspaceId, ref.deliveryId)
      return (named(siblings, names) ?? siblings[0])?.id ?? null
    }
    case 'provider': {
      const taken = routeId ? await selectByProviderId(tx, workspaceId, routeId, ref.providerId) : []
      return (named(taken, names) ?? (taken.length === 1 ? taken[0] : undefined))?.id ?? null
    }
    case 'delivery':
      return (await isDelivery(tx, workspaceId, ref.deliveryId)) ? ref.deliveryId : null
    case 'message_id': {
      for (const name of names) {
        const [latest] = await selectByMessageId(tx, workspaceId, ref.messageId, name)
        if (latest) return latest.id
      }
      // Whoever hides the recipient still names the message: where that had one recipient, it is clear who is meant.
      const all = await selectByMessageId(tx, workspaceId, ref.messageId, null)
      return all.length === 1 ? (all[0]?.id ?? null) : null
    }
  }
}

function named(candidates: readonly Candidate[], names: readonly string[]): Candidate | undefined {
  for (const name of names) {
    const found = candidates.find(({ recipient }) => recipient.toLowerCase() === name.toLowerCase())
    if (found) return found
  }
  return undefined
}
