import { type AddressList, formatAddress, isInternationalized, type Mailbox, parseAddressList } from '../../../mail/address.ts'
import type { Field } from '../../../mail/raw-head.ts'
import { SCALEWAY_LIMITS } from './limits.ts'

/** Somebody, as the API names people. */
export interface Person {
  readonly email: string
  readonly name?: string
}

/** Whom a mail is from and to. Scaleway sends to everybody it is told of, so those are the recipients, neither more nor fewer. */
export interface People {
  readonly from: Person
  readonly to: readonly Person[]
  readonly cc: readonly Person[]
  readonly bcc: readonly Person[]
}

/** Whom the headers name, brought together with whom the mail goes to; or what stands in the way, in a sentence. */
export function peopleOf(fields: readonly Field[], recipients: readonly string[]): People | string {
  const lists = { From: listOf(fields, 'from'), To: listOf(fields, 'to'), Cc: listOf(fields, 'cc') }
  for (const [name, list] of Object.entries(lists)) {
    if (typeof list === 'string') return `its header ${name} ${list}`
  }
  const { From, To, Cc } = lists as Record<keyof typeof lists, readonly Mailbox[]>
  if (From.length !== 1) return `its header From names ${From.length} authors, and Scaleway takes one`
  if (fields.some(({ key }) => key === 'bcc')) return 'it has the header Bcc, which everybody would see'
  const wanted = new Set(recipients.map((recipient) => recipient.toLowerCase()))
  const named = new Set([...To, ...Cc].map(keyOf))
  const stranger = [...To, ...Cc].find((mailbox) => !wanted.has(keyOf(mailbox)))
  if (stranger) {
    const header = To.includes(stranger) ? 'To' : 'Cc'
    return `its header ${header} names ${formatAddress(stranger.address)}, and Scaleway sends to everybody who is named: who does not get this mail now cannot be shown in it`
  }
  if (To.length === 0) return 'its header To names nobody, and Scaleway needs somebody there'
  const hidden = recipients.filter((recipient) => !named.has(recipient.toLowerCase()))
  if (To.length + Cc.length + hidden.length > SCALEWAY_LIMITS.recipients)
    return `it has ${recipients.length} recipients, and Scaleway takes ${SCALEWAY_LIMITS.recipients} at a time`
  const [from] = From.map(toPerson)
  return { from: from as Person, to: To.map(toPerson), cc: Cc.map(toPerson), bcc: hidden.map((email) => ({ email })) }
}

function listOf(fields: readonly Field[], key: string): readonly Mailbox[] | string {
  const value = fields
    .filter((field) => field.key === key)
    .map((field) => field.value)
    .join(', ')
  if (value.trim() === '') return []
  if (hasGroup(value)) return 'names a group, which Scaleway cannot carry'
  const { mailboxes, problems }: AddressList = parseAddressList(value)
  if (problems.length > 0) return `cannot be read: ${problems[0]?.reason ?? ''}`
  if (mailboxes.some(({ address }) => isInternationalized(address)))
    return 'has an address with letters beyond ASCII before its @, which Scaleway loses'
  return mailboxes
}

/** RFC 5322 §3.4: `name: members;`. Quoted strings, comments and addresses in brackets hold no group. */
function hasGroup(value: string): boolean {
  return /:/.test(value.replace(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>|=\?[^?\s]*\?[BbQq]\?[^?\s]*\?=/g, ''))
}

function keyOf({ address }: Mailbox): string {
  return formatAddress(address).toLowerCase()
}

function toPerson({ name, address }: Mailbox): Person {
  const email = formatAddress(address)
  return name === '' ? { email } : { email, name }
}
