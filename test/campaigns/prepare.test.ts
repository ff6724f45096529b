import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { prepareAll } from '../../src/campaigns/jobs.ts'
import { startCampaign } from '../../src/campaigns/life.ts'
import type { Database } from '../../src/db/database.ts'
import { campaignsOf, sumOf } from '../support/campaign.ts'
import { people } from '../support/mailing.ts'
import { world } from '../support/world.ts'

/** Everything is done in transactions, so a process can die before one, or after it and before anybody heard so. */
function dyingDatabase(real: Database, wholeTransactions: number, isHeard: boolean): Database {
  let left = wholeTransactions
  const die = () => {
    throw new Error('killed')
  }
  return {
    ...real,
    async transaction(scope, work, options) {
      if (left === 0) {
        if (isHeard) return die()
        // It does its work and dies before the commit.
        return await real.transaction(
          scope,
          async (tx) => {
            await work(tx)
            return die()
          },
          options,
        )
      }
      left -= 1
      const result = await real.transaction(scope, work, options)
      return left === 0 && !isHeard ? die() : result
    },
  }
}

test('killed before, within and after every step of its preparation, a campaign loses nobody and mails nobody twice', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const to = people(2_300)
  await c.addPeople(
    list,
    to.map((address, i) => (i % 10 === 3 ? { address: `${address};glued` } : { address })),
  )
  const { id } = await c.draft([list])
  await c.engine((tx) => startCampaign(tx, id, c.actor, w.clock.now()))
  let deaths = 0
  const sums = new Set<number>()
  for (let k = 0; (await c.progress(id)).campaign.state === 'preparing'; k++) {
    expect(k).toBeLessThan(60)
    // Two processes, one of which dies: the other does not come to its aid before the next turn.
    const dying = dyingDatabase(w.database, k % 3 === 0 ? 0 : 1, k % 2 === 0)
    await prepareAll(c.depsOn(dying)).catch((error: Error) => {
      expect(error.message).toBe('killed')
      deaths += 1
    })
    const progress = await c.progress(id)
    expect(sumOf(progress)).toBe(progress.candidates)
    sums.add(progress.candidates)
    expect(progress.campaign.state === 'preparing' ? (progress.campaign.startedAt ?? null) : null).toBeNull()
  }
  expect(deaths).toBeGreaterThan(8)
  expect(Math.max(...sums)).toBe(2_300)
  const end = await c.progress(id)
  expect(end.campaign).toMatchObject({ state: 'sending', candidates: 2_300, prepared: 2_070, excluded: 230 })
  expect(end.deliveries).toEqual({ queued: 2_070 })
  const { rows } = await sql<{ n: number }>`
    select count(distinct recipient)::int as n from delivery where workspace_id = ${w.workspaceId}`.execute(w.database.db)
  expect(rows[0]?.n).toBe(2_070)
})

test('two processes that prepare the same campaign at the same time do it once', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(
    list,
    people(1_500).map((address) => ({ address })),
  )
  const id = await c.started([list])
  await Promise.all([c.prepare(), c.prepare(), c.prepare()])
  await c.prepare()
  const { campaign, deliveries } = await c.progress(id)
  expect(campaign).toMatchObject({ state: 'sending', candidates: 1_500, prepared: 1_500, excluded: 0 })
  expect(deliveries).toEqual({ queued: 1_500 })
})

test('when those who were looked at are not those who are accounted for, nothing is sent and a person is told', async () => {
  const w = await world({ endsWell: false })
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(
    list,
    people(5).map((address) => ({ address })),
  )
  const id = await c.started([list])
  await c.prepare().catch(() => {})
  await sql`update campaign set state = 'preparing', phase = 'checking' where id = ${id}`.execute(w.database.db)
  await sql`update mailing set state = 'paused', reason = '{}'::jsonb`.execute(w.database.db)
  await sql`delete from campaign_recipient where ctid in (select ctid from campaign_recipient limit 1)`.execute(w.database.db)
  await c.prepare()
  expect((await c.progress(id)).campaign).toMatchObject({ state: 'paused', reason: { code: 'counts_differ' } })
  await w.dispatch()
  expect(w.smtp.messages).toEqual([])
})
