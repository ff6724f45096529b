import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.ts'
import { reviewHeld } from './evidence/held.ts'
import { deleteOldEvidence, deleteOldVerdicts } from './evidence/queries.ts'
import { deleteEnded } from './queries.ts'

const CHUNK = 1_000
const EVIDENCE_KEPT_MS = 30 * DAY
/** A day and an hour: late news is compared with a day. */
const VERDICTS_KEPT_MS = 25 * HOUR

export function suppressionJobs(database: Database): PeriodicJob[] {
  return [
    { name: 'suppression.end', everyMs: MINUTE, run: (now) => inChunks(database, CHUNK, (tx) => endChunk(tx, now)) },
    { name: 'suppression.review', everyMs: 15 * SECOND, run: (now) => database.transaction(ENGINE, (tx) => reviewHeld(tx, now)) },
    {
      name: 'suppression.forget',
      everyMs: HOUR,
      run: async (now) => {
        await inChunks(database, CHUNK, (tx) => deleteOldEvidence(tx, new Date(now.getTime() - EVIDENCE_KEPT_MS), CHUNK))
        await database.transaction(ENGINE, (tx) => deleteOldVerdicts(tx, new Date(now.getTime() - VERDICTS_KEPT_MS)))
      },
    },
  ]
}

/** The claim looks at the time itself; here the end is told, and the row cleared away. */
async function endChunk(tx: Tx, now: Date): Promise<number> {
  const ended = await deleteEnded(tx, CHUNK, now)
  await append(
    tx,
    ended.map(({ workspaceId, address, stream, reason }) => ({
      type: 'suppression.removed' as const,
      workspaceId,
      data: { address, stream, reason, why: 'ended' },
    })),
    now,
  )
  return ended.length
}
