import { decodeCharset } from '../charset.ts'
import { MAPI, type MapiValue, readMapiProperties } from './mapi.ts'
import { unpackRtf, wordsOfRtf } from './rtf.ts'

/**
 * winmail.dat: how Outlook and Exchange wrap a mail in a format of their own (MS-OXTNEF). Read as far as people miss something without it: the
 * files, and the words where the mail has none elsewhere.
 */
export interface Tnef {
  readonly text: string | null
  readonly html: string | null
  readonly files: readonly TnefFile[]
  /** Some of it could not be read; then the wrapping is kept as a file too. */
  readonly isWhole: boolean
}

export interface TnefFile {
  readonly filename: string | null
  readonly contentType: string | null
  readonly contentId: string | null
  readonly bytes: Buffer
}

const SIGNATURE = 0x223e9f78
const FILES_MAX = 200
const DEPTH_MAX = 3
/** Attributes of MS-OXTNEF §2.1.3.3. */
const ATTACH_BEGIN = 0x00069002
const ATTACH_TITLE = 0x00018010
const ATTACH_DATA = 0x0006800f
const ATTACH_PROPERTIES = 0x00069005
const MESSAGE_PROPERTIES = 0x00069003
const MESSAGE_BODY = 0x0002800c
const CODE_PAGE = 0x00069007

/** Null for what is none. Never throws: what is broken ends the reading there. */
export function readTnef(bytes: Uint8Array, depth = 0): Tnef | null {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (all.length < 6 || all.readUInt32LE(0) !== SIGNATURE || depth > DEPTH_MAX) return null
  const message: Draft = { properties: new Map(), body: null, codePage: 1252, files: [], isWhole: true }
  let at = 6
  while (at + 9 <= all.length) {
    const id = all.readUInt32LE(at + 1)
    const length = all.readUInt32LE(at + 5)
    if (at + 9 + length > all.length) break
    take(message, id, all.subarray(at + 9, at + 9 + length))
    // Two bytes of checksum follow, which nobody else looks at either.
    at += 11 + length
    if (message.files.length > FILES_MAX) break
  }
  return finished(message, at >= all.length - 2, depth)
}

interface FileDraft {
  title: string | null
  data: Buffer | null
  properties: ReadonlyMap<number, MapiValue>
}
interface Draft {
  properties: ReadonlyMap<number, MapiValue>
  body: Buffer | null
  codePage: number
  readonly files: FileDraft[]
  isWhole: boolean
}

function take(message: Draft, id: number, data: Buffer): void {
  const file = message.files.at(-1)
  if (id === CODE_PAGE && data.length >= 4) message.codePage = data.readUInt32LE(0)
  else if (id === MESSAGE_BODY) message.body = data
  else if (id === MESSAGE_PROPERTIES) message.properties = readMapiProperties(data)
  else if (id === ATTACH_BEGIN) message.files.push({ title: null, data: null, properties: new Map() })
  else if (file && id === ATTACH_TITLE) file.title = stringOf(data, message.codePage)
  else if (file && id === ATTACH_DATA) file.data = data
  else if (file && id === ATTACH_PROPERTIES) file.properties = readMapiProperties(data)
}

function finished(message: Draft, reachedEnd: boolean, depth: number): Tnef {
  const files = message.files.slice(0, FILES_MAX).flatMap((file) => fileOf(file, message.codePage, depth))
  const page = message.properties.get(MAPI.internetCodePage)
  const codePage = typeof page === 'number' && page > 0 ? page : message.codePage
  const text = textOf(message.properties.get(MAPI.body), codePage) ?? (message.body && stringOf(message.body, codePage))
  const html = textOf(message.properties.get(MAPI.bodyHtml), codePage)
  const packed = html === null && !text ? message.properties.get(MAPI.bodyRtf) : undefined
  const rtf = Buffer.isBuffer(packed) ? unpackRtf(packed) : null
  const words = rtf === null ? null : wordsOfRtf(rtf)
  const isRead = message.files.every(({ data, properties }) => data !== null || properties.has(MAPI.attachData))
  return {
    text: text || (words?.text ?? null),
    html: html || (words?.html ?? null),
    files,
    isWhole: reachedEnd && isRead && message.files.length <= FILES_MAX,
  }
}

function fileOf(file: FileDraft, codePage: number, depth: number): TnefFile[] {
  const value = (id: number) => textOf(file.properties.get(id), codePage)
  const filename = value(MAPI.attachLongName) ?? value(MAPI.attachName) ?? file.title
  const stored = file.properties.get(MAPI.attachData)
  // A mail within is wrapped again, behind the number of the interface that it is read by.
  const inner = Buffer.isBuffer(stored) ? readTnef(stored.subarray(16), depth + 1) : null
  if (inner !== null) return innerFiles(inner, filename)
  const bytes = file.data ?? (Buffer.isBuffer(stored) ? stored : null)
  if (bytes === null) return []
  return [{ filename, contentType: value(MAPI.attachType), contentId: value(MAPI.attachContentId), bytes: Buffer.from(bytes) }]
}

function innerFiles({ text, html, files }: Tnef, name: string | null): TnefFile[] {
  const words = html ?? text
  const own =
    words === null
      ? []
      : [
          {
            filename: `${name ?? 'message'}.${html === null ? 'txt' : 'html'}`,
            contentType: null,
            contentId: null,
            bytes: Buffer.from(words),
          },
        ]
  return [...own, ...files]
}

function textOf(value: MapiValue | undefined, codePage: number): string | null {
  if (typeof value === 'string') return value.replace(/\0+$/, '') || null
  return Buffer.isBuffer(value) ? stringOf(value, codePage) || null : null
}

function stringOf(bytes: Buffer, codePage: number): string {
  const end = bytes.indexOf(0)
  const charset =
    codePage === 65001
      ? 'utf-8'
      : codePage === 20127
        ? 'us-ascii'
        : codePage >= 28591 && codePage <= 28605
          ? `iso-8859-${codePage - 28590}`
          : `cp${codePage}`
  return decodeCharset(end === -1 ? bytes : bytes.subarray(0, end), charset)
}
