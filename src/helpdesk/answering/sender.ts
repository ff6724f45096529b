/** In whose name an answer goes out, and what stands below it. Pure. */
import type { Inbox } from '../inbox.ts'
import { fillVariables, firstNameOf, type Spoken, valuesOf } from '../variables.ts'

export interface Author {
  readonly name: string
  readonly email: string
}

/** What customers see before the address. A program that answers has no name of its own: the inbox speaks. */
export function senderName({ name, fromName }: Pick<Inbox, 'name' | 'fromName'>, author: Author | null): string {
  if (author === null || fromName === 'inbox') return name
  return fromName === 'agent' ? author.name : `${firstNameOf(author.name)} at ${name}`
}

/** What an answer may be sent from: the inbox's own address first, then those of its aliases that may. */
export function sendersOf(inbox: Pick<Inbox, 'address' | 'addresses'>): string[] {
  const aliases = inbox.addresses.filter(({ address, maySend }) => maySend && address !== inbox.address.toLowerCase())
  return [inbox.address, ...aliases.map(({ address }) => address)]
}

export function signatureFor(inbox: Pick<Inbox, 'signature'>, spoken: Spoken): string {
  return inbox.signature === '' ? '' : fillVariables(inbox.signature, valuesOf(spoken), 'html')
}
