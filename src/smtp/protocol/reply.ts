/** What a server answers (RFC 5321 §4.2, RFC 2034). `enhanced` is left out where the RFC gives none: greeting, EHLO, 334 and 354. */
export interface Reply {
  readonly code: number
  readonly enhanced: string | null
  readonly text: string
}

/** RFC 5321 §4.5.3.1.5: a line has at most 512 octets, with its code and its end. */
const TEXT_MAX = 480

export function reply(code: number, enhanced: string | null, text: string): Reply {
  return { code, enhanced, text }
}

/** On one line, in ASCII: what others wrote, and we repeat, must not become a line of its own. */
export function formatReply({ code, enhanced, text }: Reply): string {
  const safe = text.replace(/[^\x20-\x7e]+/g, '?')
  return `${code}${enhanced === null ? '' : ` ${enhanced}`} ${safe.length > TEXT_MAX ? `${safe.slice(0, TEXT_MAX - 3)}...` : safe}\r\n`
}

/** The answer to EHLO: one extension a line. */
export function formatLines(code: number, lines: readonly string[]): string {
  return lines.map((line, at) => `${code}${at === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join('')
}

export function isRefusal({ code }: Reply): boolean {
  return code >= 400
}
