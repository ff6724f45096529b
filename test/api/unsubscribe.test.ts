import Fastify, { type InjectOptions } from 'fastify'
import { sql } from 'kysely'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { expect, onTestFinished, test } from 'vitest'
import { serveUnsubscribe } from '../../src/api/unsubscribe.ts'
import { activityFollower } from '../../src/contacts/activity/follow.ts'
import { createList } from '../../src/contacts/lists.ts'
import { createFinishing } from '../../src/delivery/domains/finishing.ts'
import { followAll } from '../../src/events/follow.ts'
import { listOutcomes } from '../../src/insight/campaigns/outcomes.ts'
import { DAY } from '../../src/lib/clock.ts'
import type { DeliveryId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/log.ts'
import { trackingKey, trackingToken, unsubscribeToken } from '../../src/tracking/token.ts'
import { campaignsOf } from '../support/campaign.ts'
import { managedDomain } from '../support/managed-domain.ts'
import { type World, world } from '../support/world.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A campaign to two public lists, of which nothing has left yet, and the page as strangers reach it. */
async function aCampaign() {
  const w = await world()
  const c = campaignsOf(w)
  const newList = async (name: string) =>
    (await c.engine((tx) => createList(tx, { name, visibility: 'public' }, c.actor, w.clock.now()))).id
  const [news, offers, third] = [await newList('News <b>'), await newList('Offers'), await newList('Third')]
  const people = await c.addPeople(news, [
    { address: 'ann@example.org' },
    { address: 'bob@example.org' },
    { address: 'eve@example.org' },
  ])
  const [ann] = people
  await c.join(offers, [ann!], ['pending'])
  await c.join(third, [ann!])
  const id = await c.started([news, offers])
  await c.prepare()
  const fastify = Fastify({ logger: false, exposeHeadRoutes: false, routerOptions: { maxParamLength: 2000 } })
  await serveUnsubscribe(fastify, {
    database: w.database,
    secrets: w.secrets,
    clock: w.clock,
    url: 'https://waybill.example.com',
  })
  onTestFinished(() => fastify.close())
  const outcomes = async () => {
    const { items: rows } = await listOutcomes(w.database.db, w.workspaceId, id, {}, { after: null, limit: 10 })
    return Object.fromEntries(rows.map((row) => [row.address, row]))
  }
  const tokenOf = async (address: string) =>
    unsubscribeToken((await outcomes())[address]?.deliveryId as DeliveryId, trackingKey(w.secrets))
  const ask = async (method: 'GET' | 'HEAD' | 'POST', path: string, payload?: string, headers: Record<string, string> = FORM) =>
    await fastify.inject({ method, url: path, ...(payload !== undefined && { payload, headers }) } as InjectOptions)
  const standings = async () => {
    const { rows } = await sql<{ name: string; status: string }>`
      select l.name, m.status from list_member m join contact_list l on l.id = m.list_id where m.contact_id = ${ann} order by 1`.execute(
      w.database.db,
    )
    return Object.fromEntries(rows.map(({ name, status }) => [name, status]))
  }
  return { w, c, id, ann, news, offers, outcomes, tokenOf, ask, standings }
}

const BEFORE = { 'News <b>': 'subscribed', Offers: 'pending', Third: 'subscribed' }

/** Everything that leaving could change. */
async function said(w: World) {
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from consent_event)::int + (select count(*) from suppression)::int + (select count(*) from event)::int as n`.execute(
    w.database.db,
  )
  return rows[0]?.n
}

test('one click while mail is queued: it is not sent, the others are; it is done once, with its proof and the campaign', async () => {
  const { w, c, id, ann, news, offers, outcomes, tokenOf, ask, standings } = await aCampaign()
  const path = `/u/${await tokenOf('ann@example.org')}`
  const answer = await ask('POST', path, 'List-Unsubscribe=One-Click')
  expect([answer.statusCode, answer.headers['set-cookie'], answer.headers.location]).toEqual([200, undefined, undefined])
  const after = await said(w)
  const form = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
  const again = await ask('POST', path, form, { 'content-type': 'multipart/form-data; boundary=x' })
  expect([again.statusCode, await said(w)]).toEqual([200, after])

  await w.dispatch()
  await c.watch()
  const { 'ann@example.org': first, ...others } = await outcomes()
  expect([first?.state, ...Object.values(others).map(({ state }) => state)]).toEqual(['suppressed', 'sent', 'sent'])
  expect(await standings()).toEqual({ ...BEFORE, 'News <b>': 'unsubscribed', Offers: 'unsubscribed' })
  const { rows: proof } = await sql`
    select source, source_id, became, at, wording from consent_event where contact_id = ${ann}`.execute(w.database.db)
  const said1 = { source: 'recipient', source_id: first?.deliveryId, became: 'unsubscribed', at: expect.any(Date) }
  expect(proof).toEqual([0, 1].map(() => ({ ...said1, wording: expect.stringContaining('campaign "Spring news"') })))
  const [told] = await w.events('contact.unsubscribed')
  expect(told).toMatchObject({
    data: { campaign_id: id, everything: false, by: 'mail_program', lists: expect.arrayContaining([news, offers]) },
  })
  await followAll(w.database, [activityFollower], () => w.clock.now())
  const { rows: seen } = await sql`
    select contact_id, subject_id, campaign_id from contact_activity where kind = 'unsubscribed'`.execute(w.database.db)
  expect(seen).toEqual([{ contact_id: ann, subject_id: first?.deliveryId, campaign_id: id }])
  expect(await w.events('contact.consent_changed')).toMatchObject([{ data: { campaign_id: id } }, { data: { campaign_id: id } }])
})

test('both headers are in each mail, folded so that they are read as one address, and its signatures cover them', async () => {
  const w = await world()
  await using shop = await managedDomain(w)
  await shop.publish(() => true)
  await shop.check()
  const finishing = createFinishing({
    database: w.database,
    secrets: w.secrets,
    clock: w.clock,
    log: createLog({ level: 'silent' }),
  })
  await finishing.start()
  onTestFinished(() => finishing.stop())
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, [{ address: 'ann@example.org' }, { address: 'bob@example.org' }])
  await c.started([list])
  await c.prepare()
  await w.dispatch({ finishing })
  expect(w.smtp.messages).toHaveLength(2)
  const seen = new Set<string>()
  for (const { content } of w.smtp.messages) {
    const head = content.slice(0, content.indexOf('\r\n\r\n'))
    for (const line of head.split('\r\n')) expect(line.length).toBeLessThanOrEqual(120)
    const unfolded = head.replace(/\r\n(?=[ \t])/g, '')
    const link =
      /^List-Unsubscribe: +<(https:\/\/waybill\.example\.com\/u\/[a-z2-7]{42})>, <mailto:news@example\.com\?subject=unsubscribe>$/m.exec(
        unfolded.replaceAll('\r', ''),
      )
    expect(link, unfolded).not.toBeNull()
    seen.add(link?.[1] ?? '')
    expect(unfolded).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m)
    expect(content.replaceAll('=\r\n', '').replaceAll('=3D', '=')).toContain(`<a href="${link?.[1]}">Unsubscribe</a>`)
    const { results } = await dkimVerify(Buffer.from(content, 'latin1'), {
      resolver: async (name: string) => {
        const answer = await shop.deps.resolver.txt(name)
        return answer.ok ? answer.found.map((text) => [text]) : []
      },
    })
    expect(results.map(({ status }) => status.result)).toEqual(['pass', 'pass'])
    const covered = [...unfolded.matchAll(/^DKIM-Signature:.*?\bh=([^;]+);/gim)].map((found) =>
      (found[1] ?? '').replace(/\s/g, '').toLowerCase().split(':'),
    )
    expect(covered).toHaveLength(2)
    for (const names of covered) expect(names).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']))
  }
  expect(seen.size).toBe(2)
})

test('looking changes nothing, however often and by whom; the page leaves lists or everything, and takes it back for a day', async () => {
  const { w, c, ann, tokenOf, ask, standings, outcomes } = await aCampaign()
  const path = `/u/${await tokenOf('ann@example.org')}`
  const before = await said(w)
  for (let i = 0; i < 10; i++)
    for (const method of ['GET', 'HEAD'] as const) expect((await ask(method, path)).statusCode).toBe(200)
  const page = await ask('GET', path)
  expect(page.payload).toContain('ann@example.org')
  expect(page.payload).toContain('<li>News &#60;b&#62;</li><li>Offers</li>')
  expect(page.payload).not.toContain('Third')
  expect(page.headers).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': expect.stringContaining("form-action 'self'"),
  })
  expect(page.headers['set-cookie']).toBeUndefined()
  for (const body of ['', 'act=', 'act=delete', 'List-Unsubscribe=', '{"List-Unsubscribe":"One-Click"}'])
    expect((await ask('POST', path, body)).statusCode).toBe(400)
  expect((await ask('POST', path, 'act=stay')).headers.location).toBe(`${path}?said=stay`)
  expect([await said(w), await standings()]).toEqual([before, BEFORE])

  w.clock.advance(60_000)
  const left = await ask('POST', path, 'act=lists&why=too_many')
  expect([left.statusCode, left.headers.location]).toEqual([303, path])
  expect(await standings()).toEqual({ ...BEFORE, 'News <b>': 'unsubscribed', Offers: 'unsubscribed' })
  expect((await ask('GET', path)).payload).toMatch(/You have left.*value="back".*value="everything"/s)
  expect((await w.events('contact.unsubscribed'))[0]).toMatchObject({ data: { by: 'page', why: 'too_many' } })

  w.clock.advance(60_000)
  await ask('POST', path, 'act=everything')
  expect(Object.values(await standings())).toEqual(['unsubscribed', 'unsubscribed', 'unsubscribed'])
  expect((await ask('GET', path)).payload).toContain('gets nothing any more that Shop sends to many')
  w.clock.advance(60_000)
  expect((await ask('POST', path, 'act=back')).headers.location).toBe(`${path}?said=back`)
  expect(await standings()).toEqual(BEFORE)
  expect((await ask('GET', `${path}?said=back`)).payload).toContain('everything is as it was')
  const { rows } = await sql`select from suppression where address = 'ann@example.org'`.execute(w.database.db)
  expect(rows).toEqual([])
  await w.dispatch()
  await c.watch()
  expect(Object.values(await outcomes()).map(({ state }) => state)).toEqual(['sent', 'sent', 'sent'])

  w.clock.advance(60_000)
  await ask('POST', path, 'act=everything')
  w.clock.advance(DAY + 60_000)
  expect((await ask('GET', path)).payload).not.toContain('value="back"')
  expect((await ask('POST', path, 'act=back')).headers.location).toBe(path)
  expect(Object.values(await standings())).toEqual(['unsubscribed', 'unsubscribed', 'unsubscribed'])

  // Who is erased leaves an address behind: their old mail still does what it says, and tells nothing of them.
  await sql`delete from contact where id = ${ann}`.execute(w.database.db)
  expect((await ask('GET', path)).statusCode).toBe(200)
  expect((await ask('POST', path, 'List-Unsubscribe=One-Click')).statusCode).toBe(200)
})

test('a token that is cut off, made up, of another kind or of other mail has one clear answer and changes nothing', async () => {
  const { w, tokenOf, ask, outcomes } = await aCampaign()
  const token = await tokenOf('ann@example.org')
  const deliveryId = (await outcomes())['ann@example.org']?.deliveryId as DeliveryId
  const other = w.smtp.messages.length
  const before = await said(w)
  const key = trackingKey(w.secrets)
  const wrong = [
    token.slice(0, -1),
    `${token}a`,
    `${token.slice(0, -2)}${token.endsWith('aa') ? 'ba' : 'aa'}`,
    trackingToken(deliveryId, key),
    unsubscribeToken('0193e0a0-8888-7abc-9def-0123456789ab' as DeliveryId, key),
    '%00',
    "'%20or%201=1",
    'a'.repeat(1_900),
  ]
  const answers = new Set<string>()
  for (const one of wrong)
    for (const answer of [await ask('GET', `/u/${one}`), await ask('POST', `/u/${one}`, 'List-Unsubscribe=One-Click')]) {
      expect(answer.statusCode, one).toBe(404)
      answers.add(answer.payload)
    }
  expect(answers.size).toBe(1)
  expect([...answers][0]).toContain('This link leads nowhere')
  expect((await ask('POST', `/u/${token}`, `act=lists&why=${'x'.repeat(9_000)}`)).statusCode).toBeGreaterThanOrEqual(400)
  expect([await said(w), w.smtp.messages.length]).toEqual([before, other])
  for (let i = 0; i < 60; i++) await ask('GET', `/u/${token}`)
  const busy = await ask('GET', `/u/${token}`)
  expect([busy.statusCode, busy.headers['retry-after']]).toEqual([429, '1'])
})
