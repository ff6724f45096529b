import { classifyReport, isHard } from '../failure-report.ts'
import type { ParsedMail, ReceivedFile } from '../parse.ts'
import { stageInWords } from '../reply-in-words.ts'
import { keyOf } from './addresses.ts'
import { readAutomatic } from './automatic.ts'
import { readComplaint } from './complaint.ts'
import { type DeliveryStatus, readDeliveryStatus, type StatusOfRecipient } from './delivery-status.ts'
import { type InboundReading, type OriginalMail, PLAIN_MESSAGE, type ReportedRecipient } from './inbound.ts'
import { header, isDelay, isNotice, isReport, type Notice, noticeOf } from './notice.ts'
import { failedRecipients, type NoticedRecipient, recipientsIn, wordsOn } from './notice-recipients.ts'
import { originalOf } from './original.ts'
import { readSnsNotice } from './sns-notice.ts'

/**
 * What a mail that came in is. What machines wrote for machines is asked first (RFC 5965, RFC 3464), then words; a mail that nothing
 * recognises is a message. Total: no mail makes it throw, and its work is bounded whatever the mail holds.
 */
export function readInbound(mail: ParsedMail): InboundReading {
  const notice = noticeOf(mail)
  return (
    readComplaint(mail) ??
    readStatus(mail, notice) ??
    readRejection(mail, notice) ??
    readSnsNotice(mail.text ?? '') ??
    readNotice(mail, notice) ??
    readAutomatic(mail) ??
    PLAIN_MESSAGE
  )
}

const STATUS_MAX = 4 * 1024 * 1024

/** A delivery status notification; also one whose fields stand in the words, or in a report that somebody passed on whole. */
function readStatus(mail: ParsedMail, notice: Notice): InboundReading | null {
  const status = statusIn(mail, notice)
  if (!status || status.recipients.length === 0) return null
  const wordsOf = wordsOn(
    status.recipients.map((recipient) => recipient.finalRecipient ?? recipient.address),
    notice.words,
  )
  const recipients = status.recipients.map((recipient) =>
    understood(recipient, wordsOf(recipient.finalRecipient ?? recipient.address)),
  )
  const { envelopeId, reportingMta } = status
  return { ...outcomeOf(recipients), envelopeId, reportingMta, original: originalOf(mail, notice.below) }
}

function statusIn(mail: ParsedMail, notice: Notice): DeliveryStatus | null {
  const part = mail.attachments.find(isStatus)
  if (part) return readDeliveryStatus(textOf(part))
  if (!isNotice(mail, notice)) return null
  if (FINAL_RECIPIENT.test(mail.text ?? '')) return readDeliveryStatus(mail.text ?? '')
  const within = mail.attachments.find(({ contentType }) => contentType === 'message/rfc822')
  if (!within || recipientsIn(notice.words, ownAddresses(mail)).length > 0) return null
  const text = textOf(within)
  return FINAL_RECIPIENT.test(text) && /^content-type: ?message\/delivery-status/im.test(text) ? readDeliveryStatus(text) : null
}

const FINAL_RECIPIENT = /^final-recipient:/im

function textOf(part: ReceivedFile): string {
  return Buffer.from(part.bytes.subarray(0, STATUS_MAX)).toString('utf8')
}

/** Whom the notice was sent to, and by whom: seldom the recipient it speaks of. */
function ownAddresses(mail: ParsedMail): Set<string> {
  return new Set([...mail.to, ...(mail.from ? [mail.from] : [])].map(({ address }) => keyOf(address)))
}

function isStatus({ contentType }: ReceivedFile): boolean {
  return contentType === 'message/delivery-status' || contentType === 'message/global-delivery-status'
}

/**
 * RFC 5429 §2.1.2: a recipient whose filter refuses a mail that was delivered says so in a disposition notification (RFC 8098), which tells
 * of nothing but a deletion; the words tell of a refusal.
 */
function readRejection(mail: ParsedMail, notice: Notice): InboundReading | null {
  const part = mail.attachments.find(({ contentType }) => contentType === 'message/disposition-notification')
  if (!part || !/reject|refus/i.test(notice.words) || !/^disposition:.{0,200};\s*deleted/im.test(textOf(part))) return null
  const { recipients } = readDeliveryStatus(textOf(part))
  if (recipients.length === 0) return null
  return {
    ...outcomeOf(recipients.map((recipient) => understood({ ...recipient, action: 'failed' }, notice.words))),
    original: originalOf(mail, notice.below),
  }
}

/** A recipient failed: a bounce. None failed and one waits: a delay. What only reports success was written by a machine and asks for nothing. */
function outcomeOf(recipients: readonly ReportedRecipient[]): InboundReading {
  const has = (action: ReportedRecipient['action']) => recipients.some((recipient) => recipient.action === action)
  return { ...PLAIN_MESSAGE, kind: has('failed') ? 'bounce' : has('delayed') ? 'delay' : 'automatic', recipients }
}

/** The words of the part for people are asked where those for machines say nothing, and for the stage, which only they tell. */
function understood(recipient: StatusOfRecipient, words: string): ReportedRecipient {
  const { action, status, diagnostic, remoteMta } = recipient
  if (action !== 'failed' && action !== 'delayed')
    return { ...recipient, status: codeOf(status), class: null, hard: false, failure: null }
  const stage = stageInWords(diagnostic ?? '') ?? stageInWords(words)
  const told = { action, status, remoteMta, stage, recipient: recipient.finalRecipient ?? recipient.address }
  const first = classifyReport({ ...told, diagnostic })
  const failure = isVague(first.class) ? better(first, classifyReport({ ...told, diagnostic: words })) : first
  return {
    ...recipient,
    status: failure.reply?.enhanced ?? codeOf(status),
    class: failure.class,
    hard: isHard(failure),
    failure,
    diagnostic: diagnostic ?? failure.reply?.text ?? null,
  }
}

type Failure = ReturnType<typeof classifyReport>

function isVague(found: Failure['class']): boolean {
  return (
    found === 'unknown_temporary' ||
    found === 'unknown_permanent' ||
    found === 'expired' ||
    found === 'remote_temporary' ||
    found === 'protocol_error'
  )
}

function better(first: Failure, second: Failure): Failure {
  return isVague(second.class) && first.class !== 'unknown_temporary' && first.class !== 'unknown_permanent' ? first : second
}

function codeOf(status: string | null): string | null {
  return /^\s*([245]\.\d{1,3}\.\d{1,3})/.exec(status ?? '')?.[1] ?? null
}

/** A notice in words only. One that names nobody speaks of whom the mail below it was written to. */
function readNotice(mail: ParsedMail, notice: Notice): InboundReading | null {
  if (!isReport(mail) && !isNotice(mail, notice)) return null
  const original = originalOf(mail, notice.below)
  const action = isDelay(mail, notice) ? 'delayed' : 'failed'
  const found = noticed(mail, notice, original)
  if (found.length === 0) return null
  const recipients = found.map(({ address, words }): ReportedRecipient => {
    const failure = classifyReport({ action, diagnostic: words, stage: stageInWords(words), recipient: address })
    return {
      address,
      action,
      status: failure.reply?.enhanced ?? null,
      class: failure.class,
      hard: isHard(failure),
      failure,
      diagnostic: failure.reply?.text ?? null,
      remoteMta: null,
      finalRecipient: null,
      originalRecipient: null,
    }
  })
  return { ...outcomeOf(recipients), original }
}

function noticed(mail: ParsedMail, notice: Notice, original: OriginalMail | null): NoticedRecipient[] {
  const listed = failedRecipients(header(mail, 'x-failed-recipients') ?? '')
  if (listed.length > 0) {
    const wordsOf = wordsOn(listed, notice.words)
    return listed.map((address) => ({ address, words: wordsOf(address) }))
  }
  const named = recipientsIn(notice.words, ownAddresses(mail))
  if (named.length > 0) return named
  return (original?.to ?? []).slice(0, 1).map((address) => ({ address, words: notice.words }))
}
