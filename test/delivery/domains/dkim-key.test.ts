import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHECK_STATUSES, type CheckStatus } from '../../../src/delivery/domains/check.ts'
import {
  advanceKeys,
  canRotate,
  type DkimKey,
  type DkimKeyState,
  GRACE_MS,
  PUBLISHED_FOR_MS,
  RETIRING_FOR_MS,
} from '../../../src/delivery/domains/dkim-key.ts'
import { stateOf } from '../../../src/delivery/domains/domain.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'

const START = new Date('2026-11-22T10:00:00Z')
const after = (ms: number) => new Date(START.getTime() + ms)

function aKey(selector: string, state: DkimKeyState, more: Partial<DkimKey> = {}): DkimKey {
  return { selector, algorithm: 'rsa', publicKey: selector, state, since: START, wrongSince: null, createdAt: START, ...more }
}

function states(keys: readonly DkimKey[]): Record<string, DkimKeyState> {
  return Object.fromEntries(keys.map(({ selector, state }) => [selector, state]))
}

const seen = (given: Record<string, CheckStatus>) => new Map(Object.entries(given))

test('the first key of a domain signs as soon as the DNS shows it', () => {
  const published = advanceKeys([aKey('a', 'new')], seen({ a: 'correct' }), START)
  const active = advanceKeys(published, seen({ a: 'correct' }), after(MINUTE))
  expect(states(active)).toEqual({ a: 'active' })
  expect(stateOf(active, false)).toBe('verified')
})

test('a successor signs after it was seen for an hour; then the old key retires for seven days and is revoked', () => {
  let keys = [aKey('new', 'new', { createdAt: after(1) }), aKey('old', 'active')]
  const look = (ms: number, status: CheckStatus = 'correct') => {
    keys = advanceKeys(keys, seen({ new: status, old: 'correct' }), after(ms))
    return states(keys)
  }
  expect(look(0, 'missing')).toEqual({ new: 'new', old: 'active' })
  expect(look(MINUTE)).toEqual({ new: 'published', old: 'active' })
  expect(look(MINUTE + PUBLISHED_FOR_MS - 1)).toEqual({ new: 'published', old: 'active' })
  expect(look(MINUTE + PUBLISHED_FOR_MS)).toEqual({ new: 'active', old: 'retiring' })
  expect(look(MINUTE + PUBLISHED_FOR_MS + RETIRING_FOR_MS - 1)).toEqual({ new: 'active', old: 'retiring' })
  expect(look(MINUTE + PUBLISHED_FOR_MS + RETIRING_FOR_MS)).toEqual({ new: 'active', old: 'revoked' })
})

test('a key of another kind is no rival: each kind has its own active key', () => {
  const keys = [aKey('r', 'active'), aKey('e', 'new', { algorithm: 'ed25519' })]
  const once = advanceKeys(keys, seen({ r: 'correct', e: 'correct' }), START)
  expect(states(advanceKeys(once, seen({ r: 'correct', e: 'correct' }), START))).toEqual({ r: 'active', e: 'active' })
})

test('a key that is gone from the DNS signs for one more day, and then no more; when it is back it signs at once', () => {
  const gone = advanceKeys([aKey('a', 'active')], seen({ a: 'missing' }), START)
  expect(stateOf(gone, true)).toBe('warning')
  const almost = advanceKeys(gone, seen({ a: 'missing' }), after(GRACE_MS - 1))
  expect(stateOf(almost, true)).toBe('warning')
  const lapsed = advanceKeys(almost, seen({ a: 'missing' }), after(GRACE_MS))
  expect(stateOf(lapsed, true)).toBe('lapsed')
  const back = advanceKeys(advanceKeys(lapsed, seen({ a: 'correct' }), after(2 * DAY)), seen({ a: 'correct' }), after(2 * DAY))
  expect(stateOf(back, true)).toBe('verified')
})

test('a DNS that cannot be asked changes nothing, however long', () => {
  const keys = [aKey('new', 'new'), aKey('old', 'active'), aKey('off', 'revoked')]
  for (const ms of [0, DAY, 30 * DAY]) {
    expect(advanceKeys(keys, seen({ new: 'error', old: 'error' }), after(ms))).toEqual(keys)
    expect(advanceKeys(keys, seen({}), after(ms))).toEqual(keys)
  }
})

test('an outage in the middle of a warning does not end its day', () => {
  const wrong = advanceKeys([aKey('a', 'active')], seen({ a: 'incorrect' }), START)
  const dark = advanceKeys(wrong, seen({ a: 'error' }), after(25 * HOUR))
  expect(states(dark)).toEqual({ a: 'new' })
})

test('new keys are made only when none is on its way', () => {
  expect(canRotate([aKey('a', 'active')])).toBe(true)
  expect(canRotate([aKey('a', 'active'), aKey('b', 'retiring'), aKey('c', 'revoked')])).toBe(true)
  expect(canRotate([aKey('a', 'active'), aKey('b', 'new')])).toBe(false)
  expect(canRotate([aKey('a', 'active'), aKey('b', 'published')])).toBe(false)
  expect(canRotate([aKey('a', 'new')])).toBe(false)
})

test('whatever the DNS says over weeks, there is never more than one active key of a kind, and a revoked one stays revoked', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 3 * DAY }),
    answers: fc.array(fc.constantFrom(...CHECK_STATUSES), { minLength: 4, maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let keys = [aKey('a', 'active'), aKey('b', 'new'), aKey('c', 'new', { algorithm: 'ed25519' }), aKey('d', 'revoked')]
      let atMs = 0
      for (const { waitMs, answers } of steps) {
        atMs += waitMs
        keys = advanceKeys(keys, new Map(keys.map(({ selector }, index) => [selector, answers[index] ?? 'error'])), after(atMs))
        for (const kind of ['rsa', 'ed25519']) {
          expect(keys.filter(({ algorithm, state }) => algorithm === kind && state === 'active').length).toBeLessThanOrEqual(1)
        }
        expect(keys.at(-1)?.state).toBe('revoked')
      }
    }),
  )
})
