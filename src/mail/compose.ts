import { Refusal } from '../errors.ts'
import { isInternationalized, type Mailbox } from './address.ts'
import { type Attachment, attachmentPart } from './attachment.ts'
import { assertCustomHeader } from './custom-header.ts'
import { headerLine, mailboxHeader } from './header.ts'
import { quotedText } from './quoted-text.ts'
import { encodeText } from './transfer-encoding.ts'

/** A message as its writer thinks of it. Recipients in Bcc are not part of it: they belong to the envelope alone. */
export interface OutgoingMessage {
  readonly from: Mailbox
  readonly to: readonly Mailbox[]
  readonly cc?: readonly Mailbox[]
  readonly replyTo?: readonly Mailbox[]
  readonly subject: string
  readonly text?: string | null
  readonly html?: string | null
  /** The HTML is to be quoted-printable whatever is in it: something in it is exchanged, letter for letter, as the mail leaves. */
  readonly quotedHtml?: boolean
  /** Additional headers by name, in their order. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly attachments?: readonly Attachment[]
  readonly date: Date
  /** With its angle brackets (message-id.ts). The boundaries are derived from it, so composing twice gives the same bytes. */
  readonly messageId: string
}

/** A message as it goes over the wire: CRLF line ends, one character a byte. */
export interface ComposedMessage {
  readonly content: string
  readonly sizeBytes: number
  /** True when a body part holds bytes above 127: the hop must offer 8BITMIME. */
  readonly eightBit: boolean
  /** True when a header holds UTF-8 (RFC 6532): the hop must offer SMTPUTF8. */
  readonly internationalized: boolean
}

export interface ComposeLimits {
  readonly maxBytes: number
}

/**
 * Writes a message (RFC 5322, MIME). Always in 7-bit encodings, so that every server takes it as it is and a signature survives.
 * Refuses what cannot be written truthfully: reserved or malformed headers, control characters, too much of everything.
 */
export function compose(
  message: OutgoingMessage,
  limits: ComposeLimits = { maxBytes: Number.POSITIVE_INFINITY },
): ComposedMessage {
  refuseTooLarge(message, limits)
  const content = `${writeHead(message)}${writeBody(message, message.quotedHtml ? withQuotedHtml(textPart) : textPart)}`
  if (content.length > limits.maxBytes) throw new Refusal('message_too_large', { limit: limits.maxBytes })
  const addresses = [message.from, ...message.to, ...(message.cc ?? []), ...(message.replyTo ?? [])]
  return {
    content,
    sizeBytes: content.length,
    eightBit: false,
    internationalized: addresses.some((mailbox) => isInternationalized(mailbox.address)),
  }
}

/** Before anything is encoded: base64 needs 78 characters for 57 bytes. */
export function refuseTooLarge(
  message: Pick<OutgoingMessage, 'text' | 'html' | 'attachments'>,
  { maxBytes }: ComposeLimits,
): void {
  let bytes = (message.text?.length ?? 0) + (message.html?.length ?? 0)
  for (const attachment of message.attachments ?? []) bytes += (attachment.content.length * 78) / 57
  if (bytes > maxBytes) throw new Refusal('message_too_large', { limit: maxBytes })
}

/** The header of the message itself, without those of its body. */
export function writeHead(message: Omit<OutgoingMessage, 'text' | 'html' | 'attachments'>): string {
  const { from, to, cc = [], replyTo = [], headers = [] } = message
  let lines = `Date: ${formatDate(message.date)}\r\n${mailboxHeader('From', [from])}`
  if (replyTo.length > 0) lines += mailboxHeader('Reply-To', replyTo)
  if (to.length > 0) lines += mailboxHeader('To', to)
  if (cc.length > 0) lines += mailboxHeader('Cc', cc)
  // Some servers refuse a message that names no recipient at all.
  if (to.length + cc.length === 0) lines += 'To: undisclosed-recipients:;\r\n'
  lines += headerLine('Subject', message.subject)
  lines += headerLine('Message-ID', message.messageId)
  for (const [name, value] of headers) {
    assertCustomHeader(name, value)
    lines += headerLine(name, value)
  }
  return `${lines}MIME-Version: 1.0\r\n`
}

/** RFC 5322 §3.3, in UTC. */
export function formatDate(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000')
}

/** A leaf, or parts around a boundary. `fields` are its MIME headers, each with its CRLF. */
export type Part =
  | { readonly fields: string; readonly content: string }
  | { readonly subtype: 'alternative' | 'related' | 'mixed'; readonly boundary: string; readonly parts: readonly Part[] }

/** text + html → alternative; html + its pictures → related; all that + attachments → mixed. A level with one member is left out. */
function bodyOf(message: Omit<OutgoingMessage, 'subject' | 'date' | 'from' | 'to'>, textPart: WriteText): Part {
  const mark = boundaryOf(message.messageId)
  const { text, html, attachments = [] } = message
  const inline = attachments.filter((attachment) => html && attachment.contentId && attachment.disposition !== 'attachment')
  const files = attachments.filter((attachment) => !inline.includes(attachment))
  const bodies: Part[] = []
  if (text || (!html && files.length === 0)) bodies.push(textPart('plain', text ?? '', mark))
  if (html)
    bodies.push(
      group('related', `${mark}_r`, [textPart('html', html, mark), ...inline.map((one) => attachmentPart(one, 'inline'))]),
    )
  const parts = files.map((one) => attachmentPart(one, one.disposition ?? 'attachment'))
  const body = bodies.length > 0 ? [group('alternative', `${mark}_a`, bodies)] : []
  return parts.length === 0
    ? group('mixed', `${mark}_m`, body)
    : { subtype: 'mixed', boundary: `${mark}_m`, parts: [...body, ...parts] }
}

/** "=_" occurs in no base64 and no quoted-printable; a plain part that contains the boundary is encoded. At most 70 characters. */
function boundaryOf(messageId: string): string {
  return `=_${messageId.replace(/[^A-Za-z0-9]/g, '').slice(0, 48)}`
}

function group(subtype: 'alternative' | 'related' | 'mixed', boundary: string, parts: readonly Part[]): Part {
  const [only] = parts
  return parts.length === 1 && only ? only : { subtype, boundary, parts }
}

/** How a text becomes a part. */
export type WriteText = (subtype: 'plain' | 'html', text: string, boundary: string) => Part

/** The MIME headers and the body, ending in CRLF. */
export function writeBody(message: Omit<OutgoingMessage, 'subject' | 'date' | 'from' | 'to'>, text: WriteText): string {
  const body = serialise(bodyOf(message, text))
  return body.endsWith('\r\n') ? body : `${body}\r\n`
}

export function textPart(subtype: 'plain' | 'html', text: string, boundary: string): Part {
  const { encoding, content } = encodeText(text, boundary)
  const charset = encoding === '7bit' ? 'us-ascii' : 'utf-8'
  return { fields: `Content-Type: text/${subtype}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n`, content }
}

/** The same, but that HTML is always quoted-printable. */
export function withQuotedHtml(otherwise: WriteText): WriteText {
  return (subtype, text, boundary) =>
    subtype === 'html' ? quotedPart(subtype, quotedText(text)) : otherwise(subtype, text, boundary)
}

export function quotedPart(subtype: 'plain' | 'html', content: string): Part {
  const fields = `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n`
  return { fields, content }
}

function serialise(part: Part): string {
  if ('fields' in part) return `${part.fields}\r\n${part.content}`
  let out = `Content-Type: multipart/${part.subtype};\r\n boundary="${part.boundary}"\r\n`
  for (const inner of part.parts) out += `\r\n--${part.boundary}\r\n${serialise(inner)}`
  return `${out}\r\n--${part.boundary}--`
}
