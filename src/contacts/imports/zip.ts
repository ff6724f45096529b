/** The files of a ZIP archive (APPNOTE 6.3.10) that stands in memory: stored or deflated, not encrypted, not split. Pure but for inflating. */
import { createInflateRaw } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly isEncrypted: boolean
  readonly content: Uint8Array
}

const END = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const MAX_ENTRIES = 1_000

/** Null for what is no such archive. */
export function readZip(bytes: Buffer): ZipEntry[] | null {
  const end = endOf(bytes)
  if (end === null) return null
  const entries: ZipEntry[] = []
  const count = bytes.readUInt16LE(end + 10)
  let at = bytes.readUInt32LE(end + 16)
  for (let i = 0; i < Math.min(count, MAX_ENTRIES); i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) return null
    const size = bytes.readUInt32LE(at + 20)
    const nameLength = bytes.readUInt16LE(at + 28)
    const local = bytes.readUInt32LE(at + 42)
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    if (local + 30 > bytes.length || bytes.readUInt32LE(local) !== LOCAL) return null
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    if (from + size > bytes.length) return null
    const isEncrypted = (bytes.readUInt16LE(at + 8) & 1) !== 0
    entries.push({ name, method: bytes.readUInt16LE(at + 10), isEncrypted, content: bytes.subarray(from, from + size) })
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}

function endOf(bytes: Buffer): number | null {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 65_535); at--)
    if (bytes.readUInt32LE(at) === END) return at
  return null
}

/** Piece by piece: what is small packed may be large unpacked. */
export async function* contentOf({ method, content }: ZipEntry): AsyncGenerator<Uint8Array> {
  if (method === 0) {
    yield content
    return
  }
  const inflate = createInflateRaw()
  inflate.end(content)
  yield* inflate as AsyncIterable<Uint8Array>
}
