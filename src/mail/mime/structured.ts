import { decodeCharset, decodeGuessing } from '../charset.ts'
import { decodeWords } from '../encoded-word.ts'

/** A header such as Content-Type (RFC 2045 §5.1): a value and parameters, names in lower case. */
export interface Structured {
  /** In lower case. */
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

const PARAMETERS_MAX = 100
const LENGTH_MAX = 32 * 1024

/**
 * Reads a structured header, one character a byte, as forgivingly as mail programs do: comments, missing quotes, names without values, long
 * values in pieces and charsets (RFC 2231), encoded words where they have no place. Of two parameters of one name the first counts.
 */
export function parseStructured(raw: string): Structured {
  const [first = '', ...others] = piecesOf(raw.slice(0, LENGTH_MAX))
  // A forgotten semicolon: `multipart/mixed boundary="b"`.
  const [, value = first, forgotten = ''] = /^\s*([^\s"=;]+)\s+([^\s=]+\s*=.*)$/s.exec(first) ?? []
  const rest = forgotten === '' ? others : [forgotten, ...others]
  const pairs = new Map<string, string>()
  for (const piece of rest.slice(0, PARAMETERS_MAX)) {
    const equals = piece.indexOf('=')
    const name = (equals === -1 ? piece : piece.slice(0, equals)).trim().toLowerCase()
    if (name !== '' && !pairs.has(name)) pairs.set(name, equals === -1 ? '' : unquoted(piece.slice(equals + 1)))
  }
  return { value: unquoted(value).toLowerCase(), parameters: joined(pairs) }
}

/** Split at semicolons that stand neither in quotes nor in a comment; comments are left out where they may stand. */
function piecesOf(raw: string): string[] {
  if (!/["(]/.test(raw)) return raw.split(';')
  const pieces: string[] = []
  let piece = ''
  let isQuoted = false
  // One that does not end is text, and so is what follows: it is looked for once.
  let hasComments = true
  for (let i = 0; i < raw.length; i += 1) {
    const character = raw.charAt(i)
    if (isQuoted && character === '\\') {
      piece += character + raw.charAt(++i)
    } else if (character === '"') {
      isQuoted = !isQuoted
      piece += character
    } else if (hasComments && !isQuoted && character === '(' && (/[\s;]$/.test(piece.slice(-1)) || !piece.includes('='))) {
      const end = commentEnd(raw, i)
      if (end === -1) {
        piece += character
        hasComments = false
      } else i = end
    } else if (!isQuoted && character === ';') {
      pieces.push(piece)
      piece = ''
    } else piece += character
  }
  pieces.push(piece)
  return pieces
}

/** Where the comment that begins here ends, or -1 where it does not. */
function commentEnd(raw: string, at: number): number {
  let depth = 0
  for (let i = at; i < raw.length && i < at + 1_000; i += 1) {
    const character = raw.charAt(i)
    if (character === '\\') i += 1
    else if (character === '(') depth += 1
    else if (character === ')' && --depth === 0) return i
  }
  return -1
}

function unquoted(text: string): string {
  const plain = text.trim()
  if (!plain.startsWith('"')) return plain
  const inner = /^"((?:[^"\\]|\\[\s\S])*)/.exec(plain)?.[1] ?? ''
  return inner.replace(/\\([\\"])/g, '$1')
}

/** `name*0*=utf-8''a%20; name*1=b` is one parameter (RFC 2231 §4.1); the form with a charset counts before the plain one beside it. */
function joined(pairs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const sections = new Map<string, Map<number, { text: string; isEncoded: boolean }>>()
  for (const [name, text] of pairs) {
    const match = /^([^*]{1,100})\*(?:(\d{1,3})(\*)?)?$/.exec(name)
    if (!match) {
      found.set(name, decodedPlain(text))
      continue
    }
    const [, base = '', number, star] = match
    const list = sections.get(base) ?? new Map()
    list.set(Number(number ?? 0), { text, isEncoded: number === undefined || star !== undefined })
    sections.set(base, list)
  }
  for (const [name, list] of sections)
    found.set(name, decodedSections([...list].sort(([a], [b]) => a - b).map(([, each]) => each)))
  return found
}

function decodedSections(sections: readonly { text: string; isEncoded: boolean }[]): string {
  const charset = sections[0]?.isEncoded ? /^([^']{0,60})'[^']{0,60}'/.exec(sections[0].text) : null
  const bytes = sections.map(({ text, isEncoded }, index) => {
    const plain = index === 0 && charset ? text.slice(charset[0].length) : text
    return isEncoded
      ? plain.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      : plain
  })
  const all = Buffer.from(bytes.join(''), 'latin1')
  return charset ? decodeCharset(all, charset[1] ?? '') : decodedPlain(bytes.join(''))
}

/** Encoded words in parameters are forbidden (RFC 2047 §5) and common. */
function decodedPlain(text: string): string {
  return decodeWords(/[\x80-\xff]/.test(text) ? decodeGuessing(Buffer.from(text, 'latin1')) : text)
}
