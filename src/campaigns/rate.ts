/** How fast a campaign goes now, from how many had left a while ago. */
import type { Db, Tx } from '../db/database.ts'
import type { DeliveryState } from '../delivery/delivery.ts'
import type { MailingCounts } from '../delivery/mailings/mailings.ts'
import { HOUR, MINUTE, SECOND } from '../lib/clock.ts'
import type { Campaign } from './campaign.ts'
import { deletePulses, insertPulse, type Pulse, selectPulse } from './pulse-queries.ts'

const EVERY_MS = 10 * SECOND
/** A fast one is told by its last minute; one that sends a few in an hour, by the last hour. */
const SHORT_MS = MINUTE
const LONG_MS = HOUR
const ENOUGH = 10
/** Two moments that are closer together say nothing. */
const LEAST_MS = 5 * SECOND

const LEFT: readonly DeliveryState[] = ['sent', 'delivered', 'bounced', 'failed', 'unknown']

/** What was handed over, or refused for good: neither what waits nor what was never tried. */
export function leftOf(counts: MailingCounts): number {
  return LEFT.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

export async function keepPulse(tx: Tx, campaign: Pick<Campaign, 'workspaceId' | 'id'>, n: number, now: Date): Promise<void> {
  const ago = (ms: number) => new Date(now.getTime() - ms)
  await insertPulse(tx, campaign, { at: now, n }, { notAfter: ago(EVERY_MS), before: ago(2 * LONG_MS) })
}

/** What stood still in between would make it look slower than it is. */
export { deletePulses as forgetPulses }

/** So many an hour; null where it is not known yet. */
export async function readRate(
  db: Db | Tx,
  campaign: Pick<Campaign, 'workspaceId' | 'id'>,
  n: number,
  now: Date,
): Promise<number | null> {
  const lately = await selectPulse(db, campaign, new Date(now.getTime() - SHORT_MS))
  if (!lately) return null
  if (n - lately.n >= ENOUGH) return rateBetween(lately, { at: now, n })
  const before = await selectPulse(db, campaign, new Date(now.getTime() - LONG_MS))
  return before && rateBetween(before, { at: now, n })
}

function rateBetween(from: Pulse, to: Pulse): number | null {
  const ms = to.at.getTime() - from.at.getTime()
  return ms < LEAST_MS ? null : (Math.max(0, to.n - from.n) * HOUR) / ms
}
