/**
 * Which tool a file of people comes from, and what its words for people become here. Law: whoever left there, could not be reached there or was blocked
 * there gets no newsletter here, whatever list they are put on; no word makes anybody subscribed that did not say so there. Pure.
 */

export const SOURCES = ['keila', 'listmonk'] as const
export type Source = (typeof SOURCES)[number]

export const SOURCE_NAMES: Readonly<Record<Source, string>> = { keila: 'Keila', listmonk: 'listmonk' }

/** As their exports begin. Keila's newer ones have an external id at the end. */
const HEADERS: readonly (readonly [Source, readonly string[]])[] = [
  ['keila', ['email', 'first name', 'last name', 'data', 'status']],
  ['keila', ['email', 'first name', 'last name', 'data', 'status', 'external id']],
  ['listmonk', ['uuid', 'email', 'name', 'attributes', 'status', 'created_at', 'updated_at']],
]

export function sourceOfHeader(header: readonly string[]): Source | null {
  const names = header.map((name) => name.trim().toLowerCase())
  const found = HEADERS.find(([, known]) => known.length === names.length && known.every((name, i) => name === names[i]))
  return found?.[0] ?? null
}

/** What keeps somebody from all newsletters, beside the lists: why, as the suppression list says it. */
export type Barred = 'unsubscribed' | 'unknown_address' | 'manual'

/** Null: nothing bars them. Both tools have statuses of the whole person: they hold for everything that is sent to many. */
const BARRED: Readonly<Record<Source, Readonly<Record<string, Barred | null>>>> = {
  keila: { active: null, unsubscribed: 'unsubscribed', unreachable: 'unknown_address' },
  listmonk: { enabled: null, disabled: 'unsubscribed', blocklisted: 'manual' },
}

/** `wants`: what the word means in general; a word that is none of the tool's own still never brings anybody back. */
export function barredBy(source: Source, word: string, wants: Membership['wants'] | undefined): Barred | null {
  return word in BARRED[source] ? (BARRED[source][word] ?? null) : wants === 'unsubscribed' ? 'unsubscribed' : null
}

/** Somebody's standing with one list of the other tool. */
export interface Membership {
  readonly list: string
  readonly wants: 'subscribed' | 'pending' | 'unsubscribed'
  /** They confirmed it there, by a link in a mail. */
  readonly confirmed?: boolean
  readonly at?: string
  readonly ip?: string
}

/** A list of the other tool. */
export interface SourceList {
  readonly name: string
  readonly isPublic: boolean
  readonly optIn: 'single' | 'double'
}

export const MAX_SOURCE_LISTS = 50

/** In what words the consent of somebody is kept: what a person here says of it, and what the other tool knew. */
export function proofOf(
  consent: string,
  source: Source | null,
  { at, ip }: { readonly at?: string | undefined; readonly ip?: string | undefined },
): string {
  if (source === null || (at === undefined && ip === undefined)) return consent
  const known = [at === undefined ? '' : ` on ${at}`, ip === undefined ? '' : ` from ${ip}`].join('')
  return `${consent} (confirmed in ${SOURCE_NAMES[source]}${known})`.slice(0, 2_000)
}

/** For people, before anybody is written: what a word of the file comes to. */
export function meaningOf(source: Source | null, word: string, wants: Membership['wants']): string {
  const barred = source === null ? null : barredBy(source, word, wants)
  switch (barred) {
    case 'unsubscribed':
      return 'left all lists; no newsletter goes to them'
    case 'unknown_address':
      return 'left all lists; on the suppression list for newsletters as an address that takes no mail'
    case 'manual':
      return 'left all lists; on the suppression list for newsletters'
    case null:
      return { subscribed: 'put on the lists', pending: 'still to confirm', unsubscribed: 'left the lists' }[wants]
  }
}
