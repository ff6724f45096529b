/** How much work a sender takes ahead of the wire, in milliseconds of its own speed: enough to never wait, little enough to stay fair. */
const AHEAD_MS = 400
const MAX_IN_HAND = 2_000
/** In a larger batch a message costs hardly less. */
const FULL_BATCH = 100

/** How much a sender may have in hand at once. */
export function measureOf(sender: {
  /** What its provider works on at once. */
  readonly capacity: number
  readonly ratePerMs: number
  readonly reach: number
}): number {
  return Math.min(MAX_IN_HAND, Math.max(sender.capacity, Math.ceil(sender.ratePerMs * AHEAD_MS), sender.reach))
}

/**
 * Whether so much room is worth a claim: a half of the measure, and of a large one a quarter, or what is left would be sent and settled before the
 * claim is through, and database and wire would wait for one another.
 */
export function isBatch(free: number, measure: number): boolean {
  return free >= Math.min(measure / 2, Math.max(FULL_BATCH, measure / 4))
}

/** So few are no speed yet. */
const FEW = 200

/**
 * One that ran dry a moment ago, having had so much in hand before, is as fast as its claims are large, and would find the speed of the wire by small
 * steps only: it reaches for twice as much, and for half as much again of its speed at most, since whoever pauses a mailing waits for what is in hand.
 * One that did not run dry is measured by its speed alone.
 */
export function reachOf(ran: { readonly hadInHand: number; readonly agoMs: number; readonly ratePerMs: number }): number {
  if (ran.agoMs > AHEAD_MS) return 0
  return Math.min(2 * ran.hadInHand, Math.max(FEW, Math.ceil(ran.ratePerMs * AHEAD_MS * 1.5)))
}
