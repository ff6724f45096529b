/**
 * A key that mail of a domain is signed with.
 *
 *   new ──the DNS shows it──▶ published ──seen long enough──▶ active ──its successor is active──▶ retiring ──7 days──▶ revoked
 *    ▲ └───────────────────────── gone from the DNS ◀──┘        │
 *    └──────────── gone from the DNS for 24 h ◀─────────────────┘
 *
 * Only active keys sign. A retiring one stays published: mail that it signed may still wait in somebody's queue, and is verified when it
 * arrives. A domain's first keys need no wait between published and active; later ones do, for resolvers that remember their absence.
 */
import { DAY, HOUR } from '../../lib/clock.ts'
import type { DkimAlgorithm } from '../../mail/dkim/key.ts'
import type { CheckStatus } from './check.ts'

export const DKIM_KEY_STATES = ['new', 'published', 'active', 'retiring', 'revoked'] as const
export type DkimKeyState = (typeof DKIM_KEY_STATES)[number]

export interface DkimKey {
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  readonly publicKey: string
  readonly state: DkimKeyState
  readonly since: Date
  /** Since when the DNS has been answering something else than this key. */
  readonly wrongSince: Date | null
  readonly createdAt: Date
}

/** RFC 2308 §5 lets a resolver remember for up to three hours that a name does not exist; most zones say an hour or less. */
export const PUBLISHED_FOR_MS = HOUR
/** Longer than any sender keeps trying (RFC 5321 §4.5.4.1: four to five days). */
export const RETIRING_FOR_MS = 7 * DAY
/** As long a domain that was in order goes on as if it were. */
export const GRACE_MS = DAY

/** The keys as they stand after a look at the DNS; `seen` has what was found for each selector. */
export function advanceKeys(keys: readonly DkimKey[], seen: ReadonlyMap<string, CheckStatus>, now: Date): DkimKey[] {
  const looked = keys.map((key) => afterLook(key, seen.get(key.selector) ?? 'error', now))
  const ready = looked.filter((key) => isReady(key, looked, now))
  return looked.map((key) => {
    if (ready.includes(key)) return moved(key, 'active', now)
    const isSucceeded = key.state === 'active' && ready.some(({ algorithm }) => algorithm === key.algorithm)
    return isSucceeded ? moved(key, 'retiring', now) : key
  })
}

function afterLook(key: DkimKey, status: CheckStatus, now: Date): DkimKey {
  const wrongSince = status === 'error' ? key.wrongSince : status === 'correct' ? null : (key.wrongSince ?? now)
  const looked = { ...key, wrongSince }
  switch (key.state) {
    case 'new':
      return status === 'correct' ? moved(looked, 'published', now) : looked
    case 'published':
      return wrongSince ? moved(looked, 'new', now) : looked
    case 'active':
      return wrongSince && now.getTime() - wrongSince.getTime() >= GRACE_MS ? moved(looked, 'new', now) : looked
    case 'retiring':
      return now.getTime() - key.since.getTime() >= RETIRING_FOR_MS ? moved(looked, 'revoked', now) : looked
    case 'revoked':
      return looked
  }
}

/** The first of its kind at once; two of one kind never become active together. */
function isReady(key: DkimKey, all: readonly DkimKey[], now: Date): boolean {
  if (key.state !== 'published') return false
  const rivals = all.filter(({ algorithm }) => algorithm === key.algorithm)
  if (rivals.find(({ state }) => state === 'published') !== key) return false
  return !rivals.some(({ state }) => state === 'active') || now.getTime() - key.since.getTime() >= PUBLISHED_FOR_MS
}

function moved(key: DkimKey, state: DkimKeyState, now: Date): DkimKey {
  return { ...key, state, since: now }
}

/** New keys while others are on their way would leave nobody knowing what to publish. */
export function canRotate(keys: readonly DkimKey[]): boolean {
  return keys.some(({ state }) => state === 'active') && !keys.some(({ state }) => state === 'new' || state === 'published')
}

/** Keys whose record belongs in the DNS. */
export function isToBePublished({ state }: DkimKey): boolean {
  return state !== 'revoked'
}
