import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { ConnectionInput } from '../../src/insight/doctor/report.ts'
import { anApi, ask, owner } from './support.ts'

const examined: ConnectionInput[] = []
const report = {
  ok: false,
  summary: 'It speaks TLS at once.',
  checks: [
    {
      id: 'encryption',
      title: 'Encryption',
      status: 'fail',
      ms: 3,
      evidence: 'x',
      cause: 'y',
      fixes: [{ label: 'Use TLS', patch: { security: 'tls', port: 465 } }],
    },
  ],
} as const
const api = await anApi({
  examine: async (input) => {
    examined.push(input)
    return report
  },
})
const ann = await owner(api)
const create = (name: string, settings: object, more: object = {}) =>
  ask(api, 'POST', '/v1/routes', { ...ann, body: { name, settings, ...more } })

test('a workspace begins with its sandbox as the default', async () => {
  const { items } = (await ask(api, 'GET', '/v1/routes', ann)).body
  expect(items).toMatchObject([
    { name: 'Sandbox', kind: 'sandbox', is_default: true, settings: {}, circuit: { state: 'closed' }, waiting: 0 },
  ])
})

test('a route is made with what most relays want; its password never comes back', async () => {
  const made = await create('Relay', { host: 'smtp.example.com', user: 'shop', password: 'a planted canary' })
  expect(made.status, made.text).toBe(201)
  expect(made.body.settings).toEqual({
    host: 'smtp.example.com',
    port: 587,
    security: 'starttls',
    user: 'shop',
    has_password: true,
    helo_name: null,
    allow_private: false,
    max_connections: 10,
    max_messages_per_connection: 100,
    certificate_fingerprint: null,
  })
  for (const url of ['/v1/routes', `/v1/routes/${made.body.id}`])
    expect((await ask(api, 'GET', url, ann)).text).not.toContain('canary')
  const { rows } = await sql<{
    dump: string
  }>`select string_agg(r::text, ' ') || (select string_agg(e::text, ' ') from event e) as dump from route r`.execute(
    api.deps.database.db,
  )
  expect(rows[0]?.dump).not.toContain('canary')
  expect(rows[0]?.dump).not.toContain(Buffer.from('a planted canary').toString('hex'))
})

test('port and encryption follow from each other', async () => {
  expect((await create('By port', { host: 'a.example.com', port: 465 })).body.settings.security).toBe('tls')
  expect((await create('By TLS', { host: 'a.example.com', security: 'tls' })).body.settings.port).toBe(465)
  expect((await create('As written', { host: 'a.example.com', port: 465, security: 'starttls' })).body.settings).toMatchObject({
    port: 465,
    security: 'starttls',
  })
})

test('what is left out of a change stays; null forgets', async () => {
  const { id } = (await create('To change', { host: 'a.example.com', user: 'shop', password: 'x' })).body
  const change = async (settings: object) =>
    (await ask(api, 'PATCH', `/v1/routes/${id}`, { ...ann, body: { settings } })).body.settings
  expect(await change({ port: 2525 })).toMatchObject({ host: 'a.example.com', port: 2525, user: 'shop', has_password: true })
  expect(await change({ password: null, user: null })).toMatchObject({ port: 2525, user: null, has_password: false })
  const fingerprint = 'ab'.repeat(32)
  expect((await change({ certificate_fingerprint: fingerprint })).certificate_fingerprint).toBe(Array(32).fill('AB').join(':'))
})

test.each([
  ['a name that is taken', 'sandbox', { host: 'a.example.com' }, 409, 'route_name_taken', '/name'],
  ['no host', 'New', {}, 422, 'invalid_request', '/settings/host'],
  ['a port beyond ports', 'New', { host: 'a', port: 70_000 }, 422, 'invalid_request', '/settings/port'],
  ['a line break in the host', 'New', { host: 'a\r\nRCPT' }, 422, 'invalid_request', '/settings/host'],
  ['a line break in the HELO name', 'New', { host: 'a', helo_name: 'a\r\nMAIL' }, 422, 'invalid_request', '/settings/helo_name'],
  [
    'a fingerprint of another kind',
    'New',
    { host: 'a', certificate_fingerprint: 'abcd' },
    422,
    'invalid_request',
    '/settings/certificate_fingerprint',
  ],
  ['this machine', 'New', { host: '127.0.0.1' }, 422, 'private_address_refused', '/settings/host'],
  ['this machine by name', 'New', { host: 'mail.localhost' }, 422, 'private_address_refused', '/settings/host'],
  ['a private network', 'New', { host: '10.1.2.3' }, 422, 'private_address_refused', '/settings/host'],
  ['cloud metadata', 'New', { host: '169.254.169.254' }, 422, 'private_address_refused', '/settings/host'],
  ['loopback in IPv6 clothes', 'New', { host: '::ffff:127.0.0.1' }, 422, 'private_address_refused', '/settings/host'],
])('%s is refused', async (_, name, settings, status, code, pointer) => {
  const answer = await create(name, settings)
  expect(answer).toMatchObject({ status, body: { code, pointer } })
})

test('a private address is an explicit choice, and cannot be slipped in by a change', async () => {
  const { id } = (await create('Private', { host: '10.1.2.3', allow_private: true })).body
  const change = (settings: object) => ask(api, 'PATCH', `/v1/routes/${id}`, { ...ann, body: { settings } })
  expect((await change({ allow_private: false })).body.code).toBe('private_address_refused')
  expect((await ask(api, 'GET', `/v1/routes/${id}`, ann)).body.settings.allow_private).toBe(true)
})

test('one route is the default; it can neither be removed nor can the sandbox', async () => {
  const { id } = (await create('Main', { host: 'smtp.example.com' }, { is_default: true })).body
  const items = (await ask(api, 'GET', '/v1/routes', ann)).body.items as { id: string; name: string; is_default: boolean }[]
  expect(items.filter((item) => item.is_default).map(({ name }) => name)).toEqual(['Main'])
  expect((await ask(api, 'DELETE', `/v1/routes/${id}`, ann)).body.code).toBe('route_in_use')
  const sandbox = items.find(({ name }) => name === 'Sandbox')
  expect((await ask(api, 'PUT', `/v1/routes/${sandbox?.id}/default`, ann)).body.is_default).toBe(true)
  expect((await ask(api, 'DELETE', `/v1/routes/${id}`, ann)).status).toBe(204)
  expect((await ask(api, 'GET', `/v1/routes/${id}`, ann)).body.code).toBe('not_found')
})

test('the doctor examines what is typed and what is stored, with the stored password', async () => {
  const body = {
    host: 'smtp.example.com',
    port: 587,
    security: 'starttls',
    user: 'shop',
    password: 'x',
    certificate_fingerprint: 'ab'.repeat(32),
  }
  const answer = await ask(api, 'POST', '/v1/doctor/connection', { ...ann, body })
  expect(answer).toMatchObject({ status: 200, body: report })
  expect(examined.at(-1)).toMatchObject({
    host: 'smtp.example.com',
    password: 'x',
    certificate_fingerprint: Array(32).fill('AB').join(':'),
  })

  const { id } = (await create('Examined', { host: 'b.example.com', user: 'shop', password: 'the stored one' })).body
  expect((await ask(api, 'POST', `/v1/routes/${id}/check`, ann)).body.summary).toBe(report.summary)
  expect(examined.at(-1)).toMatchObject({ host: 'b.example.com', user: 'shop', password: 'the stored one' })
})

test('no more than four examinations run at a time', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const busy = await anApi({ examine: () => held.then(() => report) })
  const { cookie } = await owner(busy)
  const body = { host: 'smtp.example.com', port: 587, security: 'starttls' }
  const asked = Array.from({ length: 5 }, () => ask(busy, 'POST', '/v1/doctor/connection', { cookie, body }))
  const first = await Promise.race(asked)
  expect(first).toMatchObject({ status: 503, body: { code: 'too_busy' } })
  release()
  expect((await Promise.all(asked)).filter(({ status }) => status === 200)).toHaveLength(4)
})

test('a test message goes through the route that was asked', async () => {
  const { id } = (await create('Tested', { host: 'c.example.com' })).body
  const sent = await ask(api, 'POST', `/v1/routes/${id}/test`, { ...ann, body: { to: 'me@example.org' } })
  expect(sent.status, sent.text).toBe(202)
  const message = (await ask(api, 'GET', `/v1/messages/${sent.body.message_id}`, ann)).body
  expect(message).toMatchObject({ envelope_sender: 'ann@example.com', to: ['me@example.org'], tags: ['route-test'] })
  expect((await ask(api, 'GET', `/v1/routes/${id}`, ann)).body.waiting).toBe(1)
  expect((await ask(api, 'POST', `/v1/routes/${id}/test`, { ...ann, body: { to: 'nobody' } })).body.code).toBe('invalid_address')
})

test('a stopped route is tried at once when a person asks', async () => {
  const { id } = (await create('Stopped', { host: 'd.example.com' })).body
  await sql`update route set circuit = 'open', circuit_reason = '{"code":"connection_refused","sentence":"Refused.","hint":"Look.","failure":null,"at":"2026-11-21T12:00:00Z"}',
            circuit_since = ${api.clock.now()}, circuit_until = '2026-11-22T12:00:00Z', circuit_failures = 3 where id = ${id}`.execute(
    api.deps.database.db,
  )
  const open = (await ask(api, 'GET', `/v1/routes/${id}`, ann)).body.circuit
  expect(open).toMatchObject({
    state: 'open',
    reason: { sentence: 'Refused.' },
    next_probe_at: '2026-11-22T12:00:00.000Z',
    failures: 3,
  })
  const probed = (await ask(api, 'PUT', `/v1/routes/${id}/probe`, ann)).body.circuit
  expect(Date.parse(probed.next_probe_at)).toBeLessThanOrEqual(api.clock.now().getTime())
})
