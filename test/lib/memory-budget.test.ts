import { expect, test } from 'vitest'
import { createMemoryBudget } from '../../src/lib/memory-budget.ts'

const never = new AbortController().signal

test('what fits is given at once, what does not waits its turn', async () => {
  const budget = createMemoryBudget({ totalBytes: 100, waiting: 10, waitMs: 60_000 })
  const first = await budget.take(60, never)
  const log: string[] = []
  const large = budget.take(70, never).then((lease) => {
    log.push('large')
    return lease
  })
  const small = budget.take(30, never).then((lease) => {
    log.push('small')
    return lease
  })
  await Promise.resolve()
  expect(log).toEqual([]) // 30 would fit, but does not overtake
  first?.release()
  const lease = await large
  expect(await small).not.toBeNull()
  expect(log).toEqual(['large', 'small'])
  expect(budget.used).toBe(100)
  lease?.release()
  lease?.release()
  expect(budget.used).toBe(30)
})

test('what can never fit, and who finds the queue full, is refused at once', async () => {
  const budget = createMemoryBudget({ totalBytes: 100, waiting: 1, waitMs: 60_000 })
  expect(await budget.take(101, never)).toBeNull()
  await budget.take(100, never)
  void budget.take(1, never)
  expect(await budget.take(1, never)).toBeNull()
})

test('who goes away while waiting leaves the place to others', async () => {
  const budget = createMemoryBudget({ totalBytes: 100, waiting: 10, waitMs: 60_000 })
  const held = await budget.take(50, never)
  const gone = new AbortController()
  const impatient = budget.take(80, gone.signal)
  const patient = budget.take(50, never)
  gone.abort()
  expect(await impatient).toBeNull()
  expect(await patient).not.toBeNull()
  held?.release()
  expect(budget.used).toBe(50)
})

test('waiting has an end', async () => {
  const budget = createMemoryBudget({ totalBytes: 10, waiting: 10, waitMs: 5 })
  await budget.take(10, never)
  expect(await budget.take(10, never)).toBeNull()
  expect(budget.used).toBe(10)
})
