/** Undoes the transfer encoding of a part (RFC 2045 §6). Broken encodings give what can be read; the result has a memory of its own. */
export function decodeTransfer(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return decodeBase64(body)
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(body)
  if (/^(?:x-)?uue(?:ncode)?$/.test(encoding)) return decodeUuencoded(body) ?? Buffer.from(body)
  return Buffer.from(body)
}

function decodeBase64(body: Buffer): Buffer {
  const text = body.toString('latin1')
  if (!looksLikeBase64(text)) return Buffer.from(body)
  const padding = text.indexOf('=')
  // Padding ends it, unless several pieces were put one behind the other.
  if (padding === -1 || !/[A-Za-z0-9+/]/.test(text.slice(padding, padding + 200_000))) return Buffer.from(text, 'base64')
  return Buffer.concat(text.split(/=+/).map((piece) => Buffer.from(piece, 'base64')))
}

/** Some programs call plain words base64; decoded, they would be noise. */
function looksLikeBase64(text: string): boolean {
  const sample = text.slice(0, 2_000)
  return (sample.match(/[^A-Za-z0-9+/=\s]/g)?.length ?? 0) <= sample.length / 20
}

const EQUALS = 61
const LF = 10
const CR = 13

function decodeQuotedPrintable(body: Buffer): Buffer {
  const out = Buffer.allocUnsafe(body.length)
  let at = 0
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i] as number
    if (byte === EQUALS) {
      const [high, low] = [hexOf(body[i + 1]), hexOf(body[i + 2])]
      if (high !== -1 && low !== -1) {
        out[at++] = (high << 4) | low
        i += 2
        continue
      }
      const end = lineEnd(body, i + 1)
      if (end === -1) out[at++] = byte
      else i = end - 1
    } else if (byte === 32 || byte === 9) {
      // White space at the end of a line was added on the way (RFC 2045 §6.7 (3)). A run is looked at once, however long it is.
      const next = skipBlanks(body, i)
      const isEnd = lineEnd(body, next) !== -1
      const kept = !isEnd ? next - i : isSoft(body, i) ? 1 : 0
      at += body.copy(out, at, i, i + kept)
      i = next - 1
    } else out[at++] = byte
  }
  return out.subarray(0, at)
}

/** Where the next line begins, if only white space stands before it; -1 otherwise. */
function lineEnd(body: Buffer, from: number): number {
  const at = skipBlanks(body, from)
  if (at >= body.length) return body.length
  if (body[at] === LF) return at + 1
  return body[at] === CR ? at + (body[at + 1] === LF ? 2 : 1) : -1
}

function skipBlanks(body: Buffer, from: number): number {
  let at = from
  while (at < body.length && (body[at] === 32 || body[at] === 9)) at += 1
  return at
}

/** `-- ` is the mark of a signature, and many programs leave its blank as it is. */
function isSoft(body: Buffer, at: number): boolean {
  return body[at] === 32 && body[at - 1] === 45 && body[at - 2] === 45 && (at === 2 || body[at - 3] === LF)
}

function hexOf(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** Null where nothing begins. */
function decodeUuencoded(body: Buffer): Buffer | null {
  const lines = body.toString('latin1').split(/\r?\n/)
  const begin = lines.findIndex((line) => /^begin [0-7]{3,4} /.test(line))
  if (begin === -1) return null
  const out: number[] = []
  for (const line of lines.slice(begin + 1)) {
    if (line === 'end' || line === '') break
    const count = (line.charCodeAt(0) - 32) & 63
    const bytes: number[] = []
    for (let i = 1; i + 3 < line.length + 3 && bytes.length < count; i += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((offset) => ((line.charCodeAt(i + offset) || 32) - 32) & 63) as [
        number,
        number,
        number,
        number,
      ]
      bytes.push((a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d)
    }
    for (const byte of bytes.slice(0, count)) out.push(byte)
  }
  return Buffer.from(out)
}
