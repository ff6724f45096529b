import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { DispatcherId } from '../lib/ids.ts'
import { recover } from './delivery.ts'
import { lockOrphans, markLost, selectLocalDispatchers } from './dispatch/queries.ts'
import { moveDeliveries } from './queries.ts'

const CHUNK = 1_000

export interface ThisProcess {
  readonly host: string
  readonly pid: number
  /** Whether a dispatcher is one of this process, which runs, since it asks. Its own clock says nothing about that: it may have been set. */
  owns(id: DispatcherId): boolean
  /** Whether a process of this machine lives. */
  isAlive(pid: number): boolean
}

/**
 * Finds dispatchers that disappeared and takes back what they held: beyond their window it simply waits again, within it the answer was not
 * heard. A dispatcher of this machine whose process is gone is found at once, any other when its lease has ended.
 */
export async function recoverLost(
  database: Database,
  self: ThisProcess,
  now: Date,
): Promise<{ requeued: number; unknown: number }> {
  const local = await selectLocalDispatchers(database.db, self.host)
  const idsOf = (dispatchers: typeof local) => dispatchers.map((dispatcher) => dispatcher.id)
  const ours = idsOf(local.filter(({ id }) => self.owns(id)))
  const gone = idsOf(local.filter((dispatcher) => isGone(dispatcher, self)))
  await markLost(database.db, { gone, ours }, now)
  const total = { requeued: 0, unknown: 0 }
  for (;;) {
    const done = await database.transaction(ENGINE, (tx) => recoverChunk(tx, now))
    total.requeued += done.requeued
    total.unknown += done.unknown
    if (done.requeued + done.unknown < CHUNK) return total
  }
}

/** The number of this process may have been another's before: that one's dispatchers are not among ours. */
function isGone({ id, pid }: { id: DispatcherId; pid: number }, self: ThisProcess): boolean {
  return pid === self.pid ? !self.owns(id) : !self.isAlive(pid)
}

async function recoverChunk(tx: Tx, now: Date): Promise<{ requeued: number; unknown: number }> {
  const orphans = await lockOrphans(tx, CHUNK)
  let unknown = 0
  for (const [workspaceId, group] of Map.groupBy(orphans, (orphan) => orphan.workspaceId)) {
    const fates = group.map((orphan) => ({ orphan, fate: recover(orphan, orphan.windowPosition, now) }))
    await moveDeliveries(
      tx,
      workspaceId,
      'sending',
      fates.map(({ orphan, fate }) => ({
        id: orphan.id,
        state: fate.state,
        dueAt: fate.state === 'queued' ? fate.dueAt : null,
        reason: fate.reason,
        policy: fate.state === 'unknown' ? fate.policy : null,
      })),
      now,
    )
    const unheard = fates.filter(({ fate }) => fate.state === 'unknown')
    unknown += unheard.length
    await append(
      tx,
      unheard.map(({ orphan }) => ({
        type: 'delivery.unknown' as const,
        workspaceId,
        messageId: orphan.messageId,
        deliveryId: orphan.id,
        data: { attempt: orphan.attempt, class: 'process_ended' },
      })),
      now,
    )
  }
  return { requeued: orphans.length - unknown, unknown }
}
