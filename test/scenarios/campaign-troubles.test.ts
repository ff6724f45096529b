/** What campaigns of other systems stumbled over: each story told as its users told it, and how it ends here. */
import { expect, test } from 'vitest'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import { pauseCampaign, resumeCampaign, setCampaignPace } from '../../src/campaigns/life.ts'
import { changeConsent } from '../../src/contacts/consent/change-consent.ts'
import { suppress } from '../../src/delivery/suppression/suppress.ts'
import { erasePerson } from '../../src/helpdesk/people/erase-person.ts'
import { listOutcomes } from '../../src/insight/campaigns/outcomes.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { campaignsOf, sumOf } from '../support/campaign.ts'
import { people } from '../support/mailing.ts'
import { type World, type WorldOptions, world } from '../support/world.ts'

/** A campaign to so many people that waits for its first mail. */
async function prepared(n: number, options: WorldOptions = {}) {
  const w = await world(options)
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const to = people(n)
  const contacts = await c.addPeople(
    list,
    to.map((address) => ({ address })),
  )
  const id = await c.started([list])
  await c.prepare()
  return { w, c, list, to, contacts, id }
}

/** Time passes until the campaign is over. */
async function untilDone(w: World, id: CampaignId): Promise<void> {
  const c = campaignsOf(w)
  for (let round = 0; round < 30 && (await c.progress(id)).campaign.state !== 'done'; round++) {
    await w.dispatch()
    w.clock.advance(20 * MINUTE)
    w.clock.elapse(20 * MINUTE)
    await w.jobs()
    await c.watch()
  }
}

test('paused and resumed twenty times within a second it goes on where it was: everybody once', async () => {
  const { w, c, to, id } = await prepared(400)
  const running = w.dispatcher()
  running.start()
  for (let i = 0; i < 20; i++) {
    await c.engine((tx) => pauseCampaign(tx, id, c.actor, w.clock.now()))
    expect(sumOf(await c.progress(id))).toBe(400)
    await c.engine((tx) => resumeCampaign(tx, id, c.actor, w.clock.now()))
    running.wake()
  }
  await w.quiet()
  await running.stop(1_000)
  await untilDone(w, id)
  expect(w.smtp.received().toSorted()).toEqual(to)
  expect((await c.progress(id)).deliveries).toEqual({ sent: 400 })
})

test('a pace that is changed while it is sent holds from the next mail on, and nobody is passed over', async () => {
  const { w, c, to, id } = await prepared(60)
  for (const pace of [{ amount: 35, per: 'hour' } as const, { amount: 600, per: 'minute' } as const, null]) {
    await c.engine((tx) => setCampaignPace(tx, id, pace, c.actor, w.clock.now()))
    await w.dispatch()
    w.clock.advance(1_000)
  }
  await untilDone(w, id)
  expect(w.smtp.received().toSorted()).toEqual(to)
})

test('a relay that refuses the password stops the route: no recipient fails, one incident says why, and the next password sends all', async () => {
  const auth = { mechanisms: ['PLAIN'], user: 'shop', password: 'right' }
  const { w, c, to, id } = await prepared(300, { script: { auth }, route: { user: 'shop' }, password: 'right' })
  w.smtp.always('AUTH', '535 5.7.8 authentication failed')
  await w.dispatch()
  await c.watch()
  const stopped = await c.progress(id)
  expect(w.smtp.received()).toEqual([])
  expect(stopped.deliveries).toEqual({ queued: 300 })
  expect(stopped.wait).toMatchObject({ kind: 'waits', sentence: expect.stringContaining('relay') })
  expect(Object.values(await w.deliveries()).filter(({ failures }) => failures > 0)).toEqual([])
  expect((await w.circuit()).state).not.toBe('closed')
  w.smtp.always('AUTH', null)
  await untilDone(w, id)
  expect(w.smtp.received().toSorted()).toEqual(to)
  expect((await c.progress(id)).deliveries).toEqual({ sent: 300 })
})

test('a server that puts off every tenth gets all of them, later', async () => {
  const { w, c, to, id } = await prepared(100)
  const slow = to.filter((_, i) => i % 10 === 9)
  for (const address of slow) w.smtp.answer(address, '454 4.7.1 try again later').thenAccept()
  await w.dispatch()
  const { deliveries } = await c.progress(id)
  expect(deliveries).toEqual({ sent: 90, queued: 10 })
  await untilDone(w, id)
  expect(w.smtp.received().toSorted()).toEqual(to)
})

test('a thousand suppressed ones in the middle of the list are neither mailed nor the end of it', async () => {
  const { w, c, to, id } = await prepared(1_600)
  const middle = to.slice(300, 1_300)
  const complained = middle.map((address) => ({
    address,
    stream: 'bulk' as const,
    reason: 'complaint' as const,
    deliveryId: null,
    note: '',
  }))
  await c.engine((tx) => suppress(tx, w.workspaceId, complained, null, w.clock.now()))
  await untilDone(w, id)
  const { deliveries, ...rest } = await c.progress(id)
  expect(deliveries).toEqual({ sent: 600, suppressed: 1_000 })
  expect(sumOf({ deliveries, ...rest })).toBe(1_600)
  expect(w.smtp.received().toSorted()).toEqual([...to.slice(0, 300), ...to.slice(1_300)])
})

test('two servers on one database prepare and send it together: everybody once', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const to = people(1_200)
  await c.addPeople(
    list,
    to.map((address) => ({ address })),
  )
  const id = await c.started([list])
  const servers = [w.dispatcher({ pid: 4_711 }), w.dispatcher({ pid: 4_712 })]
  for (const server of servers) server.start()
  await Promise.all([c.prepare(), c.prepare()])
  for (const server of servers) server.wake()
  await w.quiet()
  await untilDone(w, id)
  expect(w.smtp.received().toSorted()).toEqual(to)
  expect((await c.progress(id)).deliveries).toEqual({ sent: 1_200 })
})

test('a connection that breaks before the answer leaves an unknown one that is not sent again, and the rest goes on', async () => {
  const { w, c, to, id } = await prepared(50)
  w.smtp.next('DOT', { afterwards: 'reset' })
  await untilDone(w, id)
  const { deliveries } = await c.progress(id)
  const { unknown = 0, sent = 0 } = deliveries
  expect(unknown).toBeGreaterThan(0)
  expect(sent + unknown).toBe(50)
  expect(w.smtp.received().toSorted()).toEqual(to)
})

test('the same person on three lists, and the same address in capitals, is one mail', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const lists = await Promise.all(['News', 'Offers', 'Events'].map((name) => c.newList(name)))
  const [ann] = await c.addPeople(lists[0]!, [{ address: 'Ann@Example.ORG' }])
  for (const list of lists.slice(1)) await c.join(list, [ann as ContactId])
  const id = await c.started(lists)
  await c.prepare()
  await untilDone(w, id)
  expect(w.smtp.received()).toEqual(['ann@example.org'])
  expect(await c.progress(id)).toMatchObject({ candidates: 1, deliveries: { sent: 1 } })
})

test('whoever is erased while the campaign runs gets nothing more, stays accounted for, and stops nobody', async () => {
  const { w, c, to, contacts, id } = await prepared(20)
  await c.engine((tx) => setCampaignPace(tx, id, { amount: 60, per: 'hour' }, c.actor, w.clock.now()))
  await w.dispatch()
  const first = w.smtp.received()
  const gone = to.findIndex((address) => !first.includes(address))
  await c.engine((tx) => erasePerson(tx, contacts[gone] as ContactId, c.actor, w.clock.now()))
  await c.engine((tx) => setCampaignPace(tx, id, null, c.actor, w.clock.now()))
  await untilDone(w, id)
  const end = await c.progress(id)
  expect(sumOf(end)).toBe(20)
  expect(w.smtp.received().toSorted()).toEqual(to.filter((_, i) => i !== gone))
})

test('whoever leaves is not mailed, whether that is before it starts, while it is prepared, while it is paused, or while it is sent', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const to = people(12)
  const contacts = await c.addPeople(
    list,
    to.map((address) => ({ address })),
  )
  const leave = (i: number) =>
    c.engine((tx) =>
      changeConsent(
        tx,
        w.workspaceId,
        [{ contactId: contacts[i] as ContactId, listId: list, wants: 'unsubscribed' }],
        { source: 'recipient', actor: null },
        w.clock.now(),
      ),
    )
  await leave(0)
  const id = await c.started([list], { pace: { amount: 60, per: 'hour' } })
  await leave(1)
  await c.prepare()
  await leave(2)
  await c.engine((tx) => pauseCampaign(tx, id, c.actor, w.clock.now()))
  await leave(3)
  await c.engine((tx) => resumeCampaign(tx, id, c.actor, w.clock.now()))
  await w.dispatch()
  const first = w.smtp.received()
  const late = to.findLastIndex((address) => !first.includes(address))
  await leave(late)
  await c.engine((tx) => setCampaignPace(tx, id, null, c.actor, w.clock.now()))
  await untilDone(w, id)
  const left = [0, 1, 2, 3, late]
  expect(w.smtp.received().toSorted()).toEqual(to.filter((_, i) => !left.includes(i)))
  const { items } = await listOutcomes(w.database.db, w.workspaceId, id, {}, { after: null, limit: 100 })
  const told = Object.fromEntries(items.map(({ address, excluded, state }) => [address, excluded ?? state]))
  expect(left.map((i) => told[to[i] as string])).toEqual([
    'unsubscribed',
    'unsubscribed',
    'suppressed',
    'suppressed',
    'suppressed',
  ])
})
