import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Cap } from '../../src/campaigns/caps/cap.ts'
import { setCaps } from '../../src/campaigns/caps/caps.ts'
import { findCampaign } from '../../src/campaigns/manage.ts'
import { prepareStep } from '../../src/campaigns/prepare/prepare.ts'
import { activityFollower } from '../../src/contacts/activity/follow.ts'
import { campaignsOf } from '../support/campaign.ts'
import { caughtUp } from '../support/caught-up.ts'
import { type World, world } from '../support/world.ts'

const exclusions = async (w: World, id: string) => {
  const { rows } = await sql<{ address: string; reason: string | null }>`
    select address, reason from campaign_recipient where campaign_id = ${id} order by address`.execute(w.database.db)
  return Object.fromEntries(rows.map(({ address, reason }) => [address, reason]))
}

test('whoever had as many mails of campaigns as anybody is to get is left out by name, until time has passed; exempt ones reach them', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const [news, offers] = [await c.newList('News'), await c.newList('Offers')]
  const [ann] = await c.addPeople(news, [{ address: 'ann@example.org' }, { address: 'bob@example.org' }])
  await c.join(offers, [ann!])
  const caps = (items: readonly Cap[]) => c.engine((tx) => setCaps(tx, items, c.actor, w.clock.now()))
  await caps([{ listId: null, mails: 2, days: 7 }])
  const send = async (lists: Parameters<typeof c.started>[0], more: Parameters<typeof c.started>[1] = {}) => {
    const id = await c.started(lists, more)
    await c.prepare()
    await w.dispatch()
    await c.watch()
    await caughtUp(w.database, activityFollower, w.clock.now())
    return id
  }
  await send([offers])
  expect(await exclusions(w, await send([news]))).toEqual({ 'ann@example.org': null, 'bob@example.org': null })
  // Told to activity and not: both count. After an hour only what was told does.
  for (const hours of [0, 2]) {
    w.clock.advance(hours * 3_600_000)
    const third = await send([offers])
    expect(await exclusions(w, third)).toEqual({ 'ann@example.org': 'capped' })
    expect(await c.progress(third)).toMatchObject({ excluded: [{ reason: 'capped', n: 1 }], campaign: { state: 'done' } })
  }
  expect(await exclusions(w, await send([news], { capExempt: true }))).toEqual({
    'ann@example.org': null,
    'bob@example.org': null,
  })
  expect(await exclusions(w, await send([news]))).toEqual({ 'ann@example.org': 'capped', 'bob@example.org': 'capped' })
  w.clock.advance(7.1 * 86_400_000)
  expect(await exclusions(w, await send([news]))).toEqual({ 'ann@example.org': null, 'bob@example.org': null })
  // Of one list: mails to another one do not count.
  await caps([{ listId: offers, mails: 1, days: 30 }])
  expect(await exclusions(w, await send([news]))).toEqual({ 'ann@example.org': null, 'bob@example.org': null })
  expect(await exclusions(w, await send([offers]))).toEqual({ 'ann@example.org': 'capped' })
})

test('of two campaigns that are frozen at the same moment one gets each person, and mail that still waits counts', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(
    list,
    Array.from({ length: 50 }, (_, i) => ({ address: `p${i}@example.org` })),
  )
  await c.engine((tx) => setCaps(tx, [{ listId: null, mails: 1, days: 1 }], c.actor, w.clock.now()))
  const ids = [await c.started([list]), await c.started([list])]
  const step = async (id: (typeof ids)[number]) => {
    const campaign = await findCampaign(w.database.db, w.workspaceId, id)
    if (campaign?.state === 'preparing') await prepareStep(c.deps, campaign, w.clock.now())
  }
  for (let i = 0; i < 3; i++) await Promise.all(ids.map(step))
  await c.prepare()
  const prepared = await Promise.all(ids.map(async (id) => (await c.progress(id)).campaign.prepared))
  expect(prepared.toSorted((a, b) => a - b)).toEqual([0, 50])
})
