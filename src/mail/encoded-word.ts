import { decodeCharset } from './charset.ts'

/**
 * Encoded words (RFC 2047), both ways. Decoding is for what others wrote and forgives much; encoding is for what we write: UTF-8, never
 * a character cut in two, each word at most 75 characters.
 */

const WORD = /=\?([A-Za-z0-9_.:*+'()-]{1,80})\?([BbQq])\?([^?\r\n]{0,10000})\?=/g
const encoder = new TextEncoder()

type Piece = { readonly text: string } | { readonly charset: string; readonly bytes: number[] }

/** Replaces encoded words by what they say. Neighbours of one charset are joined as bytes first: many senders cut inside a character. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text
  const pieces: Piece[] = []
  let last = 0
  for (const match of text.matchAll(WORD)) {
    const charset = (match[1] ?? '').split('*', 1)[0]?.toLowerCase() ?? ''
    const bytes = bytesOf(match[2] ?? '', match[3] ?? '', charset)
    if (bytes === null) continue
    const between = text.slice(last, match.index)
    const before = pieces.at(-1)
    last = match.index + match[0].length
    // White space between two encoded words is not part of the text (RFC 2047 §6.2).
    const adjacent = before !== undefined && 'bytes' in before && /^[ \t\r\n]*$/.test(between)
    if (adjacent && before.charset === charset) {
      for (const byte of bytes) before.bytes.push(byte)
      continue
    }
    if (!adjacent) pieces.push({ text: between })
    pieces.push({ charset, bytes })
  }
  pieces.push({ text: text.slice(last) })
  return pieces
    .map((piece) => ('text' in piece ? piece.text : decodeCharset(Uint8Array.from(piece.bytes), piece.charset)))
    .join('')
}

function bytesOf(encoding: string, content: string, charset: string): number[] | null {
  if (encoding === 'Q' || encoding === 'q') return bytesOfQ(content, charset)
  const clean = content.replace(/[^A-Za-z0-9+/]/g, '')
  if (clean.length % 4 === 1) return null
  const binary = atob(clean)
  return Array.from(binary, (character) => character.charCodeAt(0))
}

/** A character above 127 has no place here; where it stands, a sender wrote the raw byte of his charset. */
function bytesOfQ(content: string, charset: string): number[] {
  const rawMax = charset.startsWith('utf') ? 0x7f : 0xff
  const bytes: number[] = []
  for (let i = 0; i < content.length; i += 1) {
    const code = content.charCodeAt(i)
    const hex = code === 0x3d && /^[0-9A-Fa-f]{2}$/.test(content.slice(i + 1, i + 3))
    if (hex) {
      bytes.push(Number.parseInt(content.slice(i + 1, i + 3), 16))
      i += 2
    } else if (code === 0x5f) bytes.push(0x20)
    else if (code <= rawMax) bytes.push(code)
    else bytes.push(...encoder.encode(content[i]))
  }
  return bytes
}

const WORD_MAX = 75
const FRAME = '=?UTF-8?Q??='.length

/**
 * The text as encoded words; the caller puts folding white space between them. `room` is how much of the line is left for the first.
 * Base64 or Q, whichever is shorter.
 */
export function encodeWords(text: string, room: number): string[] {
  const bytes = encoder.encode(text)
  const inQ = lengthInQ(bytes) <= lengthInB(bytes.length)
  // A first word of a few letters looks odd: with so little room it begins on the next line.
  const first = Math.min(room, WORD_MAX) - FRAME < 12 ? WORD_MAX - FRAME : Math.min(room, WORD_MAX) - FRAME
  if ((inQ ? lengthInQ(bytes) : lengthInB(bytes.length)) <= first) return text === '' ? [] : [word(bytes, inQ)]

  const words: string[] = []
  let budget = first
  let start = 0
  let end = 0
  let length = 0
  while (end < bytes.length) {
    const next = end + widthAt(bytes, end)
    const longer = inQ ? length + lengthInQ(bytes.subarray(end, next)) : lengthInB(next - start)
    if (longer > budget && end > start) {
      words.push(word(bytes.subarray(start, end), inQ))
      budget = WORD_MAX - FRAME
      start = end
      length = 0
      continue
    }
    length = longer
    end = next
  }
  words.push(word(bytes.subarray(start, end), inQ))
  return words
}

/** Bytes of the UTF-8 character that begins here. */
function widthAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}

function lengthInB(count: number): number {
  return Math.ceil(count / 3) * 4
}

// Of the printable characters these alone stand for themselves in a display name too (RFC 2047 §5 (3)); a space is written `_`.
const IN_Q = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  if (byte === 0x20) return '_'
  return /[A-Za-z0-9!*+/-]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

function lengthInQ(bytes: Uint8Array): number {
  let length = 0
  for (let i = 0; i < bytes.length; i += 1) length += IN_Q[bytes[i]!]!.length
  return length
}

function word(bytes: Uint8Array, inQ: boolean): string {
  if (!inQ) return `=?UTF-8?B?${btoa(String.fromCharCode(...bytes))}?=`
  let content = ''
  for (let i = 0; i < bytes.length; i += 1) content += IN_Q[bytes[i]!]!
  return `=?UTF-8?Q?${content}?=`
}
