import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextDue, nextReady } from '../../../src/workflows/interpret/next.ts'
import { nextTryAt, retryOf } from '../../../src/workflows/interpret/retry.ts'
import type { RunState, Token } from '../../../src/workflows/interpret/state.ts'

const NOW = new Date('2026-03-02T09:00:00Z')
const waits = (at: Date | null) => (at === null ? null : at.getTime() - NOW.getTime())

test('a class of failure is tried again as long as it deserves, never before the step says, and then no more', () => {
  const failed = fc.record({
    class: fc.constantFrom('conflict', 'throttled', 'fault', 'timeout', 'relay_refused'),
    retryAt: fc.integer({ min: 0, max: 86_400_000 }).map((ms) => new Date(NOW.getTime() + ms)),
    attempt: fc.nat({ max: 15 }),
    tokenId: fc.uuid(),
  })
  fc.assert(
    fc.property(failed, (one) => {
      const policy = retryOf(undefined, one.class)
      const at = nextTryAt(undefined, one, NOW)
      expect(at === null).toBe(one.attempt >= policy.max)
      if (at === null) return
      expect(at.getTime()).toBeGreaterThanOrEqual(one.retryAt.getTime())
      const latest = Math.max(policy.capSeconds * 1_100 + 1, one.retryAt.getTime() - NOW.getTime())
      expect(waits(at)).toBeLessThanOrEqual(latest)
    }),
  )
})

test('what failed together does not come back together', () => {
  const at = (id: number) =>
    waits(nextTryAt(undefined, { class: 'timeout', retryAt: NOW, attempt: 3, tokenId: `token ${id}` }, NOW))
  const moments = Array.from({ length: 1_000 }, (_, id) => at(id) ?? 0)
  expect(new Set(moments).size).toBeGreaterThan(900)
  expect(Math.min(...moments)).toBeLessThan(815_000)
  expect(Math.max(...moments)).toBeGreaterThan(885_000)
})

test('a step’s own policy is the last word', () => {
  const policy = { max: 1, baseSeconds: 10, factor: 1, capSeconds: 10 }
  const failed = { class: 'throttled', retryAt: new Date(NOW.getTime() + 3_600_000), tokenId: 't' }
  expect(waits(nextTryAt(policy, { ...failed, attempt: 0 }, NOW))).toBeLessThanOrEqual(11_000)
  expect(nextTryAt(policy, { ...failed, attempt: 1 }, NOW)).toBe(null)
})

test('what is due first goes first, and of several at the same moment the oldest', () => {
  const token = (id: string, state: Token['state'], seconds: number | null): Token => ({
    ...{
      id,
      node: 'a',
      visit: 1,
      state,
      timeoutPort: null,
      arms: [],
      attempt: 0,
      frames: [],
      memo: {},
      arrivedAt: NOW,
      trouble: null,
    },
    dueAt: seconds === null ? null : new Date(NOW.getTime() + seconds * 1_000),
  })
  const tokens = [
    token('d', 'ready', 0),
    token('c', 'ready', -5),
    token('b', 'ready', -5),
    token('a', 'ready', 1),
    token('e', 'waiting', -9),
    token('f', 'held', null),
  ]
  const state = { tokens } as unknown as RunState
  expect([nextReady(state, NOW)?.id, nextDue(state, NOW)?.id]).toEqual(['b', 'e'])
})
