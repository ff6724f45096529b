/** The bytes of DNS messages (RFC 1035 §4), as far as a scripted server needs them. */

export interface Question {
  readonly id: number
  readonly name: string
  readonly type: string
}

/** A record's data as bytes, and of which type it is. */
export interface WireRecord {
  readonly type: string
  readonly ttlSeconds: number
  readonly data: Buffer
}

const TYPES = { A: 1, NS: 2, CNAME: 5, PTR: 12, MX: 15, TXT: 16, AAAA: 28 } as const

export function questionOf(query: Buffer): Question & { readonly bytes: Buffer } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const number = query.readUInt16BE(at + 1)
  const type = Object.entries(TYPES).find(([, value]) => value === number)?.[0] ?? 'other'
  return { id: query.readUInt16BE(0), name: labels.join('.').toLowerCase(), type, bytes: query.subarray(12, at + 5) }
}

/** A recursive answer to one question; every record is about the name that was asked. */
export function answerTo(
  question: Question & { readonly bytes: Buffer },
  { code, records, truncated }: { code: number; records: readonly WireRecord[]; truncated: boolean },
): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt16BE(question.id, 0)
  header.writeUInt16BE(0x8180 | code | (truncated ? 0x0200 : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(truncated ? 0 : records.length, 6)
  return Buffer.concat([header, question.bytes, ...(truncated ? [] : records.map(record))])
}

function record({ type, ttlSeconds, data }: WireRecord): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(TYPES[type as keyof typeof TYPES], 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttlSeconds, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

export function nameBytes(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.')
  return Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.alloc(1),
  ])
}

export function mxBytes(preference: number, host: string): Buffer {
  const number = Buffer.alloc(2)
  number.writeUInt16BE(preference, 0)
  return Buffer.concat([number, nameBytes(host)])
}

/** One text as strings of at most 255 bytes, as long keys are published. */
export function txtBytes(text: string): Buffer {
  const bytes = Buffer.from(text)
  const strings = Array.from({ length: Math.max(1, Math.ceil(bytes.length / 255)) }, (_, i) =>
    bytes.subarray(255 * i, 255 * (i + 1)),
  )
  return Buffer.concat(strings.flatMap((string) => [Buffer.from([string.length]), string]))
}

export function addressBytes(address: string): Buffer {
  return address.includes(':') ? sixOf(address) : Buffer.from(address.split('.').map(Number))
}

function sixOf(address: string): Buffer {
  const [before = '', after = ''] = address.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === '' ? [] : after.split(':')
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]))
}
