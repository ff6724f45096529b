import Fastify from 'fastify'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { servePreferences } from '../../src/api/preferences.ts'
import { serveUnsubscribe } from '../../src/api/unsubscribe.ts'
import { createList } from '../../src/contacts/lists.ts'
import { campaignsOf } from '../support/campaign.ts'
import { world } from '../support/world.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

test('a campaign’s mail and its page for leaving lead to the same page: its reader joins, leaves, and the campaign is told', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const newList = (name: string, visibility: 'public' | 'private', optIn: 'single' | 'double' = 'single') =>
    c.engine(async (tx) => (await createList(tx, { name, visibility, optIn }, c.actor, w.clock.now())).id)
  const [news, offers, staff] = [
    await newList('News', 'public'),
    await newList('Offers', 'public', 'double'),
    await newList('Staff', 'private'),
  ]
  const [ann] = await c.addPeople(news, [{ address: 'ann@example.org', firstName: 'Ann' }])
  await c.join(staff, [ann!])
  const content = {
    format: 'text' as const,
    subject: 'Hi',
    body: 'Yours: {{ preferences_url }}\n',
    text: null,
    toName: '',
    fields: [],
  }
  const id = await c.started([news], { content: content as never })
  await c.prepare()
  await w.dispatch()
  const [mail] = w.smtp.messages
  const path = /\/p\/[a-z2-7]{42}/.exec(mail?.content.replaceAll('=\r\n', '') ?? '')?.[0] ?? ''

  const fastify = Fastify({ logger: false, exposeHeadRoutes: false, routerOptions: { maxParamLength: 2000 } })
  const deps = { ...w, url: 'https://waybill.example.com', wake: () => {} }
  await serveUnsubscribe(fastify, deps)
  await servePreferences(fastify, deps)
  onTestFinished(() => fastify.close())
  const page = await fastify.inject({ method: 'GET', url: path })
  expect(page.statusCode).toBe(200)
  expect(page.payload).toMatch(/checked> <span>News.*> <span>Offers.*checked> <span>One more list of Shop/s)
  expect(page.payload).not.toContain('Staff')
  const leaving = /\/u\/[a-z2-7]{42}/.exec(mail?.content.replaceAll('=\r\n', '') ?? '')?.[0] ?? ''
  expect((await fastify.inject({ method: 'GET', url: leaving })).payload).toContain(`href="${path}"`)
  for (const wrong of [path.replace('/p/', '/u/'), leaving.replace('/u/', '/p/')])
    expect((await fastify.inject({ method: 'GET', url: wrong })).statusCode, wrong).toBe(404)

  const payload = new URLSearchParams({
    act: 'save',
    list: offers,
    had_others: '1',
    first_name: 'see www.spam.example',
    why: 'other',
  }).toString()
  expect((await fastify.inject({ method: 'POST', url: path, payload, headers: FORM })).headers.location).toBe(
    `${path}?said=saved`,
  )
  const { rows } = await sql<{ name: string; status: string }>`
    select l.name, m.status from list_member m join contact_list l on l.id = m.list_id where m.contact_id = ${ann} order by 1`.execute(
    w.database.db,
  )
  expect(Object.fromEntries(rows.map((row) => [row.name, row.status]))).toEqual({
    News: 'unsubscribed',
    Offers: 'subscribed',
    Staff: 'unsubscribed',
  })
  const { rows: names } = await sql`select first_name from contact where id = ${ann}`.execute(w.database.db)
  expect(names).toEqual([{ first_name: 'Ann' }])
  expect(await w.events('contact.unsubscribed')).toMatchObject([
    {
      recipient: 'ann@example.org',
      data: { campaign_id: id, by: 'preferences', why: 'other', lists: expect.arrayContaining([news, staff]) },
    },
  ])
  expect(await w.events('contact.subscribed')).toMatchObject([{ data: { campaign_id: id, lists: [offers] } }])
})
