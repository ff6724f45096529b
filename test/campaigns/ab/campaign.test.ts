import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { AbTest } from '../../../src/campaigns/ab/ab-test.ts'
import { chooseWinner } from '../../../src/campaigns/ab/decide.ts'
import { cancelCampaign, extendCampaign, pauseCampaign, resumeCampaign, retryCampaign } from '../../../src/campaigns/life.ts'
import { activityFollower } from '../../../src/contacts/activity/follow.ts'
import { listOutcomes } from '../../../src/insight/campaigns/outcomes.ts'
import { newId } from '../../../src/lib/ids.ts'
import { parseMail } from '../../../src/mail/parse.ts'
import { campaignsOf, sumOf } from '../../support/campaign.ts'
import { caughtUp } from '../../support/caught-up.ts'
import { type World, world } from '../../support/world.ts'

const SUBJECTS: AbTest = {
  variants: [{ subject: 'B for {{ contact.first_name }}', sender: 'Anna of the shop <anna@example.com>', content: null }],
  share: 40,
  measure: 'clicked',
  afterMinutes: 60,
  unclear: 'best',
}

async function mails(w: World) {
  const read = await Promise.all(w.smtp.messages.map(({ content }) => parseMail(Buffer.from(content, 'latin1'))))
  return read.flatMap((result) =>
    result.kind === 'parsed'
      ? [{ to: result.mail.to[0]?.address ?? '', subject: result.mail.subject, from: result.mail.from?.address }]
      : [],
  )
}

const variants = async (w: World, id: string) => {
  const { items } = await listOutcomes(w.database.db, w.workspaceId, id, {}, { after: null, limit: 500 })
  return new Map(items.map(({ address, variant }) => [address, variant]))
}

async function did(w: World, id: string, kind: string, addresses: readonly string[]): Promise<void> {
  await caughtUp(w.database, activityFollower, w.clock.now())
  for (const address of addresses)
    await sql`insert into contact_activity (workspace_id, contact_id, kind, subject_id, campaign_id, address, at)
              select workspace_id, contact_id, ${kind}, ${newId()}, ${id}, address, ${w.clock.now()} from contact_address where address = ${address}`.execute(
      w.database.db,
    )
}

const people = (n: number) => Array.from({ length: n }, (_, i) => ({ address: `p${i}@example.org`, firstName: `P${i}` }))

test('some get one version or the other, the rest waits as rows, and gets what did best; sums hold, and each one’s version is known', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, [...people(120), { address: 'glued@example.org;x' }])
  const id = await c.started([list], { ab: SUBJECTS, utm: null })
  await c.prepare()
  await w.dispatch()
  await c.watch()
  const first = await mails(w)
  const testing = await c.progress(id)
  expect(first.length).toBeGreaterThan(20)
  expect(first.length).toBeLessThan(80)
  expect(testing).toMatchObject({ candidates: 121, awaitsWinner: 120 - first.length, deliveries: { sent: first.length } })
  expect(sumOf(testing)).toBe(121)
  expect(testing.campaign).toMatchObject({ state: 'sending', decidesAt: new Date(w.clock.now().getTime() + 3_600_000) })
  expect(testing.wait).toMatchObject({
    sentence: 'The rest waits for the winner of the test.',
    until: testing.campaign.decidesAt,
  })
  const known = await variants(w, id)
  for (const { to, subject, from } of first) {
    const isB = known.get(to) === 1
    expect([subject.startsWith('B for P'), from]).toEqual([isB, isB ? 'anna@example.com' : 'news@example.com'])
  }
  const ofB = first.filter(({ to }) => known.get(to) === 1).map(({ to }) => to)
  expect(ofB.length).toBeGreaterThan(5)
  await did(w, id, 'clicked', ofB)
  w.clock.advance(59 * 60_000)
  await c.watch()
  expect((await c.progress(id)).campaign.winner).toBeNull()
  w.clock.advance(61_000)
  await c.watch()
  const decided = await c.progress(id)
  expect(decided.campaign).toMatchObject({ state: 'preparing', winner: 1, decision: { by: 'measure', how: 'clear' } })
  expect(sumOf(decided)).toBe(121)
  await c.prepare()
  await w.dispatch()
  await c.watch()
  const all = await mails(w)
  expect(new Set(all.map(({ to }) => to)).size).toBe(120)
  expect(all).toHaveLength(120)
  for (const { subject } of all.slice(first.length)) expect(subject).toMatch(/^B for P\d+$/)
  const end = await c.progress(id)
  expect(end).toMatchObject({ campaign: { state: 'done' }, awaitsWinner: 0, deliveries: { sent: 120 } })
  expect([...(await variants(w, id)).values()].filter((variant) => variant !== null)).toHaveLength(120)

  // Whoever is added later gets what won; whose mail failed gets their own version again.
  await c.addPeople(list, [{ address: 'late@example.org', firstName: 'Late' }])
  w.smtp.answer('late@example.org', '552 5.2.2 mailbox full').thenAccept()
  await c.engine((tx) => extendCampaign(tx, id, c.actor, w.clock.now()))
  await c.prepare()
  await w.dispatch()
  await c.watch()
  await c.engine((tx) => retryCampaign(tx, id, null, c.actor, w.clock.now()))
  await c.prepare()
  await w.dispatch()
  expect((await mails(w)).at(-1)).toEqual({ to: 'late@example.org', subject: 'B for Late', from: 'anna@example.com' })
})

test('a person decides: by hand, before the time, while it stands still; a pause holds, and nothing is decided for them', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people(60))
  const id = await c.started([list], { ab: { ...SUBJECTS, measure: 'by_hand' } })
  await c.prepare()
  await w.dispatch()
  w.clock.advance(86_400_000)
  await c.watch()
  const waiting = await c.progress(id)
  expect(waiting.campaign).toMatchObject({ state: 'sending', winner: null })
  expect(waiting.wait).toMatchObject({ sentence: 'The rest waits until somebody chooses the winner of the test.', until: null })
  await c.engine((tx) => pauseCampaign(tx, id, c.actor, w.clock.now()))
  await expect(c.engine((tx) => chooseWinner(tx, id, 2, c.actor, w.clock.now()))).rejects.toThrow('Its versions are A to B.')
  await c.engine((tx) => chooseWinner(tx, id, 0, c.actor, w.clock.now()))
  await c.watch()
  await c.prepare()
  await w.dispatch()
  expect(w.smtp.messages.length).toBeLessThan(60)
  expect((await c.progress(id)).campaign).toMatchObject({
    state: 'paused',
    winner: 0,
    decision: { how: 'chosen', sentence: 'Ann chose A.' },
  })
  await c.engine((tx) => resumeCampaign(tx, id, c.actor, w.clock.now()))
  await c.watch()
  await c.prepare()
  await w.dispatch()
  await c.watch()
  expect(await c.progress(id)).toMatchObject({ campaign: { state: 'done' }, deliveries: { sent: 60 } })
  await expect(c.engine((tx) => chooseWinner(tx, id, 1, c.actor, w.clock.now()))).rejects.toThrow()
})

test('where the difference may be chance and people want to be asked, they are; cancelled while it waits, the rest gets nothing', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people(40))
  const id = await c.started([list], { ab: { ...SUBJECTS, unclear: 'ask' } })
  await c.prepare()
  await w.dispatch()
  await c.watch()
  w.clock.advance(3_601_000)
  await c.watch()
  const asked = await c.progress(id)
  expect(asked.campaign).toMatchObject({ state: 'sending', winner: null, question: { code: 'choose_winner' } })
  expect(asked.wait).toMatchObject({ sentence: expect.stringContaining('Nobody followed a link') })
  const sent = w.smtp.messages.length
  await c.engine((tx) => cancelCampaign(tx, id, c.actor, w.clock.now()))
  await c.watch()
  await c.prepare()
  await w.dispatch()
  expect(w.smtp.messages).toHaveLength(sent)
  const end = await c.progress(id)
  expect(end.campaign.state).toBe('cancelled')
  expect(sumOf(end)).toBe(40)
})

test('who could not get one of the versions is left out before the first mail leaves, and a test of everybody has no winner', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, [...people(30), { address: 'eve@example.org', data: { n: 100_000_000 } }])
  const heavy = {
    format: 'text' as const,
    subject: 'Hi',
    body: '{% for i in (1..contact.n) %}.{% endfor %}',
    text: null,
    toName: '',
    fields: [],
  }
  const one = await c.started([list], {
    ab: { ...SUBJECTS, share: 1, variants: [{ subject: null, sender: null, content: heavy }] },
  })
  await c.prepare()
  expect((await c.progress(one)).excluded).toEqual([{ reason: 'unrenderable', n: 1 }])
  await c.engine((tx) => cancelCampaign(tx, one, c.actor, w.clock.now()))
  const all = await c.started([list], { ab: { ...SUBJECTS, share: 100 } })
  await c.prepare()
  await w.dispatch()
  await c.watch()
  expect(await c.progress(all)).toMatchObject({
    campaign: { state: 'done', winner: null },
    awaitsWinner: 0,
    deliveries: { sent: 31 },
  })
  expect(new Set((await variants(w, all)).values())).toEqual(new Set([0, 1]))
})
