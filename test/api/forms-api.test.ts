import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const agent = await memberOf(api, ann, 'Bob', 'agent')
const list = (await ask(api, 'POST', '/v1/lists', { ...ann, body: { name: 'News' } })).body

test('a form is written, tried, published, closed and removed; visitors meet what was published', async () => {
  const made = await ask(api, 'POST', '/v1/forms', { ...ann, body: { name: 'Été à Paris' } })
  expect([made.status, made.body.slug, made.body.state]).toEqual([
    201,
    expect.stringMatching(/^ete-a-paris-[a-z0-9]{4}$/),
    'draft',
  ])
  expect(made.body.missing.map((one: { where: string }) => one.where)).toEqual(['/lists', '/sender'])
  const path = `/v1/forms/${made.body.id}`
  const early = await ask(api, 'POST', `${path}/publish`, ann)
  expect([early.status, early.body.code, early.body.pointer]).toEqual([409, 'form_not_ready', '/settings/lists'])
  expect((await ask(api, 'POST', '/v1/forms', { ...agent, body: { name: 'Mine' } })).body.code).toBe('forbidden')

  const settings = { ...made.body.settings, lists: [{ id: list.id, offered: false }], sender: 'Shop <news@shop.example>' }
  const captcha = { ...settings.captcha, kind: 'turnstile', site_key: '1x00' }
  const asked = { revision: made.body.revision, settings: { ...settings, captcha }, captcha_secret: 'never told' }
  const changed = await ask(api, 'PATCH', path, { ...ann, body: asked })
  expect([changed.status, changed.body.has_captcha_secret, changed.body.missing]).toEqual([200, true, []])
  expect(changed.text).not.toContain('never told')
  expect((await ask(api, 'PATCH', path, { ...ann, body: { ...asked, name: 'Late' } })).body.code).toBe('changed_meanwhile')
  const wrong = { ...settings, done: { text: '', redirect_url: 'javascript:alert(1)' } }
  expect((await ask(api, 'PATCH', path, { ...ann, body: { settings: wrong } })).body.code).toBe('invalid_request')

  expect((await ask(api, 'GET', `/f/${made.body.slug}`)).status).toBe(404)
  const published = await ask(api, 'POST', `${path}/publish`, ann)
  expect(published.body).toMatchObject({ state: 'published', version: 1, has_changes: false })
  expect((await ask(api, 'PATCH', path, { ...ann, body: { settings: { ...settings, title: 'Later' } } })).body.has_changes).toBe(
    true,
  )
  expect((await ask(api, 'GET', '/v1/forms', ann)).body.items[0]).toMatchObject({
    has_changes: true,
    submissions: { waiting: 0 },
  })
  const shown = await ask(api, 'GET', `/f/${made.body.slug}`)
  expect([shown.status, shown.text.includes('Later')]).toEqual([200, false])
  const draft = await ask(api, 'GET', `${path}/preview`, ann)
  expect([draft.text.includes('Later'), draft.headers['content-security-policy']]).toEqual([
    true,
    expect.stringMatching(/^sandbox;.*form-action 'none'/),
  ])
  for (const show of ['errors', 'asked', 'done', 'confirmed', 'confirmation', 'welcome'])
    expect((await ask(api, 'GET', `${path}/preview?show=${show}`, ann)).status, show).toBe(200)
  const tested = await ask(api, 'POST', `${path}/test`, { ...ann, body: { to: 'ann@shop.example' } })
  expect([tested.status, tested.body.message_ids]).toEqual([202, [expect.any(String)]])

  const other = await ask(api, 'POST', '/v1/forms', { ...ann, body: { name: 'Other', slug: made.body.slug } })
  expect([other.status, other.body.code]).toEqual([409, 'form_address_taken'])
  expect((await ask(api, 'POST', `${path}/unpublish`, ann)).body.state).toBe('unpublished')
  expect((await ask(api, 'GET', `/f/${made.body.id}`)).status).toBe(404)
  expect((await ask(api, 'DELETE', path, ann)).status).toBe(204)
  expect((await ask(api, 'GET', path, ann)).status).toBe(404)
})

test('whoever is erased takes along what they typed, and their asking for it is settled by that', async () => {
  const contact = (await ask(api, 'POST', '/v1/contacts', { ...ann, body: { name: 'Eve', addresses: ['eve@example.org'] } })).body
  const { id: form } = (await ask(api, 'POST', '/v1/forms', { ...ann, body: { name: 'News' } })).body
  await sql`
    insert into form_submission (workspace_id, id, form_id, version, state, reason, address, answers, lists, consents, at, settled_at)
    values (${ann.workspaceId}, gen_random_uuid(), ${form}, 1, 'refused', 'honeypot', 'eve@example.org', '{}', '{}', '[]', now(), now())`.execute(
    api.deps.database.db,
  )
  await sql`
    insert into incident (workspace_id, id, key, kind, severity, title, sentence, hint, opened_at, seen_at)
    values (${ann.workspaceId}, gen_random_uuid(), ${`contact.asks_erasure:${contact.id}`}, 'contact.asks_erasure', 'warning', 'x', 'x', '', now(), now())`.execute(
    api.deps.database.db,
  )
  const submissions = async () => (await ask(api, 'GET', `/v1/forms/${form}/submissions?state=refused`, ann)).body.items
  expect(await submissions()).toMatchObject([
    { address: 'eve@example.org', reason: 'honeypot', sentence: expect.stringContaining('program') },
  ])
  const told = await ask(api, 'GET', `/v1/contacts/${contact.id}/export`, ann)
  expect(JSON.parse(told.text).forms).toHaveLength(1)
  expect((await ask(api, 'DELETE', `/v1/contacts/${contact.id}`, ann)).status, 'erased').toBe(204)
  expect(await submissions()).toEqual([])
  expect((await ask(api, 'GET', '/v1/incidents', ann)).body.items).toEqual([])
})
