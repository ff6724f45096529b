import { Refusal } from '../errors.ts'
import { formatAddress, type Mailbox, quoteName } from './address.ts'
import { isAscii } from './characters.ts'
import { encodeWords } from './encoded-word.ts'

/** The one place where text becomes a header: nothing reaches a message's head but through `headerLine` and its kin. */

/** RFC 5322 §2.1.1: lines should have at most 78 characters and must not have more than 998. */
const LINE_SHOULD = 78
const WORD_MUST = 900
const NAME_MAX = 76
const NAME = /^[\x21-\x39\x3b-\x7e]+$/

/** Stops at a header name that could not be written or would be read as something else. */
export function assertHeaderName(name: string): void {
  if (name.length > NAME_MAX || !NAME.test(name)) {
    throw new Refusal('invalid_request', {
      why: `${JSON.stringify(name.slice(0, 100))} is not a header name: it takes up to ${NAME_MAX} printable ASCII characters without space or colon.`,
    })
  }
}

/**
 * One header as lines that end in CRLF, folded; text outside ASCII becomes encoded words. A value with CR, LF or NUL is refused rather
 * than repaired: it is an attack or a mistake, never a wish.
 */
export function headerLine(name: string, value: string): string {
  assertHeaderName(name)
  assertNoLineBreak(name, value)
  const line = `${name}: ${value}`
  if (line.length <= LINE_SHOULD && isPlain(value)) return `${line}\r\n`
  return fold(name, unstructured(value, LINE_SHOULD - name.length - 2))
}

/** A header that lists mailboxes. A local part outside ASCII is written as it is, in UTF-8 (RFC 6532); `content` is one character a byte. */
export function mailboxHeader(name: string, mailboxes: readonly Mailbox[]): string {
  assertHeaderName(name)
  const tokens: string[] = []
  for (const [index, mailbox] of mailboxes.entries()) {
    assertNoLineBreak(name, mailbox.name)
    const comma = index < mailboxes.length - 1 ? ',' : ''
    const address = utf8AsLatin1(formatAddress(mailbox.address))
    if (mailbox.name === '') tokens.push(address + comma)
    else tokens.push(...displayName(mailbox.name), `<${address}>${comma}`)
  }
  return fold(name, tokens)
}

/** `; name=value` for a structured header, on a line of its own. What is not plain ASCII, or long, is written as RFC 2231 says. */
export function headerParameter(name: string, value: string): string {
  assertHeaderName(name)
  assertNoLineBreak(name, value)
  if (/^[\x20-\x7e]*$/.test(value) && value.length + name.length <= 68) {
    return /^[A-Za-z0-9!#$&+.^_`|~-]+$/.test(value)
      ? `;\r\n ${name}=${value}`
      : `;\r\n ${name}="${value.replace(/["\\]/g, '\\$&')}"`
  }
  const encoded = percentEncoded(value)
  const room = LINE_SHOULD - name.length - 12
  if (encoded.length <= room - 7) return `;\r\n ${name}*=utf-8''${encoded}`
  // Continuations: `*0*`, `*1*`, …; the charset stands in the first only (RFC 2231 §4.1).
  const pieces = encoded.match(new RegExp(`.{1,${room - 9}}(?<!%.?)`, 'g')) ?? []
  return pieces.map((piece, index) => `;\r\n ${name}*${index}*=${index === 0 ? "utf-8''" : ''}${piece}`).join('')
}

function assertNoLineBreak(name: string, value: string): void {
  if (/[\r\n\0]/.test(value)) throw new Refusal('control_character', { field: name })
}

function isPlain(value: string): boolean {
  return /^(?! )[\x20-\x7e]*(?<! )$/.test(value) && !value.includes('=?')
}

/** Words between single spaces. From the first that must be encoded to the last, all are: the spaces between encoded words are not read. */
function unstructured(value: string, room: number): string[] {
  const words = value.split(' ')
  let first = words.findIndex(mustEncode)
  if (first === -1) return words
  let last = words.findLastIndex(mustEncode)
  // A space alone cannot be a word: it goes with its neighbour.
  if (words[first] === '') first = Math.max(0, first - 1)
  if (words[last] === '') last = Math.min(words.length - 1, last + 1)
  const before = words.slice(0, first)
  const left = before.length === 0 ? room : room - before.join(' ').length - 1
  return [...before, ...encodeWords(words.slice(first, last + 1).join(' '), left), ...words.slice(last + 1)]
}

/** An empty word is a space beside a space or at an end, where readers drop it. */
function mustEncode(word: string): boolean {
  return word === '' || word.length > WORD_MUST || !/^[\x21-\x7e]+$/.test(word) || word.includes('=?')
}

function displayName(name: string): string[] {
  return isAscii(name) && !/[\x00-\x1f\x7f]/.test(name) && !name.includes('=?') && name.length <= 70
    ? [quoteName(name)]
    : encodeWords(name, LINE_SHOULD)
}

/** Joins words by spaces, breaking the line before a word that would pass 78 characters. */
function fold(name: string, words: readonly string[]): string {
  let out = `${name}:`
  let column = out.length
  for (const word of words) {
    if (column + 1 + word.length > LINE_SHOULD && column > name.length + 1) {
      out += '\r\n'
      column = 0
    }
    out += ` ${word}`
    column += 1 + word.length
  }
  return `${out}\r\n`
}

const encoder = new TextEncoder()

/** The UTF-8 bytes of a text, one character a byte. */
export function utf8AsLatin1(text: string): string {
  return isAscii(text) ? text : String.fromCharCode(...encoder.encode(text))
}

function percentEncoded(text: string): string {
  let out = ''
  for (const byte of encoder.encode(text)) {
    const character = String.fromCharCode(byte)
    out += /[A-Za-z0-9!#$&+.^_`|~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}
