import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { newId } from '../../src/lib/ids.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')

test('what came of a campaign is told with whom its shares are of, by hour and day, as a table, and beside others', async () => {
  const { id } = (await ask(api, 'POST', '/v1/campaigns', { ...ann, body: { name: 'Spring, early' } })).body
  const path = `/v1/campaigns/${id}/results`
  expect((await ask(api, 'GET', path, bob)).body).toMatchObject({
    figures: { reached: 0 },
    rates: { basis: 'nobody', opened: null },
  })
  await sql`
    insert into campaign_figure (workspace_id, campaign_id, split, key, accepted, delivered, bounced, returned, opened_human, opened_proxy)
    values (${ann.workspaceId}, ${id}, 'all', '', 100, 0, 15, 10, 45, 80), (${ann.workspaceId}, ${id}, 'class', 'mailbox_full', 0, 0, 15, 10, 0, 0),
           (${ann.workspaceId}, ${id}, 'hour', '2026-11-22T10', 100, 0, 15, 10, 30, 80), (${ann.workspaceId}, ${id}, 'hour', '2026-11-22T23', 0, 0, 0, 0, 15, 0)`.execute(
    api.deps.database.db,
  )
  expect((await ask(api, 'GET', path, bob)).body).toMatchObject({
    campaign: { name: 'Spring, early', recipients: 0 },
    figures: { accepted: 100, reached: 90, bounced: 15, opened: { human: 45, proxy: 80 } },
    rates: { basis: 'reached', of: 90, opened: 0.5 },
    classes: [{ class: 'mailbox_full', bounced: 15, returned: 10, failed: 0, expired: 0 }],
    variants: [],
  })
  const hours = (await ask(api, 'GET', `${path}/hours`, bob)).body.items
  expect(hours.map((one: { at: string; figures: { opened: object } }) => [one.at, one.figures.opened])).toEqual([
    ['2026-11-22T10:00:00.000Z', { human: 30, proxy: 80, scanner: 0, unknown: 0 }],
    ['2026-11-22T23:00:00.000Z', { human: 15, proxy: 0, scanner: 0, unknown: 0 }],
  ])
  expect((await ask(api, 'GET', `${path}/hours?by=day`, bob)).body.items).toMatchObject([
    { at: '2026-11-22T00:00:00.000Z', figures: { opened: { human: 45 } } },
  ])
  expect((await ask(api, 'GET', `${path}/links`, bob)).body.items).toEqual([])
  const csv = await ask(api, 'GET', `${path}/table?table=classes`, bob)
  expect([csv.text, csv.headers['content-disposition']]).toEqual([
    'class,bounced,returned,failed,expired\r\nmailbox_full,15,10,0,0\r\n',
    expect.stringContaining('classes.csv'),
  ])
  const both = `/v1/campaigns/compare?ids=${newId()},${id}`
  expect((await ask(api, 'GET', both, bob)).body.items).toMatchObject([{ campaign: { id }, figures: { reached: 90 } }])
  const text = (await ask(api, 'GET', both.replace('compare?', 'compare/table?'), bob)).text
  expect(text).toMatch(/^campaign,id,state,.*\r\n"Spring, early",/)
  expect((await ask(api, 'GET', '/v1/campaigns/compare?ids=x', bob)).status).toBe(422)
})

test('templates of another tool are tried, then kept, with what could not be carried over', async () => {
  const answer = {
    data: [
      { id: 1, name: 'Default', type: 'campaign', body: '<p>{{ .Subscriber.Name }}</p>{{ template "content" . }}{{ L.T "x" }}' },
    ],
  }
  const post = (body: object, who: { cookie: string } = ann) => ask(api, 'POST', '/v1/templates/from-elsewhere', { ...who, body })
  const notes = ['Line 1: {{ L.T "x" }} has no equivalent and was taken out.']
  expect((await post({ answer, only_try: true })).body.templates).toEqual([{ id: null, name: 'Default', format: 'html', notes }])
  expect((await ask(api, 'GET', '/v1/templates', ann)).body.items).toEqual([])
  const { id } = (await post({ answer })).body.templates[0]
  expect((await ask(api, 'GET', `/v1/templates/${id}`, ann)).body).toMatchObject({
    body: '<p>{{ contact.name }}</p>{% slot content %}Write here.{% endslot %}',
    slots: [{ name: 'content' }],
  })
  expect((await post({ answer: { data: [] } })).body.code).toBe('import_refused')
  expect((await post({ answer }, bob)).status).toBe(403)
})
