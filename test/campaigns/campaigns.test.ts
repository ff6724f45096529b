import { sql } from 'kysely'
import { expect, test } from 'vitest'
import {
  askAboutCampaigns,
  cancelCampaign,
  confirmCampaign,
  extendCampaign,
  pauseCampaign,
  resumeCampaign,
  retryCampaign,
  scheduleCampaign,
  setCampaignPace,
} from '../../src/campaigns/life.ts'
import { findCampaign } from '../../src/campaigns/manage.ts'
import { changeConsent } from '../../src/contacts/consent/change-consent.ts'
import { suppress } from '../../src/delivery/suppression/suppress.ts'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import { exportOutcomes, listOutcomes } from '../../src/insight/campaigns/outcomes.ts'
import { newId } from '../../src/lib/ids.ts'
import { parseMail } from '../../src/mail/parse.ts'
import { type APerson, campaignsOf, sumOf } from '../support/campaign.ts'
import { type World, world } from '../support/world.ts'

const people = (n: number, domain = 'example.org'): APerson[] =>
  Array.from({ length: n }, (_, i) => ({ address: `p${String(i + 1).padStart(4, '0')}@${domain}`, firstName: `P${i + 1}` }))

const outcomes = async (w: World, id: string) => {
  const { items: rows } = await listOutcomes(w.database.db, w.workspaceId, id, {}, { after: null, limit: 5_000 })
  return Object.fromEntries(rows.map(({ address, excluded, state }) => [address, excluded ?? state]))
}

test('everybody of the lists is accounted for before the first mail leaves, each with the reason, and gets one mail at most', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const [news, offers] = [await c.newList('News'), await c.newList('Offers')]
  const [ann] = await c.addPeople(news, [
    { address: 'ann@example.org', firstName: 'Zoë' },
    { address: 'gone@example.org', status: 'unsubscribed' },
    { address: 'maybe@example.org', status: 'pending' },
    { address: 'dead@example.org' },
    { address: '' },
    { address: 'glued@example.org;first;last;' },
    { address: 'vat@example.org', data: { vat_id: 'DE1' } },
  ])
  await c.join(offers, [ann!])
  const entry = { address: 'dead@example.org', stream: 'all' as const, reason: 'manual' as const, deliveryId: null, note: '' }
  await c.engine((tx) => suppress(tx, w.workspaceId, [entry], null, w.clock.now()))
  const id = await c.started([news, offers])
  await w.dispatch()
  expect(w.smtp.messages).toEqual([])
  await c.prepare()
  const before = await c.progress(id)
  expect(before.campaign).toMatchObject({ state: 'sending', candidates: 7, prepared: 2, excluded: 5 })
  expect(before.deliveries).toEqual({ queued: 2 })
  await w.dispatch()
  await c.watch()
  expect(await outcomes(w, id)).toEqual({
    'ann@example.org': 'sent',
    'vat@example.org': 'sent',
    'gone@example.org': 'unsubscribed',
    'maybe@example.org': 'unconfirmed',
    'dead@example.org': 'suppressed',
    '': 'no_address',
    'glued@example.org;first;last;': 'malformed',
  })
  const after = await c.progress(id)
  expect(after.campaign.state).toBe('done')
  expect(sumOf(after)).toBe(7)
  const mails = await Promise.all(w.smtp.messages.map(({ content }) => parseMail(Buffer.from(content, 'latin1'))))
  const subjects = mails.map((result) => (result.kind === 'parsed' ? result.mail.subject : ''))
  expect(subjects.toSorted()).toEqual(['News for Zoë', 'News for friend'])
  const lines: string[] = []
  for await (const part of exportOutcomes(w.database, w.workspaceId, id, {})) lines.push(part)
  expect(lines.join('').trim().split('\r\n')).toHaveLength(8)
  expect(lines.join('')).toMatch(/glued@example.org;first;last;"?,[^,]*,excluded,malformed,/)
})

test('a missing required field and a template that fails for one person exclude that person, by name', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, [
    { address: 'ann@example.org', data: { vat_id: 'DE1', n: 2 } },
    { address: 'bob@example.org', data: { n: 2 } },
    { address: 'eve@example.org', data: { vat_id: 'DE2', n: 100_000_000 } },
  ])
  const id = await c.started([list], {
    content: {
      format: 'text',
      subject: 'Hi',
      body: '{{ contact.vat_id }}{% for i in (1..contact.n) %}.{% endfor %}',
      text: null,
      toName: '',
      fields: [{ path: 'contact.vat_id', fallback: '', required: true }],
    },
  })
  await c.prepare()
  const { items: rows } = await listOutcomes(w.database.db, w.workspaceId, id, {}, { after: null, limit: 10 })
  expect(rows.map(({ address, excluded, detail, state }) => [address, excluded ?? state, detail])).toEqual([
    ['ann@example.org', 'queued', ''],
    ['bob@example.org', 'missing_field', 'contact.vat_id'],
    ['eve@example.org', 'unrenderable', expect.stringContaining('limit exceeded')],
  ])
  expect((await c.progress(id)).excluded.map(({ reason }) => reason).toSorted()).toEqual(['missing_field', 'unrenderable'])
})

test('links are tracked per recipient where the workspace wants it; those with something of a person in them are left as they are', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people(2))
  const { content } = await c.draft([list])
  await c.started([list], {
    tracking: { clicks: true, opens: true },
    content: { ...content, body: `${content.body}<a href="https://example.com/?a={{ contact.email }}">You</a>` },
  })
  await c.prepare()
  await w.dispatch()
  const htmls = await Promise.all(
    w.smtp.messages.map(async ({ content: raw }) => {
      const result = await parseMail(Buffer.from(raw, 'latin1'))
      return result.kind === 'parsed' ? (result.mail.html ?? '') : ''
    }),
  )
  for (const html of htmls) {
    expect(html).toMatch(/href="https:\/\/waybill.example.com\/t\/c\/[a-z0-9]{42}\/1">Spring/)
    expect(html).toMatch(/src="https:\/\/waybill.example.com\/t\/o\/[a-z0-9]{42}\.gif"/)
    expect(html).toMatch(/href="https:\/\/example.com\/\?a=p000\d@example.org">You/)
  }
  expect(new Set(htmls.map((html) => /\/t\/c\/([a-z0-9]{42})/.exec(html)?.[1])).size).toBe(2)
})

test('pause, slower, resume and cancel; what was sent stays sent, the rest is settled, the sum holds', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people(10))
  const id = await c.started([list], { pace: { amount: 35, per: 'hour' } })
  await c.prepare()
  await w.dispatch()
  expect(w.smtp.messages).toHaveLength(1)
  const running = await c.progress(id)
  expect(running.wait).toMatchObject({ kind: 'waits', sentence: expect.stringContaining('35 an hour') })
  expect((running.end?.at.getTime() ?? 0) - w.clock.now().getTime()).toBeCloseTo(9 * (3_600_000 / 35), -4)
  await c.engine((tx) => pauseCampaign(tx, id, c.actor, w.clock.now()))
  w.clock.advance(3_600_000)
  await w.dispatch()
  await c.watch()
  expect(w.smtp.messages).toHaveLength(1)
  expect((await c.progress(id)).wait).toMatchObject({ kind: 'waits', sentence: 'Somebody paused this campaign.' })
  await c.engine((tx) => setCampaignPace(tx, id, { amount: 10_000, per: 'hour' }, c.actor, w.clock.now()))
  await c.engine((tx) => resumeCampaign(tx, id, c.actor, w.clock.now()))
  await w.dispatch()
  expect(w.smtp.messages.length).toBeGreaterThan(1)
  await c.engine((tx) => cancelCampaign(tx, id, c.actor, w.clock.now()))
  const sent = w.smtp.messages.length
  await w.dispatch()
  await c.watch()
  const end = await c.progress(id)
  expect(end.deliveries).toEqual({ sent, cancelled: 10 - sent })
  expect(end.campaign).toMatchObject({ state: 'cancelled' })
  expect(sumOf(end)).toBe(10)
})

test('whoever unsubscribes or bounces while queued gets nothing more, and is counted', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const [, second] = await c.addPeople(list, people(3))
  const id = await c.started([list])
  await c.prepare()
  await c.engine((tx) =>
    changeConsent(
      tx,
      w.workspaceId,
      [{ contactId: second!, listId: list, wants: 'unsubscribed' }],
      { source: 'recipient', actor: null },
      w.clock.now(),
    ),
  )
  await w.dispatch()
  await c.watch()
  expect(await outcomes(w, id)).toEqual({
    'p0001@example.org': 'sent',
    'p0002@example.org': 'suppressed',
    'p0003@example.org': 'sent',
  })
})

test('failed ones are sent again by class, once each; those added since get it, nobody twice; who opened is left out of the next', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const ids = await c.addPeople(list, people(4))
  w.smtp.answer('p0001@example.org', '552 5.2.2 mailbox full').thenAccept()
  w.smtp.answer('p0002@example.org', '554 5.7.1 spam').thenAccept()
  const id = await c.started([list])
  await c.prepare()
  await w.dispatch()
  await c.watch()
  expect((await c.progress(id)).deliveries).toEqual({ sent: 2, bounced: 2 })
  await c.engine((tx) => retryCampaign(tx, id, ['mailbox_full'], c.actor, w.clock.now()))
  await c.prepare()
  await w.dispatch()
  await c.watch()
  const retried = await c.progress(id)
  expect(retried.deliveries).toEqual({ sent: 3, bounced: 1 })
  expect(retried.campaign).toMatchObject({ state: 'done', again: null })
  expect(sumOf(retried)).toBe(4)
  expect(w.smtp.received().filter((address) => address === 'p0001@example.org')).toHaveLength(1)

  await c.addPeople(list, [{ address: 'new@example.org' }])
  await c.engine((tx) => extendCampaign(tx, id, c.actor, w.clock.now()))
  await c.prepare()
  await w.dispatch()
  await c.watch()
  const extended = await c.progress(id)
  expect(extended).toMatchObject({ candidates: 5, deliveries: { sent: 4, bounced: 1 }, campaign: { state: 'done' } })

  await sql`insert into contact_activity (workspace_id, contact_id, kind, subject_id, campaign_id, address, at)
            values (${w.workspaceId}, ${ids[2]}, 'opened', ${newId()}, ${id}, 'p0003@example.org', ${w.clock.now()})`.execute(
    w.database.db,
  )
  const second = await c.started([], { audience: { kind: 'not_opened', campaignId: id, lists: [list] } })
  await c.prepare()
  expect(Object.keys(await outcomes(w, second)).toSorted()).toEqual([
    'new@example.org',
    'p0001@example.org',
    'p0002@example.org',
    'p0004@example.org',
  ])
})

test('an address that went to somebody else while a campaign was under way gets it once, and everybody is accounted for', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const [first] = await c.addPeople(list, people(3))
  const id = await c.started([list])
  await c.prepare()
  await w.dispatch()
  const [second] = await c.addPeople(list, [{ address: 'second@example.org' }, { address: 'third@example.org' }])
  const { db } = w.database
  await sql`delete from contact_address where contact_id = ${second}`.execute(db)
  await sql`update contact_address set contact_id = ${second} where contact_id = ${first}`.execute(db)
  await c.watch()
  await c.engine((tx) => extendCampaign(tx, id, c.actor, w.clock.now()))
  await c.prepare()
  await w.dispatch()
  await c.watch()
  const progress = await c.progress(id)
  expect(progress).toMatchObject({ candidates: 5, excluded: [{ reason: 'duplicate', n: 1 }], deliveries: { sent: 4 } })
  expect(sumOf(progress)).toBe(5)
  expect(w.smtp.received().filter((address) => address === 'p0001@example.org')).toHaveLength(1)
})

test('a schedule starts by itself; one that is late, or that a restore brought back, asks before it sends', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people(1))
  const at = new Date(w.clock.now().getTime() + 60_000)
  const made = await Promise.all([0, 1, 2].map(() => c.draft([list])))
  const when = (n: number) => new Date(at.getTime() + n * 4 * 3_600_000)
  for (const [n, { id }] of made.entries())
    await c.engine((tx) => scheduleCampaign(tx, id, { at: when(n), timeZone: 'Europe/Berlin' }, c.actor, w.clock.now()))
  const state = async (n: number) => await findCampaign(w.database.db, w.workspaceId, made[n]!.id)
  await c.startDue()
  expect((await state(0))?.state).toBe('scheduled')
  w.clock.advance(61_000)
  await c.startDue()
  expect((await state(0))?.state).toBe('preparing')
  w.clock.advance(5.5 * 3_600_000)
  await c.startDue()
  expect(await state(1)).toMatchObject({ state: 'scheduled', question: { code: 'late' } })
  w.clock.advance(3 * 3_600_000)
  await c.engine((tx) => askAboutCampaigns(tx, w.clock.now()))
  await c.startDue()
  expect(await state(2)).toMatchObject({ state: 'scheduled', question: { code: 'restored' } })
  await c.prepare()
  expect(await state(0)).toMatchObject({ state: 'paused', reason: { code: 'restored' } })
  await w.dispatch()
  expect(w.smtp.messages).toEqual([])
  await c.engine((tx) => confirmCampaign(tx, made[2]!.id, c.actor, w.clock.now()))
  await c.engine((tx) => resumeCampaign(tx, made[0]!.id, c.actor, w.clock.now()))
  await c.prepare()
  await w.dispatch()
  expect(w.smtp.messages).toHaveLength(2)
})

test('a campaign that should move and does not is an incident by itself, and it ends by itself', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people(5))
  const id = await c.started([list], { pace: { amount: 35, per: 'hour' } })
  await c.prepare()
  await w.dispatch()
  const open = async () => (await listOpenIncidents(w.database.db, w.workspaceId, 10)).map(({ kind }) => kind)
  for (let i = 0; i < 4; i++) {
    await c.watch()
    expect(await open()).toEqual([])
    w.clock.advance(90_000)
  }
  await c.watch()
  expect(await open()).toEqual(['campaign.stuck'])
  await w.dispatch()
  await c.watch()
  expect(await open()).toEqual([])
  expect((await c.progress(id)).deliveries.sent).toBe(2)
})
