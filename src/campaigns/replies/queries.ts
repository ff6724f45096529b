import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryId, InboundMailId, InboxId, WorkspaceId } from '../../lib/ids.ts'
import type { CampaignId } from '../campaign.ts'
import type { Reply } from './answered.ts'

/** Where answers to these campaigns go. */
export async function selectReplyPlaces(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly string[],
): Promise<{ campaignId: CampaignId; name: string; inboxId: InboxId | null }[]> {
  const { rows } = await sql<{ campaignId: CampaignId; name: string; inboxId: InboxId | null }>`
    select id as "campaignId", name, reply_inbox_id as "inboxId" from campaign
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  return rows
}

/** Those of them that are the first answer of a person to their mail. */
export async function insertReplies(
  tx: Tx,
  workspaceId: WorkspaceId,
  replies: readonly Reply[],
  now: Date,
): Promise<InboundMailId[]> {
  const { rows } = await sql<{ inboundId: InboundMailId }>`
    with said as (
      select s.*, row_number() over (partition by s.delivery_id, s.is_automatic order by s.inbound_id) as nth
        from unnest(${plainArray(replies.map((r) => r.inboundId))}::uuid[], ${plainArray(replies.map((r) => r.answered.campaignId))}::uuid[],
                    ${plainArray(replies.map((r) => r.answered.deliveryId))}::uuid[],
                    ${textArray(replies.map((r) => r.conversationId))}::uuid[],
                    ${plainArray(replies.map((r) => String(r.isAutomatic)))}::boolean[])
             as s (inbound_id, campaign_id, delivery_id, conversation_id, is_automatic)
    ), known as (
      select distinct r.delivery_id from campaign_reply as r join said on said.delivery_id = r.delivery_id
       where r.workspace_id = ${workspaceId} and not r.is_automatic
    ), added as (
      insert into campaign_reply (workspace_id, inbound_id, campaign_id, delivery_id, conversation_id, is_automatic, at)
      select ${workspaceId}::uuid, inbound_id, campaign_id, delivery_id, conversation_id, is_automatic, ${now} from said
      on conflict do nothing
      returning inbound_id
    )
    select said.inbound_id as "inboundId"
      from said join added using (inbound_id)
     where not said.is_automatic and said.nth = 1 and said.delivery_id not in (select delivery_id from known)`.execute(tx)
  return rows.map(({ inboundId }) => inboundId)
}

export interface ReplyCounts {
  /** So many of its mails were answered by a person. */
  readonly people: number
  /** Answers of machines: somebody is away. */
  readonly automatic: number
}

/** Index: campaign_reply_of_campaign. */
export async function countReplies(db: Db | Tx, workspaceId: WorkspaceId, id: CampaignId): Promise<ReplyCounts> {
  const { rows } = await sql<ReplyCounts>`
    select count(distinct delivery_id) filter (where not is_automatic)::int as people, count(*) filter (where is_automatic)::int as automatic
      from campaign_reply where workspace_id = ${workspaceId} and campaign_id = ${id}`.execute(db)
  return rows[0] ?? { people: 0, automatic: 0 }
}

/** A mail of a campaign that a conversation answers. */
export interface AnsweredCampaign {
  readonly campaignId: CampaignId
  readonly name: string
  readonly subject: string
  readonly deliveryId: DeliveryId
  readonly at: Date
}

/** The mails that these arrivals answer, each with its first answer. Index: campaign_reply's key. */
export async function campaignsAnsweredBy(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  inboundIds: readonly InboundMailId[],
): Promise<AnsweredCampaign[]> {
  const { rows } = await sql<AnsweredCampaign>`
    select r.campaign_id as "campaignId", c.name, c.content ->> 'subject' as subject, r.delivery_id as "deliveryId", min(r.at) as at
      from campaign_reply as r
      join campaign as c on c.workspace_id = r.workspace_id and c.id = r.campaign_id
     where r.workspace_id = ${workspaceId} and r.inbound_id = any (${plainArray(inboundIds)}::uuid[])
     group by 1, 2, 3, 4
     order by min(r.at) limit 20`.execute(db)
  return rows
}
