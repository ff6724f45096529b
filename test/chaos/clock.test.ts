import { expect, test } from 'vitest'
import { addPace, startWarmUp } from '../../src/delivery/pace/manage.ts'
import { DAY, HOUR, MINUTE } from '../../src/lib/clock.ts'
import { testClock } from '../support/clock.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { aMessage, type World, world } from '../support/world.ts'
import { drain, judgeWorld, submitEach } from './support.ts'

/** The database's clock is the law, so that is what jumps. Half past eleven: an hour on is another day. */
const LATE = new Date('2026-11-22T23:30:00Z')
const JUMPS = [HOUR, -HOUR]

const mails = (n: number) =>
  Array.from({ length: n }, (_, i) =>
    aMessage({ to: [`r${i}@example.org`], stream: 'bulk', expiresAt: new Date(LATE.getTime() + 20 * DAY) }),
  )

/** Minutes pass; what left in each is told by the clock of that minute. */
async function minutes(w: World, n: number): Promise<Date[]> {
  const left: Date[] = []
  for (let minute = 0; minute < n; minute++) {
    const before = w.smtp.received().length
    await w.jobs()
    await w.dispatch()
    for (let i = before; i < w.smtp.received().length; i++) left.push(w.clock.now())
    w.clock.advance(MINUTE)
    w.clock.elapse(MINUTE)
  }
  return left
}

test.for(JUMPS)(
  'the clock jumps by %d ms while a limit is in play: the limit holds, nothing goes twice, and all of it leaves',
  async (jump) => {
    const w = await world({ clock: testClock(LATE) })
    const limit = { scope: 'workspace', subject: '', routeId: null, per: 'hour', amount: 60 } as const
    await w.inWorkspace((tx) => addPace(tx, w.workspaceId, limit, null, w.clock.now()))
    const promised = await submitEach(w, mails(25))
    // One a minute, whatever the clock says: a jump is no reason for a burst.
    expect(await minutes(w, 8)).toHaveLength(8)
    w.clock.advance(jump)
    expect((await minutes(w, 8)).length).toBeLessThanOrEqual(8)
    w.clock.advance(-jump)
    expect((await minutes(w, 8)).length).toBeLessThanOrEqual(8)
    await drain(w, { stepMs: 5 * MINUTE, rounds: 60 })
    expect(await judgeWorld(w, promised, w.smtp.messages)).toMatchObject({ ...SPOTLESS, duplicates: [], states: { sent: 25 } })
  },
)

test.for(JUMPS)(
  'the clock jumps by %d ms over a midnight and back while a route is warmed up: no day has more than its share',
  async (jump) => {
    const w = await world({ clock: testClock(jump > 0 ? LATE : new Date(LATE.getTime() + HOUR)) })
    await w.inWorkspace((tx) =>
      startWarmUp(tx, w.workspaceId, { routeId: w.routeId, receiver: '', dailyCaps: [4, 4, 4, 4, 4, 4] }, null, LATE),
    )
    const promised = await submitEach(w, mails(20))
    const left = await minutes(w, 2)
    for (const way of [jump, -jump, jump, -jump]) {
      w.clock.advance(way)
      left.push(...(await minutes(w, 2)))
    }
    const days = Object.groupBy(left, (at) => at.toISOString().slice(0, 10))
    for (const [day, ofDay] of Object.entries(days)) expect(ofDay?.length, day).toBeLessThanOrEqual(4)
    await drain(w, { stepMs: 6 * HOUR, rounds: 40 })
    expect(await judgeWorld(w, promised, w.smtp.messages)).toMatchObject({ ...SPOTLESS, duplicates: [], states: { sent: 20 } })
  },
)

test.for(JUMPS)(
  'the clock jumps by %d ms while a circuit is open: one probe at a time, no mail is charged, and all of it leaves',
  async (jump) => {
    const w = await world({ clock: testClock(LATE) })
    w.smtp.always('CONNECT', { reply: '554 5.3.2 closed for repairs', afterwards: 'close' })
    const promised = await submitEach(w, mails(10))
    await minutes(w, 3)
    expect((await w.circuit()).state).toBe('open')
    const before = w.smtp.connections.length
    w.clock.advance(jump)
    await minutes(w, 3)
    expect(w.smtp.connections.length - before).toBeLessThanOrEqual(1)
    w.smtp.always('CONNECT', null)
    // Longer than the wait that was set before the jump it never takes.
    await drain(w, { stepMs: 10 * MINUTE, rounds: 16 })
    expect((await w.circuit()).state).toBe('closed')
    expect(await judgeWorld(w, promised, w.smtp.messages)).toMatchObject({ ...SPOTLESS, duplicates: [], states: { sent: 10 } })
  },
)
