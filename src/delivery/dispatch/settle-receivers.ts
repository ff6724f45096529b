import type { Tx } from '../../db/database.ts'
import { SECOND } from '../../lib/clock.ts'
import type { Failure } from '../../mail/failure.ts'
import { opensReceiverCircuit } from '../delivery.ts'
import { learnSlower } from '../pace/learn.ts'
import { OTHER } from '../receivers/receiver-seeds.ts'
import { recordReceiverFailure, recordReceiverWorks, recordTowardsTrip } from '../routing/record-receiver.ts'
import type { Trip } from '../routing/rule.ts'
import { countsTowards } from '../routing/trip.ts'
import { type Batch, type Finished, type Recorded, receiverOf } from './finished.ts'

/** What the attempts have shown of the route towards single receivers. */
export async function recordReceivers(
  tx: Tx,
  batch: Batch,
  random: () => number,
  now: Date,
): Promise<Pick<Recorded, 'worksFor' | 'refusedFor'>> {
  const worksFor: string[] = []
  const refusedFor: string[] = []
  for (const [receiver, finished] of Map.groupBy(batch.finished, receiverOf)) {
    const key = { workspaceId: batch.workspaceId, routeId: batch.routeId, receiver }
    const trip = finished.find((one) => one.serving.trip)?.serving.trip ?? null
    const isInDoubt = batch.receiversInDoubt.has(receiver)
    const verdict = verdictOnReceiver(finished, receiver === OTHER, isInDoubt ? trip : null)
    if (verdict === 'works' && isInDoubt) {
      await recordReceiverWorks(tx, key, now)
      worksFor.push(receiver)
    } else if (verdict && verdict !== 'works') {
      await recordReceiverFailure(tx, key, verdict, isInDoubt && trip ? trip.pause_seconds * SECOND : null, random(), now)
      if (verdict.class === 'rate_limited' && !isInDoubt)
        await learnSlower(tx, key, { perMinute: batch.perMinute, why: verdict.sentence }, now)
      refusedFor.push(receiver)
    } else if (trip && !isInDoubt) {
      if (await recordTowardsTrip(tx, key, trip, seenOf(trip, finished), random(), now)) refusedFor.push(receiver)
    }
  }
  return { worksFor, refusedFor }
}

function seenOf(trip: Trip, finished: readonly Finished[]) {
  const tried = finished.filter(
    ({ outcome }) => outcome.kind !== 'unsent' && outcome.kind !== 'failed' && outcome.kind !== 'withheld',
  )
  const failures = tried.flatMap(({ outcome }) =>
    'failure' in outcome && countsTowards(trip, outcome.failure.class) ? [outcome.failure] : [],
  )
  return { attempts: tried.length, failures: failures.length, last: failures.at(-1) ?? null }
}

/**
 * Of one receiver: an answer about a message shows that it takes our mail, a refusal of us that it does not. Those that are known by name have a
 * circuit of their own without any rule. A probe of what a rule had tripped is judged by that rule.
 */
function verdictOnReceiver(finished: readonly Finished[], isNameless: boolean, trip: Trip | null): 'works' | Failure | null {
  for (const { outcome } of finished.toReversed()) {
    if ('failure' in outcome && trip && countsTowards(trip, outcome.failure.class)) return outcome.failure
    if (outcome.kind === 'blocked' && !isNameless && opensReceiverCircuit(outcome.failure)) return outcome.failure
    if (outcome.kind === 'accepted' || outcome.kind === 'rejected' || outcome.kind === 'deferred') return 'works'
  }
  return null
}
