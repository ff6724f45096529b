/**
 * The mail within an opaque S/MIME signature (RFC 8551 §3.5.2, RFC 5652 §5): anybody can read it, it is only wrapped. Nothing is verified. Null
 * for what is encrypted, broken, or no such thing.
 */
export function signedContent(der: Uint8Array): Buffer | null {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength)
  const info = children(elementAt(bytes, 0))
  if (!isObject(info[0], SIGNED_DATA)) return null
  const [signed] = children(info[1] ?? null)
  const within = children(signed ?? null).find(({ tag }) => tag === SEQUENCE)
  const [type, content] = children(within ?? null)
  if (!isObject(type, DATA)) return null
  const [octets] = children(content ?? null)
  return octets === undefined ? null : octetsOf(octets, 0)
}

const SEQUENCE = 0x30
const OCTETS = 0x04
const OCTETS_IN_PIECES = 0x24
const SIGNED_DATA = '2a864886f70d010702'
const DATA = '2a864886f70d010701'
const ELEMENTS_MAX = 10_000

/** An element of BER (X.690 §8): what it is and where its content stands. */
interface Element {
  readonly tag: number
  readonly content: Buffer
  /** Behind the element. */
  readonly end: number
}

function elementAt(bytes: Buffer, at: number): Element | null {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null
  if (first === 0x80) {
    // Of indefinite length: its content ends where two zeros stand instead of an element.
    let end = at + 2
    for (let count = 0; count < ELEMENTS_MAX; count += 1) {
      if (bytes[end] === 0 && bytes[end + 1] === 0) return { tag, content: bytes.subarray(at + 2, end), end: end + 2 }
      const inner = endAt(bytes, end, 0)
      if (inner === null) return null
      end = inner
    }
    return null
  }
  const size = first & 0x80 ? first & 0x7f : 0
  if (size > 4 || at + 2 + size > bytes.length) return null
  const length = size === 0 ? first : bytes.readUIntBE(at + 2, size)
  const from = at + 2 + size
  if (from + length > bytes.length) return null
  return { tag, content: bytes.subarray(from, from + length), end: from + length }
}

function endAt(bytes: Buffer, at: number, depth: number): number | null {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined || depth > 16) return null
  if (first !== 0x80) return elementAt(bytes, at)?.end ?? null
  let end = at + 2
  for (let count = 0; count < ELEMENTS_MAX; count += 1) {
    if (bytes[end] === 0 && bytes[end + 1] === 0) return end + 2
    const inner = endAt(bytes, end, depth + 1)
    if (inner === null) return null
    end = inner
  }
  return null
}

function children(element: Element | null): Element[] {
  const found: Element[] = []
  for (let at = 0; element !== null && at < element.content.length && found.length < 100; ) {
    const child = elementAt(element.content, at)
    if (child === null) break
    found.push(child)
    at = child.end
  }
  return found
}

function isObject(element: Element | undefined, id: string): boolean {
  return element?.tag === 0x06 && element.content.toString('hex') === id
}

/** One string, or pieces of one. */
function octetsOf(element: Element, depth: number): Buffer | null {
  if (element.tag === OCTETS) return element.content
  if (element.tag !== OCTETS_IN_PIECES || depth > 4) return null
  const pieces: Buffer[] = []
  for (let at = 0; at < element.content.length; ) {
    const piece = elementAt(element.content, at)
    const bytes = piece === null ? null : octetsOf(piece, depth + 1)
    if (piece === null || bytes === null) return null
    pieces.push(bytes)
    at = piece.end
  }
  return Buffer.concat(pieces)
}
