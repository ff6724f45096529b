import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { SECOND } from '../../lib/clock.ts'
import type { TriageDeps } from './act.ts'
import { removalJob } from './delete.ts'
import { advanceRewrite, finishRewrite, lockRewrite, rewriteField, rewriteTag } from './settings-queries.ts'
import { wakingJob } from './wake.ts'

/** What time does to conversations, and what settings still have to do to them. */
export function triageJobs(database: Database, deps: TriageDeps): PeriodicJob[] {
  return [wakingJob(database, deps), removalJob(database), rewritingJob(database)]
}

const TAGS_AT_ONCE = 100
const FIELDS_AT_ONCE = 1_000
/** The job's next time comes soon; others have theirs in between. */
const MAX_CHUNKS = 50

/** Takes tags and fields out of conversations, or turns a tag into another. What is left of it is a row, so a restart loses nothing. */
function rewritingJob(database: Database): PeriodicJob {
  return {
    name: 'helpdesk.rewrite_conversations',
    everyMs: 5 * SECOND,
    async run() {
      for (let chunk = 0; chunk < MAX_CHUNKS; chunk++) if (!(await database.transaction(ENGINE, rewriteSome))) return
    },
  }
}

async function rewriteSome(tx: Tx): Promise<boolean> {
  const rewrite = await lockRewrite(tx)
  if (!rewrite) return false
  if (rewrite.kind === 'tag') {
    if ((await rewriteTag(tx, rewrite, TAGS_AT_ONCE)) < TAGS_AT_ONCE) await finishRewrite(tx, rewrite)
    return true
  }
  const last = await rewriteField(tx, rewrite, FIELDS_AT_ONCE)
  await (last === null ? finishRewrite(tx, rewrite) : advanceRewrite(tx, rewrite, last))
  return true
}
