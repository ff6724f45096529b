/** When a step that failed for a while is tried again: as its node says, or else as its class of failure says. */
import type { Retry } from '../definition/graph.ts'

/** Enough for a deployment of somebody else, a full mailbox of theirs, or a night. */
const USUAL: Retry = { max: 8, baseSeconds: 30, factor: 3, capSeconds: 6 * 3_600 }

/** Classes whose time is known better. */
const BY_CLASS: Readonly<Record<string, Retry>> = {
  // Two wrote the same row at once: one of them has only to look again.
  conflict: { max: 5, baseSeconds: 1, factor: 2, capSeconds: 30 },
  // The far end said that it is too much: soon is no use.
  throttled: { max: 10, baseSeconds: 60, factor: 2, capSeconds: 3_600 },
  // A bug, of ours or of a definition: time rarely mends it.
  fault: { max: 2, baseSeconds: 10, factor: 6, capSeconds: 60 },
}

export function retryOf(policy: Retry | undefined, failureClass: string): Retry {
  return policy ?? BY_CLASS[failureClass] ?? USUAL
}

interface Failed {
  readonly class: string
  /** When the step itself thinks it may work. */
  readonly retryAt: Date
  /** Tries before this one. */
  readonly attempt: number
  /** Of whom: spreads those that failed together. */
  readonly tokenId: string
}

/**
 * When to try again, or null when that has been done often enough. Never before the step's own word, except where the node has a policy of its own. Up to
 * a tenth later, by the token's id: what one broken peer stopped at the same moment shall not come back at the same moment.
 */
export function nextTryAt(policy: Retry | undefined, failed: Failed, now: Date): Date | null {
  const { max, baseSeconds, factor, capSeconds } = retryOf(policy, failed.class)
  if (failed.attempt >= max) return null
  const delayMs = 1_000 * Math.min(capSeconds, baseSeconds * factor ** failed.attempt)
  const at = now.getTime() + Math.round(delayMs * (1 + 0.1 * spreadOf(`${failed.tokenId}:${failed.attempt}`)))
  return new Date(policy === undefined ? Math.max(at, failed.retryAt.getTime()) : at)
}

/** FNV-1a, as a share of one. */
function spreadOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
