import { z } from 'zod'
import { classifyReport, isHard } from '../failure-report.ts'
import { complained } from './complaint.ts'
import { type InboundReading, PLAIN_MESSAGE, RECIPIENTS_MAX, type ReportedRecipient } from './inbound.ts'

const text = z.string().max(10_000)
const bounced = z.object({
  emailAddress: text,
  action: text.optional(),
  status: text.optional(),
  diagnosticCode: text.optional(),
})
const Notification = z.object({
  notificationType: text.optional(),
  eventType: text.optional(),
  mail: z.object({ messageId: text.optional() }).optional(),
  bounce: z
    .object({
      bounceType: text.optional(),
      bounceSubType: text.optional(),
      bouncedRecipients: z.array(bounced).max(RECIPIENTS_MAX),
      reportingMTA: text.optional(),
    })
    .optional(),
  complaint: z
    .object({
      complainedRecipients: z.array(z.object({ emailAddress: text })).max(RECIPIENTS_MAX),
      complaintFeedbackType: text.nullish(),
    })
    .optional(),
  delivery: z
    .object({ recipients: z.array(text).max(RECIPIENTS_MAX), smtpResponse: text.optional(), reportingMTA: text.optional() })
    .optional(),
})

const JSON_MAX = 128 * 1024

/** Amazon SES, told to send its notifications to a mailbox, sends what a webhook would get: one line of JSON. Null when there is none. */
export function readSnsNotice(words: string): InboundReading | null {
  const start = words.search(/\{"(?:notificationType|eventType)"/)
  if (start === -1) return null
  // A mail server that cut the line at 998 characters marked the places.
  const line = words.slice(start, start + JSON_MAX).replace(/!\n /g, '')
  const end = line.indexOf('\n')
  const parsed = Notification.safeParse(fromJson(end === -1 ? line : line.slice(0, end)))
  if (!parsed.success) return null
  const { bounce, complaint, delivery } = parsed.data
  if (bounce) {
    const recipients = bounce.bouncedRecipients.map((recipient) => failed(recipient, bounce))
    return { ...PLAIN_MESSAGE, kind: 'bounce', recipients, reportingMta: mta(bounce.reportingMTA) }
  }
  if (complaint) {
    const recipients = complaint.complainedRecipients.map(({ emailAddress }) => complained(emailAddress))
    return { ...PLAIN_MESSAGE, kind: 'complaint', recipients, feedbackType: complaint.complaintFeedbackType ?? 'abuse' }
  }
  if (!delivery) return null
  const recipients = delivery.recipients.map((address) => ({
    ...complained(address),
    action: 'delivered' as const,
    diagnostic: delivery.smtpResponse ?? null,
  }))
  return { ...PLAIN_MESSAGE, kind: 'automatic', recipients, reportingMta: mta(delivery.reportingMTA) }
}

function failed(
  recipient: z.infer<typeof bounced>,
  { bounceSubType }: { readonly bounceSubType?: string | undefined },
): ReportedRecipient {
  const diagnostic = recipient.diagnosticCode?.replace(/^smtp; ?/i, '') ?? null
  const status = recipient.status ?? null
  const failure = classifyReport({
    action: recipient.action === 'delayed' ? 'delayed' : 'failed',
    status,
    diagnostic,
    recipient: recipient.emailAddress,
    word: bounceSubType ?? null,
  })
  return {
    ...complained(recipient.emailAddress),
    action: recipient.action === 'delayed' ? 'delayed' : 'failed',
    status,
    class: failure.class,
    hard: isHard(failure),
    failure,
    diagnostic,
  }
}

function mta(value: string | undefined): string | null {
  return value?.replace(/^(?:dsn|dns); ?/i, '') ?? null
}

function fromJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
