import type { Tx } from '../../db/database.ts'
import { clearIncident, raiseIncident } from '../../incidents/incidents.ts'
import { HOUR, MINUTE } from '../../lib/clock.ts'
import { failingIncident, failingKey } from '../incident.ts'
import { nextTryAt, RETRY_DELAYS_MS, retryAfterMs, verdictOf } from '../ladder.ts'
import { disableEndpoint, findEndpoint } from '../manage.ts'
import type { Answer } from './post.ts'
import { type Claimed, insertAttempt, markFailing, markTaken, settleDelivery } from './queries.ts'

/** An endpoint that refuses for so long is worth a word; most deploys are over by then. */
const TOLD_AFTER_MS = HOUR
const LADDER_MS = RETRY_DELAYS_MS.reduce((sum, delayMs) => sum + delayMs, 0)

/** What an answer makes of a delivery and of its endpoint, in one transaction with the record of the try. */
export async function settle(
  tx: Tx,
  claimed: Claimed,
  answer: Answer,
  times: { readonly startedAt: Date; readonly random: number },
  now: Date,
): Promise<void> {
  const verdict = verdictOf(answer.status)
  const waitMs = retryAfterMs(answer.headers?.['retry-after'], now)
  const dueAt = verdict === 'failed' ? nextTryAt(claimed.tries, waitMs, times.random, now) : null
  const settlement =
    verdict === 'taken'
      ? { state: 'delivered' as const }
      : dueAt
        ? { state: 'queued' as const, dueAt }
        : { state: 'failed' as const }
  if (!(await settleDelivery(tx, claimed, settlement, answer, now))) return
  await insertAttempt(tx, claimed, answer, times.startedAt)
  if (verdict === 'taken') return await endpointWorks(tx, claimed, now)
  await endpointFails(tx, claimed, answer, { isGone: verdict === 'gone', isLast: dueAt === null, since: times.startedAt }, now)
}

async function endpointWorks(tx: Tx, claimed: Claimed, now: Date): Promise<void> {
  if (await markTaken(tx, claimed, now)) await clearIncident(tx, claimed.workspaceId, failingKey(claimed.endpointId), now)
}

async function endpointFails(
  tx: Tx,
  claimed: Claimed,
  answer: Answer,
  failure: { readonly isGone: boolean; readonly isLast: boolean; readonly since: Date },
  now: Date,
): Promise<void> {
  const { workspaceId, endpointId } = claimed
  const evidence = { status: answer.status, error: answer.error, delivery_id: claimed.id, event_id: claimed.eventId }
  if (failure.isGone)
    return void (await disableEndpoint(tx, workspaceId, endpointId, { reason: 'gone', actor: null, evidence }, now))
  await markFailing(tx, claimed, failure.since)
  const endpoint = await findEndpoint(tx, workspaceId, endpointId)
  if (!endpoint?.failingSince || endpoint.state === 'disabled') return
  const failingMs = now.getTime() - endpoint.failingSince.getTime()
  // One event that it cannot digest is that event's matter; nothing at all since this one was tried first is the endpoint's.
  if (failure.isLast && failingMs >= LADDER_MS - MINUTE)
    await disableEndpoint(tx, workspaceId, endpointId, { reason: 'failing', actor: null, evidence }, now)
  else if (failingMs >= TOLD_AFTER_MS) await raiseIncident(tx, failingIncident(endpoint, endpoint.failingSince, evidence), now)
}
