import { ENGINE } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { SECOND } from '../lib/clock.ts'
import { againStep } from './again.ts'
import { type Campaign, campaignReason, isOverdue } from './campaign.ts'
import { begin } from './life.ts'
import { prepareStep } from './prepare/prepare.ts'
import type { PrepareDeps } from './prepare/step.ts'
import { lockCampaign, saveCampaign, selectAgain, selectCampaign, selectDue, selectUnderWay } from './queries.ts'
import { watchCampaigns } from './watch.ts'

export interface CampaignDeps extends PrepareDeps {
  /** New mail waits: somebody may want to look. */
  wake(): void
  now(): Date
}

/** Others wait for their turn as well: so many steps of each campaign, then the next one. */
const STEPS_A_TURN = 5
const STEPS_AGAIN_A_TURN = 20
const TURNS_A_RUN = 50
const AT_ONCE = 100

export function campaignJobs(deps: CampaignDeps): PeriodicJob[] {
  return [
    { name: 'campaigns.start_due', everyMs: 5 * SECOND, run: (now) => startDue(deps, now) },
    { name: 'campaigns.prepare', everyMs: SECOND, run: () => prepareAll(deps) },
    { name: 'campaigns.watch', everyMs: 2 * SECOND, run: (now) => watchCampaigns(deps.database, now) },
  ]
}

/** Starts what is due; asks about what is late. What cannot be sent waits for its writer, with the reason. */
export async function startDue({ database }: CampaignDeps, now: Date): Promise<void> {
  for (const due of await selectDue(database.db, AT_ONCE, now)) {
    await database
      .transaction(ENGINE, async (tx) => {
        const campaign = await lockCampaign(tx, due.workspaceId, due.id)
        if (campaign?.state !== 'scheduled' || campaign.question) return
        if (isOverdue(campaign, now)) await saveCampaign(tx, { ...campaign, question: late(now), updatedAt: now })
        else await begin(tx, campaign, null, now)
      })
      .catch(async (error: Error) => {
        if (!(error instanceof Refusal)) throw error
        const question = campaignReason(
          'not_ready',
          `It could not be started: ${error.message}`,
          'Take it off the schedule and correct it.',
          now,
        )
        await database.transaction(ENGINE, async (tx) => {
          const campaign = await lockCampaign(tx, due.workspaceId, due.id)
          if (campaign?.state === 'scheduled') await saveCampaign(tx, { ...campaign, question, updatedAt: now })
        })
      })
  }
}

function late(now: Date) {
  return campaignReason(
    'late',
    'This campaign should have been sent more than an hour ago, while this server was not running.',
    'Send it now, give it another time, or take it off the schedule.',
    now,
  )
}

/** Goes on with every campaign that is being prepared, or sent again in part, in turns. */
export async function prepareAll(deps: CampaignDeps): Promise<void> {
  for (let turn = 0; turn < TURNS_A_RUN; turn++) {
    const preparing = await selectUnderWay(deps.database.db, ['preparing'], AT_ONCE)
    const again = await selectAgain(deps.database.db, AT_ONCE)
    if (preparing.length + again.length === 0) return
    for (const campaign of preparing) await steps(deps, campaign)
    for (const campaign of again) await stepsAgain(deps, campaign)
    deps.wake()
  }
}

async function steps(deps: CampaignDeps, begun: Campaign): Promise<void> {
  let campaign: Campaign | null = begun
  for (let step = 0; step < STEPS_A_TURN && campaign?.state === 'preparing'; step++) {
    if (!(await prepareStep(deps, campaign, deps.now()))) return
    campaign = await selectCampaign(deps.database.db, begun.workspaceId, begun.id)
  }
}

async function stepsAgain(deps: CampaignDeps, campaign: Campaign): Promise<void> {
  for (let step = 0; step < STEPS_AGAIN_A_TURN; step++) if (!(await againStep(deps, campaign, deps.now()))) return
}
