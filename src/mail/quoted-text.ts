const LF = 10
const CR = 13
const SPACE = 32
const EQUALS = 61
const CAPITAL_F = 70
/** Room for characters in a line of 76, the last of which is the `=` of a soft break. */
const ROOM = 75

/** What to do with a character of ASCII: copy it; look at its neighbours first (white space, line ends, the F of "From "); escape it. */
const COPY = 0
const LOOK = 1
const ESCAPE = 2
const KIND = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 9 || code === SPACE || code === CR || code === LF || code === CAPITAL_F) return LOOK
  return code < SPACE || code > 126 || code === EQUALS ? ESCAPE : COPY
})
const HEX = Uint8Array.from('0123456789ABCDEF', (digit) => digit.charCodeAt(0))

/** Work space for ordinary texts, made at first use and kept; larger ones get their own. Nothing in it outlives a call. */
const KEPT_MAX = 64 * 1024
let kept: Buffer | null = null

function workSpace(length: number): Buffer {
  if (length > KEPT_MAX) return Buffer.allocUnsafe(spaceFor(length))
  kept ??= Buffer.allocUnsafeSlow(spaceFor(KEPT_MAX))
  return kept
}

/** A UTF-16 unit becomes three bytes at most, each of them three characters, with a soft break of three after at least 64. */
function spaceFor(length: number): number {
  return length * 9 + Math.ceil((length * 9) / 64) * 3 + 16
}

/**
 * A text in quoted-printable (RFC 2045 §6.7): its UTF-8, any line end as CRLF, lines of at most 76 characters. From character to byte in
 * one pass, since this is the composer's innermost loop.
 */
export function quotedText(text: string): string {
  const out = workSpace(text.length)
  return out.toString('latin1', 0, quote(text, out))
}

function quote(text: string, out: Buffer): number {
  const kinds = KIND
  const length = text.length
  let at = 0
  let room = ROOM
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i)
    let kind = code < 128 ? kinds[code]! : ESCAPE
    if (kind === LOOK) {
      if (code === LF || code === CR) {
        if (code === CR && text.charCodeAt(i + 1) === LF) i += 1
        out[at] = CR
        out[at + 1] = LF
        at += 2
        room = ROOM
        continue
      }
      // Most of what is looked at is a space with a letter after it.
      kind = code === SPACE && text.charCodeAt(i + 1) > SPACE ? COPY : mustEscape(text, i, code, room)
    }
    if (kind === COPY) {
      if (room === 0) {
        at = softBreak(out, at)
        room = ROOM
      }
      out[at] = code
      at += 1
      room -= 1
      continue
    }
    const point = code >= 0xd800 && code <= 0xdfff ? wholeCharacter(text, i) : code
    if (point > 0xffff) i += 1
    const width = point < 0x80 ? 3 : point < 0x800 ? 6 : point < 0x10000 ? 9 : 12
    if (room < width) {
      at = softBreak(out, at)
      room = ROOM
    }
    at = escapeCharacter(out, at, point)
    room -= width
  }
  return at
}

/** White space at a line's end would be lost on the way (rule 3); "From " at its beginning, or after a soft break, would get a > from old stores. */
function mustEscape(text: string, i: number, code: number, room: number): number {
  if (code === CAPITAL_F) return (room === ROOM || room === 0) && text.startsWith('From ', i) ? ESCAPE : COPY
  const next = text.charCodeAt(i + 1)
  return next === LF || next === CR || i + 1 === text.length ? ESCAPE : COPY
}

/** Half a character cannot be written in UTF-8: it becomes U+FFFD, as every encoder has it. */
function wholeCharacter(text: string, i: number): number {
  const point = text.codePointAt(i) ?? 0
  return point > 0xffff ? point : 0xfffd
}

function softBreak(out: Buffer, at: number): number {
  out[at] = EQUALS
  out[at + 1] = CR
  out[at + 2] = LF
  return at + 3
}

function escapeCharacter(out: Buffer, at: number, point: number): number {
  if (point < 0x80) return escapeByte(out, at, point)
  if (point < 0x800) return escapeByte(out, escapeByte(out, at, 0xc0 | (point >> 6)), 0x80 | (point & 63))
  const next =
    point < 0x10000
      ? escapeByte(out, at, 0xe0 | (point >> 12))
      : escapeByte(out, escapeByte(out, at, 0xf0 | (point >> 18)), 0x80 | ((point >> 12) & 63))
  return escapeByte(out, escapeByte(out, next, 0x80 | ((point >> 6) & 63)), 0x80 | (point & 63))
}

function escapeByte(out: Buffer, at: number, byte: number): number {
  out[at] = EQUALS
  out[at + 1] = HEX[byte >> 4]!
  out[at + 2] = HEX[byte & 15]!
  return at + 3
}
