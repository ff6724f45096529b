import { expect, test } from 'vitest'
import { createLimiter } from '../../src/lib/limiter.ts'

test('so many run, so many wait in order, and the rest is refused at once', async () => {
  const limiter = createLimiter({ concurrency: 2, waiting: 2 })
  const log: string[] = []
  const ends: Array<() => void> = []
  const work = (name: string) => () => {
    log.push(name)
    return new Promise<void>((resolve) => ends.push(resolve))
  }
  const running = ['a', 'b', 'c', 'd'].map((name) => limiter.run(work(name)))
  expect(limiter.run(work('e'))).toBeNull()
  expect(log).toEqual(['a', 'b'])
  ends[0]?.()
  await running[0]
  await Promise.resolve()
  expect(log).toEqual(['a', 'b', 'c'])
  ends[1]?.()
  ends[2]?.()
  await Promise.all([running[1], running[2]])
  await Promise.resolve()
  expect(log).toEqual(['a', 'b', 'c', 'd'])
  ends[3]?.()
  await running[3]
})

test('work that fails gives its place to the next', async () => {
  const limiter = createLimiter({ concurrency: 1, waiting: 1 })
  const failing = limiter.run(async () => {
    throw new Error('no')
  })
  const next = limiter.run(async () => 'done')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('done')
  expect(await limiter.run(async () => 'again')).toBe('again')
})
