/** Workflows by the clock: that a time came, and the next one, are one commit. Each planned time begins one run, whatever the number of processes. */
import { type Database, ENGINE } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { MINUTE } from '../../lib/clock.ts'
import { nextTime } from '../../lib/cron.ts'
import { hasDueSchedules, lockDueSchedules, moveSchedule, type Schedule } from './schedule-queries.ts'

const AT_ONCE = 100
/** Times that were missed while nothing ran, made up for one by one: no more than these. */
const MISSED_MAX = 100
/** Later than this it was missed. */
const LATE_MS = 2 * MINUTE

/** Gives how many times had come. */
export async function fireSchedules(database: Database, now: Date): Promise<number> {
  if (!(await hasDueSchedules(database.db, now))) return 0
  return await database.transaction(ENGINE, async (tx) => {
    let fired = 0
    for (const schedule of await lockDueSchedules(tx, AT_ONCE, now)) {
      const { planned, nextAt } = timesOf(schedule, now)
      const { workspaceId, workflowId: subjectId, workflow: name, node } = schedule
      await append(
        tx,
        planned.map((at) => ({
          type: 'workflow.schedule_due' as const,
          workspaceId,
          subjectId,
          data: { name, node, planned_at: at.toISOString() },
        })),
        now,
      )
      await moveSchedule(tx, schedule, nextAt, planned.at(-1) ?? schedule.nextAt)
      fired += planned.length
    }
    return fired
  })
}

/** Which of the times that have come count, and which comes next. */
export function timesOf(
  { cron, zone, misfire, nextAt: first }: Pick<Schedule, 'cron' | 'zone' | 'misfire' | 'nextAt'>,
  now: Date,
): { readonly planned: readonly Date[]; readonly nextAt: Date | null } {
  const come: Date[] = [first]
  let nextAt = nextTime(cron, zone, first)
  while (nextAt !== null && nextAt <= now && come.length < MISSED_MAX) {
    come.push(nextAt)
    nextAt = nextTime(cron, zone, nextAt)
  }
  // Away for longer than can be made up for: the rest is left out.
  if (nextAt !== null && nextAt <= now) nextAt = nextTime(cron, zone, now)
  const isLate = (at: Date) => now.getTime() - at.getTime() > LATE_MS
  if (misfire === 'all') return { planned: come, nextAt }
  if (misfire === 'skip') return { planned: come.filter((at) => !isLate(at)), nextAt }
  // `once`: however many were missed, it is made up for once; the latest counts.
  return { planned: come.slice(-1), nextAt }
}
