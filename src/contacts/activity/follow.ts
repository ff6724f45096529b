import { recipientsOfDeliveries } from '../../delivery/announcing/mail-of-events.ts'
import { eventsOfTypes, type Follower, type PositionedEvent } from '../../events/follow.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { ActivityKind } from './activity.ts'
import { insertActivity, type NewActivity } from './queries.ts'

const KIND_OF = {
  'delivery.sent': 'sent',
  'delivery.delivered': 'delivered',
  'delivery.bounced': 'bounced',
  'delivery.complained': 'complained',
  'message.opened': 'opened',
  'message.clicked': 'clicked',
  'contact.unsubscribed': 'unsubscribed',
  'campaign.replied': 'replied',
  'conversation.started': 'wrote',
  'conversation.message_received': 'wrote',
} as const satisfies Readonly<Record<string, ActivityKind>>
type Told = keyof typeof KIND_OF
const TYPES = Object.keys(KIND_OF) as Told[]

/** What the log says of mail and conversations, beside the people it is about. What programs opened or followed is no act of a person. */
export const activityFollower: Follower = {
  name: 'contacts.activity',
  async apply(tx, from, to) {
    const events = (await eventsOfTypes(tx, from, to, TYPES)).filter(isOfAPerson)
    const mails = await recipientsOfDeliveries(
      tx,
      events.flatMap(({ workspaceId, deliveryId }) => (deliveryId === null ? [] : [{ workspaceId, id: deliveryId }])),
    )
    const rows = events.flatMap((event): NewActivity[] => {
      const kind = KIND_OF[event.type as Told]
      const told = { workspaceId: event.workspaceId as WorkspaceId, kind, at: event.at }
      if (kind === 'wrote') {
        const { contact_id: contactId } = event.data
        if (typeof contactId !== 'string' || event.subjectId === null) return []
        return [{ ...told, contactId: contactId as ContactId, address: '', subjectId: event.subjectId, campaignId: null }]
      }
      const mail = event.deliveryId === null ? undefined : mails.get(event.deliveryId)
      // A test is for somebody's own eyes: what they do with it says nothing of them as a reader.
      if (!mail || event.deliveryId === null || mail.origin.kind === 'campaign_test') return []
      const campaignId = typeof mail.origin.campaign_id === 'string' ? mail.origin.campaign_id : null
      return [{ ...told, contactId: null, address: mail.recipient.toLowerCase(), subjectId: event.deliveryId, campaignId }]
    })
    if (rows.length > 0) await insertActivity(tx, rows)
  },
}

function isOfAPerson({ type, data }: PositionedEvent): boolean {
  return (type !== 'message.opened' && type !== 'message.clicked') || data.who === 'human'
}
