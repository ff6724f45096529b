import type { Db, Tx } from '../db/database.ts'
import type { DeliveryState } from '../delivery/delivery.ts'
import { countDeferred, countMailing, lastDueOf, paceOfMailing } from '../delivery/mailings/mailings.ts'
import { lookAtMailing, type MailingLimit, type MailingWait } from '../delivery/mailings/waiting.ts'
import { intervalMs } from '../delivery/pace/gcra.ts'
import { HOUR } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { isTesting } from './ab/as-variant.ts'
import { type Campaign, type CampaignId, type Exclusion, MANY_DEFERRED } from './campaign.ts'
import { mustFind } from './manage.ts'
import { selectExclusions } from './queries.ts'
import { leftOf, readRate } from './rate.ts'
import { countReplies, type ReplyCounts } from './replies/answered.ts'

/** Where a campaign's people are. `candidates` is the sum of `excluded`, `preparing`, `awaitsWinner` and all `deliveries`, at every moment. */
export interface Progress {
  readonly campaign: Campaign
  readonly candidates: number
  readonly excluded: readonly { readonly reason: Exclusion; readonly n: number }[]
  /** Not excluded, and without a delivery yet. */
  readonly preparing: number
  /** Of those that were prepared, who waits for the winner of a test. */
  readonly awaitsWinner: number
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>
  readonly replied: ReplyCounts
  /** Why nothing leaves at this moment; null where nothing is to leave. */
  readonly wait: MailingWait | null
  /** Of those that wait, how many were tried before; `MANY_DEFERRED` stands for that many or more. */
  readonly deferred: number
  /** How many left in an hour, at the speed of the last minute, or hour; null where nothing is sent or too little is known. */
  readonly ratePerHour: number | null
  /** The slowest limit that holds for all of it. */
  readonly limit: MailingLimit | null
  /** When the last one has its first try: by its own limit, at the rate of now, or where its hour comes last. */
  readonly end: { readonly at: Date; readonly by: 'pace' | 'rate' | 'local_time' } | null
}

/** A handful of rows, however many people it is. What moves from one number to another is read before what it moves to, so that the sum holds. */
export async function readProgress(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId, now: Date): Promise<Progress> {
  const before = await mustFind(db, workspaceId, id)
  const { mailingId } = before
  const deliveries = mailingId ? await countMailing(db, workspaceId, mailingId) : {}
  const campaign = await mustFind(db, workspaceId, id)
  const excluded = await selectExclusions(db, workspaceId, id)
  const filled = Object.values(deliveries).reduce((sum, n) => sum + n, 0)
  const out = excluded.reduce((sum, { n }) => sum + n, 0)
  const isUnderWay = mailingId && (campaign.state === 'sending' || campaign.state === 'paused')
  const isWaiting = isTesting(campaign) && (campaign.state === 'sending' || campaign.state === 'paused')
  const queued = deliveries.queued ?? 0
  const ratePerHour = campaign.state === 'sending' ? await readRate(db, campaign, leftOf(deliveries), now) : null
  const looked = isUnderWay ? await lookAtMailing(db, workspaceId, mailingId, now) : null
  return {
    campaign,
    candidates: campaign.prepared + out,
    excluded,
    preparing: isWaiting ? 0 : Math.max(0, campaign.prepared - filled),
    awaitsWinner: isWaiting ? Math.max(0, campaign.prepared - filled) : 0,
    deliveries,
    replied: await countReplies(db, workspaceId, id),
    wait: looked && waitFor(campaign, looked.wait),
    deferred: mailingId && queued > 0 ? Math.min(queued, await countDeferred(db, workspaceId, mailingId, MANY_DEFERRED)) : 0,
    ratePerHour,
    limit: looked?.limit ?? null,
    end: isUnderWay ? await endOf(db, campaign, queued, ratePerHour, now) : null,
  }
}

function winnerWait({ ab, decidesAt, question }: Campaign): { readonly sentence: string; readonly until: Date | null } {
  if (question) return { sentence: question.sentence, until: null }
  if (ab?.measure === 'by_hand') return { sentence: 'The rest waits until somebody chooses the winner of the test.', until: null }
  return { sentence: 'The rest waits for the winner of the test.', until: decidesAt }
}

/** In the words of whoever wrote the campaign. */
function waitFor(campaign: Campaign, wait: MailingWait): MailingWait {
  const { localTime } = campaign
  if (wait.kind === 'nothing' && isTesting(campaign)) return { kind: 'waits', ...winnerWait(campaign), isDueLater: false }
  if (!localTime || wait.kind !== 'waits' || !wait.isDueLater) return wait
  return { ...wait, sentence: `Each person gets it at ${localTime.time} of their own time.` }
}

async function endOf(
  db: Db | Tx,
  campaign: Campaign,
  queued: number,
  ratePerHour: number | null,
  now: Date,
): Promise<Progress['end']> {
  const end = await endByRate(db, campaign, queued, ratePerHour, now)
  if (!campaign.localTime || !campaign.mailingId || campaign.state !== 'sending') return end
  const lastDue = await lastDueOf(db, campaign.workspaceId, campaign.mailingId)
  return lastDue && (!end || lastDue > end.at) && lastDue > now ? { at: lastDue, by: 'local_time' } : end
}

async function endByRate(
  db: Db | Tx,
  { workspaceId, mailingId, state }: Campaign,
  queued: number,
  ratePerHour: number | null,
  now: Date,
): Promise<Progress['end']> {
  if (!mailingId || state !== 'sending' || queued === 0) return null
  const pace = await paceOfMailing(db, workspaceId, mailingId)
  if (pace) {
    const next = Math.max(now.getTime(), pace.nextAt?.getTime() ?? 0)
    return { at: new Date(next + Math.max(0, queued - 1) * intervalMs(pace)), by: 'pace' }
  }
  return ratePerHour ? { at: new Date(now.getTime() + (queued / ratePerHour) * HOUR), by: 'rate' } : null
}
