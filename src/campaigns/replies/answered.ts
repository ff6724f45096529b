/** Which mails of campaigns a mail answers, where it goes, and what is written down of it. */
import type { Tx } from '../../db/database.ts'
import { findMailedAs } from '../../delivery/feedback/sent-as.ts'
import { append } from '../../events/append.ts'
import type { ConversationId, DeliveryId, InboundMailId, InboxId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import { messageIdOf } from '../../mail/message-id.ts'
import type { CampaignId } from '../campaign.ts'
import { insertReplies, selectReplyPlaces } from './queries.ts'

export { type AnsweredCampaign, campaignsAnsweredBy, countReplies, type ReplyCounts } from './queries.ts'

/** One mail of a campaign that somebody answers. */
export interface Answered {
  readonly workspaceId: WorkspaceId
  readonly campaignId: CampaignId
  readonly name: string
  /** Where its answers go; null: wherever they come in. */
  readonly inboxId: InboxId | null
  readonly deliveryId: DeliveryId
  readonly messageId: MessageId
  readonly recipient: string
  /** As which the mail left: by it further answers find their conversation. */
  readonly rfcId: string
}

export interface AskedAnswer {
  /** Message-IDs with angle brackets, the nearest first. */
  readonly references: readonly string[]
  readonly deliveryIds: readonly DeliveryId[]
}

/** For each mail the one of a campaign that it answers; null for all others. Two statements for all of them, and none where nothing can be one. */
export async function findAnswered(
  tx: Tx,
  workspaceId: WorkspaceId,
  asked: readonly AskedAnswer[],
): Promise<(Answered | null)[]> {
  const rfcIds = [...new Set(asked.flatMap(({ references }) => references))]
  const deliveryIds = [...new Set(asked.flatMap((one) => one.deliveryIds))]
  const mailed = (await findMailedAs(tx, workspaceId, { rfcIds, deliveryIds })).filter(({ origin }) => origin.kind === 'campaign')
  if (mailed.length === 0) return asked.map(() => null)
  const ids = [...new Set(mailed.map(({ origin }) => String(origin.campaign_id)))]
  const places = new Map((await selectReplyPlaces(tx, workspaceId, ids)).map((place) => [place.campaignId as string, place]))
  return asked.map((one) => {
    const byToken = mailed.find(({ deliveryId }) => one.deliveryIds.includes(deliveryId))
    const byId = one.references.flatMap((id) => mailed.find(({ rfcId }) => rfcId === id) ?? [])[0]
    const found = byToken ?? byId
    const place = found && places.get(String(found.origin.campaign_id))
    if (!found || !place) return null
    const { deliveryId, messageId, recipient, rfcId } = found
    return { workspaceId, ...place, deliveryId, messageId, recipient, rfcId }
  })
}

/** An answer that came in, and the conversation it is in. */
export interface Reply {
  readonly inboundId: InboundMailId
  readonly answered: Answered
  /** Null: a machine answered, and nobody is shown it. */
  readonly conversationId: ConversationId | null
  readonly isAutomatic: boolean
}

/** Written down once each. The log tells the first answer of a person to each mail: so many people answered. */
export async function recordReplies(tx: Tx, workspaceId: WorkspaceId, replies: readonly Reply[], now: Date): Promise<void> {
  if (replies.length === 0) return
  const first = new Set(await insertReplies(tx, workspaceId, replies, now))
  await append(
    tx,
    replies
      .filter(({ inboundId }) => first.has(inboundId))
      .map(({ answered: { campaignId, name, deliveryId, messageId }, conversationId }) => ({
        type: 'campaign.replied' as const,
        workspaceId,
        subjectId: campaignId,
        messageId,
        deliveryId,
        data: { name, campaign_id: campaignId, conversation_id: conversationId },
      })),
    now,
  )
}

/** The Message-ID with which a delivery leaves. */
export function ownIdOf({ deliveryId, rfcId }: Answered): string {
  return messageIdOf(deliveryId, rfcId.slice(rfcId.lastIndexOf('@') + 1, -1))
}
