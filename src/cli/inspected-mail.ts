import { automaticOf, mayAnswer } from '../mail/automatic.ts'
import { readInbound } from '../mail/bounce/read-inbound.ts'
import type { ParsedMail } from '../mail/parse.ts'
import type { Correspondent } from '../mail/received-head.ts'
import { replyKeysOf } from '../mail/reply-keys.ts'
import { splitQuoted } from '../mail/visible-text.ts'

/** All that Waybill sees in a mail, as `waybill inspect` says it: names in snake_case, nothing left out that is not a file's content. */
export function inspectedMail(mail: ParsedMail): Record<string, unknown> {
  const { text, quoted } = splitQuoted(mail)
  const automatic = automaticOf(mail, null)
  const { tokens, references, subjectTags } = replyKeysOf(mail, [])
  return {
    ...delivered(mail),
    sender: mail.from && person(mail.from),
    reply_to: mail.replyTo.map(person),
    to: mail.to.map(person),
    cc: mail.cc.map(person),
    date: mail.date?.toISOString() ?? null,
    message_id: mail.messageId,
    visible_text: text,
    quoted_text: quoted,
    attachments: mail.attachments.map(({ name, contentType, size, disposition }) => ({
      name,
      type: contentType,
      size,
      disposition,
    })),
    events: mail.events.map(({ method, summary, start, end, zone }) => ({ method, summary, start, end, zone })),
    automatic,
    may_be_answered: mayAnswer(automatic, mail),
    sealed: mail.sealed,
    keys: { tokens, references, subject_tags: subjectTags },
  }
}

/** What it says of other mail. */
function delivered(mail: ParsedMail): Record<string, unknown> {
  const { kind, recipients, original, envelopeId, reportingMta, feedbackType } = readInbound(mail)
  return {
    kind,
    recipients: recipients.map(({ address, action, status, class: found, hard, diagnostic, remoteMta, finalRecipient }) => ({
      address,
      action,
      status,
      class: found,
      hard,
      diagnostic,
      remote_mta: remoteMta,
      final_recipient: finalRecipient,
    })),
    subject: mail.subject,
    original_message_id: original?.messageId ?? null,
    envelope_id: envelopeId,
    reporting_mta: reportingMta,
    feedback_type: feedbackType,
  }
}

function person({ name, address }: Correspondent): { name: string; address: string } {
  return { name, address }
}
