import { expect, test } from 'vitest'
import { pauseCampaign } from '../../../src/campaigns/life.ts'
import { allOutcomes, exportOutcomes, listOutcomes, type OutcomeFilter } from '../../../src/insight/campaigns/outcomes.ts'
import type { WorkspaceId } from '../../../src/lib/ids.ts'
import { type APerson, campaignsOf } from '../../support/campaign.ts'
import { world } from '../../support/world.ts'

const people: APerson[] = [
  ...Array.from({ length: 6 }, (_, i) => ({ address: `p${i}@example.org`, firstName: `P${i}` })),
  { address: 'reject@example.org', firstName: '=1+1' },
  { address: 'later@example.net' },
  { address: 'glued@example.org;first;last' },
  { address: 'gone@example.org', status: 'unsubscribed' },
]
const SENT = people.slice(0, 6).map(({ address }) => address)
const CASES: readonly (readonly [string, OutcomeFilter, readonly string[]])[] = [
  ['everybody', {}, people.map(({ address }) => address)],
  ['who had it', { states: ['sent', 'delivered'] }, SENT],
  ['who bounced', { states: ['bounced'] }, ['reject@example.org']],
  ['who waits', { states: ['queued'] }, ['later@example.net']],
  ['who waits for another try', { deferred: true }, ['later@example.net']],
  ['who is excluded', { excluded: 'any' }, ['glued@example.org;first;last', 'gone@example.org']],
  ['who is excluded for a reason', { excluded: ['malformed'] }, ['glued@example.org;first;last']],
  ['who has an address that begins so', { search: 'P' }, SENT],
  ['an excluded one by the address', { search: 'glued@' }, ['glued@example.org;first;last']],
  ['who had it, of an address', { search: 'p1', states: ['sent'] }, ['p1@example.org']],
  ['a domain', { receiver: 'example.net' }, ['later@example.net']],
  ['a class of failure', { failureClass: 'recipient_unknown' }, ['reject@example.org']],
  [
    'those who bounced and those excluded',
    { states: ['bounced'], excluded: 'any' },
    ['reject@example.org', 'glued@example.org;first;last', 'gone@example.org'],
  ],
]

test('whoever is asked for is found once each, whatever the length of a page, and told with the last answer; all of it is one sum', async () => {
  const w = await world()
  w.smtp.answer('reject@example.org', '550 5.1.1 no such user').always()
  w.smtp.answer('later@example.net', '451 4.7.1 greylisted').always()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people)
  const id = await c.started([list])
  await c.prepare()
  await w.dispatch()
  const walk = async (filter: OutcomeFilter, limit: number, workspaceId: WorkspaceId = w.workspaceId) => {
    const found: string[] = []
    for (let after: readonly [string, string] | null = null, pages = 0; pages < 50; pages++) {
      const page: Awaited<ReturnType<typeof listOutcomes>> = await listOutcomes(w.database.db, workspaceId, id, filter, {
        after,
        limit,
      })
      found.push(...page.items.map(({ address }) => address))
      if (!page.next) return found.toSorted()
      after = page.next
    }
    throw new Error('the pages have no end')
  }
  const other = '0193e0a0-9999-7abc-9def-0123456789ab' as WorkspaceId
  for (const [what, filter, expected] of CASES) {
    for (const limit of [1, 2, 100]) expect(await walk(filter, limit), `${what}, ${limit} a page`).toEqual(expected.toSorted())
    expect(await walk(filter, 100, other), what).toEqual([])
  }

  const [bounced] = (await listOutcomes(w.database.db, w.workspaceId, id, { states: ['bounced'] }, { after: null, limit: 1 }))
    .items
  expect(bounced).toMatchObject({
    name: '=1+1',
    reply: expect.stringContaining('no such user'),
    reasonCode: 'recipient_unknown',
    attempt: 1,
  })
  let file = ''
  for await (const part of exportOutcomes(w.database, w.workspaceId, id, {})) file += part
  const lines = file.trim().split('\r\n')
  expect(lines).toHaveLength(1 + people.length)
  expect(lines[0]).toMatch(/^address,name,outcome,reason_class,why,last_reply,/)
  expect(file).toContain("reject@example.org,'=1+1,bounced,recipient_unknown,")
  let n = 0
  for await (const page of allOutcomes(w.database, w.workspaceId, id, { states: ['sent'] })) n += page.length
  expect(n).toBe(6)

  const progress = await c.progress(id)
  expect(progress).toMatchObject({ candidates: 10, deferred: 1, deliveries: { sent: 6, queued: 1, bounced: 1 } })
  await c.watch()
  w.clock.advance(30_000)
  expect((await c.progress(id)).ratePerHour).toBe(0)
  await c.engine((tx) => pauseCampaign(tx, id, c.actor, w.clock.now()))
  expect((await c.progress(id)).ratePerHour).toBe(null)
})
