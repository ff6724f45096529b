import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { DispatcherId, WorkspaceId } from '../lib/ids.ts'
import { recover } from './delivery.ts'
import { lockOrphans, markLost, type Orphan, selectLocalDispatchers } from './dispatch/queries.ts'
import { moveDeliveries } from './queries.ts'

const CHUNK = 1_000

export interface ThisProcess {
  readonly host: string
  readonly pid: number
  readonly startedAt: Date
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
  const gone = (await selectLocalDispatchers(database.db, self.host)).filter((dispatcher) => isGone(dispatcher, self))
  await markLost(
    database.db,
    gone.map((dispatcher) => dispatcher.id as DispatcherId),
    now,
  )
  const total = { requeued: 0, unknown: 0 }
  for (;;) {
    const done = await database.transaction(ENGINE, (tx) => recoverChunk(tx, now))
    total.requeued += done.requeued
    total.unknown += done.unknown
    if (done.requeued + done.unknown < CHUNK) return total
  }
}

/** The number of this process may have been another's before: then its dispatchers began before we did. */
function isGone(dispatcher: { pid: number; startedAt: Date }, self: ThisProcess): boolean {
  return dispatcher.pid === self.pid ? dispatcher.startedAt < self.startedAt : !self.isAlive(dispatcher.pid)
}

async function recoverChunk(tx: Tx, now: Date): Promise<{ requeued: number; unknown: number }> {
  const orphans = await lockOrphans(tx, CHUNK)
  const byWorkspace = new Map<WorkspaceId, Orphan[]>()
  for (const orphan of orphans) byWorkspace.set(orphan.workspaceId, [...(byWorkspace.get(orphan.workspaceId) ?? []), orphan])
  let unknown = 0
  for (const [workspaceId, group] of byWorkspace) {
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
