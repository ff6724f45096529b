import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LEASE_MS, SendWindow } from '../../../src/delivery/dispatch/window.ts'
import type { Clock } from '../../../src/lib/clock.ts'

const NOW = new Date('2026-11-21T12:00:00.000Z')

/** A row that is written when the test says so, and a clock that its timers share. */
function aWindow() {
  const pending: { position: number; leaseExpiresAt: Date; settle: PromiseWithResolvers<boolean> }[] = []
  const clock: Clock = { now: () => new Date(NOW.getTime() + performance.now()), monotonicMs: () => performance.now() }
  let durable = 0
  const write = (position: number, leaseExpiresAt: Date) => {
    const settle = Promise.withResolvers<boolean>()
    pending.push({ position, leaseExpiresAt, settle })
    return settle.promise
  }
  const window = new SendWindow({ clock, write }, clock.monotonicMs())
  return {
    window,
    pending,
    get durable() {
      return durable
    },
    async written() {
      const next = pending.shift()
      if (!next) throw new Error('nothing is being written')
      durable = Math.max(durable, next.position)
      next.settle.resolve(true)
      await flush()
    },
    async lost() {
      pending.shift()?.settle.resolve(false)
      await flush()
    },
    async unreachable() {
      pending.shift()?.settle.reject(new Error('connection refused'))
      await flush()
    },
  }
}

/** Lets everything that waits for a promise go on. */
async function flush(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

/** What became of a permission, without waiting for it. */
function follow(permission: true | Promise<boolean>): { granted: boolean | null } {
  const followed: { granted: boolean | null } = { granted: permission === true ? true : null }
  if (permission !== true) void permission.then((granted) => Object.assign(followed, { granted }))
  return followed
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('nothing leaves before the row says so', async () => {
  const far = aWindow()
  const first = follow(far.window.mayLeave(1))
  await flush()
  expect(first.granted).toBeNull()
  await far.written()
  expect(first.granted).toBe(true)
})

test('what the row covers leaves at once', async () => {
  const far = aWindow()
  follow(far.window.mayLeave(7))
  await far.written()
  expect([1, 5, 7].map((position) => far.window.mayLeave(position))).toEqual([true, true, true])
  expect(far.window.mayLeave(8)).not.toBe(true)
})

test('one write covers what the rate foresees for the next forty milliseconds', async () => {
  const far = aWindow()
  far.window.setRate(2)
  const asked = [1, 2, 3, 4].map((position) => follow(far.window.mayLeave(position)))
  await far.written()
  expect(asked.map(({ granted }) => granted)).toEqual([true, true, true, true])
  expect(far.durable).toBe(81)
  expect(far.pending).toEqual([])
})

test('the next write begins while some of the last is left, so that the wire need not wait for it', async () => {
  const far = aWindow()
  far.window.setRate(2)
  follow(far.window.mayLeave(1))
  await far.written()
  expect(far.window.mayLeave(51)).toBe(true)
  expect(far.pending).toEqual([])
  expect(far.window.mayLeave(52)).toBe(true)
  expect(far.pending.map(({ position }) => position)).toEqual([132])
  await far.written()
})

test('what asks during a write is covered by the next one', async () => {
  const far = aWindow()
  const first = follow(far.window.mayLeave(1))
  const second = follow(far.window.mayLeave(2))
  await far.written()
  expect([first.granted, second.granted]).toEqual([true, null])
  await far.written()
  expect(second.granted).toBe(true)
})

test('whatever comes in whatever order, nothing is granted beyond what was durably written', async () => {
  const step = fc.oneof(
    fc.record({ ask: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ rate: fc.double({ min: 0, max: 20, noNaN: true }) }),
    fc.constantFrom('written' as const, 'unreachable' as const, 'wait' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const far = aWindow()
      const asked: { position: number; followed: ReturnType<typeof follow> }[] = []
      for (const one of steps) {
        if (one === 'wait') await vi.advanceTimersByTimeAsync(200)
        else if (one === 'written') await (far.pending.length > 0 ? far.written() : flush())
        else if (one === 'unreachable') await far.unreachable()
        else if ('rate' in one) far.window.setRate(one.rate)
        else asked.push({ position: one.ask, followed: follow(far.window.mayLeave(one.ask)) })
        await flush()
        for (const { position, followed } of asked) if (followed.granted) expect(position).toBeLessThanOrEqual(far.durable)
      }
    }),
    { numRuns: 200 },
  )
})

test('a dispatcher that was declared lost sends nothing more', async () => {
  const far = aWindow()
  const asked = [follow(far.window.mayLeave(1)), follow(far.window.mayLeave(2))]
  await far.lost()
  expect(asked.map(({ granted }) => granted)).toEqual([false, false])
  expect(far.window.isLost).toBe(true)
  const next = follow(far.window.mayLeave(1))
  await flush()
  expect(next.granted).toBe(false)
  expect(far.pending).toEqual([])
})

test('while the database is away nothing leaves, and who waits longer than five seconds goes back', async () => {
  const far = aWindow()
  follow(far.window.mayLeave(1))
  await far.written()
  const asked = follow(far.window.mayLeave(2))
  for (let i = 0; i < 24; i++) {
    await far.unreachable()
    await vi.advanceTimersByTimeAsync(200)
  }
  expect(asked.granted).toBeNull()
  await vi.advanceTimersByTimeAsync(400)
  await far.unreachable()
  expect(asked.granted).toBe(false)
  expect(far.window.isLost).toBe(false)
})

test('after the database came back it goes on', async () => {
  const far = aWindow()
  const asked = follow(far.window.mayLeave(1))
  await far.unreachable()
  await vi.advanceTimersByTimeAsync(200)
  await far.written()
  expect(asked.granted).toBe(true)
})

test('when its lease has run out, even what the row covers waits for a new one', async () => {
  const far = aWindow()
  follow(far.window.mayLeave(10))
  await far.written()
  await vi.advanceTimersByTimeAsync(LEASE_MS)
  const asked = follow(far.window.mayLeave(5))
  await flush()
  expect(asked.granted).toBeNull()
  await far.written()
  expect(asked.granted).toBe(true)
})

test('the lease counts from before the write that prolonged it, not from when its answer came', async () => {
  const far = aWindow()
  follow(far.window.mayLeave(10))
  await vi.advanceTimersByTimeAsync(LEASE_MS - 1)
  await far.written()
  expect(far.window.mayLeave(10)).toBe(true)
  await vi.advanceTimersByTimeAsync(1)
  expect(far.window.mayLeave(10)).not.toBe(true)
})

test('a beat prolongs the lease without moving the window', async () => {
  const far = aWindow()
  follow(far.window.mayLeave(3))
  await far.written()
  await vi.advanceTimersByTimeAsync(5_000)
  void far.window.beat()
  expect(far.pending.map(({ position, leaseExpiresAt }) => [position, leaseExpiresAt.getTime() - NOW.getTime()])).toEqual([
    [3, performance.now() + LEASE_MS],
  ])
  await far.written()
})
