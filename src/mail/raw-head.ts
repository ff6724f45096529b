import { Refusal } from '../errors.ts'
import { decodeGuessing } from './charset.ts'

/** One header of a mail. */
export interface Field {
  readonly name: string
  /** The name in lower case. */
  readonly key: string
  /** Its text with lines joined, bytes read as UTF-8 (or Windows-1252); encoded words still encoded. */
  readonly value: string
  /** As it stands in the mail, with its CRLF, one character a byte. */
  readonly raw: string
}

export interface Head {
  readonly fields: readonly Field[]
  readonly body: string
  /** The number of the body's first line in the whole text. */
  readonly bodyLine: number
}

const HEAD_MAX = 256 * 1024
const FIELDS_MAX = 1_000
const LINE_MAX = 998
/** RFC 5322 §3.6: these stand at most once. Two of them are how filters and readers are made to see different mails. */
const SINGLE =
  /^(?:from|sender|reply-to|date|message-id|subject|in-reply-to|references|mime-version|content-type|content-transfer-encoding)$/

/** Splits a mail (CRLF, one character a byte) into headers and body. Refuses a head that readers could take in two ways. */
export function readHead(text: string): Head {
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n')
  const head = end === -1 ? text.replace(/\r\n$/, '') : text.slice(0, end)
  const body = end === -1 ? '' : text.slice(end === 0 ? 2 : end + 4)
  if (head.length > HEAD_MAX) throw refused(`its header is larger than ${HEAD_MAX / 1024} KB`)

  const fields: Field[] = []
  const lines = head === '' ? [] : head.split('\r\n')
  for (let at = 0; at < lines.length; ) {
    const first = at
    do {
      const line = lines[at] ?? ''
      if (line.length > LINE_MAX)
        throw refused(`line ${at + 1} of its header has ${line.length} bytes; ${LINE_MAX} are allowed (RFC 5322 §2.1.1)`)
      at += 1
    } while (at < lines.length && /^[ \t]/.test(lines[at] ?? ''))
    // A line of white space alone ends the head for some readers and not for others: it is left out.
    fields.push(
      fieldOf(
        lines.slice(first, at).filter((line, index) => index === 0 || line.trim() !== ''),
        first + 1,
      ),
    )
    if (fields.length > FIELDS_MAX) throw refused(`it has more than ${FIELDS_MAX} headers`)
  }
  refuseDoubles(fields)
  return { fields, body, bodyLine: lines.length + 2 }
}

function fieldOf(lines: readonly string[], number: number): Field {
  const raw = lines.join('\r\n')
  const found = /^([\x21-\x39\x3b-\x7e]{1,100})[ \t]*:([\s\S]*)$/.exec(raw)
  const [, name, rest] = found ?? []
  if (name === undefined || rest === undefined) {
    const shown = JSON.stringify((lines[0] ?? '').slice(0, 60))
    throw refused(`line ${number} is not a header: ${shown}. Headers look like "Subject: Hello", and an empty line ends them`)
  }
  const value = rest.replace(/\r\n/g, '')
  return {
    name,
    key: name.toLowerCase(),
    value: cleanText(decodeGuessing(Buffer.from(value, 'latin1'))),
    raw: `${name}:${rest}\r\n`,
  }
}

/** Controls mean nothing in a header; what is read from it must not carry them further. */
export function cleanText(value: string): string {
  return value.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ')
}

/**
 * The same of what strangers call themselves and their mail: what turns the direction round (UAX 9) makes people read another name than the one that
 * stands there. Letters that are written from right to left need none of it.
 */
export function plainText(value: string): string {
  return cleanText(value.replace(/[\u202a-\u202e\u2066-\u2069]/g, ''))
}

function refuseDoubles(fields: readonly Field[]): void {
  const seen = new Set<string>()
  for (const { key, name } of fields) {
    if (seen.has(key) && SINGLE.test(key)) throw refused(`it has two ${name} headers`)
    seen.add(key)
  }
}

function refused(why: string): Refusal {
  return new Refusal('invalid_request', { why: `The mail cannot be sent: ${why}.` })
}
