import { toSevenBit } from '../../../../mail/downgrade.ts'
import type { Handoff } from '../../provider.ts'
import type { Capabilities } from '../capabilities.ts'
import { command, isAscii, path, UnsafeCommand } from '../commands.ts'
import type { Ending } from '../ending.ts'

/** A handoff in the words of one connection. */
export interface Envelope {
  readonly mail: string
  readonly recipients: readonly string[]
  readonly content: string
}

/**
 * Prepares a handoff for a server that offers these capabilities, or says which one it would need. What cannot be prepared at all, even by a
 * fault of ours, ends this message: nothing above could tell whose fault it was, and the process would end.
 */
export function toEnvelope(handoff: Handoff, offered: Capabilities, maxRecipients: number): Envelope | Ending {
  try {
    return prepared(handoff, offered, maxRecipients)
  } catch (error) {
    const known = error instanceof UnsafeCommand
    return unable(
      'wellformed',
      known ? error.message : `The message cannot be prepared for sending (${(error as Error).message}).`,
    )
  }
}

function prepared(handoff: Handoff, offered: Capabilities, maxRecipients: number): Envelope | Ending {
  const { sender, recipients } = handoff
  const first = recipients.length <= maxRecipients ? recipients : recipients.slice(0, maxRecipients)
  // Every server would refuse it, and some would read what follows as something else.
  if (handoff.content.includes('\0')) return unable('wellformed', 'The message holds a NUL character, which mail cannot carry.')
  // Written as one byte, U+010A would become a line feed. In a string of bytes there is nothing to search, and the engine knows it.
  if (/[^\x00-\xff]/.test(handoff.content)) return unable('wellformed', 'The message is not made of bytes.')

  const utf8 = handoff.internationalized || !isAscii(sender) || !first.every(isAscii)
  if (utf8 && !offered.internationalized) {
    return unable('smtputf8', 'The server does not offer SMTPUTF8, which this address or header needs.')
  }
  const lowered = handoff.eightBit && !offered.eightBit
  const content = lowered ? toSevenBit(handoff.content) : handoff.content
  if (content === null) return unable('8bitmime', 'The server does not offer 8BITMIME, and the message cannot be re-encoded.')
  if (offered.size !== null && offered.size > 0 && content.length > offered.size) {
    return unable('size', `The message has ${content.length} bytes, and the server takes at most ${offered.size}.`)
  }
  const size = offered.size === null ? '' : ` SIZE=${content.length}`
  const body = handoff.eightBit && !lowered ? ' BODY=8BITMIME' : ''
  return {
    mail: command(`MAIL FROM:${path(sender)}${size}${body}${utf8 ? ' SMTPUTF8' : ''}`),
    recipients: first.map((recipient) => command(`RCPT TO:${path(recipient)}`)),
    content,
  }
}

function unable(lack: 'size' | '8bitmime' | 'smtputf8' | 'wellformed', message: string): Ending {
  return { stage: 'mail', kind: 'unable', lack, message }
}
