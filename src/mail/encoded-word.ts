import { isAscii } from './characters.ts'

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
    const bytes = bytesOf(match[2] ?? '', match[3] ?? '')
    if (bytes === null) continue
    const between = text.slice(last, match.index)
    const charset = (match[1] ?? '').split('*', 1)[0]?.toLowerCase() ?? ''
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

function bytesOf(encoding: string, content: string): number[] | null {
  if (encoding === 'Q' || encoding === 'q') return bytesOfQ(content)
  const clean = content.replace(/[^A-Za-z0-9+/]/g, '')
  if (clean.length % 4 === 1) return null
  const binary = atob(clean)
  return Array.from(binary, (character) => character.charCodeAt(0))
}

function bytesOfQ(content: string): number[] {
  const bytes: number[] = []
  for (let i = 0; i < content.length; i += 1) {
    const code = content.charCodeAt(i)
    const hex = code === 0x3d && /^[0-9A-Fa-f]{2}$/.test(content.slice(i + 1, i + 3))
    if (hex) {
      bytes.push(Number.parseInt(content.slice(i + 1, i + 3), 16))
      i += 2
    } else if (code === 0x5f) bytes.push(0x20)
    else if (code < 0x80) bytes.push(code)
    else bytes.push(...encoder.encode(content[i]))
  }
  return bytes
}

/** Text in a charset named by a stranger: unknown names and wrong bytes give the most readable guess, never an error. */
export function decodeCharset(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset === '' ? 'utf-8' : charset).decode(bytes)
  } catch {
    return decodeGuessing(bytes)
  }
}

/** UTF-8 where it is UTF-8, otherwise Windows-1252, the usual charset of mail that names none. */
export function decodeGuessing(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

const WORD_MAX = 75
const FRAME = '=?UTF-8?Q??='.length

/**
 * The text as encoded words; the caller puts folding white space between them. `room` is how much of the line is left for the first.
 * Base64 or Q, whichever is shorter (Q keeps Latin text readable).
 */
export function encodeWords(text: string, room: number): string[] {
  const q = costOfQ(text) <= (encoder.encode(text).length * 4) / 3
  const words: string[] = []
  let budget = Math.min(room, WORD_MAX) - FRAME
  // A first word of a few letters only looks odd: with so little room it begins on the next line.
  if (budget < 12) budget = WORD_MAX - FRAME
  let pending = ''
  let size = 0
  for (const character of text) {
    const cost = q ? costOfQ(character) : isAscii(character) ? 1 : encoder.encode(character).length
    const fits = q ? size + cost <= budget : Math.ceil((size + cost) / 3) * 4 <= budget
    if (!fits) {
      words.push(word(pending, q))
      pending = ''
      size = 0
      budget = WORD_MAX - FRAME
    }
    pending += character
    size += cost
  }
  if (pending !== '') words.push(word(pending, q))
  return words
}

// Of the printable characters these alone stand for themselves in a display name too (RFC 2047 §5 (3)).
const SAFE_IN_Q = /[A-Za-z0-9!*+/-]/

function costOfQ(text: string): number {
  let cost = 0
  for (const byte of encoder.encode(text))
    cost += byte === 0x20 || (byte < 0x80 && SAFE_IN_Q.test(String.fromCharCode(byte))) ? 1 : 3
  return cost
}

function word(text: string, q: boolean): string {
  const bytes = encoder.encode(text)
  if (!q) return `=?UTF-8?B?${btoa(String.fromCharCode(...bytes))}?=`
  let content = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    if (byte === 0x20) content += '_'
    else if (byte < 0x80 && SAFE_IN_Q.test(character)) content += character
    else content += `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return `=?UTF-8?Q?${content}?=`
}
