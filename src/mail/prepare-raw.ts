import { Refusal } from '../errors.ts'
import { type AddressList, type Mailbox, parseAddressList } from './address.ts'
import { type ComposedMessage, formatDate } from './compose.ts'
import { decodeWords } from './encoded-word.ts'
import { headerLine, mailboxHeader } from './header.ts'
import { parseMessageId } from './message-id.ts'
import { cleanText, type Field, readHead } from './raw-head.ts'

/** A finished mail as it will be sent, and what its own headers say. */
export interface PreparedMessage extends ComposedMessage {
  readonly from: Mailbox
  readonly to: AddressList
  readonly cc: AddressList
  /** Read before it was taken out. */
  readonly bcc: AddressList
  readonly subject: string
  /** With its angle brackets. */
  readonly messageId: string
}

export interface RawDefaults {
  /** Used where the mail has no Date or Message-ID of its own. */
  readonly date: Date
  readonly messageId: string | ((author: Mailbox) => string)
}

export interface RawLimits {
  readonly maxBytes: number
}

/** A head as it will be sent, and what it says. */
export interface PreparedHead {
  readonly from: Mailbox
  readonly to: AddressList
  readonly cc: AddressList
  /** Read before it was taken out. */
  readonly bcc: AddressList
  readonly subject: string
  /** With its angle brackets. */
  readonly messageId: string
  /** With the empty line that ends it; one character a byte. */
  readonly text: string
  readonly internationalized: boolean
}

export interface HeadChanges {
  /** Whole lines, with their ends, that go on top. */
  readonly first: readonly string[]
  drops(field: Field): boolean
}

const LINE_MAX = 998

/**
 * Makes a mail that somebody else wrote fit to be sent: CRLF line ends, a Date and a Message-ID, no Bcc and no Return-Path. Headers in
 * raw UTF-8 become encoded words where that says the same, so that servers without SMTPUTF8 take them. Signed mail is not touched beyond that
 * which must not be sent. Refuses what no server could carry, naming the line.
 */
export function prepareRaw(bytes: Buffer, defaults: RawDefaults, limits: RawLimits): PreparedMessage {
  if (bytes.length > limits.maxBytes) throw new Refusal('message_too_large', { limit: limits.maxBytes })
  const text = normalised(bytes)
  const { fields, body, bodyLine } = readHead(text)
  refuseLongLine(body, bodyLine)

  const head = prepareHead(fields, defaults)
  const content = `${head.text}${body}${body === '' || body.endsWith('\r\n') ? '' : '\r\n'}`
  if (content.length > limits.maxBytes) throw new Refusal('message_too_large', { limit: limits.maxBytes })
  const { text: _, ...said } = head
  return { ...said, content, sizeBytes: content.length, eightBit: /[\x80-\xff]/.test(body) }
}

const NO_CHANGES: HeadChanges = { first: [], drops: () => false }

/** The head alone, of a mail whose body comes later or is somewhere else. */
export function prepareHead(fields: readonly Field[], defaults: RawDefaults, changes: HeadChanges = NO_CHANGES): PreparedHead {
  const kept = fields.filter((field) => !/^(?:bcc|resent-bcc|return-path)$/.test(field.key) && !changes.drops(field))
  const signed = kept.some((field) => /^(?:dkim-signature|arc-seal)$/.test(field.key))
  const lines = kept.map((field) => (signed ? field.raw : inAscii(field)))
  const { from, to, cc, bcc } = people(fields)
  const made = typeof defaults.messageId === 'string' ? defaults.messageId : defaults.messageId(from)
  const messageId = parseMessageId(textOf(fields, 'message-id')) ?? made
  if (!fields.some((field) => field.key === 'message-id' && parseMessageId(field.value)))
    lines.unshift(headerLine('Message-ID', messageId))
  if (!fields.some((field) => field.key === 'date')) lines.unshift(`Date: ${formatDate(defaults.date)}\r\n`)

  const text = `${changes.first.join('')}${lines.filter((line) => !isEmptyId(line)).join('')}\r\n`
  const subject = cleanText(decodeWords(textOf(fields, 'subject')))
  return { from, to, cc, bcc, subject, messageId, text, internationalized: /[\x80-\xff]/.test(text) }
}

/** One character a byte, every line end CRLF, without the "From " line that mbox files put first. */
function normalised(bytes: Buffer): string {
  const nul = bytes.indexOf(0)
  if (nul !== -1) throw refused(`it contains a NUL byte (at byte ${nul + 1}), which no mail may contain`)
  const text = bytes.toString('latin1')
  const lines = /\r(?!\n)|(?<!\r)\n/.test(text) ? text.replace(/\r\n|\r|\n/g, '\r\n') : text
  return lines.replace(/^(?:\xef\xbb\xbf)?(?:From [^\r\n]*\r\n)?/, '')
}

function refuseLongLine(body: string, firstLine: number): void {
  let line = firstLine
  let start = 0
  while (start < body.length) {
    const found = body.indexOf('\r\n', start)
    const end = found === -1 ? body.length : found
    if (end - start > LINE_MAX) {
      throw refused(
        `line ${line} has ${end - start} bytes; a line of a mail may have ${LINE_MAX} (RFC 5322 §2.1.1). Encode that part as quoted-printable or base64`,
      )
    }
    start = end + 2
    line += 1
  }
}

function people(fields: readonly Field[]): Pick<PreparedMessage, 'from' | 'to' | 'cc' | 'bcc'> {
  const from = addressesIn(fields, 'from')
  const [author] = from.mailboxes
  if (!author) {
    const [problem] = from.problems
    throw problem
      ? new Refusal('invalid_address', { text: problem.text, why: problem.reason.replace(/\.$/, '') })
      : refused('it has no From header')
  }
  return { from: author, to: addressesIn(fields, 'to'), cc: addressesIn(fields, 'cc'), bcc: addressesIn(fields, 'bcc') }
}

/** Some programs write one header a recipient instead of one list. */
function addressesIn(fields: readonly Field[], key: string): AddressList {
  return parseAddressList(textOf(fields, key))
}

function textOf(fields: readonly Field[], key: string): string {
  return fields
    .filter((field) => field.key === key)
    .map((field) => field.value.trim())
    .join(', ')
}

const TEXT_FIELDS = /^(?:subject|comments|keywords|thread-topic)$/
const PEOPLE_FIELDS = /^(?:from|sender|to|cc|reply-to)$/

/** A header with bytes above 127 as encoded words, if its kind allows and nothing would be lost; otherwise as it is. */
function inAscii(field: Field): string {
  if (!/[\x80-\xff]/.test(field.raw)) return field.raw
  if (TEXT_FIELDS.test(field.key)) return headerLine(field.name, cleanText(decodeWords(field.value.trim())))
  if (!PEOPLE_FIELDS.test(field.key)) return field.raw
  const list = parseAddressList(field.value.trim())
  return list.problems.length > 0 || list.mailboxes.length === 0 ? field.raw : mailboxHeader(field.name, list.mailboxes)
}

/** A Message-ID header without an id in it is replaced by ours. */
function isEmptyId(line: string): boolean {
  return /^message-id:/i.test(line) && parseMessageId(line.replace(/\r\n/g, '')) === null
}

function refused(why: string): Refusal {
  return new Refusal('invalid_request', { why: `The mail cannot be sent: ${why}.` })
}
