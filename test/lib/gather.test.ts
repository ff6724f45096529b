import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGatherer } from '../../src/lib/gather.ts'

test('what is asked for while something is under way is done together, and each hears its own answer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ group: fc.constantFrom('a', 'b'), value: fc.nat(), later: fc.nat(3) }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 10 }),
      async (asked, most) => {
        const under = new Map<string, number>()
        const gather = createGatherer<(typeof asked)[number], string>({
          groupOf: ({ group }) => group,
          most,
          async work(batch) {
            const [{ group } = { group: '' }] = batch
            expect(batch.length).toBeLessThanOrEqual(most)
            expect(batch.every((one) => one.group === group)).toBe(true)
            expect(under.get(group) ?? 0).toBe(0)
            under.set(group, 1)
            await new Promise((resolve) => setImmediate(resolve))
            under.set(group, 0)
            return batch.map(({ value }) => `${group} ${value}`)
          },
        })
        const answers = await Promise.all(
          asked.map(async (one) => {
            for (let turn = 0; turn < one.later; turn++) await new Promise((resolve) => setImmediate(resolve))
            return await gather(one)
          }),
        )
        expect(answers).toEqual(asked.map(({ group, value }) => `${group} ${value}`))
      },
    ),
  )
})

test('a fault that may be of one of them is told to that one alone', async () => {
  const batches: number[][] = []
  const gather = createGatherer<number, number>({
    most: 10,
    mayBeOfOne: (error) => (error as Error).message === 'three',
    async work(batch) {
      batches.push([...batch])
      if (batch.includes(3)) throw new Error('three')
      return batch
    },
  })
  const settled = await Promise.allSettled([1, 2, 3, 4].map(gather))
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(batches).toEqual([[1, 2, 3, 4], [1], [2], [3], [4]])
})

test('a fault after which nobody knows what was done is told to all, and nothing is done again', async () => {
  let times = 0
  const gather = createGatherer<number, number>({
    most: 10,
    mayBeOfOne: () => false,
    async work() {
      times += 1
      throw new Error('the connection broke')
    },
  })
  const settled = await Promise.allSettled([1, 2].map(gather))
  expect(settled.every(({ status }) => status === 'rejected')).toBe(true)
  expect(times).toBe(1)
  await expect(gather(5)).rejects.toThrow('the connection broke')
})
