import { campaignsAnsweredBy } from '../../campaigns/replies/answered.ts'
import { findMailsOfDeliveries } from '../../delivery/reading/read.ts'
import { arrivalsIn, reachConversation } from '../../helpdesk/reading/read.ts'
import { listConversationCampaigns } from '../endpoints/campaign-replies.ts'
import { type Route, route } from '../route.ts'

export function campaignReplyRoutes(): Route[] {
  return [
    route(listConversationCampaigns, async ({ tx, params, actor }) => {
      const { id } = await reachConversation(tx, actor, params.id)
      const answered = await campaignsAnsweredBy(tx, actor.workspaceId, await arrivalsIn(tx, actor.workspaceId, id))
      const mails = await findMailsOfDeliveries(
        tx,
        actor.workspaceId,
        answered.map(({ deliveryId }) => deliveryId),
      )
      return {
        items: answered.flatMap((one) => {
          const mail = mails.get(one.deliveryId)
          if (!mail) return []
          return [
            {
              campaign_id: one.campaignId,
              name: one.name,
              subject: one.subject,
              delivery_id: one.deliveryId,
              message_id: mail.messageId,
              address: mail.recipient,
              at: one.at,
            },
          ]
        }),
      }
    }),
  ]
}
