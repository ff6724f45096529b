import type { DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import type { SendOutcome, Trace } from '../outcome.ts'
import type { RouteKind } from '../routes/route.ts'

/**
 * One message on its way to one or more recipients of one route. The dispatcher makes it, a provider performs it.
 * `content` is the whole message as the next hop shall have it: CRLF line ends, no dot-stuffing, one character a byte (Latin-1).
 */
export interface Handoff {
  readonly workspaceId: WorkspaceId
  readonly messageId: MessageId
  /** The deliveries of `recipients`, in the same order. */
  readonly deliveryIds: readonly DeliveryId[]
  readonly contentHash: string
  /** How often these deliveries have been claimed, this time included. */
  readonly attempt: number
  /** Envelope sender, or '' for the null reverse-path. Already checked: no control character, ≤ 320 characters. */
  readonly sender: string
  /** Envelope recipients, each answered for separately and in this order. On an `mx` route they share one domain. */
  readonly recipients: readonly string[]
  readonly content: string
  /** True when a body part holds bytes above 127: the hop must offer 8BITMIME (RFC 6152). */
  readonly eightBit: boolean
  /** True when an address or a header needs SMTPUTF8 (RFC 6531). */
  readonly internationalized: boolean
  /**
   * Asked immediately before the first byte of the body is written. `true`: the durable record already says that this body may have
   * left. A promise: wait for it; `false` means the lease is lost and nothing more may be written for this handoff.
   */
  mayLeave(): true | Promise<boolean>
  /** Called when body bytes were written (from here an unheard answer is `unknown`). */
  bodyLeft(): void
}

/** What became of a handoff: one outcome a recipient, in order, and the evidence. */
export interface HandoffResult {
  readonly outcomes: readonly SendOutcome[]
  readonly trace: Trace
}

/** A way out of this server. Every kind of route implements it and passes test/delivery/providers/conformance. */
export interface Provider {
  readonly kind: RouteKind
  /** Handoffs it can usefully have in hand at one time (connections × window, plus one waiting for each). */
  readonly capacity: number
  /** Never rejects: every failure is an outcome. */
  send(handoff: Handoff): Promise<HandoffResult>
  /** Finish what is in flight within `graceMs`, then close every connection. */
  close(graceMs: number): Promise<void>
}
