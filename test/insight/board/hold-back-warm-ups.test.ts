import { expect, test } from 'vitest'
import { listWarmUps, startWarmUp } from '../../../src/delivery/pace/manage.ts'
import { capOf } from '../../../src/delivery/pace/warm-up.ts'
import { NO_FIGURES } from '../../../src/insight/board/figures.ts'
import { holdBackWarmUps, whyNotRise } from '../../../src/insight/board/hold-back-warm-ups.ts'
import { DAY } from '../../../src/lib/clock.ts'
import { type World, world } from '../../support/world.ts'
import { allCounted, count, tell } from './support.ts'

async function capToday(w: World): Promise<number | null> {
  const [warmUp] = await listWarmUps(w.database.db, w.workspaceId)
  return warmUp ? capOf(warmUp, w.clock.now()) : null
}

test('a warm-up does not rise after a day on which a receiver put off more than a tenth, and says so once', async () => {
  const w = await world()
  const warmUp = { routeId: w.routeId, receiver: 'google', dailyCaps: [50, 100, 200] }
  await w.inWorkspace((tx) => startWarmUp(tx, w.workspaceId, warmUp, null, w.clock.now()))
  await tell(w, w.clock.now(), [
    { type: 'delivery.sent', n: 40 },
    { type: 'delivery.deferred', n: 10 },
    { type: 'delivery.sent', receiver: 'yahoo', n: 500 },
  ])
  await expect
    .poll(
      async () => {
        await count(w)
        await holdBackWarmUps(w.database, w.clock.now())
        return (await listWarmUps(w.database.db, w.workspaceId))[0]?.frozenDays
      },
      { timeout: 40_000 },
    )
    .toBe(1)
  await holdBackWarmUps(w.database, w.clock.now())
  expect((await w.events('route.warm_up_held_back')).map(({ data }) => data.why)).toEqual(['20 % of the last day was put off'])
  w.clock.advance(DAY)
  expect(await capToday(w)).toBe(50)
  w.clock.advance(DAY)
  expect(await capToday(w)).toBe(100)
  await allCounted(w)
})

test('one complaint in five hundred holds it back; little mail says nothing', () => {
  expect(whyNotRise({ ...NO_FIGURES, sent: 500, complained: 1 })).toBe('0.20 % of the last day was complained about')
  expect(whyNotRise({ ...NO_FIGURES, sent: 5_000, complained: 1 })).toBeNull()
  expect(whyNotRise({ ...NO_FIGURES, sent: 5, deferred: 10 })).toBeNull()
})
