/** Properties of MAPI that are asked for (MS-OXPROPS). */
export const MAPI = {
  body: 0x1000,
  bodyRtf: 0x1009,
  bodyHtml: 0x1013,
  internetCodePage: 0x3fde,
  attachData: 0x3701,
  attachName: 0x3704,
  attachLongName: 0x3707,
  attachType: 0x370e,
  attachContentId: 0x3712,
} as const

export type MapiValue = string | number | Buffer

const WANTED = new Set<number>(Object.values(MAPI))
const PROPERTIES_MAX = 2_000
const VALUES_MAX = 10_000
/** Bytes of the types of fixed length (MS-OXTNEF §2.1.3.4): each fills whole words. */
const FIXED: Readonly<Record<number, number>> = { 2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16 }
const LONG = 0x3
const STRING8 = 0x1e
const UNICODE = 0x1f
const OBJECT = 0xd
const BINARY = 0x102

/** Reads a list of properties, and keeps those in `MAPI`; what is broken ends it. */
export function readMapiProperties(data: Buffer): ReadonlyMap<number, MapiValue> {
  const found = new Map<number, MapiValue>()
  const reader = new Reader(data)
  const count = Math.min(reader.long(), PROPERTIES_MAX)
  for (let i = 0; i < count && !reader.isOver; i += 1) {
    const type = reader.short()
    const id = reader.short()
    if (id >= 0x8000) skipName(reader)
    const values = valuesOf(reader, type)
    if (values === null) break
    const value = values[0]
    if (WANTED.has(id) && value !== undefined && !found.has(id) && !reader.isOver) found.set(id, value)
  }
  return found
}

function skipName(reader: Reader): void {
  reader.skip(16)
  if (reader.long() === 0) reader.skip(4)
  else reader.bytes(reader.long())
}

function valuesOf(reader: Reader, type: number): (MapiValue | undefined)[] | null {
  const single = type & ~0x1000
  const isMany = (type & 0x1000) !== 0
  const fixed = FIXED[single]
  if (fixed !== undefined) {
    const count = isMany ? reader.long() : 1
    if (count > VALUES_MAX) return null
    const first = single === LONG ? reader.long() : undefined
    reader.skip(fixed * count - (first === undefined ? 0 : 4))
    return [first]
  }
  if (![STRING8, UNICODE, OBJECT, BINARY].includes(single)) return null
  const count = reader.long()
  if (count > VALUES_MAX) return null
  const values: MapiValue[] = []
  for (let i = 0; i < count && !reader.isOver; i += 1) {
    const bytes = reader.bytes(reader.long())
    if (i === 0) values.push(single === UNICODE ? bytes.toString('utf16le').toWellFormed() : bytes)
  }
  return values
}

/** Reads little-endian numbers and padded bytes; beyond the end it reads nothing, and says so. */
class Reader {
  readonly #data: Buffer
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  get isOver(): boolean {
    return this.#at > this.#data.length
  }

  short(): number {
    const at = this.#at
    this.#at += 2
    return this.isOver ? 0 : this.#data.readUInt16LE(at)
  }

  long(): number {
    const at = this.#at
    this.#at += 4
    return this.isOver ? 0 : this.#data.readUInt32LE(at)
  }

  skip(count: number): void {
    this.#at += count
  }

  bytes(count: number): Buffer {
    const at = this.#at
    this.#at += Math.ceil(count / 4) * 4
    // The last one may stand without its padding.
    if (this.isOver && at + count <= this.#data.length) this.#at = this.#data.length
    return this.isOver ? this.#data.subarray(0, 0) : this.#data.subarray(at, at + count)
  }
}
