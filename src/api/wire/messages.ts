import type { MessageStory, MessageSummary } from '../../delivery/reading/story.ts'
import type { TrackingStory } from '../../tracking/read.ts'
import type * as endpoints from '../endpoints/messages.ts'
import { type CampaignNames, type NameActor, toDelivery, toEvent } from './deliveries.ts'

export function toMessageSummary(message: MessageSummary): endpoints.MessageSummary {
  return { ...toFacts(message), first_recipient: message.firstRecipient }
}

export function toMessage(
  story: MessageStory,
  tracking: TrackingStory | null,
  nameActor: NameActor,
  names: CampaignNames,
): endpoints.Message {
  return {
    ...toFacts(story),
    tracking: tracking && {
      opens: tracking.opens,
      clicks: tracking.clicks,
      opened: tracking.seen.open,
      clicked: tracking.seen.click,
    },
    campaign: (story.mailingId && names.get(story.mailingId)) || null,
    deliveries: story.deliveries.map((delivery) => toDelivery(delivery, nameActor, names)),
    events: story.events.map((event) => toEvent(event, nameActor)),
  }
}

/** Who did what in a story: their names are looked up together. */
export function actorsIn(story: MessageStory): Array<string | null> {
  return [...story.events, ...story.deliveries.flatMap(({ events }) => events)].map(({ actor }) => actor)
}

function toFacts(message: MessageSummary): Omit<endpoints.MessageSummary, 'first_recipient'> {
  const { id, stream, subject, metadata, origin } = message
  return {
    id,
    created_at: message.createdAt,
    stream,
    from: message.sender,
    envelope_sender: message.envelopeSender,
    to: [...message.to],
    cc: [...message.cc],
    bcc: [...message.bcc],
    subject,
    tags: [...message.tags],
    metadata: { ...metadata },
    message_id_header: message.rfcMessageId,
    size_bytes: message.sizeBytes,
    scheduled_at: message.scheduledAt,
    expires_at: message.expiresAt,
    resend_of: message.resendOf,
    origin: { ...origin },
    counts: { ...message.counts },
  }
}
