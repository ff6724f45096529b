/** Customers who have waited too long: looked for once a minute, by index, and told in the log once for each waiting. */
import type { Database, Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { conversationsWaiting } from '../../helpdesk/waiting.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import { DAY } from '../../lib/clock.ts'
import { lengthMs } from '../definition/condition.ts'
import { deleteOverdue, type OverdueTrigger, selectOverdueTriggers, takeOverdue } from './overdue-queries.ts'
import { ROUTER } from './router.ts'

const AT_ONCE = 500
/** Whoever has waited for longer is not looked at any more, and what was told of them is forgotten. */
const LONGEST_MS = 400 * DAY

export async function tellOverdue(database: Database, now: Date): Promise<void> {
  for (const trigger of await selectOverdueTriggers(database.db)) {
    const { after, inboxes } = readConfig(trigger)
    if (after === null) continue
    const before = (ms: number) => now.getTime() - ms
    const waiting = conversationsWaiting(trigger.workspaceId, {
      inboxes,
      // Who had waited too long already when this trigger began to listen is left to those who publish it: they may apply it to what is there.
      after: new Date(Math.max(trigger.since.getTime() - after, before(LONGEST_MS))),
      until: new Date(before(after)),
    })
    await inChunks(database, AT_ONCE, (tx) => tell(tx, trigger, waiting, now))
  }
}

async function tell(
  tx: Tx,
  trigger: OverdueTrigger,
  waiting: ReturnType<typeof conversationsWaiting>,
  now: Date,
): Promise<number> {
  const { workspaceId, workflowId: subjectId, workflow: name, key } = trigger
  const found = await takeOverdue(tx, trigger, waiting, ROUTER, AT_ONCE)
  await append(
    tx,
    found.map(({ conversationId, waitingSince, place }) => ({
      ...{ type: 'workflow.asked' as const, workspaceId, subjectId },
      data: {
        ...{ act: 'start', happening: 'answer.overdue', name, key, conversation_id: conversationId },
        ...{ waiting_since: waitingSince.toISOString(), place },
      },
    })),
    now,
  )
  return found.length
}

function readConfig({ config }: OverdueTrigger): { readonly after: number | null; readonly inboxes: readonly string[] } {
  const { after, inboxes } = (config ?? {}) as { after?: unknown; inboxes?: unknown }
  return {
    after: typeof after === 'string' ? lengthMs(after) : null,
    inboxes: Array.isArray(inboxes) ? inboxes.filter((one) => typeof one === 'string') : [],
  }
}

export async function forgetOverdue(tx: Tx, now: Date, limit: number): Promise<number> {
  return await deleteOverdue(tx, new Date(now.getTime() - LONGEST_MS), limit)
}
