import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import { inChunks } from '../jobs/in-chunks.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { DAY, MINUTE, SECOND } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { expiredReason, type Reason } from './delivery.ts'
import { deleteOldDispatchers } from './dispatch/queries.ts'
import { pauseAllMailings } from './mailings/mailings.ts'
import { learnedPaceJob } from './pace/learn.ts'
import {
  askAboutUnknown,
  foldCounts,
  type LockedDelivery,
  lockExpired,
  lockOverdue,
  lockUnknownToResend,
  type Move,
  moveDeliveries,
} from './queries.ts'
import { applySandboxFeedback } from './sandbox/feedback.ts'

const CHUNK = 1_000
/** Before an unheard message goes once more, feedback gets this long to say that it arrived. */
const RESEND_AFTER_MS = 10 * SECOND

/** What has to be done now and then for deliveries to keep their promises. */
export function deliveryJobs(database: Database): PeriodicJob[] {
  return [
    { name: 'delivery.expire', everyMs: 15 * SECOND, run: (now) => inChunks(database, CHUNK, (tx) => expireChunk(tx, now)) },
    {
      name: 'delivery.resend_unknown',
      everyMs: 5 * SECOND,
      run: (now) => inChunks(database, CHUNK, (tx) => resendUnknownChunk(tx, now)),
    },
    {
      name: 'delivery.sandbox_feedback',
      everyMs: 2 * SECOND,
      run: (now) => inChunks(database, CHUNK, (tx) => applySandboxFeedback(tx, CHUNK, now)),
    },
    learnedPaceJob(database),
    { name: 'delivery.fold_counts', everyMs: 10 * SECOND, run: () => database.transaction(ENGINE, foldCounts) },
    {
      name: 'delivery.forget_dispatchers',
      everyMs: 10 * MINUTE,
      run: (now) => deleteOldDispatchers(database.db, new Date(now.getTime() - DAY)),
    },
  ]
}

/** Mail whose life ended while it waited, wherever it waited. */
async function expireChunk(tx: Tx, now: Date): Promise<number> {
  const expired = await lockExpired(tx, CHUNK, now)
  await moveAll(
    tx,
    expired,
    (delivery) => ({
      id: delivery.id,
      state: 'expired',
      reason: expiredReason(delivery.expiresAt, (delivery.routeReason ?? delivery.reason)?.failure ?? null, now),
    }),
    now,
  )
  await append(
    tx,
    expired.map((delivery) => ({
      type: 'delivery.expired' as const,
      workspaceId: delivery.workspaceId,
      messageId: delivery.messageId,
      deliveryId: delivery.id,
    })),
    now,
  )
  return expired.length
}

/** The policy of a stream: what may have arrived is sent once more, with the same Message-ID. */
async function resendUnknownChunk(tx: Tx, now: Date): Promise<number> {
  const unheard = await lockUnknownToResend(tx, new Date(now.getTime() - RESEND_AFTER_MS), CHUNK)
  await moveAll(
    tx,
    unheard,
    (delivery) => ({ id: delivery.id, state: 'queued', dueAt: now, resends: delivery.resends + 1, reason: delivery.reason }),
    now,
  )
  await append(
    tx,
    unheard.map((delivery) => ({
      type: 'delivery.requeued' as const,
      workspaceId: delivery.workspaceId,
      messageId: delivery.messageId,
      deliveryId: delivery.id,
      data: { why: 'unheard_answer' },
    })),
    now,
  )
  return unheard.length
}

/**
 * After a restore: the copy does not know what was sent since it was made, so nothing that was due or on its way leaves without being asked. A
 * person releases what should go.
 */
export async function holdEverythingOverdue(tx: Tx, now: Date): Promise<number> {
  const reason: Reason = {
    code: 'restored',
    sentence: 'Held after a restore: this message was waiting when the copy was made and may have been sent since.',
    hint: 'Release it if it has not arrived, or cancel it.',
    failure: null,
    at: now,
  }
  await askAboutUnknown(tx)
  // What waits in a mailing stays where it is: the mailing stands still, as one.
  await pauseAllMailings(tx, restoredMailing(now), now)
  let held = 0
  let last: LockedDelivery | undefined
  for (;;) {
    const waiting = await lockOverdue(tx, last, CHUNK, now)
    if (waiting.length === 0) return held
    held += waiting.length
    last = waiting.at(-1)
    await moveAll(tx, waiting, (delivery) => ({ id: delivery.id, state: 'held', reason }), now)
    await append(
      tx,
      waiting.map((delivery) => ({
        type: 'delivery.held' as const,
        workspaceId: delivery.workspaceId,
        messageId: delivery.messageId,
        deliveryId: delivery.id,
        data: { why: 'restored' },
      })),
      now,
    )
  }
}

function restoredMailing(now: Date): Reason {
  return {
    code: 'restored',
    sentence: 'Paused after a restore: some of its mail may have been sent since the copy was made.',
    hint: 'Resume it if that does no harm, or cancel what is left.',
    failure: null,
    at: now,
  }
}

async function moveAll<D extends LockedDelivery>(
  tx: Tx,
  deliveries: readonly D[],
  toMove: (delivery: D) => Move,
  now: Date,
): Promise<void> {
  for (const [key, group] of Map.groupBy(deliveries, (delivery) => `${delivery.workspaceId} ${delivery.state}`)) {
    const [workspaceId = '', from = ''] = key.split(' ')
    await moveDeliveries(tx, workspaceId as WorkspaceId, from, group.map(toMove), now)
  }
}
