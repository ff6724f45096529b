/** A server's reply (RFC 5321 §4.2), its lines joined with '\n'. `enhanced` is RFC 3463's `class.subject.detail` when given. */
export interface SmtpReply {
  readonly code: number
  readonly enhanced: string | null
  readonly text: string
}

/** RFC 5321 §4.5.3.1.5 allows 512 octets a line; real servers write longer ones, a hostile one writes for ever. */
const MAX_LINE = 4_096
const MAX_LINES = 128
const MAX_REPLY = 64 * 1024
/** What is kept of a reply's text: enough for any sentence and any link a server gives. */
const MAX_TEXT = 4_096

const [ZERO, TWO, FIVE, NINE, SPACE, HYPHEN, DOT, CR] = [48, 50, 53, 57, 32, 45, 46, 13]

/**
 * Cuts a stream of bytes (one character a byte) into replies. `feed` what came, then call `next` until it is false: after a true one
 * `code` and `text` hold the reply. What is not a reply sets `garbage`, a sentence, for good. Memory is bounded by the limits above plus
 * one chunk. This runs for every message sent: no expression, no closure, no object is made here.
 */
export class ReplyReader {
  code = 0
  /** The lines without their codes, joined with '\n', as the server wrote them. */
  text = ''
  garbage: string | null = null

  #buffer = ''
  #at = 0
  #lines = 0
  #joined = ''

  /** Bytes that are not yet part of a reply that `next` returned. */
  get pending(): boolean {
    return this.#at < this.#buffer.length || this.#lines > 0
  }

  feed(bytes: string): void {
    this.#buffer = this.#at >= this.#buffer.length ? bytes : this.#buffer.slice(this.#at) + bytes
    this.#at = 0
  }

  next(): boolean {
    while (this.garbage === null) {
      const start = this.#at
      const end = this.#buffer.indexOf('\n', start)
      if (end === -1 ? this.#buffer.length - start > MAX_LINE : end - start > MAX_LINE) {
        return this.#refuse(`a line of more than ${MAX_LINE} bytes`)
      }
      if (end === -1) return false
      this.#at = end + 1
      // A bare LF is taken as a line's end: some old servers send it, and nothing can be smuggled into what we only read.
      const stop = end > start && this.#buffer.charCodeAt(end - 1) === CR ? end - 1 : end
      if (this.#take(start, stop)) return true
    }
    return false
  }

  /** One line, without its end. True when it was the last of a reply. */
  #take(start: number, stop: number): boolean {
    const code = this.#codeAt(start)
    const separator = stop - start > 3 ? this.#buffer.charCodeAt(start + 3) : SPACE
    if (stop - start < 3 || code === 0 || (separator !== SPACE && separator !== HYPHEN)) {
      return this.#refuse('a line that is not an SMTP reply')
    }
    if (this.#lines > 0 && code !== this.code) return this.#refuse('a reply whose lines have different codes')
    const text = this.#buffer.slice(start + 4, stop)
    this.code = code
    if (separator === SPACE) {
      this.text = this.#lines === 0 ? text : `${this.#joined}\n${text}`
      this.#lines = 0
      this.#joined = ''
      return true
    }
    this.#joined = this.#lines === 0 ? text : `${this.#joined}\n${text}`
    this.#lines += 1
    if (this.#lines >= MAX_LINES) return this.#refuse(`a reply of more than ${MAX_LINES} lines`)
    if (this.#joined.length > MAX_REPLY) return this.#refuse(`a reply of more than ${MAX_REPLY} bytes`)
    return false
  }

  /** The three digits, or 0. RFC 5321 §4.2 knows first digits 2 to 5 only. */
  #codeAt(start: number): number {
    const a = this.#buffer.charCodeAt(start)
    const b = this.#buffer.charCodeAt(start + 1)
    const c = this.#buffer.charCodeAt(start + 2)
    if (!(a >= TWO && a <= FIVE && b >= ZERO && b <= NINE && c >= ZERO && c <= NINE)) return 0
    return (a - ZERO) * 100 + (b - ZERO) * 10 + (c - ZERO)
  }

  #refuse(what: string): false {
    this.garbage = `the server sent ${what}`
    this.#buffer = ''
    this.#at = 0
    return false
  }
}

/** A reply as we keep it: enhanced code taken out of every line, text made safe to store and to show. */
export function toReply(code: number, text: string): SmtpReply {
  const length = enhancedLength(text, 0)
  const enhanced = length === 0 ? null : text.slice(0, length)
  const rest = length === 0 ? text : text.slice(text.charCodeAt(length) === SPACE ? length + 1 : length)
  return { code, enhanced, text: readable(enhanced !== null && rest.includes('\n') ? withoutRepeats(rest, enhanced) : rest) }
}

/** Length of an enhanced status code (RFC 2034 §4) that stands at `at` and is followed by a space or the line's end; otherwise 0. */
function enhancedLength(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if ((first !== TWO && first !== 52 && first !== FIVE) || text.charCodeAt(at + 1) !== DOT) return 0
  const subject = digitsAt(text, at + 2)
  if (subject === 0 || text.charCodeAt(at + 2 + subject) !== DOT) return 0
  const detail = digitsAt(text, at + 3 + subject)
  if (detail === 0) return 0
  const end = at + 3 + subject + detail
  const after = text.charCodeAt(end)
  return end === text.length || after === SPACE || after === 10 ? end - at : 0
}

function digitsAt(text: string, at: number): number {
  let count = 0
  while (count < 4 && text.charCodeAt(at + count) >= ZERO && text.charCodeAt(at + count) <= NINE) count += 1
  return count <= 3 ? count : 0
}

function withoutRepeats(text: string, enhanced: string): string {
  return text.replaceAll(`\n${enhanced} `, '\n')
}

/** Replies are written by strangers: UTF-8 where it is UTF-8, control characters out (NUL cannot even be stored), bounded. */
function readable(text: string): string {
  if (isPlain(text)) return text
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
  return decoded(cut).replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/g, ' ')
}

function isPlain(text: string): boolean {
  if (text.length > MAX_TEXT) return false
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if ((unit < SPACE && unit !== 10) || unit > 126) return false
  }
  return true
}

function decoded(bytes: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return bytes
  }
}
