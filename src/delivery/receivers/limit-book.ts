import type { Database } from '../../db/database.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import { type Lesson, type LimitsRow, limitsNow } from './limits.ts'
import { selectLimits, upsertLearned } from './queries.ts'
import { limitsOfReceiver } from './receiver.ts'
import type { ReceiverLimits } from './receiver-seeds.ts'

/** How hard one route may knock at each receiver. */
export interface LimitBook {
  limitsOf(receiver: string): ReceiverLimits
  /** What an answer taught, kept for all processes and the next start. What allows no less than what is known teaches nothing. */
  learn(receiver: string, lesson: Lesson): void
}

export async function openLimitBook(
  { database, clock }: { readonly database: Pick<Database, 'db'>; readonly clock: Clock },
  workspaceId: WorkspaceId,
  routeId: RouteId,
): Promise<LimitBook> {
  const stored = await selectLimits(database.db, workspaceId, routeId, null)
  const rows = new Map<string, LimitsRow>(stored.map((row) => [row.receiver, row]))
  /** In order: a later lesson holds what an earlier one taught. */
  let written: Promise<void> = Promise.resolve()
  const limitsOf = (receiver: string) => limitsNow(limitsOfReceiver(receiver), rows.get(receiver) ?? null, clock.now())

  return {
    limitsOf,
    learn(receiver, lesson) {
      const now = limitsOf(receiver)
      const connections = lesson.connections ?? now.maxConnections
      const messages = lesson.messages ?? now.maxMessagesPerConnection
      if (connections >= now.maxConnections && messages >= now.maxMessagesPerConnection) return
      const usual = limitsNow(
        limitsOfReceiver(receiver),
        { ...noRow(receiver), ...rows.get(receiver), learned: null },
        clock.now(),
      )
      const learned = {
        connections: connections < usual.maxConnections ? connections : null,
        messages: messages < usual.maxMessagesPerConnection ? messages : null,
        at: clock.now(),
        why: lesson.why,
      }
      rows.set(receiver, { ...noRow(receiver), ...rows.get(receiver), learned })
      // Should it not be written, the next answer of this kind teaches it again.
      written = written.then(() => upsertLearned(database.db, workspaceId, routeId, receiver, learned)).catch(() => {})
    },
  }
}

function noRow(receiver: string): LimitsRow {
  return { receiver, set: null, learned: null }
}
