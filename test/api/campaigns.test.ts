import { expect, test } from 'vitest'
import { prepareAll } from '../../src/campaigns/jobs.ts'
import { createMjmlReader } from '../../src/templates/mjml/mjml.ts'
import { createOwn } from '../../src/tracking/personalise.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const CONTENT = {
  format: 'markdown',
  subject: 'Hi {{ contact.first_name }}',
  body: 'Spring is here.',
  text: null,
  to_name: '',
  fields: [],
}

const post = (path: string, body: object = {}) => ask(api, 'POST', path, { ...ann, body })

test('a campaign is written, started, watched, slowed, paused and cancelled over the API; nobody but administrators may', async () => {
  const list = (await post('/v1/lists', { name: 'News' })).body
  const person = (await post('/v1/contacts', { first_name: 'Zoë', addresses: ['zoe@example.org'] })).body
  await ask(api, 'PUT', `/v1/contacts/${person.id}/lists/${list.id}`, {
    ...ann,
    body: { status: 'subscribed', reason: 'At the fair' },
  })
  expect((await ask(api, 'POST', '/v1/campaigns', { ...bob, body: { name: 'Spring' } })).status).toBe(403)
  const draft = await post('/v1/campaigns', { name: 'Spring' })
  expect(draft.body).toMatchObject({ state: 'draft', actions: ['edit', 'remove', 'schedule', 'start'] })
  const path = `/v1/campaigns/${draft.body.id}`
  expect((await ask(api, 'POST', `${path}/start`, ann)).body.code).toBe('invalid_address')
  const broken = { ...CONTENT, body: 'one\n{% if %}' }
  const said = { sender: 'Shop <news@example.com>', audience: { kind: 'lists', lists: [list.id] }, version: 1 }
  await ask(api, 'PATCH', path, { ...ann, body: { ...said, content: broken } })
  expect((await ask(api, 'POST', `${path}/start`, ann)).body).toMatchObject({
    code: 'invalid_request',
    detail: expect.stringContaining('Line 2'),
  })
  expect((await ask(api, 'PATCH', path, { ...ann, body: { name: 'Late', version: 1 } })).body.code).toBe('changed_meanwhile')
  expect((await ask(api, 'PATCH', path, { ...ann, body: { content: CONTENT, version: 2 } })).body).toMatchObject({ version: 3 })

  expect((await ask(api, 'POST', `${path}/start`, bob)).status).toBe(403)
  const started = await ask(api, 'POST', `${path}/start`, ann)
  expect(started.body, started.text).toMatchObject({ state: 'preparing', actions: ['cancel'] })
  const { database, blobs, clock } = api.deps
  const tracking = { database, url: 'https://waybill.example.com' }
  const ownOf = createOwn({ secrets: api.deps.secrets, url: tracking.url })
  await prepareAll({
    database,
    blobs,
    tracking,
    ownOf,
    mjml: createMjmlReader(),
    takesMail: async () => false,
    replyInbox: async () => null,
    wake: () => {},
    now: () => clock.now(),
  })
  expect((await ask(api, 'GET', path, bob)).body).toMatchObject({
    campaign: { state: 'sending', candidates: 1, prepared: 1, excluded: 0 },
    candidates: 1,
    deliveries: { queued: 1 },
  })
  expect((await ask(api, 'PUT', `${path}/pace`, { ...ann, body: { pace: { amount: 35, per: 'hour' } } })).body.pace.amount).toBe(
    35,
  )
  expect((await ask(api, 'POST', `${path}/pause`, ann)).body).toMatchObject({ state: 'paused', reason: { code: 'paused' } })
  expect((await ask(api, 'GET', path, ann)).body.waiting_on.sentence).toBe('Somebody paused this campaign.')
  expect((await ask(api, 'POST', `${path}/pause`, ann)).body.code).toBe('wrong_state')
  const recipients = (await ask(api, 'GET', `${path}/recipients?state=queued`, bob)).body.items
  expect(recipients).toMatchObject([{ address: 'zoe@example.org', state: 'queued', excluded: null }])
  const raw = await ask(api, 'GET', `/v1/messages/${recipients[0].message_id}/raw`, ann)
  expect(raw.text).toMatch(/^To: zoe@example\.org\r\nSubject: .*Zo=C3=AB/m)
  const file = await ask(api, 'GET', `${path}/recipients/export?state=queued,sent`, bob)
  expect(file.text.split('\r\n')[1]).toMatch(/^zoe@example\.org,Zoë,queued,/)
  expect((await ask(api, 'GET', `/v1/contacts/${person.id}/campaigns`, bob)).body.items).toMatchObject([
    { name: 'Spring', excluded: null, delivery: { state: 'queued' }, opened: false },
  ])
  expect((await ask(api, 'GET', `/v1/messages/${recipients[0].message_id}`, bob)).body.campaign).toEqual({
    id: draft.body.id,
    name: 'Spring',
  })
  expect((await ask(api, 'GET', '/v1/deliveries', bob)).body.items).toMatchObject([
    { campaign: { id: draft.body.id, name: 'Spring' } },
  ])
  expect((await ask(api, 'POST', `${path}/cancel`, ann)).body).toMatchObject({ state: 'cancelled', actions: [] })
  expect((await ask(api, 'GET', '/v1/campaigns?state=cancelled,done&name=PRI', bob)).body.items).toMatchObject([
    { name: 'Spring', candidates: 1, deliveries: { queued: 1 }, excluded: 0, preparing: 0 },
  ])
  expect((await ask(api, 'GET', '/v1/campaigns?name=autumn', bob)).body.items).toEqual([])

  const again = await ask(api, 'POST', `${path}/duplicate`, { ...ann, body: { name: 'Spring, again', audience: 'same' } })
  expect(again.body).toMatchObject({
    state: 'draft',
    name: 'Spring, again',
    content: { subject: 'Hi {{ contact.first_name }}' },
    audience: { lists: [list.id] },
  })
  expect((await ask(api, 'POST', `${path}/duplicate`, { ...bob, body: { name: 'X', audience: 'same' } })).status).toBe(403)
  const unopened = await ask(api, 'POST', `${path}/duplicate`, { ...ann, body: { name: 'Once more', audience: 'not_opened' } })
  expect(unopened.body.audience).toEqual({ kind: 'not_opened', campaign_id: draft.body.id, lists: [list.id] })
  const { checks } = (await ask(api, 'GET', `/v1/campaigns/${again.body.id}/readiness`, bob)).body
  expect(Object.fromEntries(checks.map((check: { id: string; status: string }) => [check.id, check.status]))).toEqual({
    sender: 'ok',
    domain: 'warn',
    route: 'warn',
    content: 'ok',
    audience: 'ok',
    unsubscribe: expect.stringMatching(/ok|warn/),
  })
  // A rule that takes newsletters counts, and not the default route that it never comes to.
  const rule = { name: 'Newsletters', conditions: { streams: ['bulk'] }, targets: [] }
  const made = await ask(api, 'POST', '/v1/rules', { ...ann, body: rule })
  expect(made.status, made.text).toBe(201)
  const looked = (await ask(api, 'GET', `/v1/campaigns/${again.body.id}/readiness`, bob)).body.checks
  expect(looked.find(({ id }: { id: string }) => id === 'route')).toMatchObject({
    status: 'warn',
    sentence: expect.stringContaining('“Newsletters”'),
  })
  await ask(api, 'DELETE', `/v1/rules/${made.body.id}`, ann)
})

test('those who did not open a campaign are nobody before it was sent, and so is whoever asks for one that is not there', async () => {
  const make = (body: object) => ask(api, 'POST', '/v1/campaigns', { ...ann, body })
  const content = { format: 'markdown', subject: 'Hi', body: 'Hello', text: null, to_name: '', fields: [] }
  const said = { sender: 'Shop <news@example.com>', content }
  const { body: first } = await make({ name: 'First', ...said })
  const audience = { kind: 'not_opened', campaign_id: first.id, lists: [] }
  const { body: second } = await make({ name: 'Second', ...said, audience })
  const early = await ask(api, 'POST', `/v1/campaigns/${second.id}/start`, ann)
  expect([early.status, early.body.pointer]).toEqual([422, '/audience/campaign_id'])
  expect(early.body.detail).toContain('“First”')
  const at = new Date(api.clock.now().getTime() + 3_600_000).toISOString()
  const later = await ask(api, 'POST', `/v1/campaigns/${second.id}/schedule`, { ...ann, body: { at, time_zone: 'UTC' } })
  expect(later.body.state).toBe('scheduled')
  const nowhere = { ...audience, campaign_id: '0193e0a0-8888-7abc-9def-0123456789ab' }
  const counted = await ask(api, 'POST', '/v1/campaigns/audience/count', { ...ann, body: { audience: nowhere } })
  expect([counted.status, counted.body.pointer]).toEqual([404, '/audience/campaign_id'])
})

test('a draft holds the longest text, in any script', async () => {
  const content = { format: 'html', subject: '', body: 'é'.repeat(1024 * 1024), text: null, to_name: '', fields: [] }
  const made = await ask(api, 'POST', '/v1/campaigns', { ...ann, body: { name: 'Long', content } })
  expect([made.status, made.body.content?.body.length]).toEqual([201, 1024 * 1024])
  const changed = await ask(api, 'PATCH', `/v1/campaigns/${made.body.id}`, { ...ann, body: { content } })
  expect(changed.status).toBe(200)
})
