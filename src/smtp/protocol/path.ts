import { type Address, explainAddress, isInternationalized, parseAddress } from '../../mail/address.ts'
import { type Reply, reply } from './reply.ts'

export type Path =
  /** `address` null: `<>`, which only MAIL may say. */
  { readonly ok: true; readonly address: Address | null; readonly rest: string } | { readonly ok: false; readonly refusal: Reply }

/** RFC 5321 §4.5.3.1.3. */
const PATH_MAX = 256
const QUOTE = 34
const BACKSLASH = 92
const MORE = 62

/**
 * Reads what follows MAIL or RCPT: `FROM:<ann@example.org> SIZE=100`. Space after the colon is forgiven, for many write it. Routes in front of an
 * address (`<@a,@b:c@d>`) are read over, as RFC 5321 §4.1.1.3 asks. `text` has one character a byte.
 */
export function readPath(text: string, keyword: 'FROM' | 'TO'): Path {
  const start = /^(FROM|TO):[ \t]*</i.exec(text)
  const verb = keyword === 'FROM' ? 'MAIL' : 'RCPT'
  if (start?.[1]?.toUpperCase() !== keyword) return refused(501, '5.5.4', `Write ${verb} ${keyword}:<name@example.org>.`)
  const from = start[0].length
  const end = endOfPath(text, from)
  const after = text.charCodeAt(end + 1)
  if (end === -1 || !(Number.isNaN(after) || after === 32)) return refused(501, '5.5.4', `The address of ${verb} has no end.`)
  const inner = decoded(text.slice(from, end).replace(/^@[^:>]{1,200}:/, ''))
  const rest = text.slice(end + 1).trim()
  if (inner === null) return refused(553, '5.6.7', 'The address is not written in UTF-8.')
  if (inner === '') {
    return keyword === 'FROM' ? { ok: true, address: null, rest } : refused(553, '5.1.3', 'A recipient needs an address.')
  }
  const address = inner.length > PATH_MAX ? null : parseAddress(inner)
  if (address) return { ok: true, address, rest }
  const why = inner.length > PATH_MAX ? `It is longer than ${PATH_MAX} characters.` : (explainAddress(inner) ?? '')
  return refused(553, keyword === 'FROM' ? '5.1.7' : '5.1.3', `That is not an address that mail can be sent to. ${why}`)
}

/** RFC 6531 §3.4: who did not announce SMTPUTF8 cannot mean an address outside ASCII. */
export function needsUtf8(address: Address | null): boolean {
  return address !== null && isInternationalized(address)
}

function endOfPath(text: string, from: number): number {
  let quoted = false
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) quoted = !quoted
    else if (quoted && unit === BACKSLASH) at += 1
    else if (!quoted && unit === MORE) return at
  }
  return -1
}

function decoded(bytes: string): string | null {
  if (!/[\x80-\xff]/.test(bytes)) return bytes
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return null
  }
}

function refused(code: number, enhanced: string, text: string): { ok: false; refusal: Reply } {
  return { ok: false, refusal: reply(code, enhanced, text) }
}
