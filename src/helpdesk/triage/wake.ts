import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { SECOND } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Conversation } from '../conversation.ts'
import { lockConversations } from '../conversations.ts'
import { leaveTraces, type Trace, type TriageDeps } from './act.ts'
import { lastSnoozers, lockAwaking, saveConversations } from './queries.ts'
import { awake } from './triage.ts'

const AWAKE_AT_ONCE = 100
const MAX_CHUNKS = 100

/** Ends the sleep of conversations whose time has come; what is deleted or merged loses it without a word. */
export function wakingJob(database: Database, deps: TriageDeps): PeriodicJob {
  return {
    name: 'helpdesk.wake_snoozed',
    everyMs: 10 * SECOND,
    async run(now) {
      for (let chunk = 0; chunk < MAX_CHUNKS; chunk++) {
        if ((await database.transaction(ENGINE, (tx) => wakeSnoozed(tx, deps, now))) < AWAKE_AT_ONCE) return
      }
    },
  }
}

async function wakeSnoozed(tx: Tx, deps: TriageDeps, now: Date): Promise<number> {
  const due = await lockAwaking(tx, AWAKE_AT_ONCE, now)
  const byWorkspace = Map.groupBy(due, ({ workspaceId }) => workspaceId)
  for (const [workspaceId, rows] of byWorkspace) {
    const asleep = await lockConversations(
      tx,
      workspaceId,
      rows.map(({ id }) => id),
    )
    await saveConversations(
      tx,
      asleep.map((conversation) => (isLive(conversation) ? awake(conversation, now) : { ...conversation, snoozedUntil: null })),
    )
    await tell(tx, deps, workspaceId, asleep.filter(isLive), now)
  }
  return due.length
}

function isLive({ mergedInto, deletedAt }: Conversation): boolean {
  return mergedInto === null && deletedAt === null
}

/** Who is assigned is told, or else whoever put it to sleep. */
async function tell(
  tx: Tx,
  deps: TriageDeps,
  workspaceId: WorkspaceId,
  asleep: readonly Conversation[],
  now: Date,
): Promise<void> {
  const snoozers = await lastSnoozers(
    tx,
    workspaceId,
    asleep.map(({ id }) => id),
  )
  const traces = asleep.map((conversation): Trace => {
    const after = awake(conversation, now)
    return {
      conversation: after,
      activities: [{ what: 'woken' }],
      changes: {
        snoozed_until: [conversation.snoozedUntil, null],
        ...(conversation.status !== after.status && { status: [conversation.status, after.status] }),
      },
      causes: ['snooze_over'],
      author: snoozers.get(conversation.id) ?? null,
    }
  })
  await leaveTraces(tx, deps, workspaceId, traces, null, now)
}
