/** Where mails of a campaign ask for answers. */

import { SIGNED_ID_CHARACTERS } from '../../lib/signed-id.ts'
import { type Address, formatAddress, type Mailbox, parseMailbox, quoteName } from '../../mail/address.ts'
import type { Slotted } from '../../mail/stencil.ts'
import { ANSWER_PLACE } from '../../tracking/personalise.ts'

/** The inbox that answers go to, as far as mail has to know it. */
export interface ReplyInbox {
  readonly name: string
  readonly address: string
  /** Whether mail to `support+something@…` comes to it. */
  readonly plusAddress: boolean
}

export interface ReplyTo {
  readonly replyTo: readonly Mailbox[]
  readonly ownReplyTo: Slotted | null
}

/** RFC 5321 §4.5.3.1.1. */
const LOCAL_PART_MAX = 64
const MARK = 'c.'

/** With plus addresses each mail has its own, so that an answer says what it answers whatever its program does to headers. */
export function replyToOf(inbox: ReplyInbox): ReplyTo {
  const mailbox = parseMailbox(inbox.address)
  if (!mailbox) return { replyTo: [], ownReplyTo: null }
  const replyTo = [{ name: inbox.name, address: mailbox.address }]
  return { replyTo, ownReplyTo: inbox.plusAddress ? ownAddress(inbox.name, mailbox.address) : null }
}

function ownAddress(name: string, address: Address): Slotted | null {
  const written = formatAddress(address)
  const fits = address.local.length + 1 + MARK.length + SIGNED_ID_CHARACTERS <= LOCAL_PART_MAX
  // Where it is written in parts, it is so in letters that need no encoding.
  if (!fits || !/^[\x21-\x7e]+$/.test(written) || written.startsWith('"')) return null
  const isPlain = /^[\x20-\x7e]*$/.test(name) && name !== '' && name.length <= 70 && !name.includes('=?')
  const at = written.lastIndexOf('@')
  return {
    literals: [`${isPlain ? `${quoteName(name)} ` : ''}<${written.slice(0, at)}+${MARK}`, `${written.slice(at)}>`],
    places: [ANSWER_PLACE],
  }
}
