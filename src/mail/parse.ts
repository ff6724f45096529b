import { type CalendarEvent, calendarLines } from './calendar.ts'
import { decodeGuessing } from './charset.ts'
import { decodeWords } from './encoded-word.ts'
import { htmlWords } from './html-words.ts'
import { parseReceivedIds } from './message-id.ts'
import { contentsOf, type Place } from './mime/body.ts'
import { takeOutImages } from './mime/data-images.ts'
import { parseDate } from './mime/date.ts'
import { type Entity, type EntityLimits, endOfHead, readEntity, TooMuch } from './mime/entity.ts'
import { toFile } from './mime/file.ts'
import { signedContent } from './mime/signed-content.ts'
import { decodeTransfer } from './mime/transfer-decode.ts'
import { eventsIn, openTnef, type Sealed, sealedBy } from './mime/unwrap.ts'
import { cleanText, plainText } from './raw-head.ts'
import { type Correspondent, type HeadLimits, type ReceivedHead, type ReceivedHeader, readReceivedHead } from './received-head.ts'

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
  /** It is encrypted, by what; nobody here can read more of it than stands here. */
  readonly sealed: Sealed | null
  /** What the invitations in it say, whose files are among the attachments. */
  readonly events: readonly CalendarEvent[]
}

export interface ReceivedFile {
  /** The name it was given, fit to be shown and offered for a download; null when it has none. */
  readonly filename: string | null
  /** What to call it: its name, or one made of what it is. */
  readonly name: string
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
  const mail = withLineEnds(bytes)
  const head = readReceivedHead(mail, limits)
  if (!head.ok) return unreadable(head.reason)
  try {
    // The headers of all parts together may have four times those of the mail itself.
    const { parts, depth, headerBytes } = limits
    const entityLimits = { parts, depth, headerBytes: headerBytes * 4 }
    const root = readEntity(mail, head.head.bodyAt, entityLimits)
    return { kind: 'parsed', mail: withSomethingToSee(toMail(head.head, root, entityLimits), mail.subarray(head.head.bodyAt)) }
  } catch (error) {
    if (error instanceof TooMuch) return unreadable(error.message)
    return unreadable(`it cannot be read (${cleanText(String(error)).slice(0, 200)})`)
  }
}

function unreadable(reason: string): ParseResult {
  return { kind: 'unreadable', reason }
}

/** A mail whose lines end in CR alone, as those of old Macintoshes did, would be one line. */
function withLineEnds(bytes: Buffer): Buffer {
  if (bytes.includes(10) || !bytes.includes(13)) return bytes
  return Buffer.from(bytes.toString('latin1').replaceAll('\r', '\n'), 'latin1')
}

function toMail(head: ReceivedHead, root: Entity, limits: EntityLimits): ParsedMail {
  const [from = null] = head.people('from')
  const [sender = null] = head.people('sender')
  const contents = readContents(root, limits)
  return {
    subject: plainText(decodeWords(head.first('subject'))),
    from,
    sender,
    replyTo: head.people('reply-to'),
    to: head.people('to'),
    cc: head.people('cc'),
    bcc: head.people('bcc'),
    date: parseDate(head.first('date')),
    messageId: parseReceivedIds(head.first('message-id'))[0] ?? null,
    inReplyTo: parseReceivedIds(head.first('in-reply-to')),
    references: parseReceivedIds(head.first('references')),
    headers: head.headers,
    ...contents,
    sealed: sealedBy(root, contents.text ?? contents.html),
    events: eventsIn(contents.attachments),
  }
}

type ReadContents = Pick<ParsedMail, 'text' | 'html' | 'attachments'>

/** Words and files of a mail, those within the wrappings of Outlook and S/MIME among them. */
function readContents(root: Entity, limits: EntityLimits): ReadContents {
  const { places, files } = contentsOf(root)
  const inner = files.find(({ entity }) => /^application\/(?:x-)?pkcs7-mime$/.test(entity.type.value))?.entity
  const signed = inner && signedContent(decodeTransfer(inner.body, inner.encoding))
  // Only once: what is signed within what is signed stays a file.
  const within = signed ? contentsOf(readEntity(signed, endOfHead(signed, 0, signed.length), limits)) : { places: [], files: [] }
  const attachments = [...files, ...within.files].map((file, index) => toFile(file, index + 1))
  const words = [...places, ...within.places]
  return withoutImages(withTnef({ text: textOf(words), html: htmlOf(words), attachments }))
}

function withTnef(contents: ReadContents): ReadContents {
  const index = contents.attachments.findIndex((file) => /tnef/.test(file.contentType) || /^winmail\.dat$/i.test(file.name))
  const opened = index === -1 ? null : openTnef(contents.attachments[index] as ReceivedFile)
  if (opened === null) return contents
  const isMute = !contents.text?.trim() && !contents.html?.trim()
  return {
    text: isMute && opened.tnef.text !== null ? withoutNul(opened.tnef.text.replace(/\r\n?/g, '\n')) : contents.text,
    html: isMute && opened.tnef.html !== null ? withoutNul(opened.tnef.html) : contents.html,
    attachments: [...contents.attachments.slice(0, index), ...opened.files, ...contents.attachments.slice(index + 1)],
  }
}

function withoutImages(contents: ReadContents): ReadContents {
  if (contents.html === null) return contents
  const { html, files } = takeOutImages(contents.html, contents.attachments.length)
  return files.length === 0 ? contents : { ...contents, html, attachments: [...contents.attachments, ...files] }
}

/** Null where the mail has no plain text at all; where some of its places have none, the words of their HTML stand there. */
function textOf(places: readonly Place[]): string | null {
  if (places.every(({ text }) => text.length === 0)) return null
  return withoutNul(places.map(({ text, html }) => (text.length > 0 ? text.join('\n') : htmlWords(html.join('\n')))).join('\n'))
}

function htmlOf(places: readonly Place[]): string | null {
  if (places.every(({ html }) => html.length === 0)) return null
  return withoutNul(places.map(({ text, html }) => (html.length > 0 ? html.join('\n') : asHtml(text.join('\n')))).join('\n'))
}

function asHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<div style="white-space:pre-wrap">${escaped}</div>`
}

/** An invitation alone is shown by what it says. A mail so broken that no part of it was found is shown as it came, rather than as an empty one. */
function withSomethingToSee(mail: ParsedMail, body: Buffer): ParsedMail {
  if (mail.text?.trim() || mail.html?.trim()) return mail
  if (mail.events.length > 0) return { ...mail, text: mail.events.map((event) => calendarLines(event).join('\n')).join('\n\n') }
  if (mail.attachments.length > 0) return mail
  const text = withoutNul(decodeGuessing(body.subarray(0, RAW_TEXT_MAX))).trim()
  return text === '' ? mail : { ...mail, text }
}
const RAW_TEXT_MAX = 256 * 1024

/** PostgreSQL cannot store it and no reader needs it. */
function withoutNul(text: string): string {
  if (!text.includes('\0')) return text
  // By hand: replacing keeps a list of all places first, which for millions of NULs is more memory than a process has.
  const bytes = Buffer.allocUnsafeSlow(text.length * 2)
  bytes.write(text, 'utf16le')
  const units = new Uint16Array(bytes.buffer)
  for (let at = 0; at < units.length; at += 1) if (units[at] === 0) units[at] = 0xfffd
  return bytes.toString('utf16le')
}
