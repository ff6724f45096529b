import type { Db, Tx } from '../db/database.ts'
import { countMailings, type MailingCounts } from '../delivery/mailings/mailings.ts'
import { type MailingWait, whyMailingWaits } from '../delivery/mailings/waiting.ts'
import type { MailingId, WorkspaceId } from '../lib/ids.ts'
import { type CampaignRow, type ListFilter, selectRows } from './list-queries.ts'

export { type CampaignName, type CampaignRow, type ListFilter, selectNames as namesOfMailings } from './list-queries.ts'

/** A campaign in a list: where its people are, and why nothing leaves. */
export interface ListedCampaign extends CampaignRow {
  readonly preparing: number
  readonly deliveries: MailingCounts
  readonly wait: MailingWait | null
}

/** Of so many that are being sent it is looked up why they wait: nobody has more of them at work on one page. */
const MOST_WAITS = 20

export async function listCampaigns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: ListFilter,
  page: { readonly after: string | null; readonly limit: number },
  now: Date,
): Promise<ListedCampaign[]> {
  const rows = await selectRows(db, workspaceId, filter, page)
  const mailings = rows.flatMap(({ mailingId }) => mailingId ?? [])
  const counts = await countMailings(db, workspaceId, mailings)
  const waits = new Map<MailingId, MailingWait>()
  for (const { mailingId } of rows.filter(({ state }) => state === 'sending').slice(0, MOST_WAITS))
    if (mailingId) waits.set(mailingId, await whyMailingWaits(db, workspaceId, mailingId, now))
  return rows.map((row) => {
    const deliveries = (row.mailingId && counts.get(row.mailingId)) || {}
    const placed = Object.values(deliveries).reduce((sum, n) => sum + n, 0)
    const wait = (row.mailingId && waits.get(row.mailingId)) || null
    return { ...row, deliveries, preparing: Math.max(0, row.prepared - placed), wait }
  })
}
