import { addressParser } from 'postal-mime'
import { isAscii } from './characters.ts'
import { decodeGuessing } from './charset.ts'
import { decodeWords } from './encoded-word.ts'
import { cleanText, plainText } from './raw-head.ts'

/** A header as it is shown: lines joined, encoded words decoded, no control character. */
export interface ReceivedHeader {
  readonly name: string
  readonly value: string
}

/** Somebody as a mail's headers name them. The address is what was written, be it an address or not. */
export interface Correspondent {
  readonly name: string
  readonly address: string
}

export interface HeadLimits {
  readonly headerBytes: number
  readonly headers: number
  readonly addresses: number
}

/** What was read of a head, with the values still encoded as `raw` wants them for structured headers. */
export interface ReceivedHead {
  readonly headers: readonly ReceivedHeader[]
  /** First value of a header, encoded words not yet decoded; '' where there is none. */
  first(key: string): string
  people(key: string): readonly Correspondent[]
  /** Where the body begins. */
  readonly bodyAt: number
}

export type HeadAnswer = { readonly ok: true; readonly head: ReceivedHead } | { readonly ok: false; readonly reason: string }

const LF = 10
const CR = 13

/** Reads the head of a mail as forgivingly as mail programs do; refuses only what is endless. */
export function readReceivedHead(bytes: Buffer, limits: HeadLimits): HeadAnswer {
  const end = endOfHead(bytes, limits.headerBytes)
  if (end === -1) return { ok: false, reason: `its header is larger than ${limits.headerBytes / 1024} KB` }
  const fields = fieldsIn(bytes.subarray(0, end))
  if (fields.length > limits.headers) return { ok: false, reason: `it has more than ${limits.headers} headers` }
  const valuesOf = (key: string) => fields.filter((field) => field.key === key).map((field) => field.value)
  return {
    ok: true,
    head: {
      headers: fields.map(({ name, value }) => ({ name, value: cleanText(decodeWords(value)) })),
      first: (key) => valuesOf(key)[0] ?? '',
      bodyAt: end,
      people: (key) => peopleIn(valuesOf(key).join(', '), limits.addresses),
    },
  }
}

/** Where the first empty line is, or the end; -1 when it does not come within `max` bytes. */
function endOfHead(bytes: Buffer, max: number): number {
  let start = 0
  while (start < bytes.length) {
    if (start > max) return -1
    const next = bytes.indexOf(LF, start)
    if (next === start || (next === start + 1 && bytes[start] === CR)) return start
    if (next === -1) break
    start = next + 1
  }
  return bytes.length > max ? -1 : bytes.length
}

interface Field {
  readonly name: string
  readonly key: string
  readonly value: string
}

function fieldsIn(bytes: Buffer): Field[] {
  const lines: string[] = []
  for (const line of bytes.toString('latin1').split(/\r?\n/)) {
    if (lines.length > 0 && /^[ \t]/.test(line)) lines.push(`${lines.pop()}${line}`)
    else lines.push(line)
  }
  // Raw bytes in a header are usually of the charset that the body names.
  const charset = /^content-type[ \t]*:[^\0]{0,500}?charset\s{0,5}=\s{0,5}"?([\w.:-]{1,60})/im.exec(lines.join('\n'))?.[1] ?? ''
  return lines.flatMap((line) => {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trimEnd()
    if (!/^[\x21-\x39\x3b-\x7e]{1,200}$/.test(name)) return []
    return [{ name, key: name.toLowerCase(), value: textOf(line.slice(colon + 1).trim(), charset) }]
  })
}

function textOf(raw: string, charset: string): string {
  return isAscii(raw) ? raw : decodeGuessing(Buffer.from(raw, 'latin1'), charset)
}

const PEOPLE_MAX = 64 * 1024

function peopleIn(value: string, max: number): Correspondent[] {
  // Only so much is read as will be kept: the reading of an endless list costs more than it tells.
  return addressParser(joinWords(value.slice(0, PEOPLE_MAX)), { flatten: true })
    .slice(0, max)
    .map(({ name, address }) => ({ name: plainText(decodeWords(name ?? '')).trim(), address: cleanText(address ?? '').trim() }))
    .filter(({ name, address }) => name !== '' || address !== '')
}

const WORD = '=\\?[^?\\s]{1,80}\\?[BbQq]\\?[^?\\s]{0,500}\\?='
const RUN = new RegExp(`${WORD}(?:[ \\t]+${WORD})*`, 'g')

/** Runs of encoded words become one, still encoded: so characters cut in two are whole, and a decoded comma ends no address. */
function joinWords(value: string): string {
  return value.replace(RUN, (run) => `=?UTF-8?B?${Buffer.from(decodeWords(run), 'utf8').toString('base64')}?=`)
}
