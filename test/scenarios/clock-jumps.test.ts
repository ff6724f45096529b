import { afterEach, expect, test, vi } from 'vitest'
import { followDatabaseClock } from '../../src/db/clock.ts'
import type { Dispatcher } from '../../src/delivery/dispatch/dispatcher.ts'
import { recoverLost, type ThisProcess } from '../../src/delivery/recover.ts'
import { changeRoute } from '../../src/delivery/routes/manage.ts'
import { createFollowingClock, DAY, HOUR, MINUTE } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'
import { gate } from '../support/gate.ts'
import { aMessage, HOST, type World, world } from '../support/world.ts'

afterEach(() => void vi.useRealTimers())

/** This machine's time of day, and nothing else, moves. */
function jump(ms: number): void {
  const now = Date.now()
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(now + ms)
}

/** A world whose clock is the one of production: it follows the database's. */
async function aWorldOnDatabaseTime(): Promise<World> {
  const w = await world({ clock: { now: () => clock.now(), monotonicMs: () => clock.monotonicMs(), advance() {}, elapse() {} } })
  const following = await followDatabaseClock(w.database.db)
  following.stop()
  clock.set(following.clock.now(), following.clock.monotonicMs())
  return w
}
const clock = createFollowingClock()

test.each([
  ['three days ahead', 3 * DAY],
  ['an hour back', -HOUR],
])('this machine\u2019s clock jumps %s: nothing expires, nothing is sent twice, no duration is negative', async (_, ms) => {
  const w = await aWorldOnDatabaseTime()
  w.smtp.answer('later@example.org', '451 4.7.1 greylisted').thenAccept()
  await w.submit(aMessage({ to: ['ann@example.org', 'later@example.org'] }))
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await answer.reached
  jump(ms)
  answer.open()
  await w.quiet()
  await w.jobs()
  expect(await w.recover()).toEqual({ requeued: 0, unknown: 0 })
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  dispatcher.wake()
  await w.quiet()
  expect(await w.states()).toEqual({ 'ann@example.org': 'sent', 'later@example.org': 'queued', 'bob@example.org': 'sent' })
  expect(w.smtp.received()).toEqual(['ann@example.org', 'bob@example.org'])
  for (const { durationMs, startedAt } of await w.attempts()) {
    expect(durationMs).toBeGreaterThanOrEqual(0)
    expect(Math.abs(startedAt.getTime() - w.clock.now().getTime())).toBeLessThan(MINUTE)
  }
  expect((await w.deliveryOf('later@example.org')).dueAt!.getTime() - w.clock.now().getTime()).toBeLessThan(10 * MINUTE)
})

test('ids go on growing when a clock goes back', () => {
  const now = Date.now()
  const ids = [newId(now), newId(now + DAY), newId(now), newId(now - HOUR)]
  expect(ids.toSorted()).toEqual(ids)
})

/** The process of a dispatcher, as its own jobs see it. */
function selfOf(dispatcher: Dispatcher): ThisProcess {
  return { host: HOST, pid: process.pid, owns: (id) => dispatcher.owns(id), isAlive: () => true }
}

test('the database\u2019s clock goes back an hour: a process does not take its own, newer dispatchers for a dead one\u2019s', async () => {
  const w = await world()
  const dispatcher = w.dispatcher()
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  dispatcher.start()
  await w.quiet()
  w.clock.advance(-HOUR)
  // Other settings: a new dispatcher begins, an hour before its own process did.
  await w.inWorkspace((tx) =>
    changeRoute(tx, w.secrets, w.workspaceId, w.routeId, { settings: { max_connections: 2 } }, null, w.clock.now()),
  )
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  dispatcher.wake()
  await answer.reached
  expect(await recoverLost(w.database, selfOf(dispatcher), w.clock.now())).toEqual({ requeued: 0, unknown: 0 })
  answer.open()
  await w.quiet()
  expect(await w.states()).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'sent' })
})

test('the database\u2019s clock jumps three days ahead: whoever lives keeps what it is sending', async () => {
  const w = await world()
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  await w.submit(aMessage({ stream: 'conversation', expiresAt: new Date(w.clock.now().getTime() + 10 * DAY) }))
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await answer.reached
  w.clock.advance(3 * DAY)
  expect(await recoverLost(w.database, selfOf(dispatcher), w.clock.now())).toEqual({ requeued: 0, unknown: 0 })
  answer.open()
  await w.quiet()
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
})
