import { quotedText } from './quoted-text.ts'

/** The three content transfer encodings that give 7-bit lines (RFC 2045 §6), one character a byte. */
export interface Encoded {
  readonly encoding: '7bit' | 'quoted-printable' | 'base64'
  readonly content: string
}

const LINE_MAX = 998

/** Text as it is where it is short-lined ASCII, otherwise quoted-printable or base64, whichever is smaller. Line ends become CRLF. */
export function encodeText(text: string, boundary: string): Encoded {
  if (isPrintableAscii(text)) {
    const lines = withCrlf(text)
    if (isShortLined(lines) && !lines.includes(boundary)) return { encoding: '7bit', content: lines }
  }
  if (!isMostlyForeign(text)) {
    const content = quotedText(text)
    if (isSmallerThanBase64(content.length, text)) return { encoding: 'quoted-printable', content }
  }
  return { encoding: 'base64', content: base64Lines(Buffer.from(withCrlf(text), 'utf8')) }
}

const SAMPLE = 1_000

/** A look at the beginning saves writing all of a text in quoted-printable, at three times its length, only to throw it away. */
function isMostlyForeign(text: string): boolean {
  const sample = text.slice(0, SAMPLE)
  return Buffer.byteLength(sample) > sample.length * 1.6
}

/** Four characters for three bytes, 78 for 76. The bytes are counted only where their number could matter. */
function isSmallerThanBase64(length: number, text: string): boolean {
  const perByte = (4 * 78) / (3 * 76)
  return length <= text.length * perByte || length <= Buffer.byteLength(text) * perByte
}

export function withCrlf(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n|\r|\n/g, '\r\n') : text.replaceAll('\n', '\r\n')
}

/** True for lines that any server carries as they are. */
export function isSevenBitText(lines: string): boolean {
  return isPrintableAscii(lines) && isShortLined(lines)
}

function isPrintableAscii(text: string): boolean {
  return !/[^\t\r\n\x20-\x7e]/.test(text)
}

/** "From " at a line's start counts as too much: old stores put a > before it, which breaks signatures. */
function isShortLined(lines: string): boolean {
  if (lines.startsWith('From ') || lines.includes('\nFrom ')) return false
  let start = 0
  for (let end = lines.indexOf('\r\n'); end !== -1; end = lines.indexOf('\r\n', start)) {
    if (end - start > LINE_MAX) return false
    start = end + 2
  }
  return lines.length - start <= LINE_MAX
}

/** Base64 in lines of 76 characters (RFC 2045 §6.8), without a line end at the end. */
export function base64Lines(bytes: Buffer): string {
  const all = bytes.toString('base64')
  if (all.length <= 76) return all
  const lines: string[] = []
  for (let at = 0; at < all.length; at += 76) lines.push(all.slice(at, at + 76))
  return lines.join('\r\n')
}
