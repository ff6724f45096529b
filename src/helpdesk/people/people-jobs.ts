import { recentMerges, rememberFollowers } from '../../contacts/merge.ts'
import { type Database, ENGINE } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { HOUR, MINUTE } from '../../lib/clock.ts'
import { handOverConversations, handOverItems, lockAskedBy } from './people-queries.ts'

const EVERY_MS = 5 * MINUTE
/** Far longer than the longest transaction. */
const BACK_MS = HOUR
const MERGES_A_RUN = 1_000
const AT_A_TIME = 1_000

/**
 * A mail that was being taken in while its sender was joined with another may have begun a conversation of the one who is gone. It follows: nobody
 * waits for anybody while mail is taken in, so somebody has to look afterwards.
 */
export function peopleJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'helpdesk.merged_contacts',
      everyMs: EVERY_MS,
      run: async (now) => {
        for (const merge of await recentMerges(database.db, new Date(now.getTime() - BACK_MS), MERGES_A_RUN))
          await database.transaction(ENGINE, async (tx) => {
            const { workspaceId, contactId, intoId, addresses } = merge
            const late = await lockAskedBy(tx, workspaceId, contactId, AT_A_TIME)
            if (late.length === 0) return
            const handover = { workspaceId, from: contactId, to: intoId }
            await handOverConversations(tx, handover, late, now)
            await handOverItems(tx, handover, addresses, late)
            await rememberFollowers(tx, merge, late)
          })
      },
    },
  ]
}
