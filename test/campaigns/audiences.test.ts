import * as fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { SegmentsAudience } from '../../src/campaigns/audience.ts'
import { type AudienceCount, countAudience } from '../../src/campaigns/count-audience.ts'
import { extendCampaign, startCampaign } from '../../src/campaigns/life.ts'
import { freezeStep } from '../../src/campaigns/prepare/freeze.ts'
import { prepareStep } from '../../src/campaigns/prepare/prepare.ts'
import type { ListId } from '../../src/contacts/consent/change-consent.ts'
import { changeList } from '../../src/contacts/lists.ts'
import type { Tree } from '../../src/contacts/segments/segment.ts'
import { createSegment, removeSegment } from '../../src/contacts/segments/segments.ts'
import { suppress } from '../../src/delivery/suppression/suppress.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { parseAddress } from '../../src/mail/address.ts'
import { type APerson, campaignsOf, sumOf } from '../support/campaign.ts'
import { type World, world } from '../support/world.ts'

const byFirstName = (value: string): Tree => ({ kind: 'field', field: 'first_name', op: 'is', value })

async function scene() {
  const w = await world()
  const c = campaignsOf(w)
  const outcomes = async (id: string) => {
    const { rows } = await sql<{ address: string; became: string }>`
      select r.address, coalesce(r.reason, d.state) as became
        from campaign_recipient as r left join delivery as d on d.workspace_id = r.workspace_id and d.id = r.delivery_id
       where r.campaign_id = ${id}`.execute(w.database.db)
    return Object.fromEntries(rows.map(({ address, became }) => [address, became]))
  }
  const segment = async (name: string, tree: Tree, kind: 'live' | 'snapshot' = 'live') =>
    (await c.engine((tx) => createSegment(tx, { name, tree, kind }, c.actor, w.clock.now()))).id
  const count = (audience: SegmentsAudience) => c.engine((tx) => countAudience(tx, w.workspaceId, audience, w.clock.now()))
  return { w, c, outcomes, segment, count }
}

const audience = (more: Partial<SegmentsAudience>): SegmentsAudience => ({
  kind: 'segments',
  lists: [],
  segments: [],
  exceptLists: [],
  exceptSegments: [],
  mode: 'live',
  ...more,
})
const counts = ({ excluded }: AudienceCount) => Object.fromEntries(excluded.map(({ reason, n }) => [reason, n]))

test('lists and segments less others: each person is prepared or excluded with the reason, as the count before it said', async () => {
  const { w, c, outcomes, segment, count } = await scene()
  const [news, offers, press] = [await c.newList('News'), await c.newList('Offers'), await c.newList('Press')]
  const people: APerson[] = [
    { address: 'ann@example.org', firstName: 'In' },
    { address: 'left@example.org', firstName: 'In', status: 'unsubscribed' },
    { address: 'maybe@example.org', status: 'pending' },
    { address: 'out@example.org' },
    { address: 'press@example.org' },
    { address: 'dead@example.org' },
    { address: 'glued@example.org;ann;smith' },
    { address: '' },
  ]
  const ids = await c.addPeople(news, people)
  await c.join(press, [ids[4]!])
  await c.join(press, [ids[0]!], ['unsubscribed'])
  const others = await c.addPeople(offers, [
    { address: 'elsewhere@example.org', firstName: 'In' },
    { address: 'unsure@example.org', firstName: 'In', status: 'pending' },
    { address: 'leaver@example.org', firstName: 'In', status: 'unsubscribed' },
    { address: 'stranger@example.org', firstName: 'In' },
    { address: 'not-meant@example.org' },
  ])
  await sql`delete from list_member where contact_id = ${others[3]!}`.execute(w.database.db)
  const dead = { address: 'dead@example.org', stream: 'all' as const, reason: 'manual' as const, deliveryId: null, note: '' }
  await c.engine((tx) => suppress(tx, w.workspaceId, [dead], null, w.clock.now()))
  const chosen = audience({
    lists: [news],
    segments: [await segment('In', byFirstName('In'))],
    exceptLists: [press],
    exceptSegments: [await segment('Out', { kind: 'address', op: 'contains', value: 'out@' })],
  })

  const before = await count(chosen)
  const { id } = await c.draft([], { audience: chosen })
  await c.engine((tx) => startCampaign(tx, id, c.actor, w.clock.now()))
  await c.prepare()
  const progress = await c.progress(id)
  expect(progress.campaign).toMatchObject({ state: 'sending', candidates: 12, prepared: 2, excluded: 10 })
  expect(sumOf(progress)).toBe(12)
  expect(await outcomes(id)).toEqual({
    'ann@example.org': 'queued',
    'elsewhere@example.org': 'queued',
    'left@example.org': 'unsubscribed',
    'leaver@example.org': 'unsubscribed',
    'maybe@example.org': 'unconfirmed',
    'unsure@example.org': 'unconfirmed',
    'stranger@example.org': 'not_subscribed',
    'out@example.org': 'left_out',
    'press@example.org': 'left_out',
    'dead@example.org': 'suppressed',
    'glued@example.org;ann;smith': 'malformed',
    '': 'no_address',
  })
  expect(before).toMatchObject({ candidates: 12, wouldGet: 2 })
  expect(counts(before)).toEqual(Object.fromEntries(progress.excluded.map(({ reason, n }) => [reason, n])))
  const left = await sql`select from campaign_audience_part`.execute(w.database.db)
  expect(left.rows).toEqual([])
})

test('whoever left one of the lists of a campaign is kept out of it, though they are on another', async () => {
  const { w, c, outcomes } = await scene()
  const [news, offers] = [await c.newList('News'), await c.newList('Offers')]
  const ids = await c.addPeople(news, [{ address: 'ann@example.org' }, { address: 'bob@example.org' }])
  await c.join(offers, ids, ['unsubscribed', 'subscribed'])
  const both = await c.started([news, offers])
  const one = await c.started([news])
  await c.prepare()
  expect(await outcomes(both)).toEqual({ 'ann@example.org': 'unsubscribed', 'bob@example.org': 'queued' })
  expect(await outcomes(one)).toEqual({ 'ann@example.org': 'queued', 'bob@example.org': 'queued' })
  const lists = { kind: 'lists' as const, lists: [news, offers] }
  const counted = await c.engine((tx) => countAudience(tx, w.workspaceId, lists, w.clock.now()))
  expect(counted).toEqual({ candidates: 2, wouldGet: 1, excluded: [{ reason: 'unsubscribed', n: 1 }] })
})

test('a live audience is looked for again when it is sent to those added since; a snapshot is not, and says so', async () => {
  const { w, c, outcomes, segment } = await scene()
  const list = await c.newList('News')
  await c.addPeople(list, [{ address: 'ann@example.org', firstName: 'In' }, { address: 'bob@example.org' }])
  const segments = [await segment('In', byFirstName('In'))]
  const send = async (mode: 'live' | 'snapshot') => {
    const { id } = await c.draft([], { audience: audience({ segments, mode }) })
    await c.engine((tx) => startCampaign(tx, id, c.actor, w.clock.now()))
    await c.prepare()
    await w.dispatch()
    await c.watch()
    return id
  }
  const [live, snapshot] = [await send('live'), await send('snapshot')]
  await sql`update contact set first_name = 'In'`.execute(w.database.db)
  await c.engine((tx) => extendCampaign(tx, live, c.actor, w.clock.now()))
  await c.prepare()
  expect(await outcomes(live)).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'queued' })
  await expect(c.engine((tx) => extendCampaign(tx, snapshot, c.actor, w.clock.now()))).rejects.toMatchObject({
    code: 'wrong_state',
  })
})

test('what a campaign names must be there: when it is written, when it starts, and a second later', async () => {
  const { w, c, segment } = await scene()
  const list = await c.newList('News')
  await c.addPeople(list, [{ address: 'ann@example.org', firstName: 'In' }])
  const start = (id: Parameters<typeof startCampaign>[1]) => c.engine((tx) => startCampaign(tx, id, c.actor, w.clock.now()))
  await expect(c.draft([], { audience: audience({ exceptSegments: [list as never] }) })).rejects.toThrow(/no such segment/)
  const nobody = await c.draft([], { audience: audience({ exceptLists: [list] }) })
  await expect(start(nobody.id)).rejects.toThrow(/at least one list or segment/)

  const gone = await segment('Gone', byFirstName('In'))
  const late = await c.draft([], { audience: audience({ segments: [gone] }) })
  const early = await c.draft([], { audience: audience({ segments: [gone] }) })
  await start(early.id)
  await c.engine((tx) => removeSegment(tx, gone, c.actor))
  await expect(start(late.id)).rejects.toThrow(/no such segment/)
  await c.prepare()
  expect((await c.progress(early.id)).campaign).toMatchObject({ state: 'cancelled', reason: { code: 'segment_removed' } })

  const archived = await c.draft([list])
  await c.engine((tx) => changeList(tx, list, { isArchived: true }, c.actor, w.clock.now()))
  await expect(start(archived.id)).rejects.toThrow(/archived/)
})

test('a large audience is answered at one moment, and looked at piece by piece', { timeout: 60_000 }, async () => {
  const { w, c, segment, count } = await scene()
  const list: ListId = await c.newList('News')
  const ids: ContactId[] = await c.addPeople(
    list,
    Array.from({ length: 20_400 }, (_, i) => ({ address: `p${i}@example.org`, firstName: i % 2 ? 'In' : 'Out' })),
  )
  const chosen = audience({ lists: [list], exceptSegments: [await segment('In', byFirstName('In'))], mode: 'snapshot' })
  expect(await count(chosen)).toMatchObject({ candidates: 20_400, wouldGet: 10_200 })
  const { id } = await c.draft([], { audience: chosen })
  await c.engine((tx) => startCampaign(tx, id, c.actor, w.clock.now()))
  const now = w.clock.now()
  const current = async () => (await c.progress(id)).campaign
  await prepareStep(c.deps, await current(), now)
  await prepareStep(c.deps, await current(), now)
  // Whoever comes now is not meant any more, and whoever changes is judged as they were.
  await c.addPeople(list, [{ address: 'late@example.org' }])
  await sql`update contact set first_name = 'In' where id = ${ids[0]!}`.execute(w.database.db)
  for (let steps = 0; (await current()).phase === 'freezing'; steps++) {
    expect(steps).toBeLessThan(4)
    const seen = await current()
    await c.engine((tx) => freezeStep(tx, seen, now))
    // A process that took the same step again finds it done.
    expect(await c.engine((tx) => freezeStep(tx, seen, now))).toBe(false)
  }
  expect(await current()).toMatchObject({ candidates: 20_400, prepared: 10_200, excluded: 10_200 })
})

test('an address that the database takes for a plain one is one', async () => {
  const w: World = await world()
  const part = fc.stringMatching(/^[a-z0-9._+ü;@-]{0,12}$/)
  const texts = fc.sample(
    fc.oneof(
      fc
        .tuple(part, part, fc.constantFrom('com', 'c', '1', 'c0m', 'o-g', 'xn--p1ai', 'co.uk'))
        .map(([a, b, c]) => `${a}@${b}.${c}`),
      fc.emailAddress().map((one) => one.toLowerCase()),
      fc.constantFrom('ann@example.org', 'ann@example.org;ann;smith', 'a@b', 'ann@localhost', `${'a'.repeat(65)}@example.org`),
    ),
    3_000,
  )
  const { rows } = await sql<{ text: string }>`
    select text from unnest(${texts.map((text) => text.replaceAll('\0', ''))}::text[]) as t (text) where is_plain_address(text)`.execute(
    w.database.db,
  )
  expect(rows.length).toBeGreaterThan(100)
  expect(rows.filter(({ text }) => !parseAddress(text))).toEqual([])
})
