import { findControl, findUnprintable, utf8Length } from './characters.ts'
import { readDomain } from './domain-name.ts'
import { decodeWords } from './encoded-word.ts'

/**
 * Reads mailboxes as RFC 5322 §3.4 writes them, without its obsolete forms: what is ambiguous is refused and explained, because
 * different readings of one address are how mail reaches the wrong person. Never backtracks: time grows with the length of the text.
 */
export type Item =
  | { readonly ok: true; readonly name: string; readonly local: string; readonly domain: string }
  | { readonly ok: false; readonly at: number; readonly text: string; readonly reason: string }

interface Cursor {
  readonly text: string
  at: number
}

/** Ends the reading of one entry; caught in this file only. */
class Unreadable {
  readonly at: number
  readonly reason: string
  constructor(at: number, reason: string) {
    this.at = at
    this.reason = reason
  }
}

const TEXT_MAX = 4_000
const NAME_MAX = 400
const NEEDS_AT = 'An address has an @ with a name before and a domain after it, such as ann@example.org.'

export function readAddress(text: string): Item {
  return readWhole(text, (cursor) => ({ name: '', ...addrSpec(cursor) }))
}

export function readMailbox(text: string): Item {
  return readWhole(text, mailbox)
}

type Found = { name: string; local: string; domain: string }

function readWhole(text: string, read: (cursor: Cursor) => Found): Item {
  if (text.length > TEXT_MAX)
    return { ok: false, at: 0, text: text.slice(0, 80), reason: `This is longer than any address (${TEXT_MAX} characters).` }
  return attempt({ text, at: 0 }, (cursor) => {
    const found = read(cursor)
    if (cursor.at < text.length)
      throw new Unreadable(cursor.at, `"${characterAt(cursor)}" at position ${cursor.at + 1} does not belong to the address.`)
    return found
  })
}

/** Entries of a list in their order, at most `max` of them, then one problem. Empty entries are skipped (RFC 5322 §4.4). */
export function* readList(text: string, max: number): Generator<Item> {
  const cursor: Cursor = { text, at: 0 }
  let entries = 0
  let inGroup = false
  while (cursor.at < text.length) {
    const character = text[cursor.at]
    if (character === ' ' || character === ',' || character === ';') {
      if (character === ';') inGroup = false
      cursor.at += 1
      continue
    }
    const start = cursor.at
    if (!inGroup && skipGroupName(cursor)) {
      inGroup = true
      continue
    }
    if (++entries > max) {
      yield { ok: false, at: start, text: '', reason: `The list has more than ${max} addresses.` }
      return
    }
    yield readEntry(cursor, start)
  }
}

function readEntry(cursor: Cursor, start: number): Item {
  const end = endOfEntry(cursor.text, start)
  cursor.at = end
  const item = readMailbox(cursor.text.slice(start, end))
  return item.ok ? item : { ...item, at: start + item.at, text: item.text.trim() }
}

/** Where an entry ends: at the next comma or semicolon outside quotes, comments and angle brackets. */
function endOfEntry(text: string, start: number): number {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\' && (quoted || depth > 0)) at += 1
    else if (character === '"' && depth === 0) quoted = !quoted
    else if (quoted) continue
    else if (character === '(') depth += 1
    else if (character === ')') depth = Math.max(0, depth - 1)
    else if (depth === 0 && (character === ',' || character === ';')) return at
  }
  return text.length
}

/** `Team: ann@example.org, bob@example.org;`: the name of a group is read over, its members are entries like others. */
function skipGroupName(cursor: Cursor): boolean {
  const found = /^(?:[^\x00-\x1f"(),:;<>@[\]\\]|"(?:[^"\\]|\\.){0,400}"){1,400}:/u.exec(
    cursor.text.slice(cursor.at, cursor.at + NAME_MAX + 1),
  )
  if (!found) return false
  cursor.at += found[0].length
  return true
}

function attempt(cursor: Cursor, read: (cursor: Cursor) => Found): Item {
  const bad = findControl(cursor.text)
  if (bad) return { ok: false, at: bad.at, text: cursor.text, reason: bad.sentence }
  try {
    return { ok: true, ...read(cursor) }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { ok: false, at: error.at, text: cursor.text, reason: error.reason }
  }
}

/** `name-addr / addr-spec`. Which one it is shows only at an angle bracket, so the words before it are kept until then. */
function mailbox(cursor: Cursor): Found {
  const bracket = findOutside(cursor.text, '<')
  if (bracket === -1) return { name: '', ...addrSpec(cursor) }
  const name = phrase(cursor, bracket)
  cursor.at = bracket + 1
  if (cursor.text[cursor.at] === '@')
    throw new Unreadable(cursor.at, 'A route before the address (<@host:…>) is no longer in use; write the address alone.')
  const address = addrSpec(cursor)
  if (cursor.text[cursor.at] !== '>') throw new Unreadable(cursor.at, 'The angle bracket after the address is missing.')
  cursor.at += 1
  skipComments(cursor)
  return { name, ...address }
}

function findOutside(text: string, wanted: string): number {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '\\' && (quoted || depth > 0)) at += 1
    else if (character === '"' && depth === 0) quoted = !quoted
    else if (quoted) continue
    else if (character === '(') depth += 1
    else if (character === ')') depth = Math.max(0, depth - 1)
    else if (depth === 0 && character === wanted) return at
  }
  return -1
}

/** The display name: words, quoted strings and encoded words, joined as RFC 5322 §3.2.5 and RFC 2047 §6.2 say. */
function phrase(cursor: Cursor, end: number): string {
  let name = ''
  let words = ''
  const flush = () => {
    name += decodeWords(words.replace(/ {2,}/g, ' '))
    words = ''
  }
  while (cursor.at < end) {
    const character = cursor.text[cursor.at]
    if (character === '(') comment(cursor)
    else if (character === '"') {
      flush()
      name += quotedString(cursor)
    } else if (character === undefined || ',;:@\\>)'.includes(character)) {
      throw new Unreadable(cursor.at, `Put the name before the address in quotation marks: it contains "${characterAt(cursor)}".`)
    } else {
      words += character
      cursor.at += 1
    }
  }
  flush()
  const bad = findControl(name)
  if (bad) throw new Unreadable(cursor.at, 'The name hides a control character in an encoded word.')
  if (name.length > NAME_MAX) throw new Unreadable(cursor.at, `The name is longer than ${NAME_MAX} characters.`)
  return name.trim()
}

function addrSpec(cursor: Cursor): { local: string; domain: string } {
  skipComments(cursor)
  const start = cursor.at
  if (start >= cursor.text.length) throw new Unreadable(start, start === 0 ? 'There is nothing here.' : NEEDS_AT)
  const local = cursor.text[start] === '"' ? quotedString(cursor) : dotAtom(cursor)
  const written = cursor.at - start
  skipComments(cursor)
  if (cursor.text[cursor.at] !== '@') throw new Unreadable(cursor.at, problemBeforeAt(cursor))
  cursor.at += 1
  skipComments(cursor)
  const bad = findUnprintable(local)
  if (bad) throw new Unreadable(start + Math.min(bad.at, written), `Before the @: ${bad.sentence}`)
  const domain = domainPart(cursor)
  skipComments(cursor)
  checkLengths(start, cursor.text.slice(start, start + written), domain)
  return { local, domain }
}

function problemBeforeAt(cursor: Cursor): string {
  if (cursor.at >= cursor.text.length || !cursor.text.includes('@', cursor.at)) return NEEDS_AT
  const character = characterAt(cursor)
  return character === ' '
    ? `There is a space before the @, at position ${cursor.at}.`
    : `"${character}" at position ${cursor.at + 1} cannot stand before the @ outside quotation marks.`
}

function checkLengths(at: number, local: string, domain: string): void {
  const octets = utf8Length(local)
  if (octets > 64) throw new Unreadable(at, 'The part before the @ is longer than 64 octets (RFC 5321 §4.5.3.1.1).')
  // A path has 256 octets with its angle brackets (RFC 5321 §4.5.3.1.3).
  if (octets + 1 + domain.length > 254) throw new Unreadable(at, 'The address is longer than 254 octets (RFC 5321 §4.5.3.1.3).')
}

const ATOM = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\u{10ffff}-]+/uy

function dotAtom(cursor: Cursor): string {
  ATOM.lastIndex = cursor.at
  const atom = ATOM.exec(cursor.text)?.[0] ?? ''
  if (atom === '') {
    throw new Unreadable(cursor.at, cursor.text[cursor.at] === '@' ? 'There is nothing before the @.' : problemBeforeAt(cursor))
  }
  if (atom.startsWith('.') || atom.endsWith('.') || atom.includes('..')) {
    throw new Unreadable(cursor.at, 'The part before the @ neither begins nor ends with a dot and has no two dots in a row.')
  }
  cursor.at += atom.length
  return atom
}

/** A quoted string, without its quotation marks and backslashes. */
function quotedString(cursor: Cursor): string {
  const start = cursor.at
  let content = ''
  for (cursor.at += 1; cursor.at < cursor.text.length; cursor.at += 1) {
    let character = cursor.text[cursor.at]
    if (character === '"') {
      cursor.at += 1
      return content
    }
    if (character === '\\') {
      cursor.at += 1
      character = cursor.text[cursor.at]
    }
    content += character ?? ''
  }
  throw new Unreadable(start, `The quotation mark at position ${start + 1} is never closed.`)
}

function domainPart(cursor: Cursor): string {
  const start = cursor.at
  const rest = /^[^\s(),;<>"@]*/u.exec(cursor.text.slice(start))?.[0] ?? ''
  const end = start + rest.length
  if (cursor.text[end] === '@') throw new Unreadable(end, `There is a second @ at position ${end + 1}.`)
  const answer = readDomain(rest)
  if (!answer.ok && cursor.text[end] === ' ' && /^ +[^\s(]/.test(cursor.text.slice(end))) {
    throw new Unreadable(end, `There is a space in the domain, at position ${end + 1}.`)
  }
  if (!answer.ok) throw new Unreadable(start, answer.reason)
  cursor.at += rest.length
  return answer.domain
}

/** Spaces and comments (RFC 5322 §3.2.2); folded lines have been joined before an address is read. */
function skipComments(cursor: Cursor): void {
  for (;;) {
    if (cursor.text[cursor.at] === ' ') cursor.at += 1
    else if (cursor.text[cursor.at] === '(') comment(cursor)
    else return
  }
}

function comment(cursor: Cursor): void {
  const start = cursor.at
  let depth = 0
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const character = cursor.text[cursor.at]
    if (character === '\\') cursor.at += 1
    else if (character === '(') depth += 1
    else if (character === ')' && --depth === 0) {
      cursor.at += 1
      return
    }
  }
  throw new Unreadable(start, `The parenthesis at position ${start + 1} is never closed.`)
}

function characterAt(cursor: Cursor): string {
  return String.fromCodePoint(cursor.text.codePointAt(cursor.at) ?? 0x20)
}
