import { expect, test } from 'vitest'
import { anApi, ask, cookieOf, keyOf, memberOf, owner, PASSWORD } from './support.ts'

const api = await anApi()

test('before set-up everything asks for it, and a wrong code does not do it', async () => {
  const fresh = await anApi()
  expect((await ask(fresh, 'GET', '/v1/setup')).body).toEqual({ needed: true })
  expect(await ask(fresh, 'GET', '/v1/me')).toMatchObject({ status: 401, body: { code: 'not_signed_in' } })
  const body = { code: 'wrong-code-here', workspace: 'Shop', name: 'Ann', email: 'ann@example.com', password: PASSWORD }
  expect(await ask(fresh, 'POST', '/v1/setup', { body })).toMatchObject({
    status: 403,
    body: { code: 'setup_code_wrong', pointer: '/code' },
  })
})

const ann = await owner(api)

test('set-up signs the first owner in, and cannot be done twice', async () => {
  const me = await ask(api, 'GET', '/v1/me', ann)
  expect(me.body).toMatchObject({
    kind: 'user',
    role: 'owner',
    user: { name: 'Ann', email: 'ann@example.com' },
    workspace: { name: 'Shop' },
    key: null,
  })
  expect(me.body.permissions).toContain('workspace.transfer')
  expect((await ask(api, 'GET', '/v1/setup')).body).toEqual({ needed: false })
  const body = { code: api.code, workspace: 'Mine', name: 'Eve', email: 'eve@example.com', password: PASSWORD }
  expect(await ask(api, 'POST', '/v1/setup', { body })).toMatchObject({ status: 409, body: { code: 'setup_done' } })
})

test('the cookie is for us alone: not for scripts, not for other sites', async () => {
  const answer = await ask(api, 'POST', '/v1/sign-in', { body: { email: 'ann@example.com', password: PASSWORD } })
  expect(answer.headers['set-cookie']).toMatch(/^waybill_session=[\w-]{43}; Max-Age=5184000; Path=\/; HttpOnly; SameSite=Lax$/)
})

test('over https the cookie is bound to the host', async () => {
  const secure = await anApi({ url: 'https://mail.example.com' })
  await owner(secure)
  const answer = await ask(secure, 'POST', '/v1/sign-in', { body: { email: 'ann@example.com', password: PASSWORD } })
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-waybill=[\w-]{43}; Max-Age=5184000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  expect((await ask(secure, 'GET', '/v1/me', { cookie: cookieOf(answer) })).status).toBe(200)
  expect(
    (await ask(secure, 'GET', '/v1/me', { cookie: cookieOf(answer).replace('__Host-waybill', 'waybill_session') })).status,
  ).toBe(401)
  expect(answer.headers['strict-transport-security']).toContain('max-age=')
})

test('signing in ends the session that the browser brought along', async () => {
  const before = cookieOf(await ask(api, 'POST', '/v1/sign-in', { body: { email: 'ann@example.com', password: PASSWORD } }))
  const answer = await ask(api, 'POST', '/v1/sign-in', { cookie: before, body: { email: 'ann@example.com', password: PASSWORD } })
  expect((await ask(api, 'GET', '/v1/me', { cookie: before })).body.code).toBe('session_ended')
  expect((await ask(api, 'GET', '/v1/me', { cookie: cookieOf(answer) })).status).toBe(200)
})

test('signing out ends the session and takes the cookie away', async () => {
  const cookie = cookieOf(await ask(api, 'POST', '/v1/sign-in', { body: { email: 'ann@example.com', password: PASSWORD } }))
  const answer = await ask(api, 'POST', '/v1/sign-out', { cookie })
  expect(answer.status).toBe(204)
  expect(answer.headers['set-cookie']).toMatch(/^waybill_session=;.*(Max-Age=0|Expires=Thu, 01 Jan 1970)/)
  expect(await ask(api, 'GET', '/v1/me', { cookie })).toMatchObject({ status: 401, body: { code: 'session_ended' } })
  expect((await ask(api, 'POST', '/v1/sign-out', { cookie })).status).toBe(204)
})

test('sessions are listed, and one can be ended from another', async () => {
  const there = cookieOf(
    await ask(api, 'POST', '/v1/sign-in', {
      body: { email: 'ann@example.com', password: PASSWORD },
      headers: { 'user-agent': 'Phone/1' },
    }),
  )
  const { items } = (await ask(api, 'GET', '/v1/me/sessions', ann)).body
  expect(items.filter((session: { current: boolean }) => session.current)).toHaveLength(1)
  const phone = items.find((session: { user_agent: string }) => session.user_agent === 'Phone/1')
  expect((await ask(api, 'DELETE', `/v1/me/sessions/${phone.id}`, ann)).status).toBe(204)
  expect((await ask(api, 'GET', '/v1/me', { cookie: there })).status).toBe(401)
  expect((await ask(api, 'DELETE', `/v1/me/sessions/${phone.id}`, ann)).body.code).toBe('not_found')
})

test('changing the password needs the old one, and goes on under a new cookie', async () => {
  const bob = await memberOf(api, ann, 'Bob', 'agent')
  const change = (current: string) =>
    ask(api, 'PUT', '/v1/me/password', { ...bob, body: { current, password: 'five other words are longer' } })
  expect(await change('wrong')).toMatchObject({ status: 403, body: { code: 'wrong_password', pointer: '/current' } })
  const answer = await change(PASSWORD)
  expect(answer.status).toBe(204)
  expect((await ask(api, 'GET', '/v1/me', bob)).status).toBe(401)
  expect((await ask(api, 'GET', '/v1/me', { cookie: cookieOf(answer) })).status).toBe(200)
})

test('too many wrong passwords have to wait, and are told how long', async () => {
  await memberOf(api, ann, 'Cora', 'viewer')
  const guess = (password: string) => ask(api, 'POST', '/v1/sign-in', { body: { email: 'cora@example.com', password } })
  for (let i = 0; i < 5; i++) expect((await guess('wrong')).status).toBe(401)
  const answer = await guess(PASSWORD)
  expect(answer).toMatchObject({ status: 429, body: { code: 'throttled', retry_after: 15 } })
  expect(answer.headers['retry-after']).toBe('15')
  api.clock.advance(16_000)
  expect((await guess(PASSWORD)).status).toBe(200)
})

test('a key is a bearer token; it has no sessions and no password', async () => {
  const { key } = await keyOf(api, ann, ['read'])
  expect((await ask(api, 'GET', '/v1/me', { key })).body).toMatchObject({
    kind: 'key',
    user: null,
    role: null,
    permissions: ['delivery.read', 'conversations.read', 'routes.read'],
  })
  expect(await ask(api, 'GET', '/v1/me/sessions', { key })).toMatchObject({ status: 403, body: { code: 'person_needed' } })
  expect(await ask(api, 'GET', '/v1/api-keys', { key })).toMatchObject({ status: 403, body: { code: 'forbidden' } })
})

test.each([
  ['Bearer', 'invalid_api_key'],
  ['Bearer ', 'invalid_api_key'],
  ['Bearer wb_unknown', 'invalid_api_key'],
  [`Bearer ${'x'.repeat(5000)}`, 'invalid_api_key'],
  ['Basic YW5uOnBhc3M=', 'invalid_api_key'],
  ['wb_without_scheme', 'invalid_api_key'],
])('the header `Authorization: %s` is refused, whatever cookie comes along', async (authorization, code) => {
  const answer = await ask(api, 'GET', '/v1/me', { ...ann, headers: { authorization } })
  expect(answer).toMatchObject({ status: 401, body: { code } })
  expect(answer.headers['www-authenticate']).toContain('Bearer')
})

test('a key that is revoked is worth nothing from the next request on', async () => {
  const { key, id } = await keyOf(api, ann)
  expect((await ask(api, 'GET', '/v1/me', { key })).status).toBe(200)
  expect((await ask(api, 'DELETE', `/v1/api-keys/${id}`, ann)).status).toBe(204)
  expect((await ask(api, 'GET', '/v1/me', { key })).status).toBe(401)
})

test.each([
  ['another site says so itself', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a neighbour of our own domain', { 'sec-fetch-site': 'same-site', origin: 'https://other.localhost' }],
  ['an old browser names another origin', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
  ['a sandboxed page', { 'sec-fetch-site': '', origin: 'null' }],
])('a browser may not change anything when %s', async (_, headers) => {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
  const clean = headers['sec-fetch-site'] === '' ? { ...given } : given
  const response = await api.server.fastify.inject({
    method: 'POST',
    url: '/v1/api-keys',
    payload: JSON.stringify({ name: 'x', scopes: ['full'] }),
    headers: { cookie: ann.cookie, 'content-type': 'application/json', 'x-waybill': '1', ...clean },
  })
  expect(response.statusCode).toBe(403)
  expect(response.json().code).toBe('cross_site')
})

test('what a form can send changes nothing, even from our own pages', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const response = await api.server.fastify.inject({
      method: 'POST',
      url: '/v1/sign-out',
      payload: '{}',
      headers: { cookie: ann.cookie, 'content-type': type, 'sec-fetch-site': 'same-origin' },
    })
    expect(response.json().code).toBe('cross_site')
  }
  expect((await ask(api, 'GET', '/v1/me', ann)).status).toBe(200)
})

test('a page of another site cannot sign a browser in to its own account', async () => {
  const response = await api.server.fastify.inject({
    method: 'POST',
    url: '/v1/sign-in',
    payload: JSON.stringify({ email: 'ann@example.com', password: PASSWORD }),
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
  })
  expect(response.json().code).toBe('cross_site')
})

test('our own pages may, whether the browser says site or origin', async () => {
  for (const headers of [
    { 'sec-fetch-site': 'same-origin' },
    { origin: 'http://localhost:8025' },
    { origin: 'http://mail.lan:8025', host: 'mail.lan:8025' },
  ]) {
    const response = await api.server.fastify.inject({
      method: 'POST',
      url: '/v1/sign-out',
      headers: { 'x-waybill': '1', ...headers } as Record<string, string>,
    })
    expect(response.statusCode).toBe(204)
  }
})

test('X-Forwarded-For counts for nothing unless it comes from a proxy that was named', async () => {
  const address = async (given: typeof api, cookie: string) =>
    (await ask(given, 'GET', '/v1/me/sessions', { cookie })).body.items[0].ip
  const signIn = async (given: typeof api) =>
    cookieOf(
      await ask(given, 'POST', '/v1/sign-in', {
        body: { email: 'ann@example.com', password: PASSWORD },
        headers: { 'x-forwarded-for': '203.0.113.5' },
      }),
    )
  expect(await address(api, await signIn(api))).toBe('127.0.0.1')

  const behind = await anApi({ trustedProxies: ['127.0.0.0/8'] })
  await owner(behind)
  expect(await address(behind, await signIn(behind))).toBe('203.0.113.5')
})
