import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { allowance, giveBack, take } from './gcra.ts'
import { lockPaces, lockWarmUps, savePaces, saveWarmUps, type WarmUpKey } from './queries.ts'
import { dayOf, leftToday, usedToday } from './warm-up.ts'

/** The limits that mail of a lane has to respect on its way out. */
export interface Limits {
  readonly paceIds: readonly string[]
  readonly warmUps: readonly WarmUpKey[]
}

/**
 * Lets at most `wanted` leave: locks the limits, asks `claim` for as many as they allow, and takes what it really got. In the transaction of the
 * claim, so that what is taken and what leaves are one.
 */
export async function withinLimits<Claimed>(
  tx: Tx,
  workspaceId: WorkspaceId,
  limits: Limits,
  wanted: number,
  claim: (limit: number) => Promise<{ claimed: Claimed; leaving: number }>,
  now: Date,
): Promise<Claimed | null> {
  if (limits.paceIds.length === 0 && limits.warmUps.length === 0) return (await claim(wanted)).claimed
  const paces = await lockPaces(tx, workspaceId, limits.paceIds)
  const warmUps = await lockWarmUps(tx, workspaceId, limits.warmUps)
  const limit = Math.min(wanted, ...paces.map((pace) => allowance(pace, now)), ...warmUps.map((warmUp) => leftToday(warmUp, now)))
  if (limit <= 0) return null
  const { claimed, leaving } = await claim(limit)
  if (leaving === 0) return claimed
  await savePaces(
    tx,
    workspaceId,
    paces.map((pace) => ({ id: pace.id, nextAt: take(pace, leaving, now) })),
  )
  await saveWarmUps(
    tx,
    workspaceId,
    warmUps.map((warmUp) => ({ ...warmUp, day: dayOf(now), used: usedToday(warmUp, now) + leaving })),
  )
  return claimed
}

/** `n` that were to leave did not: nothing was sent, so nothing is counted. */
export async function returnToLimits(tx: Tx, workspaceId: WorkspaceId, limits: Limits, n: number, now: Date): Promise<void> {
  const paces = await lockPaces(tx, workspaceId, limits.paceIds)
  await savePaces(
    tx,
    workspaceId,
    paces.map((pace) => ({ id: pace.id, nextAt: giveBack(pace, n) })),
  )
  const warmUps = await lockWarmUps(tx, workspaceId, limits.warmUps)
  await saveWarmUps(
    tx,
    workspaceId,
    warmUps.filter((warmUp) => warmUp.day === dayOf(now)).map((warmUp) => ({ ...warmUp, used: Math.max(0, warmUp.used - n) })),
  )
}
