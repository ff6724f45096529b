import type { Database, Db, Tx } from '../db/database.ts'
import { inChunks } from '../jobs/in-chunks.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { MINUTE } from '../lib/clock.ts'
import type { InboxId, WorkspaceId } from '../lib/ids.ts'
import { foldDeltas, selectNoMatchOfDay, selectWithMail } from './count-queries.ts'

const FOLDED_AT_ONCE = 500

/** Every mail adds a row to the day's counts; once a minute they become one again. */
export function countJobs(database: Database): PeriodicJob[] {
  const run = (now: Date) => inChunks(database, FOLDED_AT_ONCE, (tx) => foldDeltas(tx, FOLDED_AT_ONCE, now))
  return [{ name: 'inbound.fold_counts', everyMs: MINUTE, run }]
}

/** Which of these inboxes any mail came to, whatever became of it. */
export async function inboxesWithMail(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly InboxId[],
): Promise<ReadonlySet<InboxId>> {
  return new Set(await selectWithMail(db, workspaceId, ids))
}

/** How many mails of this day (UTC) belonged to no conversation, of each inbox that starts none by mail and had some. */
export async function noMatchToday(db: Db | Tx, workspaceId: WorkspaceId, now: Date): Promise<ReadonlyMap<InboxId, number>> {
  const rows = await selectNoMatchOfDay(db, workspaceId, now)
  return new Map(rows.map(({ inboxId, n }) => [inboxId, n]))
}
