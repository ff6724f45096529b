import { expect, test } from 'vitest'
import { signInCredential } from '../../src/accounts/credentials/sign-in.ts'
import { anApi, anotherWorkspace, ask, keyOf, owner } from './support.ts'

const api = await anApi()
const { cookie } = await owner(api)
const make = (body: object, by: object = { cookie }) => ask(api, 'POST', '/v1/credentials', { ...by, body })
const kindOf = async (username: string, secret: string) =>
  (await signInCredential(api.deps.database, { username, secret, ip: '10.1.2.3' }, api.clock.now())).kind

test('a credential shows its password once, and works', async () => {
  const { status, body } = await make({ name: 'Docs (Prodüction)', from_domains: ['Docs.Example.org'], networks: ['10.0.0.0/8'] })
  expect(status).toBe(201)
  expect(body).toMatchObject({
    streams: ['transactional'],
    from_domains: ['docs.example.org'],
    networks: ['10.0.0.0/8'],
    rate_per_minute: null,
    sandbox: false,
    created_by: 'Ann',
  })
  expect(body.username).toMatch(/^docs-produ-?ction-[2-9a-hjkmnp-z]{8}$/)
  expect(body.password).toMatch(/^wbs_[1-9A-HJ-NP-Za-km-z]{40,46}$/)
  expect(await kindOf(body.username, body.password)).toBe('known')
  expect(await kindOf(body.username.toUpperCase(), body.password)).toBe('known')
  expect(await kindOf(body.username, `${body.password}x`)).toBe('unknown')

  const list = await ask(api, 'GET', '/v1/credentials', { cookie })
  expect(list.text).not.toContain(body.password)
  expect(list.body.server).toMatchObject({ host: 'localhost', starttls_port: 2587, tls_port: null, certificate: 'self_made' })
  expect(list.body.items.find(({ id }: { id: string }) => id === body.id)).toMatchObject({
    last_used_ip: '10.1.2.3',
    secret_prefix: body.password.slice(0, 8),
  })
})

test('an exchange gives a new password; without an overlap the old one is void at once', async () => {
  const { body: made } = await make({ name: 'Shop' })
  const rotate = (body: object) => ask(api, 'POST', `/v1/credentials/${made.id}/rotate`, { cookie, body })
  const { body: second } = await rotate({})
  expect(second).toMatchObject({ username: made.username, previous_until: '2026-11-22T12:00:00.000Z' })
  expect([await kindOf(made.username, made.password), await kindOf(made.username, second.password)]).toEqual(['known', 'known'])
  const { body: third } = await rotate({ overlap_hours: 0 })
  expect(third.previous_until).toBeNull()
  expect([await kindOf(made.username, second.password), await kindOf(made.username, third.password)]).toEqual([
    'unknown',
    'known',
  ])
})

test('what is revoked is void, gone from the list, and cannot be exchanged', async () => {
  const { body: made } = await make({ name: 'Old' })
  expect((await ask(api, 'DELETE', `/v1/credentials/${made.id}`, { cookie })).status).toBe(204)
  expect(await kindOf(made.username, made.password)).toBe('unknown')
  expect((await ask(api, 'GET', '/v1/credentials', { cookie })).text).not.toContain(made.id)
  expect((await ask(api, 'POST', `/v1/credentials/${made.id}/rotate`, { cookie, body: {} })).status).toBe(404)
  expect((await ask(api, 'DELETE', `/v1/credentials/${made.id}`, { cookie })).status).toBe(404)
})

test('what has expired is void', async () => {
  const { body: made } = await make({ name: 'Short', expires_at: '2026-11-21T13:00:00.000Z' })
  expect(await kindOf(made.username, made.password)).toBe('known')
  api.clock.advance(2 * 3_600_000)
  expect(await kindOf(made.username, made.password)).toBe('unknown')
})

test.each([
  [{ networks: ['10.0.0.0/33'] }, '/networks/0'],
  [{ networks: ['10.0.0.1', 'example.org'] }, '/networks/1'],
  [{ from_domains: ['not a domain'] }, '/from_domains/0'],
  [{ streams: [] }, '/streams'],
  [{ rate_per_minute: 0 }, '/rate_per_minute'],
  [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
])('%j is refused at its place', async (scopes, pointer) => {
  const { status, body } = await make({ name: 'Wrong', ...scopes })
  expect({ status, pointer: body.pointer }).toEqual({ status: 422, pointer })
})

test('only who may manage keys makes credentials, and only in their workspace', async () => {
  const { key } = await keyOf(api, { cookie }, ['send'])
  expect((await make({ name: 'x' }, { key })).status).toBe(403)
  const { body: made } = await make({ name: 'Mine' })
  const other = await anotherWorkspace(api)
  expect((await ask(api, 'POST', `/v1/credentials/${made.id}/rotate`, { key: other.key, body: {} })).status).toBe(404)
  expect((await ask(api, 'DELETE', `/v1/credentials/${made.id}`, { key: other.key })).status).toBe(404)
  expect(await kindOf(made.username, made.password)).toBe('known')
})
