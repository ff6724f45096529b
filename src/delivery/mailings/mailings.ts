import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { assert } from '../../lib/assert.ts'
import { DAY, HOUR, SECOND } from '../../lib/clock.ts'
import { type MailingId, newId, type PaceId, type WorkspaceId } from '../../lib/ids.ts'
import type { Reason } from '../delivery.ts'
import { moveDeliveries } from '../queries.ts'
import type { ListScope } from '../suppression/suppression.ts'
import { canCancel, canPause, canResume, MAX_SCOPES, type Mailing } from './mailing.ts'
import {
  deleteOldLanes,
  insertMailing,
  lockMailing,
  lockWaiting,
  type MailingPace,
  pauseRunning,
  putPace,
  saveMailing,
  selectMailingCounts,
  selectUnsettled,
} from './queries.ts'

export {
  countDeferred,
  type MailingCounts,
  type MailingPace,
  selectCountsOf as countMailings,
  selectLastDue as lastDueOf,
  selectMailing as findMailing,
  selectMailingCounts as countMailing,
  selectPace as paceOfMailing,
  selectUntried as hasUntried,
} from './queries.ts'

/** A new one; `standsStill`: paused from the beginning. `scopes`: lists that keep whoever left them out of it. */
export async function createMailing(
  tx: Tx,
  workspaceId: WorkspaceId,
  {
    scopes,
    pace,
    standsStill = null,
  }: { readonly scopes: readonly ListScope[]; readonly pace: MailingPace | null; readonly standsStill?: Reason | null },
  now: Date,
): Promise<MailingId> {
  assert(scopes.length <= MAX_SCOPES, 'a mailing has a bounded number of scopes')
  const id = newId<MailingId>(now.getTime())
  const mailing = {
    workspaceId,
    id,
    state: 'running' as const,
    reason: null,
    scopes,
    createdAt: now,
    changedAt: now,
    settledAt: null,
  }
  await insertMailing(tx, mailing)
  if (standsStill) await saveMailing(tx, { ...mailing, state: 'paused', reason: standsStill })
  await setMailingPace(tx, workspaceId, id, pace, now)
  return id
}

/** Null: no limit of its own. What holds for its workspace, route, domain and receivers holds all the same. */
export async function setMailingPace(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: MailingId,
  pace: MailingPace | null,
  now: Date,
): Promise<void> {
  await putPace(tx, workspaceId, id, pace && { ...pace, id: newId<PaceId>(now.getTime()) }, now)
}

/** When this is committed nothing more of it is claimed; what is in hand, some hundred milliseconds' worth, still leaves. */
export async function pauseMailing(tx: Tx, workspaceId: WorkspaceId, id: MailingId, reason: Reason, now: Date): Promise<Mailing> {
  const mailing = await mustBe(tx, workspaceId, id, canPause, 'paused')
  return await save(tx, { ...mailing, state: 'paused', reason, changedAt: now })
}

export async function resumeMailing(tx: Tx, workspaceId: WorkspaceId, id: MailingId, now: Date): Promise<Mailing> {
  const mailing = await mustBe(tx, workspaceId, id, canResume, 'resumed')
  return await save(tx, { ...mailing, state: 'running', reason: null, changedAt: now })
}

/** For good. What waits is settled as cancelled by a job; what was sent stays as it is. */
export async function cancelMailing(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: MailingId,
  reason: Reason,
  now: Date,
): Promise<Mailing> {
  const mailing = await mustBe(tx, workspaceId, id, canCancel, 'cancelled')
  return await save(tx, { ...mailing, state: 'cancelled', reason, changedAt: now })
}

/** Nothing waits in it and nothing will come into it: its limit goes. False while something is alive. */
export async function settleMailing(tx: Tx, workspaceId: WorkspaceId, id: MailingId, now: Date): Promise<boolean> {
  const mailing = await lockMailing(tx, workspaceId, id)
  if (!mailing || mailing.settledAt) return mailing !== null
  const { queued = 0, sending = 0, held = 0 } = await selectMailingCounts(tx, workspaceId, id)
  // An answer that was not heard is left as it is in bulk mail, and may be asked about for ever: it does not keep a mailing open.
  if (queued + sending + held > 0) return false
  await putPace(tx, workspaceId, id, null, now)
  const settled = mailing.state === 'paused' ? { ...mailing, state: 'running' as const, reason: null } : mailing
  await saveMailing(tx, { ...settled, settledAt: now })
  return true
}

/** More comes into it after it was over: failed ones again, or people who were added. */
export async function reopenMailing(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: MailingId,
  pace: MailingPace | null,
  now: Date,
): Promise<void> {
  const mailing = await mustBe(tx, workspaceId, id, ({ state }) => state !== 'cancelled', 'added to')
  await saveMailing(tx, { ...mailing, settledAt: null, changedAt: now })
  if (mailing.settledAt) await setMailingPace(tx, workspaceId, id, pace, now)
}

/** After a restore nothing goes on by itself: the copy does not know what was sent since it was made. */
export async function pauseAllMailings(tx: Tx, reason: Reason, now: Date): Promise<number> {
  return await pauseRunning(tx, reason, now)
}

async function mustBe(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: MailingId,
  may: (mailing: Mailing) => boolean,
  action: string,
): Promise<Mailing> {
  const mailing = await lockMailing(tx, workspaceId, id)
  if (!mailing) throw new Refusal('not_found', { what: 'mailing' })
  if (!may(mailing))
    throw new Refusal('wrong_state', { what: 'mailing', state: mailing.settledAt ? 'over' : mailing.state, action })
  return mailing
}

async function save(tx: Tx, mailing: Mailing): Promise<Mailing> {
  await saveMailing(tx, mailing)
  return mailing
}

const CHUNK = 1_000
const LANES_KEPT_MS = 30 * DAY

export function mailingJobs(database: Database): PeriodicJob[] {
  return [
    { name: 'delivery.cancelled_mailings', everyMs: 2 * SECOND, run: (now) => settleCancelled(database, now) },
    {
      name: 'delivery.forget_lanes',
      everyMs: HOUR,
      run: (now) => inChunks(database, CHUNK, (tx) => deleteOldLanes(tx, new Date(now.getTime() - LANES_KEPT_MS), CHUNK)),
    },
  ]
}

async function settleCancelled(database: Database, now: Date): Promise<void> {
  for (const mailing of await selectUnsettled(database.db)) {
    await inChunks(database, CHUNK, (tx) => cancelChunk(tx, mailing, now))
    await database.transaction(ENGINE, (tx) => settleMailing(tx, mailing.workspaceId, mailing.id, now))
  }
}

async function cancelChunk(
  tx: Tx,
  { workspaceId, id, reason }: Pick<Mailing, 'workspaceId' | 'id' | 'reason'>,
  now: Date,
): Promise<number> {
  const waiting = await lockWaiting(tx, workspaceId, id, CHUNK)
  for (const [from, group] of Map.groupBy(waiting, ({ state }) => state)) {
    const moves = group.map((delivery) => ({ id: delivery.id, state: 'cancelled', reason }))
    const moved = await moveDeliveries(tx, workspaceId, from, moves, now)
    await append(
      tx,
      group
        .filter((delivery) => moved.has(delivery.id))
        .map((delivery) => ({
          type: 'delivery.cancelled' as const,
          workspaceId,
          messageId: delivery.messageId,
          deliveryId: delivery.id,
          data: { mailing_id: id },
        })),
      now,
    )
  }
  return waiting.length
}
