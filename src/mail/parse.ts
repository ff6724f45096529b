import PostalMime, { type Email, type Attachment as ParsedPart } from 'postal-mime'
import { decodeGuessing, decodeWords } from './encoded-word.ts'
import { parseMessageId, parseMessageIds } from './message-id.ts'
import { joinPlainPartsQuickly } from './plain-part.ts'
import { cleanText } from './raw-head.ts'
import { type Correspondent, type HeadLimits, type ReceivedHead, type ReceivedHeader, readReceivedHead } from './received-head.ts'
import { safeFilename } from './safe-filename.ts'

/** A mail that came from anywhere, as people see it. Plain data. */
export interface ParsedMail {
  readonly subject: string
  readonly from: Correspondent | null
  readonly sender: Correspondent | null
  readonly replyTo: readonly Correspondent[]
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly bcc: readonly Correspondent[]
  readonly date: Date | null
  readonly messageId: string | null
  readonly inReplyTo: readonly string[]
  readonly references: readonly string[]
  /** All headers in their order, decoded. */
  readonly headers: readonly ReceivedHeader[]
  readonly text: string | null
  /** As it was written: never to be shown before html.ts has cleaned it. */
  readonly html: string | null
  readonly attachments: readonly ReceivedFile[]
}

export interface ReceivedFile {
  /** Fit to be shown and offered as the name of a download; null when it has none. */
  readonly filename: string | null
  readonly contentType: string
  readonly size: number
  /** Without angle brackets. */
  readonly contentId: string | null
  readonly disposition: 'attachment' | 'inline'
  readonly bytes: Uint8Array
}

/** Every mail ends in one of two: it was read, or it was not; `reason` then completes "it cannot be shown because …". Never an exception. */
export type ParseResult =
  | { readonly kind: 'parsed'; readonly mail: ParsedMail }
  | { readonly kind: 'unreadable'; readonly reason: string }

export interface ParseLimits extends HeadLimits {
  readonly bytes: number
  readonly parts: number
  readonly depth: number
}

export const PARSE_LIMITS: ParseLimits = {
  bytes: 50 * 1024 * 1024,
  headerBytes: 256 * 1024,
  headers: 1_000,
  addresses: 1_000,
  parts: 1_000,
  depth: 50,
}

/** Reads a mail. What is cheap to count is counted before anything is built, since the counts are what an attacker makes large. */
export async function parseMail(bytes: Buffer, limits: ParseLimits = PARSE_LIMITS): Promise<ParseResult> {
  if (bytes.length > limits.bytes) return unreadable(`it is larger than ${limits.bytes / 1_048_576} MB`)
  const head = readReceivedHead(bytes, limits)
  if (!head.ok) return unreadable(head.reason)
  if (countParts(bytes, limits.parts) > limits.parts) return unreadable(`it has more than ${limits.parts} parts`)
  joinPlainPartsQuickly()
  try {
    // The headers of all parts together may have four times those of the mail itself. A mail within the mail is a file: one can open it,
    // and its words are not taken for the sender's.
    const options = { maxNestingDepth: limits.depth, maxHeadersSize: limits.headerBytes * 4, forceRfc822Attachments: true }
    const email = await PostalMime.parse(bytes, options)
    if (email.attachments.length > limits.parts) return unreadable(`it has more than ${limits.parts} parts`)
    return { kind: 'parsed', mail: withSomethingToSee(toMail(head.head, email), bytes.subarray(head.head.bodyAt)) }
  } catch (error) {
    return unreadable(
      error instanceof Error && /nesting depth/.test(error.message)
        ? `its parts are nested more than ${limits.depth} deep`
        : `it cannot be read (${cleanText(String(error)).slice(0, 200)})`,
    )
  }
}

function unreadable(reason: string): ParseResult {
  return { kind: 'unreadable', reason }
}

/** Lines that begin like a delimiter of any boundary the mail declares; counting stops beyond `max`. */
function countParts(bytes: Buffer, max: number): number {
  const boundaries = new Set<string>()
  const text = bytes.toString('latin1')
  for (const match of text.matchAll(/boundary\s{0,10}=\s{0,10}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/gi)) {
    boundaries.add(match[1] ?? match[2] ?? '')
    if (boundaries.size > max) return boundaries.size
  }
  if (boundaries.size === 0) return 0
  let parts = 0
  for (let at = text.indexOf('\n--'); at !== -1 && parts <= max; at = text.indexOf('\n--', at + 3)) {
    const end = text.indexOf('\n', at + 3)
    const line = text.slice(at + 3, Math.min(end === -1 ? text.length : end, at + 300)).trimEnd()
    if (boundaries.has(line)) parts += 1
  }
  return parts
}

function toMail(head: ReceivedHead, email: Email): ParsedMail {
  const [from = null] = head.people('from')
  const [sender = null] = head.people('sender')
  return {
    subject: cleanText(decodeWords(head.first('subject'))),
    from,
    sender,
    replyTo: head.people('reply-to'),
    to: head.people('to'),
    cc: head.people('cc'),
    bcc: head.people('bcc'),
    date: toDate(head.first('date')),
    messageId: parseMessageId(head.first('message-id')),
    inReplyTo: parseMessageIds(head.first('in-reply-to')),
    references: parseMessageIds(head.first('references')),
    headers: head.headers,
    text: email.text === undefined ? null : withoutNul(email.text),
    html: email.html === undefined ? null : withoutNul(email.html),
    attachments: email.attachments.map(toFile),
  }
}

/** A mail so broken that no part of it was found is shown as it came, rather than as an empty one. */
function withSomethingToSee(mail: ParsedMail, body: Buffer): ParsedMail {
  if (mail.text?.trim() || mail.html?.trim() || mail.attachments.length > 0) return mail
  const text = withoutNul(decodeGuessing(body.subarray(0, RAW_TEXT_MAX))).trim()
  return text === '' ? mail : { ...mail, text }
}
const RAW_TEXT_MAX = 256 * 1024

/** Comments such as "(CEST)" out; null for what is no date, or none that a mail can have. */
function toDate(value: string): Date | null {
  const date = new Date(value.replace(/\([^()]{0,100}\)/g, ' ').trim())
  const year = date.getUTCFullYear()
  return year >= 1970 && year <= 2999 ? date : null
}

function toFile(part: ParsedPart): ReceivedFile {
  const content = part.content
  const bytes =
    typeof content === 'string' ? Buffer.from(content) : content instanceof Uint8Array ? content : new Uint8Array(content)
  const type = part.mimeType.toLowerCase()
  return {
    filename: part.filename === null ? null : safeFilename(part.filename),
    contentType: /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(type) ? type : 'application/octet-stream',
    size: bytes.byteLength,
    contentId: part.contentId
      ? cleanText(part.contentId)
          .replace(/^\s*<?|>?\s*$/g, '')
          .slice(0, 500) || null
      : null,
    disposition:
      part.disposition === 'inline' || (part.related === true && part.disposition !== 'attachment') ? 'inline' : 'attachment',
    bytes,
  }
}

/** PostgreSQL cannot store it and no reader needs it. */
function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
}
