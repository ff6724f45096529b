/**
 * The form in which headers and bodies are signed: relaxed/relaxed (RFC 6376 §3.4.2, §3.4.4). It survives what relays commonly do:
 * folding lines anew, and trailing white space. All text is one character a byte, with CRLF.
 */

/** A header with its name in lower case, unfolded, white space in runs of one; without its line end. */
export function relaxedHeader(raw: string): string {
  const colon = raw.indexOf(':')
  const name = raw.slice(0, colon).trimEnd().toLowerCase()
  const value = raw
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/^ | $/g, '')
  return `${name}:${value}`
}

/** Runs of white space become one blank, at the end of a line none; empty lines at the end go; a body that has text ends in one CRLF. */
export function relaxedBody(body: string): string {
  const lines = /\t| [ \t\r]| $/.test(body) ? body.replace(/[ \t]+/g, ' ').replace(/ (?=\r\n|$)/g, '') : body
  let end = lines.length
  while (end >= 2 && lines.charCodeAt(end - 1) === LF && lines.charCodeAt(end - 2) === CR) end -= 2
  return end === 0 ? '' : `${lines.slice(0, end)}\r\n`
}

const CR = 13
const LF = 10

export interface Split {
  /** Every header as it stands, folded, without its last CRLF. */
  readonly headers: readonly string[]
  readonly body: string
}

/** Head and body of a mail. Lines that continue a header stay with it. */
export function splitMail(content: string): Split {
  const end = content.startsWith('\r\n') ? 0 : content.indexOf('\r\n\r\n')
  const head = end === -1 ? content.replace(/\r\n$/, '') : content.slice(0, end)
  const body = end === -1 ? '' : content.slice(end === 0 ? 2 : end + 4)
  return { headers: head === '' ? [] : head.split(/\r\n(?![ \t])/), body }
}

/** The name of a header in lower case. */
export function nameOf(raw: string): string {
  return raw.slice(0, raw.indexOf(':')).trim().toLowerCase()
}

/** Headers by name, the last first: in that order a signature takes them (RFC 6376 §5.4.2). */
export function byName(headers: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (let at = headers.length - 1; at >= 0; at--) {
    const raw = headers[at] ?? ''
    const name = nameOf(raw)
    const same = found.get(name)
    if (same) same.push(raw)
    else found.set(name, [raw])
  }
  return found
}

/** What is signed, but for the signature itself: each named header in order; a name too many stands for "there is no other". */
export function signedHeaders(names: readonly string[], headers: ReadonlyMap<string, readonly string[]>): string {
  const taken = new Map<string, number>()
  let text = ''
  for (const name of names) {
    const key = name.toLowerCase()
    const at = taken.get(key) ?? 0
    taken.set(key, at + 1)
    const raw = headers.get(key)?.[at]
    if (raw !== undefined) text += `${relaxedHeader(raw)}\r\n`
  }
  return text
}
