import { SIGNED_ID_CHARACTERS } from '../lib/signed-id.ts'
import type { ParsedMail } from './parse.ts'

/**
 * By what a mail can be matched to what it answers. Everything here was written by a stranger: keys are only collected, and whether a token is
 * ours, and whether this sender may use it, is asked by whoever matches.
 */
export interface ReplyKeys {
  /** What looks like one of our signed tokens, in lower case, the likeliest first: where it was sent, ids it answers, its body. */
  readonly tokens: readonly string[]
  /** Ids of what it answers, with angle brackets: In-Reply-To, then References from the last, which is nearest, to the first. */
  readonly references: readonly string[]
  /** `[queue-123]` in the subject. */
  readonly subjectTags: readonly SubjectTag[]
}

export interface SubjectTag {
  /** In lower case. */
  readonly queue: string
  readonly number: number
}

const TOKENS_MAX = 20
const TAGS_MAX = 10
/** So much of a body is looked through. A marker stands below our own words, which an answer quotes soon after its own. */
const BODY_MAX = 512 * 1024

/** The keys of a mail that was sent to these recipients, as far as the envelope is known. */
export function replyKeysOf(mail: ParsedMail, envelopeRecipients: readonly string[]): ReplyKeys {
  const references = [...new Set([...mail.inReplyTo, ...mail.references.toReversed()])]
  const tokens = new Set<string>()
  for (const address of [...envelopeRecipients, ...addressesOf(mail)]) addTokens(tokens, localPart(address))
  for (const id of references) if (/^<[nr]\./i.test(id)) addTokens(tokens, localPart(id.slice(1)))
  addMarkers(tokens, mail.text)
  addMarkers(tokens, mail.html)
  return { tokens: [...tokens].slice(0, TOKENS_MAX), references, subjectTags: tagsIn(mail.subject) }
}

/** Where servers write down whom a mail was for before it was forwarded, put into a list, or sorted into a catch-all. */
const DELIVERY_HEADERS = new Set([
  'delivered-to',
  'x-delivered-to',
  'x-original-to',
  'x-original-recipient',
  'original-recipient',
  'envelope-to',
  'x-envelope-to',
  'x-forwarded-to',
  'apparently-to',
])

function addressesOf(mail: ParsedMail): string[] {
  const people = [...mail.to, ...mail.cc, ...mail.bcc].map(({ address }) => address)
  const delivered = mail.headers.flatMap(({ name, value }) => (DELIVERY_HEADERS.has(name.toLowerCase()) ? [value] : []))
  return [...people, ...delivered.map((value) => value.slice(0, 1_000))]
}

/** `<rfc822;r+token@host>`: some of these headers name the kind of address first (RFC 3464 §2.3.1). */
function localPart(address: string): string {
  const at = address.lastIndexOf('@')
  return (at === -1 ? '' : address.slice(0, at)).replace(/^.*[<;]/, '').trim()
}

const TOKEN = new RegExp(`^[a-z2-7]{${SIGNED_ID_CHARACTERS}}$`)

/** The pieces of a local part: `r+token`, `support+token`, `r.token`. */
function addTokens(tokens: Set<string>, local: string): void {
  if (local.length < SIGNED_ID_CHARACTERS || local.length > 500) return
  for (const piece of local.toLowerCase().split(/[+.=-]/)) if (TOKEN.test(piece)) tokens.add(piece)
}

/** Quoting may have broken the line at its one blank, and put `>` or mark-up there. */
const MARKER = new RegExp(
  `\\[ref:(?:[\\s>|\\u00a0]|&nbsp;|<[^<>]{0,200}>){0,20}([a-z2-7]{${SIGNED_ID_CHARACTERS}})(?![a-z0-9])`,
  'gi',
)

function addMarkers(tokens: Set<string>, body: string | null): void {
  if (body === null) return
  for (const match of body.slice(0, BODY_MAX).matchAll(MARKER)) {
    tokens.add((match[1] ?? '').toLowerCase())
    if (tokens.size >= TOKENS_MAX) return
  }
}

/** The name of a queue may hold hyphens itself: the number is what follows the last. */
function tagsIn(subject: string): SubjectTag[] {
  const tags: SubjectTag[] = []
  for (const [, queue = '', digits] of subject
    .slice(0, 2_000)
    .matchAll(/\[\s?([\p{L}\p{N}][\p{L}\p{N}_.-]{0,62})-(\d{1,15})\s?\]/gu)) {
    tags.push({ queue: queue.toLowerCase(), number: Number(digits) })
    if (tags.length === TAGS_MAX) break
  }
  return tags
}
