import { type Item, readAddress, readList, readMailbox } from './address-parser.ts'
import { findControl, isAscii } from './characters.ts'

declare const brand: unique symbol

/** A mailbox that mail can be sent to. Made by the parsers here only, so whoever holds one need not ask again. */
export type Address = { readonly local: string; readonly domain: string } & { readonly [brand]: 'Address' }

/** An address with the name people see; the name is '' when there is none. */
export interface Mailbox {
  readonly name: string
  readonly address: Address
}

/** One entry of a list that is not an address: where it begins in the text (counted in UTF-16 units), what it is, and why not. */
export interface AddressProblem {
  readonly at: number
  readonly text: string
  readonly reason: string
}

export interface AddressList {
  readonly mailboxes: readonly Mailbox[]
  readonly problems: readonly AddressProblem[]
}

/** Entries beyond this are not read; the list is then refused as a whole by a problem at the first one too many. */
export const ADDRESS_LIST_MAX = 1_000

/**
 * Reads `ann@example.org`, with comments or a quoted local part. The domain is lower-cased to its A-label form; the local part is kept
 * as written, since only its own host may interpret it (RFC 5321 §2.3.11).
 */
export function parseAddress(text: string): Address | null {
  const item = readAddress(text)
  return item.ok ? toAddress(item) : null
}

/** Why the text is not an address, in a sentence; null when it is one. */
export function explainAddress(text: string): string | null {
  const item = readAddress(text)
  return item.ok ? null : item.reason
}

/** Reads `ann@example.org`, `<ann@example.org>` or `Ann Smith <ann@example.org>`; encoded words in the name are decoded. */
export function parseMailbox(text: string): Mailbox | null {
  const item = readMailbox(text)
  return item.ok ? { name: item.name, address: toAddress(item) } : null
}

/** Why the text is not a mailbox, in a sentence; null when it is one. */
export function explainMailbox(text: string): string | null {
  const item = readMailbox(text)
  return item.ok ? null : item.reason
}

/** Reads a list separated by commas or semicolons, groups included. One wrong entry does not spoil the others. */
export function parseAddressList(text: string): AddressList {
  const mailboxes: Mailbox[] = []
  const problems: AddressProblem[] = []
  for (const item of readList(text, ADDRESS_LIST_MAX)) {
    if (item.ok) mailboxes.push({ name: item.name, address: toAddress(item) })
    else problems.push({ at: item.at, text: item.text, reason: item.reason })
  }
  return { mailboxes, problems }
}

function toAddress(item: Extract<Item, { ok: true }>): Address {
  return { local: item.local, domain: item.domain } as Address
}

const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/u

/** The envelope form: what MAIL FROM and RCPT TO carry between the angle brackets. */
export function formatAddress({ local, domain }: Address): string {
  return `${DOT_ATOM.test(local) ? local : quote(local)}@${domain}`
}

/** True when the address can be sent only to a server with SMTPUTF8 (RFC 6531). The domain never needs it: it is in A-labels. */
export function isInternationalized({ local }: Address): boolean {
  return !isAscii(local)
}

const PLAIN_NAME = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/u

/** `Ann Smith <ann@example.org>` as people write it; header.ts encodes it for the wire. */
export function formatMailbox({ name, address }: Mailbox): string {
  if (name === '') return formatAddress(address)
  return `${quoteName(name)} <${formatAddress(address)}>`
}

/** A display name as it may stand before an angle bracket: quoted unless it consists of plain words (RFC 5322 §3.2.5). */
export function quoteName(name: string): string {
  return PLAIN_NAME.test(name) && !name.includes('=?') ? name : quote(name)
}

/** True when a name may stand in a header at all: it has no control character and is not endless. */
export function isName(name: string): boolean {
  return name.length <= NAME_MAX && findControl(name) === null
}
export const NAME_MAX = 400

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
