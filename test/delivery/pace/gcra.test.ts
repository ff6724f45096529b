import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allowance, type Flow, giveBack, intervalMs, opensAt, PACE_PERIODS, take } from '../../../src/delivery/pace/gcra.ts'

const NOON = new Date('2026-11-22T12:00:00.000Z')
const after = (ms: number) => new Date(NOON.getTime() + ms)

test('35 an hour is one about every 103 seconds, and never a burst', () => {
  let flow: Flow = { amount: 35, per: 'hour', nextAt: null }
  const left: number[] = []
  for (let second = 0; second < 3_600; second++) {
    const now = after(second * 1_000)
    const n = allowance(flow, now)
    expect(n).toBeLessThanOrEqual(1)
    if (n === 1) {
      left.push(second)
      flow = { ...flow, nextAt: take(flow, 1, now) }
    }
  }
  expect(left).toHaveLength(35)
  const gaps = left.slice(1).map((at, i) => at - (left[i] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(102)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(104)
})

test('a fast limit lets one second of mail go together and no more', () => {
  const flow: Flow = { amount: 100, per: 'second', nextAt: null }
  expect(allowance(flow, NOON)).toBe(100)
  const used = { ...flow, nextAt: take(flow, 100, NOON) }
  expect(allowance(used, NOON)).toBe(0)
  expect(allowance(used, after(100))).toBe(10)
  expect(opensAt(used, NOON)).toEqual(after(10))
})

const flows = fc.record({
  amount: fc.integer({ min: 1, max: 100_000 }),
  per: fc.constantFrom(...PACE_PERIODS),
  nextAt: fc.option(fc.integer({ min: -10_000_000, max: 10_000_000 }).map(after)),
})

test('however often it is asked, no more leaves in any time than the limit says', () => {
  fc.assert(
    fc.property(flows, fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 }), (start, waits) => {
      let flow: Flow = { ...start, nextAt: null }
      let now = NOON
      let left = 0
      for (const wait of waits) {
        now = new Date(now.getTime() + wait)
        const n = allowance(flow, now)
        if (n > 0) flow = { ...flow, nextAt: take(flow, n, now) }
        left += n
      }
      const elapsed = now.getTime() - NOON.getTime()
      const burst = Math.max(intervalMs(flow), 1_000)
      expect(left).toBeLessThanOrEqual((elapsed + burst) / intervalMs(flow) + 1)
    }),
  )
})

test('what is taken and given back leaves the limit as it was, to the millisecond, and kinder to nobody', () => {
  fc.assert(
    fc.property(flows, fc.integer({ min: 1, max: 50 }), (flow, n) => {
      const taken = { ...flow, nextAt: take(flow, n, NOON) }
      const back = { ...flow, nextAt: giveBack(taken, n) }
      const before = Math.max(NOON.getTime(), flow.nextAt?.getTime() ?? 0)
      const moved = (back.nextAt?.getTime() ?? 0) - before
      expect(moved).toBeGreaterThanOrEqual(0)
      expect(moved).toBeLessThanOrEqual(1)
    }),
  )
})

test('when it says that it opens, one may leave, and not a millisecond earlier by much', () => {
  fc.assert(
    fc.property(flows, (flow) => {
      const opens = opensAt(flow, NOON)
      expect(allowance(flow, new Date(opens.getTime() + 1))).toBeGreaterThanOrEqual(1)
      if (opens > NOON) expect(allowance(flow, NOON)).toBe(0)
    }),
  )
})
