import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { sha256 } from '../lib/secrets.ts'
import { blockUntil, countTry, forgetTries, type Throttled, takeBackTry } from './queries.ts'
import { FORGOTTEN_AFTER_MS, subscriberOf, type ThrottleKind, waitAfter } from './throttle.ts'

/** One try to prove something: by whom, from where. */
export interface Try {
  readonly kind: ThrottleKind
  readonly subject: Buffer
}

export function tryOnAccount(email: string): Try {
  return { kind: 'account', subject: sha256(email.trim().toLowerCase()) }
}

export function tryFrom(ip: string, kind: 'ip' | 'setup' | 'smtp' = 'ip'): Try {
  return { kind, subject: sha256(subscriberOf(ip)) }
}

/** Counts the tries as failed, for that is what they are until proved otherwise. Answers how long to wait instead, when one has to. */
export async function beginTries(tx: Tx, tries: readonly Try[], now: Date): Promise<{ waitSeconds: number }> {
  const forgottenBefore = new Date(now.getTime() - FORGOTTEN_AFTER_MS)
  let blockedUntil = now
  // One after the other in the order given, which is the same everywhere: no deadlock.
  for (const { kind, subject } of tries) {
    const counted: Throttled = await countTry(tx, kind, subject, forgottenBefore, now)
    if (counted.blockedUntil > now) {
      if (counted.blockedUntil > blockedUntil) blockedUntil = counted.blockedUntil
      continue
    }
    const wait = waitAfter(kind, counted.failures)
    if (wait > 0) await blockUntil(tx, kind, subject, new Date(now.getTime() + wait))
  }
  return { waitSeconds: Math.ceil((blockedUntil.getTime() - now.getTime()) / 1000) }
}

/** The proof was good: the account is forgiven; where it came from gets this one try back, so that one's own success hides no guessing. */
export async function succeed(tx: Tx, tries: readonly Try[], now: Date): Promise<void> {
  for (const { kind, subject } of tries) {
    if (kind === 'account') await forgetTries(tx, kind, subject)
    else {
      await takeBackTry(tx, kind, subject)
      await blockUntil(tx, kind, subject, now)
    }
  }
}

export function refuseWhenThrottled({ waitSeconds }: { waitSeconds: number }): void {
  if (waitSeconds > 0) throw new Refusal('throttled', { retryAfterSeconds: waitSeconds })
}
