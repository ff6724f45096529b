/** How a mail that an agent sent stands: one word for its colour, one sentence for people. Pure; what it says is what the waybill says. */
import type { DeliveryState } from '../../delivery/delivery.ts'

export interface KnownDelivery {
  readonly recipient: string
  readonly state: DeliveryState
  readonly reason: { readonly sentence: string } | null
  readonly waitingOn: { readonly sentence: string } | null
  readonly dueAt: Date | null
  readonly complainedAt: Date | null
  readonly accepted: string | null
}

export const SENT_STATES = ['undoable', 'waiting', 'sent', 'delivered', 'unclear', 'failed', 'cancelled'] as const
export type SentState = (typeof SENT_STATES)[number]

export interface Sent {
  readonly state: SentState
  readonly sentence: string
}

/** Of one recipient. */
export function stateOfDelivery(delivery: KnownDelivery): Sent {
  const why = delivery.reason?.sentence ?? null
  if (delivery.complainedAt) return { state: 'failed', sentence: 'Reported as spam by its recipient.' }
  switch (delivery.state) {
    case 'queued':
      return { state: 'waiting', sentence: `Waiting${colon(delivery.waitingOn?.sentence ?? why)}` }
    case 'sending':
      return { state: 'waiting', sentence: 'Being sent' }
    case 'held':
      return { state: 'waiting', sentence: `Held${colon(why)}` }
    case 'unknown':
      return { state: 'unclear', sentence: `Perhaps sent${colon(why)}` }
    case 'sent':
      return { state: 'sent', sentence: delivery.accepted ? `Sent · ${delivery.accepted}` : 'Sent' }
    case 'delivered':
      return { state: 'delivered', sentence: delivery.accepted ? `Delivered · ${delivery.accepted}` : 'Delivered' }
    case 'cancelled':
      return { state: 'cancelled', sentence: 'Cancelled before it left' }
    case 'bounced':
      return { state: 'failed', sentence: `Bounced${colon(why)}` }
    case 'failed':
      return { state: 'failed', sentence: `Not sent${colon(why)}` }
    case 'expired':
      return { state: 'failed', sentence: `Given up${colon(why)}` }
    case 'suppressed':
      return { state: 'failed', sentence: `Not sent${colon(why)}` }
  }
}

function colon(why: string | null): string {
  return why ? `: ${why}` : ''
}

/** The worst first: what one recipient did not get is not hidden by what others got. */
const WORST: readonly SentState[] = ['failed', 'unclear', 'waiting', 'cancelled', 'sent', 'delivered', 'undoable']

/** Of the whole mail. While it can be taken back, nothing of it has left. */
export function stateOfMail(deliveries: readonly KnownDelivery[], undoUntil: Date | null, now: Date): Sent {
  if (undoUntil && undoUntil > now) return { state: 'undoable', sentence: 'Will be sent in a moment' }
  const states = deliveries.map((delivery) => ({ ...stateOfDelivery(delivery), recipient: delivery.recipient }))
  const worst = states.toSorted((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state))[0]
  if (!worst) return { state: 'sent', sentence: 'Its deliveries are not kept any more' }
  const alike = states.filter(({ state }) => state === worst.state)
  if (states.length === 1) return { state: worst.state, sentence: worst.sentence }
  const who =
    alike.length === states.length
      ? `all ${states.length}`
      : alike.length === 1
        ? worst.recipient
        : `${alike.length} of ${states.length}`
  return { state: worst.state, sentence: `${worst.sentence} (${who})` }
}
