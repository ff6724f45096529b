/**
 * What once happened to somebody else: 2,100 people at 35 an hour, 1,662 of them with a whole line of a table glued to their address, and a campaign
 * that stopped at 438 without a word, a list of who had it, or a way to go on.
 */
import { expect, onTestFinished, test } from 'vitest'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import { setCampaignPace } from '../../src/campaigns/life.ts'
import { openDatabase } from '../../src/db/database.ts'
import { paceOfMailing } from '../../src/delivery/mailings/mailings.ts'
import { listOutcomes } from '../../src/insight/campaigns/outcomes.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { campaignsOf, sumOf } from '../support/campaign.ts'
import { databaseProxy } from '../support/database-proxy.ts'
import { people } from '../support/mailing.ts'
import { type World, world } from '../support/world.ts'

const PACE = { amount: 35, per: 'hour' } as const
/** 438 of 2,100 are as they should be, spread over all. */
const isGlued = (i: number) => Math.floor(((i + 1) * 438) / 2_100) === Math.floor((i * 438) / 2_100)
const EVERYBODY = { after: null, limit: 5_000 }

test('rows that were glued together are excluded by name before the first mail leaves, and the sums are 2,100', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('Members')
  await c.addPeople(
    list,
    people(2_100).map((address, i) => ({ address: isGlued(i) ? `${address};first${i};last${i}` : address })),
  )
  const id = await c.started([list], { pace: PACE })
  await c.prepare()
  const { excluded, deliveries, campaign, ...rest } = await c.progress(id)
  expect({ excluded, deliveries }).toEqual({
    excluded: [{ reason: 'malformed', n: 1_662 }],
    deliveries: { queued: 438 },
  })
  expect(campaign).toMatchObject({ candidates: 2_100, prepared: 438, excluded: 1_662 })
  expect(sumOf({ excluded, deliveries, campaign, ...rest })).toBe(2_100)
  expect(w.smtp.messages).toEqual([])
  const { items: named } = await listOutcomes(w.database.db, w.workspaceId, id, { excluded: ['malformed'] }, EVERYBODY)
  expect(named).toHaveLength(1_662)
  expect(named[0]).toMatchObject({ address: 'p0001@example.org;first0;last0', excluded: 'malformed', state: null })
})

/** Sends at the campaign's own pace, on the clock of the test, until so many mails have arrived. */
async function sendUntil(w: World, wake: () => void, id: CampaignId, n: number, look: () => Promise<void>): Promise<void> {
  const c = campaignsOf(w)
  const mailingId = (await c.progress(id)).campaign.mailingId
  if (!mailingId) throw new Error('no mailing')
  while (w.smtp.messages.length < n) {
    const before = w.smtp.messages.length
    wake()
    await w.smtp.when(({ messages }) => messages.length > before)
    if (before % 73 === 0) await look()
    if (w.smtp.messages.length >= n) return
    const pace = await paceOfMailing(w.database.db, w.workspaceId, mailingId)
    w.clock.advance(Math.max(0, (pace?.nextAt?.getTime() ?? 0) - w.clock.now().getTime()))
  }
}

test('killed after 438 of 2,100 at 35 an hour it goes on by itself: nobody is lost, nobody gets it twice, one query says who had it', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('Members')
  await c.addPeople(
    list,
    people(2_100).map((address) => ({ address })),
  )
  const id = await c.started([list], { pace: PACE })
  await c.prepare()
  const began = w.clock.now().getTime()
  const sums: number[] = []
  const look = async () => void sums.push(sumOf(await c.progress(id)))

  await using wire = await databaseProxy(w.connection)
  const database = openDatabase({ connection: { ...wire.connection }, maxConnections: 4, applicationName: 'to be killed' })
  const victim = w.dispatcher({ database, pid: 4_711 })
  victim.start()
  await sendUntil(w, () => victim.wake(), id, 437, look)
  await waitUntil(async () => (await c.progress(id)).deliveries.sent === 437, { limitMs: 30_000, everyMs: 20 })
  w.clock.advance(Math.ceil(3_600_000 / 35))
  await sendUntil(w, () => victim.wake(), id, 438, look)
  wire.takeAway()
  const dead = victim.stop(0).then(() => database.close())
  onTestFinished(() => Promise.race([dead, new Promise<void>((resolve) => setTimeout(resolve, 5_000))]))
  // Twelve and a half hours: 438 at 35 an hour, and not one sooner.
  expect((w.clock.now().getTime() - began) / 3_600_000).toBeCloseTo(437 / 35, 1)
  await look()

  await w.recover((pid) => pid !== 4_711)
  const next = w.dispatcher()
  next.start()
  w.clock.advance(Math.ceil(3_600_000 / 35))
  await sendUntil(w, () => next.wake(), id, 441, look)
  const { items: had } = await listOutcomes(
    w.database.db,
    w.workspaceId,
    id,
    { states: ['sent', 'unknown', 'sending'] },
    EVERYBODY,
  )
  expect(had.map(({ address }) => address).toSorted()).toEqual(w.smtp.received().toSorted())

  await c.engine((tx) => setCampaignPace(tx, id, null, c.actor, w.clock.now()))
  next.wake()
  await w.quiet()
  await c.watch()
  await look()
  const received = w.smtp.received()
  expect(new Set(received).size).toBe(2_100)
  expect(received).toHaveLength(2_100)
  const end = await c.progress(id)
  expect(end.campaign.state).toBe('done')
  expect((end.deliveries.sent ?? 0) + (end.deliveries.unknown ?? 0)).toBe(2_100)
  expect(end.deliveries.unknown ?? 0).toBeLessThanOrEqual(1)
  expect(new Set(sums)).toEqual(new Set([2_100]))
}, 240_000)
