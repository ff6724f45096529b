import type { Database, Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { NewEvent } from '../events/event.ts'
import { inChunks } from '../jobs/in-chunks.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { DAY, HOUR, SECOND } from '../lib/clock.ts'
import { BURST_MS, countsOf, firstsOf, type Hit, judge } from './hit.ts'
import { addCounts, deleteOldHits, selectUnsettled, settleHits } from './queries.ts'

/** Until then a hit that came with others can be told from one that came alone, with time for a slow request to be written. */
export const SETTLE_AFTER_MS = BURST_MS + 2 * SECOND
export const HITS_ARE_KEPT_DAYS = 90
const CHUNK = 200
const FORGET_AT_ONCE = 10_000

/** Says of hits who it was, counts them with their links, and tells the first of each kind in the log. Answers how many there were. */
async function settleDue(tx: Tx, now: Date): Promise<number> {
  const hits = await selectUnsettled(tx, new Date(now.getTime() - SETTLE_AFTER_MS), CHUNK)
  const judged = judge(hits)
  if (judged.length === 0) return 0
  await settleHits(tx, judged, now)
  await addCounts(tx, countsOf(judged, hits))
  await append(tx, firstsOf(judged, hits).map(toEvent), now)
  return judged.length
}

function toEvent({ workspaceId, messageId, deliveryId, kind, who, at, link, url, userAgent }: Hit): NewEvent {
  const seen = { who, at: at.toISOString(), user_agent: userAgent }
  return kind === 'open'
    ? { type: 'message.opened', workspaceId, messageId, deliveryId, data: seen }
    : { type: 'message.clicked', workspaceId, messageId, deliveryId, data: { ...seen, link, url } }
}

export function trackingJobs(database: Database): PeriodicJob[] {
  return [
    { name: 'tracking.settle', everyMs: 2 * SECOND, run: (now) => inChunks(database, CHUNK, (tx) => settleDue(tx, now)) },
    {
      name: 'tracking.forget',
      everyMs: HOUR,
      run: (now) => {
        const before = new Date(now.getTime() - HITS_ARE_KEPT_DAYS * DAY)
        return inChunks(database, FORGET_AT_ONCE, (tx) => deleteOldHits(tx, before, FORGET_AT_ONCE))
      },
    },
  ]
}
