import { sql } from 'kysely'
import type { CampaignId, CampaignState, Exclusion } from '../../campaigns/campaign.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryState } from '../../delivery/delivery.ts'
import type { ContactId, DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'

/** A campaign that somebody was meant for, and what became of it. */
export interface CampaignOfContact {
  readonly id: CampaignId
  readonly name: string
  readonly campaignState: CampaignState
  readonly at: Date
  readonly address: string
  readonly excluded: Exclusion | null
  readonly deliveryId: DeliveryId | null
  readonly messageId: MessageId | null
  readonly state: DeliveryState | null
  readonly opened: boolean
  readonly clicked: boolean
}

/** Newest first: ids of campaigns are in the order of time. One look into each campaign, by the key of its recipients: an index the other way round would cost every recipient. */
export async function selectCampaignsOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  contactId: ContactId,
  page: { readonly after: string | null; readonly limit: number },
): Promise<CampaignOfContact[]> {
  const after = page.after ? sql`and k.id < ${page.after}::uuid` : sql``
  const did = (kind: 'opened' | 'clicked') => sql`exists (
    select from contact_activity as a
     where a.workspace_id = ${workspaceId} and a.contact_id = ${contactId} and a.kind = ${sql.lit(kind)} and a.campaign_id = c.id)`
  const { rows } = await sql<CampaignOfContact>`
    with theirs as (
      select k.id as campaign_id, their.address, their.reason, their.delivery_id
        from campaign as k
       cross join lateral (select r.address, r.reason, r.delivery_id from campaign_recipient as r
                            where r.workspace_id = ${workspaceId} and r.campaign_id = k.id and r.contact_id = ${contactId} limit 1) as their
       where k.workspace_id = ${workspaceId} and k.mailing_id is not null ${after}
       order by k.id desc limit ${page.limit}
    )
    select c.id, c.name, c.state as "campaignState", coalesce(c.started_at, c.created_at) as at, theirs.address, theirs.reason as excluded,
           d.id as "deliveryId", d.message_id as "messageId", d.state, ${did('opened')} as opened, ${did('clicked')} as clicked
      from theirs
      join campaign as c on c.workspace_id = ${workspaceId} and c.id = theirs.campaign_id
      left join delivery as d on d.workspace_id = ${workspaceId} and d.id = theirs.delivery_id
     order by c.id desc`.execute(db)
  return rows
}
