/** Events of Amazon SES (event publishing, and the older notifications that name themselves otherwise) as news. */
import { z } from 'zod'
import { type DeliveryId, isId } from '../../lib/ids.ts'
import { classifyReport } from '../../mail/failure-report.ts'
import { cleanText } from '../../mail/raw-head.ts'
import { SES_DELIVERY_TAG } from '../providers/ses/limits.ts'
import type { DeliveryRef, News, NewsKind } from './news.ts'

const MAX_RECIPIENTS = 50
const words = z.string().max(8_192)
const when = z.iso.datetime({ offset: true }).nullish()
const Recipient = z.object({ emailAddress: words, status: words.nullish(), diagnosticCode: words.nullish() })
const recipients = z.array(Recipient).max(MAX_RECIPIENTS)

const Event = z.object({
  eventType: words.nullish(),
  notificationType: words.nullish(),
  mail: z.object({
    messageId: words,
    destination: z.array(words).max(MAX_RECIPIENTS).nullish(),
    tags: z.record(words, z.array(words)).nullish(),
  }),
  delivery: z
    .object({ timestamp: when, recipients: z.array(words).max(MAX_RECIPIENTS).nullish(), smtpResponse: words.nullish() })
    .nullish(),
  bounce: z
    .object({
      bounceType: words,
      bounceSubType: words.nullish(),
      bouncedRecipients: recipients,
      timestamp: when,
      feedbackId: words.nullish(),
    })
    .nullish(),
  complaint: z
    .object({
      complainedRecipients: recipients,
      timestamp: when,
      feedbackId: words.nullish(),
      complaintFeedbackType: words.nullish(),
      complaintSubType: words.nullish(),
    })
    .nullish(),
  deliveryDelay: z.object({ delayType: words.nullish(), delayedRecipients: recipients, timestamp: when }).nullish(),
  reject: z.object({ reason: words.nullish() }).nullish(),
  failure: z.object({ errorMessage: words.nullish() }).nullish(),
})
type Event = z.output<typeof Event>

const TELLER = 'Amazon SES'

/** Null when it is not an event of SES; an empty list when it tells nothing that concerns a delivery (opens, clicks, that it was taken). */
export function newsFromSes(json: unknown): readonly News[] | null {
  const parsed = Event.safeParse(json)
  if (!parsed.success) return null
  const event = parsed.data
  const told = toldBy(event)
  if (told === null) return null
  const { messageId } = event.mail
  return told.map(({ key, ...one }) => ({
    ...one,
    refs: refsOf(event),
    key: `${messageId} ${key} ${one.names[0]?.toLowerCase() ?? ''}`,
  }))
}

type Told = Omit<News, 'refs'>

function toldBy(event: Event): Told[] | null {
  switch (event.eventType ?? event.notificationType) {
    case 'Delivery':
      return event.delivery ? delivered(event, event.delivery) : null
    case 'Bounce':
      return event.bounce ? bounced(event.bounce) : null
    case 'Complaint':
      return event.complaint ? complained(event.complaint) : null
    case 'DeliveryDelay':
      return event.deliveryDelay ? delayed(event.deliveryDelay) : null
    case 'Reject':
      return everybody(
        event,
        'reject',
        'AttachmentRejected',
        `Amazon SES refused the message: ${event.reject?.reason ?? 'no reason was given'}`,
      )
    case 'Rendering Failure':
    case 'RenderingFailure':
      return everybody(
        event,
        'rendering',
        null,
        `Amazon SES could not put the message together: ${event.failure?.errorMessage ?? ''}`,
      )
    case undefined:
    case null:
      return null
    default:
      return []
  }
}

function delivered({ mail }: Event, { recipients, smtpResponse, timestamp }: NonNullable<Event['delivery']>): Told[] {
  return (recipients ?? mail.destination ?? []).map((recipient) => ({
    ...about('delivered', recipient, timestamp),
    diagnostic: smtpResponse ?? null,
    key: 'delivered',
  }))
}

function bounced({ bounceType, bounceSubType, bouncedRecipients, timestamp, feedbackId }: NonNullable<Event['bounce']>): Told[] {
  return bouncedRecipients.map(({ emailAddress, status, diagnosticCode }) => {
    return {
      ...about('bounced', emailAddress, timestamp),
      failure: classifyReport({
        action: 'failed',
        status: status ?? null,
        diagnostic: diagnosticCode ? cleanText(diagnosticCode) : null,
        recipient: bare(emailAddress),
        word: bounceSubType ?? null,
        remoteMta: diagnosticCode ? null : TELLER,
      }),
      status: status ?? null,
      diagnostic: diagnosticCode ?? `${bounceType}/${bounceSubType ?? 'General'}`,
      key: `bounced ${feedbackId ?? timestamp ?? ''}`,
    }
  })
}

/** A complaint whose address SES had on its list already was never sent: nobody complained about this mail. */
function complained({
  complainedRecipients,
  timestamp,
  feedbackId,
  complaintFeedbackType,
  complaintSubType,
}: NonNullable<Event['complaint']>): Told[] {
  if (complaintSubType === 'OnAccountSuppressionList')
    return bounced({
      bounceType: 'Permanent',
      bounceSubType: complaintSubType,
      bouncedRecipients: complainedRecipients,
      timestamp,
      feedbackId,
    })
  return complainedRecipients.map(({ emailAddress }) => ({
    ...about('complained', emailAddress, timestamp),
    diagnostic: complaintFeedbackType ?? null,
    key: `complained ${feedbackId ?? timestamp ?? ''}`,
  }))
}

function delayed({ delayType, delayedRecipients, timestamp }: NonNullable<Event['deliveryDelay']>): Told[] {
  return delayedRecipients.map(({ emailAddress, status, diagnosticCode }) => ({
    ...about('delayed', emailAddress, timestamp),
    status: status ?? null,
    diagnostic: diagnosticCode ?? delayType ?? null,
    key: `delayed ${timestamp ?? ''}`,
  }))
}

/** What befell the message as a whole. */
function everybody({ mail }: Event, key: string, word: string | null, diagnostic: string): Told[] {
  return (mail.destination ?? []).map((recipient) => ({
    ...about('bounced', recipient, null),
    failure: classifyReport({ action: 'failed', diagnostic: cleanText(diagnostic), word, remoteMta: TELLER }),
    diagnostic,
    key,
  }))
}

function about(kind: NewsKind, recipient: string, timestamp: string | null | undefined) {
  const happenedAt = timestamp ? new Date(timestamp) : null
  return { kind, names: [bare(recipient)], failure: null, status: null, diagnostic: null, happenedAt } as const
}

/** `Bob <bob@example.org>` is what SES sometimes gives for an address. */
function bare(address: string): string {
  return /<([^<>\s]+)>\s*$/.exec(address)?.[1] ?? address.trim()
}

/** The tag that our adapter gives each mail comes back with every event. */
function refsOf({ mail }: Event): DeliveryRef[] {
  const [tagged = ''] = mail.tags?.[SES_DELIVERY_TAG] ?? []
  return [
    { by: 'provider', providerId: mail.messageId },
    ...(isId(tagged) ? [{ by: 'delivery', deliveryId: tagged as DeliveryId } as const] : []),
  ]
}
