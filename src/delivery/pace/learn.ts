/**
 * What receivers teach about speed: halved when one says that we send too fast, raised by a quarter every hour that it does not, forgotten after
 * a day without such an answer. A limit that a person set for the same receiver and route stays as it is.
 */
import type { Database, Tx } from '../../db/database.ts'
import { ENGINE } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import { newId, type PaceId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import { forgetLearned, insertLearned, lockPaceOfReceiver, raiseLearned, slowLearned } from './queries.ts'

/** Everything that was in flight when it was said counts as one answer. */
const ONE_LESSON_MS = MINUTE

export async function learnSlower(
  tx: Tx,
  { workspaceId, routeId, receiver }: { readonly workspaceId: WorkspaceId; readonly routeId: RouteId; readonly receiver: string },
  lesson: { readonly perMinute: number; readonly why: string },
  now: Date,
): Promise<void> {
  const why = lesson.why.slice(0, 1_000)
  const known = await lockPaceOfReceiver(tx, workspaceId, routeId, receiver)
  if (known && (known.learnedAt === null || now.getTime() - known.learnedAt.getTime() < ONE_LESSON_MS)) return
  const amount = Math.max(1, Math.floor((known?.amount ?? lesson.perMinute) / 2))
  const id = known?.id ?? newId<PaceId>(now.getTime())
  if (known) await slowLearned(tx, workspaceId, id, amount, why, now)
  else await insertLearned(tx, { workspaceId, id, routeId, receiver, amount, why }, now)
  const data = { scope: 'receiver', subject: receiver, route_id: routeId, amount, per: 'minute', learned: true }
  await append(tx, { type: 'pace.changed', workspaceId, subjectId: id, data }, now)
}

export function learnedPaceJob(database: Database): PeriodicJob {
  return {
    name: 'delivery.learned_paces',
    everyMs: 10 * MINUTE,
    run: (now) =>
      database.transaction(ENGINE, async (tx) => {
        await forgetLearned(tx, new Date(now.getTime() - DAY))
        await raiseLearned(tx, new Date(now.getTime() - HOUR), now)
      }),
  }
}
