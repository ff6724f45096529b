/** What is done beside conversations and mail: with people, with programs elsewhere, with other workflows, and how often. */
import type { Database } from '../../db/database.ts'
import type { NotifyDeps } from '../../helpdesk/notify/notify.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { HOUR } from '../../lib/clock.ts'
import { CALL_STEPS } from './call.ts'
import { CAMPAIGN_STEPS } from './campaign.ts'
import { CONTACT_STEPS } from './contact.ts'
import { COUNT_STEPS } from './count.ts'
import { deletePasses } from './count-queries.ts'
import { peopleSteps } from './people.ts'
import { REQUEST_STEPS } from './request.ts'
import type { Step } from './step.ts'

export function officeSteps(deps: NotifyDeps): Step<never>[] {
  return [...CONTACT_STEPS, ...CAMPAIGN_STEPS, ...CALL_STEPS, ...COUNT_STEPS, ...REQUEST_STEPS, ...peopleSteps(deps)]
}

const AT_ONCE = 1_000

/** What was counted, once it counts no more. */
export function officeJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'workflows.forget_passes',
      everyMs: HOUR,
      run: (now) => inChunks(database, AT_ONCE, (tx) => deletePasses(tx, now, AT_ONCE)),
    },
  ]
}
