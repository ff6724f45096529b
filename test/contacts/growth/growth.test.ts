import { expect, test } from 'vitest'
import { type ConsentBy, changeConsent } from '../../../src/contacts/consent/change-consent.ts'
import { growthOf } from '../../../src/contacts/growth/growth.ts'
import { readGrowth } from '../../../src/contacts/growth/read-growth.ts'
import { changeList } from '../../../src/contacts/lists.ts'
import { DAY, HOUR } from '../../../src/lib/clock.ts'
import { campaignsOf } from '../../support/campaign.ts'
import { world } from '../../support/world.ts'

test('days without anything are there, and the sizes end with what the list has now', () => {
  const changes = [
    { day: '2026-02-27', joined: 5, left: 1 },
    { day: '2026-03-01', joined: 0, left: 2 },
  ]
  expect(growthOf(changes, { last: '2026-03-02', days: 4, now: 10 })).toEqual([
    { day: '2026-02-27', joined: 5, left: 1, net: 4, size: 12 },
    { day: '2026-02-28', joined: 0, left: 0, net: 0, size: 12 },
    { day: '2026-03-01', joined: 0, left: 2, net: -2, size: 10 },
    { day: '2026-03-02', joined: 0, left: 0, net: 0, size: 10 },
  ])
})

test('who joined and who left is told by the day it was where the reader is; whoever waits to confirm is not on the list yet', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.engine((tx) => changeList(tx, list, { optIn: 'double' }, c.actor, w.clock.now()))
  const people = await c.addPeople(
    await c.newList('Others'),
    ['a', 'b', 'c'].map((name) => ({ address: `${name}@example.org` })),
  )
  const say = (who: number, wants: 'subscribed' | 'unsubscribed', by: Partial<ConsentBy> = {}) =>
    c.engine(async (tx) => {
      const contactId = people[who] as (typeof people)[number]
      const told: ConsentBy = { source: 'recipient', actor: null, ...by }
      await changeConsent(tx, w.workspaceId, [{ contactId, listId: list, wants }], told, w.clock.now())
    })
  const midnight = Date.parse(`${w.clock.now().toISOString().slice(0, 10)}T00:00:00Z`) + DAY
  w.clock.advance(midnight + 12 * HOUR - w.clock.now().getTime())
  await say(0, 'subscribed')
  await say(1, 'subscribed')
  await say(2, 'subscribed', { source: 'form' })
  // Half past eleven in the evening in UTC: in Berlin it is the next day.
  w.clock.advance(11.5 * HOUR)
  await say(0, 'unsubscribed')
  const read = (zone: string) =>
    readGrowth(w.database.db, w.workspaceId, list, { days: 2, zone }, new Date(w.clock.now().getTime() + HOUR))
  expect(await read('UTC')).toMatchObject([
    { joined: 2, left: 1, net: 1, size: 1 },
    { joined: 0, left: 0, size: 1 },
  ])
  expect(await read('Europe/Berlin')).toMatchObject([
    { joined: 2, left: 0, size: 2 },
    { joined: 0, left: 1, net: -1, size: 1 },
  ])
  await expect(read('Moon/Crater')).rejects.toMatchObject({ code: 'invalid_request' })
})
