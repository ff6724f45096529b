import type { Db, Tx } from '../db/database.ts'
import type { DeliveryState } from '../delivery/delivery.ts'
import { countMailing, paceOfMailing } from '../delivery/mailings/mailings.ts'
import { type MailingWait, whyMailingWaits } from '../delivery/mailings/waiting.ts'
import { intervalMs } from '../delivery/pace/gcra.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Campaign, CampaignId, Exclusion } from './campaign.ts'
import { mustFind } from './manage.ts'
import { selectExclusions } from './queries.ts'

/** Where a campaign's people are. `candidates` is the sum of `excluded`, `preparing` and all `deliveries`, at every moment. */
export interface Progress {
  readonly campaign: Campaign
  readonly candidates: number
  readonly excluded: readonly { readonly reason: Exclusion; readonly n: number }[]
  /** Not excluded, and without a delivery yet. */
  readonly preparing: number
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>
  /** Why nothing leaves at this moment; null where nothing is to leave. */
  readonly wait: MailingWait | null
  /** When the last one has its first try, if everything leaves as fast as it may; null where no limit of its own says so. */
  readonly endsAt: Date | null
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
  return {
    campaign,
    candidates: campaign.prepared + out,
    excluded,
    preparing: Math.max(0, campaign.prepared - filled),
    deliveries,
    wait: isUnderWay ? await whyMailingWaits(db, workspaceId, mailingId, now) : null,
    endsAt: isUnderWay ? await endOf(db, campaign, deliveries.queued ?? 0, now) : null,
  }
}

async function endOf(db: Db | Tx, { workspaceId, mailingId, state }: Campaign, queued: number, now: Date): Promise<Date | null> {
  const pace = mailingId && state === 'sending' ? await paceOfMailing(db, workspaceId, mailingId) : null
  if (!pace) return null
  const next = Math.max(now.getTime(), pace.nextAt?.getTime() ?? 0)
  return new Date(next + Math.max(0, queued - 1) * intervalMs(pace))
}
