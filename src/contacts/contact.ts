/** A person who writes to us or whom we write to, with all the addresses they use. An address belongs to one person of a workspace. */

import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import { isZone } from '../lib/zones.ts'
import { type CustomData, joinedName } from './custom-data.ts'

export interface Contact {
  readonly workspaceId: WorkspaceId
  readonly id: ContactId
  /** '' where nobody said one. */
  readonly name: string
  readonly firstName: string
  readonly lastName: string
  /** Their key in another system; nobody else of the workspace has it. */
  readonly externalId: string | null
  /** A language tag such as `en` or `pt-BR`; '' where it is not known. */
  readonly language: string
  /** As in the IANA list, `Europe/Berlin`; '' where it is not known. */
  readonly timeZone: string
  readonly data: CustomData
  readonly tags: readonly string[]
  readonly company: string
  readonly jobTitle: string
  readonly phones: readonly string[]
  readonly note: string
  /** As they are compared, the first one is where mail goes to. */
  readonly addresses: readonly string[]
  readonly mergedInto: ContactId | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The name follows its parts as long as nobody wrote another one. */
export function withName(before: Contact, after: Contact, written: string | undefined): Contact {
  const follows = before.name === '' || before.name === joinedName(before.firstName, before.lastName)
  const joined = joinedName(after.firstName, after.lastName)
  return written === undefined && follows && joined !== '' ? { ...after, name: joined } : after
}

/** What a person is called: their name or, without one, their address. */
export function nameOf(contact: Pick<Contact, 'name' | 'addresses'>): string {
  return contact.name || contact.addresses[0] || 'Somebody'
}

const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/

/** `EN_us` as `en-US` is written: the language in lower case; null for what is no language tag. */
export function readLanguage(text: string): string | null {
  const [first = '', ...rest] = text.trim().replaceAll('_', '-').split('-')
  const tag = [first.toLowerCase(), ...rest.map((part) => (part.length === 2 ? part.toUpperCase() : part))].join('-')
  return LANGUAGE.test(tag) && tag.length <= 35 ? tag : null
}

/** As the platform knows it; null for what is no time zone. */
export function readTimeZone(text: string): string | null {
  const trimmed = text.trim()
  if (trimmed.length > 64 || !/^[A-Za-z]/.test(trimmed)) return null
  const asked = askedZones.get(trimmed)
  if (asked !== undefined) return asked ? trimmed : null
  if (askedZones.size >= ZONES_REMEMBERED) askedZones.clear()
  askedZones.set(trimmed, isZone(trimmed))
  return readTimeZone(trimmed)
}

/** Asking the platform takes a tenth of a millisecond, and a file names the same few zones a million times. */
const askedZones = new Map<string, boolean>()
const ZONES_REMEMBERED = 1_000

export const MAX_TAGS = 50
export const MAX_TAG_LENGTH = 60

/** Trimmed, each once whatever its case; null when one is too long. */
export function readTags(tags: readonly string[]): string[] | null {
  const found = new Map<string, string>()
  for (const tag of tags) {
    const trimmed = tag.trim()
    if (trimmed.length > MAX_TAG_LENGTH) return null
    if (trimmed !== '' && !found.has(trimmed.toLowerCase())) found.set(trimmed.toLowerCase(), trimmed)
  }
  return [...found.values()]
}
