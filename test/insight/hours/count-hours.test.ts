import { expect, test } from 'vitest'
import { followOnce } from '../../../src/events/follow.ts'
import { hourCounter, listHours } from '../../../src/insight/hours/count-hours.ts'
import { HOUR } from '../../../src/lib/clock.ts'
import { aMessage, type World, world } from '../../support/world.ts'

/** What is counted by now. Whoever still writes, PostgreSQL's autovacuum too, is waited for: so a test asks until it is there. */
async function hours(w: World): Promise<Record<string, Record<string, number>>> {
  while ((await followOnce(w.database, hourCounter, w.clock.now())) > 0);
  const counted: Record<string, Record<string, number>> = {}
  for (const { hour, type, n } of await listHours(w.database.db, w.workspaceId, new Date(0)))
    (counted[hour.toISOString()] ??= {})[type] = n
  return counted
}

const POLL = { timeout: 40_000 }

function hourOf(at: Date): string {
  return `${at.toISOString().slice(0, 13)}:00:00.000Z`
}

test('what came of attempts is counted in its hour, once, however often somebody counts', async () => {
  const w = await world()
  w.smtp.answer('nobody@example.org', '550 5.1.1 user unknown').always()
  w.smtp.answer('later@example.org', '451 4.7.1 greylisted').thenAccept()
  const first = w.clock.now()
  await w.submit(aMessage({ to: ['ann@example.org', 'bob@example.org', 'nobody@example.org', 'later@example.org'] }))
  await w.dispatch()
  await expect.poll(() => hours(w), POLL).toEqual({ [hourOf(first)]: { sent: 2, bounced: 1, deferred: 1 } })
  w.clock.advance(HOUR)
  await w.dispatch()
  await hours(w)
  await expect
    .poll(() => hours(w), POLL)
    .toEqual({ [hourOf(first)]: { sent: 2, bounced: 1, deferred: 1 }, [hourOf(w.clock.now())]: { sent: 1 } })
})

test('hours are those of UTC and of one workspace', async () => {
  const w = await world()
  const other = await w.addWorkspace('Other')
  await w.submit(aMessage())
  await w.submit(aMessage(), { workspaceId: other.workspaceId })
  await w.dispatch()
  await expect.poll(() => hours(w), POLL).toEqual({ [hourOf(w.clock.now())]: { sent: 1 } })
})

test('many at once are counted by several counters as they are', async () => {
  const w = await world()
  await w.submit(aMessage({ to: Array.from({ length: 700 }, (_, i) => `r${i}@example.org`), stream: 'bulk' }))
  await w.dispatch()
  await Promise.all(Array.from({ length: 5 }, () => followOnce(w.database, hourCounter, w.clock.now())))
  await expect.poll(() => hours(w), POLL).toEqual({ [hourOf(w.clock.now())]: { sent: 700 } })
})
