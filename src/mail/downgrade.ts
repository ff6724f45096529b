import { boundaryOf, delimitersIn, MAX_PARTS } from './multipart.ts'
import { toQuotedPrintable } from './quoted-printable.ts'

/** Deeper than any mail a person wrote. */
const MAX_DEPTH = 20
const MAX_HEADER = 128 * 1024

/**
 * The same message with every body part in 7-bit encodings, for a hop without 8BITMIME (RFC 6152 §3): text as quoted-printable, anything
 * else as base64. One character a byte. Null when that cannot be done without changing what was said: bytes above 127 in a header or
 * between parts, a part that already claims another encoding, or a signature over the bytes (RFC 1847 §2.1). Null as well for a part with
 * a header so long that reading it would take too much.
 */
export function toSevenBit(content: string): string | null {
  return entityToSevenBit(content, 0)
}

function entityToSevenBit(entity: string, depth: number): string | null {
  if (!isEightBit(entity)) return entity
  if (depth > MAX_DEPTH) return null
  const gap = entity.startsWith('\r\n') ? 0 : entity.indexOf('\r\n\r\n') + 2
  if (gap === 1 || gap > MAX_HEADER) return null
  const header = entity.slice(0, gap)
  const body = entity.slice(gap + 2)
  if (isEightBit(header)) return null

  const type = fieldOf(header, 'content-type') ?? 'text/plain'
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const encoding = (fieldOf(header, 'content-transfer-encoding') ?? '7bit').trim().toLowerCase()
  if (!['7bit', '8bit', 'binary'].includes(encoding) || media === 'multipart/signed') return null

  if (media.startsWith('multipart/')) return joined(header, '7bit', multipartToSevenBit(body, boundaryOf(type), depth))
  if (media === 'message/rfc822' || media === 'message/global') return joined(header, '7bit', entityToSevenBit(body, depth + 1))
  // RFC 2046 §5.2: other message types may not be encoded.
  if (media.startsWith('message/')) return null
  return media.startsWith('text/')
    ? joined(header, 'quoted-printable', toQuotedPrintable(body))
    : joined(header, 'base64', btoa(body).replace(/.{76}(?=.)/g, '$&\r\n'))
}

function multipartToSevenBit(body: string, boundary: string | null, depth: number): string | null {
  if (boundary === null) return null
  const lines = delimitersIn(body, boundary)
  if (lines.length === 0 || lines.length > MAX_PARTS) return null
  let out = body.slice(0, lines[0]?.start)
  for (const [index, line] of lines.entries()) {
    const after = body.slice(line.end, lines[index + 1]?.start)
    const part = line.closing ? after : entityToSevenBit(after, depth + 1)
    if (part === null) return null
    out += body.slice(line.start, line.end) + part
    // Text after the last delimiter belongs to nobody: later "delimiters" in it are not.
    if (line.closing) {
      out += body.slice(line.end + after.length)
      break
    }
  }
  return isEightBit(out) ? null : out
}

function joined(header: string, encoding: string, body: string | null): string | null {
  if (body === null) return null
  const without = header.replace(/^content-transfer-encoding:.*\r\n(?:[ \t].*\r\n)*/gim, '')
  return `${without}Content-Transfer-Encoding: ${encoding}\r\n\r\n${body}`
}

function fieldOf(header: string, name: string): string | null {
  const found = new RegExp(`^${name}:(.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(header)
  return found?.[1]?.replace(/\r\n/g, '') ?? null
}

function isEightBit(text: string): boolean {
  return /[\x80-\xff]/.test(text)
}
