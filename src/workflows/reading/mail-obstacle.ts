/** What a step that waits for its mail waits for: which mail server is in the way, since when, when it is tried again, and what to do. */
import type { Db, Tx } from '../../db/database.ts'
import { deliveriesOfMessages } from '../../delivery/reading/read.ts'
import { findRoute } from '../../delivery/routes/manage.ts'
import type { MessageId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Token } from '../interpret/state.ts'
import { messagesIn } from '../steps/mail/ends.ts'

export interface MailObstacle {
  readonly messageId: MessageId
  readonly deliveryId: string
  readonly recipient: string
  /** Null: it is not about one route. */
  readonly route: { readonly id: string; readonly name: string } | null
  readonly sentence: string
  /** What a person can do about it; empty: nothing but wait. */
  readonly hint: string
  readonly since: Date | null
  /** Null: only a person can change it. */
  readonly nextTryAt: Date | null
  /** Tries that this mail itself has used up. */
  readonly tries: number
}

/** Of the first recipient whom something is in the way of. Null: nothing is; it is on its way, or not of a mail step. */
export async function obstacleOfMail(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { memo }: Pick<Token, 'memo'>,
  now: Date,
): Promise<MailObstacle | null> {
  const found = await deliveriesOfMessages(db, workspaceId, messagesIn(memo), now)
  for (const delivery of [...found.values()].flat()) {
    const { id: deliveryId, messageId, recipient, waitingOn, reason, failures: tries, dueAt } = delivery
    const about = { messageId, deliveryId, recipient, tries }
    if (waitingOn) {
      const circuit = waitingOn.route && (await circuitOf(db, workspaceId, waitingOn.route.id))
      const open = circuit && circuit.state !== 'closed' ? circuit : null
      return { ...about, ...waitingOn, hint: open?.reason.hint ?? '', since: open?.since ?? null }
    }
    if ((delivery.state === 'queued' || delivery.state === 'held' || delivery.state === 'unknown') && reason) {
      const { sentence, hint, at: since } = reason
      return { ...about, route: delivery.route, sentence, hint, since, nextTryAt: delivery.state === 'queued' ? dueAt : null }
    }
  }
  return null
}

async function circuitOf(db: Db | Tx, workspaceId: WorkspaceId, id: string) {
  return (await findRoute(db, workspaceId, id as RouteId))?.circuit ?? null
}
