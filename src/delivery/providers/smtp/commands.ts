/** RFC 5321 §4.5.3.1.4 asks servers for 512 octets; parameters and long addresses (RFC 6531) lengthen it. Nothing of ours needs more. */
const MAX_COMMAND = 2_048

const [SPACE, DEL, QUOTE, LESS, MORE, BACKSLASH] = [32, 127, 34, 60, 62, 92]

/** A value that must not become part of a command: the message of the answer says which. */
export class UnsafeCommand extends Error {
  override readonly name = 'UnsafeCommand'
}

/**
 * The one place where a command line is made: every text that goes onto the wire outside a body passes here, whoever wrote it. Non-ASCII
 * is written as UTF-8 (RFC 6531 §3.2), one character a byte.
 */
export function command(text: string, maxBytes = MAX_COMMAND): string {
  let ascii = true
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < SPACE || (unit >= DEL && unit <= 0x9f))
      throw new UnsafeCommand('A control character cannot be part of an SMTP command.')
    if (unit > DEL) ascii = false
  }
  const line = ascii ? text : utf8(text)
  if (line.length > maxBytes) throw new UnsafeCommand(`An SMTP command of this kind cannot be longer than ${maxBytes} bytes.`)
  return `${line}\r\n`
}

/** `<address>` for MAIL and RCPT. A space or an angle bracket outside a quoted local part would begin a parameter of the sender's choice. */
export function path(address: string): string {
  let quoted = false
  for (let at = 0; at < address.length; at += 1) {
    const unit = address.charCodeAt(at)
    if (unit === QUOTE) quoted = !quoted
    else if (quoted && unit === BACKSLASH) at += 1
    else if (!quoted && (unit === SPACE || unit === LESS || unit === MORE)) {
      throw new UnsafeCommand('An address holds a space or an angle bracket outside quotation marks.')
    }
  }
  if (quoted) throw new UnsafeCommand('An address has a quotation mark that is not closed.')
  return `<${address}>`
}

export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > DEL) return false
  return true
}

function utf8(text: string): string {
  if (!text.isWellFormed()) throw new UnsafeCommand('An address holds half of a character.')
  return Buffer.from(text, 'utf8').toString('latin1')
}
