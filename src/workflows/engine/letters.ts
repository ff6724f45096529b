/** What letters are made of: where in the log they stand, and what is kept of what happened. */
import type { LogPosition } from '../../events/follow.ts'
import type { Happening } from '../happening.ts'
import type { Placed } from '../triggers/happenings.ts'
import type { NewBoxRow } from './route-queries.ts'

/** What conditions and expressions are shown of a happening. */
const MAX_FACTS = 32_768

export function comparePlaces(a: LogPosition, b: LogPosition): number {
  return Number(BigInt(a.txid) - BigInt(b.txid)) || Number(BigInt(a.seq) - BigInt(b.seq))
}

export function byPlace(a: NewBoxRow, b: NewBoxRow): number {
  return comparePlaces(a.place, b.place)
}

/** What is kept of a happening: facts that are too long for a row are left out by name. */
export function plain({ kind, keys, conversationId, contactId, facts }: Happening): Happening {
  if (JSON.stringify(facts).length <= MAX_FACTS) return { kind, keys, conversationId, contactId, facts }
  const short = Object.fromEntries(Object.entries(facts).filter(([, value]) => JSON.stringify(value ?? null).length <= 1_000))
  return { kind, keys, conversationId, contactId, facts: { ...short, too_long: true } }
}

export function placeOf({ event }: Placed): Pick<NewBoxRow, 'place' | 'at'> {
  return { place: event.position, at: event.at }
}

export function distinct<T>(values: readonly (T | null)[]): T[] {
  return [...new Set(values)].filter((value) => value !== null) as T[]
}
