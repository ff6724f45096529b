import type { ParsedMail } from '../parse.ts'
import { addressOf } from './addresses.ts'
import { type InboundReading, RECIPIENTS_MAX, type ReportedRecipient } from './inbound.ts'
import { originalOf } from './original.ts'
import { field, fieldGroups } from './report-fields.ts'

/**
 * A complaint that came as mail: a feedback report (RFC 5965), or Hotmail's, which is the mail complained about with a subject of its own.
 * The recipient is often redacted; who complained is then found by what the returned mail carries. Null when it is none.
 */
export function readComplaint(mail: ParsedMail): InboundReading | null {
  const part = mail.attachments.find(({ contentType }) => contentType === 'message/feedback-report')
  const original = originalOf(mail, '')
  const hotmail = original?.headers.some(({ name }) => name.toLowerCase() === 'x-hmxmroriginalrecipient') === true
  if (!part && !(hotmail && /^complaint about message/i.test(mail.subject))) return null
  const groups = part ? fieldGroups(Buffer.from(part.bytes.subarray(0, 256 * 1024)).toString('utf8')) : []
  const named = groups.flatMap((group) => [...(group.get('original-rcpt-to') ?? []), ...(group.get('removal-recipient') ?? [])])
  const recipients = addresses(named)
  const of = (name: string) => groups.map((group) => field(group, name)).find((value) => value !== null) ?? null
  const found = recipients.length > 0 ? recipients : addresses(original?.to ?? []).slice(0, 1)
  return {
    kind: 'complaint',
    recipients: found.length > 0 ? found.map(complained) : redacted(named, groups.length > 0),
    envelopeId: of('original-envelope-id'),
    reportingMta: of('reporting-mta')?.replace(/^dns; ?/i, '') ?? null,
    feedbackType: of('feedback-type')?.toLowerCase().slice(0, 40) ?? 'abuse',
    original,
  }
}

function addresses(values: readonly string[]): string[] {
  const found = values.slice(0, RECIPIENTS_MAX).map(addressOf)
  return [...new Set(found.filter((address): address is string => address !== null))]
}

/** A report speaks of one recipient even where it hides him. */
function redacted(named: readonly string[], isReport: boolean): ReportedRecipient[] {
  return isReport ? [complained(named[0]?.slice(0, 384) ?? '')] : []
}

export function complained(address: string): ReportedRecipient {
  return {
    address,
    action: 'complained',
    status: null,
    class: null,
    hard: false,
    failure: null,
    diagnostic: null,
    remoteMta: null,
    finalRecipient: null,
    originalRecipient: null,
  }
}
