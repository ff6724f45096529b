import fc from 'fast-check'
import { expect, test } from 'vitest'
import { namedIn } from '../../../src/workflows/steps/mentions.ts'
import { nextSlot, type Slots } from '../../../src/workflows/steps/slots.ts'

test('whenever they come, nobody waits who need not, all pass in order, and no window lets more through than it may', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (gaps, limit) => {
        const rule = { limit, withinMs: 1_000, mayWait: true }
        let slots: Slots = { windowAt: new Date(0), count: 0 }
        let now = 0
        const passes: number[] = []
        const windows = new Map<number, number>()
        for (const gap of gaps) {
          now += gap
          const { at, ...rest } = nextSlot(slots, rule, new Date(now))
          slots = rest
          passes.push(at!.getTime())
          expect(at!.getTime()).toBeGreaterThanOrEqual(now)
          const window = Math.max(rest.windowAt.getTime(), at!.getTime() > now ? at!.getTime() : rest.windowAt.getTime())
          windows.set(window, (windows.get(window) ?? 0) + 1)
        }
        expect(passes).toEqual(passes.toSorted((a, b) => a - b))
        for (const count of windows.values()) expect(count).toBeLessThanOrEqual(limit)
      },
    ),
    { numRuns: 300 },
  )
})

test('a full window lets nobody by who does not wait, and the next one does', () => {
  const rule = { limit: 1, withinMs: 1_000, mayWait: false }
  const first = nextSlot({ windowAt: new Date(0), count: 0 }, rule, new Date(0))
  expect(nextSlot(first, rule, new Date(999)).at).toBeNull()
  expect(nextSlot(first, rule, new Date(1_000)).at).toEqual(new Date(1_000))
})

test('who is named by @Name: the longest name that fits, as a word of its own', () => {
  const people = ['Ann', 'Ann Lee', 'Åsa', 'Bob', ''].map((name, i) => ({ id: `${i}`, name }))
  expect(namedIn('Look, @Ann Lee! And @bob: see @Åsa.', people)).toEqual(['1', '3', '2'])
  expect(namedIn('@Ann and mail@bob, @Bobby, @Nobody, @', people)).toEqual(['0'])
})
