import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ImapServer, imapServer } from '../support/imap-server.ts'
import { anApi, ask, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
let imap: ImapServer
beforeAll(async () => {
  imap = await imapServer()
})
afterAll(() => imap.close())

const settings = () => ({
  host: '127.0.0.1',
  port: imap.port,
  security: 'none',
  username: 'seed',
  password: 'a password for tests',
})

async function aMailbox(name: string, more: object = {}): Promise<string> {
  const body = { name, address: 'seed@gmail.test', ...settings(), allow_private: true, ...more }
  const made = await ask(api, 'POST', '/v1/mailboxes', { ...ann, body })
  expect(made.status, made.text).toBe(201)
  return made.body.id
}

async function aRoute(name: string): Promise<string> {
  const made = await ask(api, 'POST', '/v1/routes', { ...ann, body: { name, settings: { host: 'smtp.example.com' } } })
  expect(made.status, made.text).toBe(201)
  return made.body.id
}

test('a mailbox is tried before it is stored, and its password is never told again', async () => {
  const tried = await ask(api, 'POST', '/v1/doctor/mailbox', { ...ann, body: { ...settings(), allow_private: true } })
  expect(tried.body).toMatchObject({
    ok: true,
    inbox_mails: 0,
    folders: [
      { path: 'INBOX', role: 'inbox' },
      { path: 'Junk', role: 'junk' },
    ],
  })
  const wrong = await ask(api, 'POST', '/v1/doctor/mailbox', {
    ...ann,
    body: { ...settings(), password: 'wrong', allow_private: true },
  })
  expect(wrong.body).toMatchObject({ ok: false, problem: { cause: 'login' } })

  const id = await aMailbox('Seed')
  const list = await ask(api, 'GET', '/v1/mailboxes', ann)
  expect(list.body.items).toMatchObject([{ id, name: 'Seed', state: 'untried', username: 'seed' }])
  expect(list.text).not.toContain('a password for tests')
  expect((await ask(api, 'POST', `/v1/mailboxes/${id}/check`, ann)).body.ok).toBe(true)
  expect((await ask(api, 'GET', '/v1/mailboxes', ann)).body.items[0]).toMatchObject({ state: 'working', problem: null })
})

test('a mailbox that stopped working says why, and is untried again with other settings', async () => {
  const id = await aMailbox('Moody', { password: 'wrong' })
  await ask(api, 'POST', `/v1/mailboxes/${id}/check`, ann)
  const one = async () => (await ask(api, 'GET', '/v1/mailboxes', ann)).body.items.find((each: { id: string }) => each.id === id)
  expect(await one()).toMatchObject({ state: 'failing', problem: { cause: 'login' } })
  const changed = await ask(api, 'PATCH', `/v1/mailboxes/${id}`, { ...ann, body: { password: 'a password for tests' } })
  expect(changed.body).toMatchObject({ state: 'untried', problem: null })
  await ask(api, 'POST', `/v1/mailboxes/${id}/check`, ann)
  expect((await one()).state).toBe('working')
})

test.each([
  ['a private address that nobody allowed', { host: '127.0.0.1' }, 'private_address_refused'],
  ['what is no address', { address: 'nobody' }, 'invalid_address'],
  ['a name that is taken', { name: 'seed', host: 'imap.example.com' }, 'mailbox_name_taken'],
])('%s is refused', async (_, change, code) => {
  const body = { name: 'Another', address: 'a@gmail.test', host: 'imap.example.com', username: 'a', password: 'b', ...change }
  expect((await ask(api, 'POST', '/v1/mailboxes', { ...ann, body })).body.code).toBe(code)
})

test('a canary watches a receiver; its mailbox cannot go while it does', async () => {
  const [mailbox, route] = [await aMailbox('For the canary'), await aRoute('Relay')]
  const body = { name: 'Gmail', mailbox_id: mailbox, receiver: 'google', sender: 'check@shop.example', route_ids: [route, route] }
  const made = await ask(api, 'POST', '/v1/canaries', { ...ann, body })
  expect(made.status, made.text).toBe(201)
  expect(made.body).toMatchObject({
    interval_seconds: 600,
    timeout_seconds: 600,
    enabled: true,
    ways: [{ route: { id: route, name: 'Relay' }, condition: 'new', runs: [] }],
  })
  const { id } = made.body
  expect((await ask(api, 'DELETE', `/v1/mailboxes/${mailbox}`, ann)).body.code).toBe('mailbox_in_use')
  const paused = await ask(api, 'PATCH', `/v1/canaries/${id}`, { ...ann, body: { enabled: false, interval_seconds: 300 } })
  expect(paused.body).toMatchObject({ enabled: false, interval_seconds: 300, name: 'Gmail' })
  expect((await ask(api, 'PUT', `/v1/canaries/${id}/probe`, ann)).body.code).toBe('wrong_state')
  expect((await ask(api, 'GET', `/v1/canaries/${id}/runs`, ann)).body).toEqual({ items: [], next: null })
  expect((await ask(api, 'DELETE', `/v1/canaries/${id}`, ann)).status).toBe(204)
  expect((await ask(api, 'DELETE', `/v1/mailboxes/${mailbox}`, ann)).status).toBe(204)
})

test('a canary without a mailbox, or for a route that is not there, is refused', async () => {
  const route = await aRoute('Another relay')
  const body = { name: 'x', receiver: 'google', sender: 'check@shop.example', route_ids: [route] }
  expect((await ask(api, 'POST', '/v1/canaries', { ...ann, body })).body.pointer).toBe('/mailbox_id')
  const elsewhere = { ...body, kind: 'loopback', route_ids: ['0193e0a0-1111-7abc-9def-0123456789ab'] }
  expect((await ask(api, 'POST', '/v1/canaries', { ...ann, body: elsewhere })).body.code).toBe('not_found')
  expect((await ask(api, 'POST', '/v1/canaries', { ...ann, body: { ...body, kind: 'loopback' } })).status).toBe(201)
})

test('the board tells figures, times and what is usual by receiver and route', async () => {
  const { db } = api.deps.database
  const route = await aRoute('Counted relay')
  const now = api.clock.now()
  await sql`
    insert into receiver_slot (workspace_id, route_id, receiver, at, sent, delivered, bounced, times)
    values (${ann.workspaceId}, ${route}, 'google', ${now}, 10, 8, 1, '{10,0,0,0,0,0,0,0,0,0,0,0}'),
           (${ann.workspaceId}, ${route}, 'yahoo', ${now}, 3, 0, 0, '{}')`.execute(db)
  const board = await ask(api, 'GET', '/v1/receivers?window=1h', ann)
  expect(board.body).toMatchObject({ window: '1h', step_seconds: 300 })
  expect(board.body.items.map(({ name }: { name: string }) => name)).toEqual(['google', 'yahoo'])
  expect(board.body.items[0]).toMatchObject({
    figures: { sent: 10, delivered: 8, bounced: 1 },
    p50_seconds: 0.5,
    routes: [{ route: { id: route, name: 'Counted relay' }, usual: null, alerts: [] }],
  })
  expect(board.body.items[0].steps).toHaveLength(12)
  expect((await ask(api, 'GET', `/v1/receivers?route=${await aRoute('Unused')}`, ann)).body.items).toEqual([])
  expect((await ask(api, 'GET', '/v1/receivers/yahoo', ann)).body.receiver.figures.sent).toBe(3)
  expect((await ask(api, 'GET', '/v1/receivers/nobody', ann)).body.code).toBe('not_found')
})

test('reputation is told with the worst first and the names people know', async () => {
  const { db } = api.deps.database
  const now = api.clock.now()
  await sql`
    insert into reputation (workspace_id, subject_kind, subject, check_id, state, sentence, since, checked_at)
    values (${ann.workspaceId}, 'address', '203.0.113.7', 'reverse_dns', 'good', 'Well.', ${now}, ${now}),
           (${ann.workspaceId}, 'address', '203.0.113.7', 'blocklist:zen.spamhaus.org', 'bad', 'Listed.', ${now}, ${now})`.execute(
    db,
  )
  const { body } = await ask(api, 'GET', '/v1/reputation', ann)
  expect(body.items.map(({ check_name, state }: { check_name: string; state: string }) => [check_name, state])).toEqual([
    ['Spamhaus ZEN', 'bad'],
    ['Name and way back', 'good'],
  ])
})
