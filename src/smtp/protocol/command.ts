/** A command as it was written: the verb in capitals, the rest without the spaces around it. One character a byte. */
export interface Command {
  readonly verb: string
  readonly rest: string
}

/**
 * RFC 5321 §4.5.3.1.4 asks for 512 octets and lets extensions add theirs: SMTPUTF8, DSN and a sign-in with long names need more; nothing that
 * we understand needs more than this.
 */
export const COMMAND_MAX = 4_096

/** Null for a line that can be no command: with control characters in it, which have smuggled commands elsewhere. */
export function readCommand(line: string): Command | null {
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line)) return null
  const trimmed = line.trimEnd()
  const space = trimmed.indexOf(' ')
  const verb = (space === -1 ? trimmed : trimmed.slice(0, space)).toUpperCase()
  return { verb, rest: space === -1 ? '' : trimmed.slice(space + 1).trim() }
}

/** RFC 5321 §4.1.1.1: a name, or an address in brackets. What it says is believed by nobody; it is kept for people. */
export function readHello(rest: string): string | null {
  return /^[A-Za-z0-9._:[\]-]{1,255}$/.test(rest) ? rest : null
}

/** RFC 3030 §2. */
export function readChunk(rest: string): { readonly size: number; readonly isLast: boolean } | null {
  const [, size, last] = /^(\d{1,15})(?: +(LAST))?$/i.exec(rest) ?? []
  return size === undefined ? null : { size: Number(size), isLast: last !== undefined }
}
