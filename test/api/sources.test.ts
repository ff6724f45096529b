import { afterAll, expect, test } from 'vitest'
import { imapServer } from '../support/imap-server.ts'
import { oauthServer } from '../support/oauth-server.ts'
import { anApi, ask, owner } from './support.ts'

const oauth = await oauthServer()
const imap = await imapServer({ folders: { Sales: '' }, accessToken: oauth.access })
const api = await anApi({ oauth: oauth.world })
const ann = await owner(api)
afterAll(async () => {
  await imap.close()
  await oauth[Symbol.asyncDispose]()
})

const mailbox = (change: object = {}) => ({
  protocol: 'imap',
  address: 'support@example.com',
  host: '127.0.0.1',
  port: imap.port,
  security: 'none',
  username: 'seed',
  password: 'a password for tests',
  allow_private: true,
  ...change,
})

test('a mailbox is tried step by step before it is stored, and its folders are listed', async () => {
  imap.deliver('From: bob@example.com\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\nHello\r\n', new Date())
  const tried = await ask(api, 'POST', '/v1/doctor/source', { ...ann, body: mailbox() })
  expect(tried.status, tried.text).toBe(200)
  expect(tried.body.checks.map((check: { name: string; state: string }) => [check.name, check.state])).toEqual([
    ['name', 'good'],
    ['connection', 'good'],
    ['login', 'good'],
    ['folders', 'good'],
    ['newest', 'good'],
  ])
  expect(tried.body.checks.at(-1).sentence).toBe('The newest mail: “café” from bob@example.com.')
  expect(tried.body.folders.map(({ path }: { path: string }) => path)).toEqual(['INBOX', 'Junk', 'Sales'])
  const wrong = await ask(api, 'POST', '/v1/doctor/source', { ...ann, body: mailbox({ password: 'wrong' }) })
  expect(wrong.body).toMatchObject({ ok: false, folders: [] })
  expect(wrong.body.checks.filter(({ state }: { state: string }) => state === 'bad')).toMatchObject([{ name: 'login' }])
  const refused = await ask(api, 'POST', '/v1/doctor/source', { ...ann, body: mailbox({ allow_private: false }) })
  expect(refused.body.code).toBe('private_address_refused')
})

test('a source is made, looked at, changed, asked to fetch and removed; its password is never told', async () => {
  const made = await ask(api, 'POST', '/v1/sources', {
    ...ann,
    body: { name: 'Support', mailbox: mailbox(), folders: ['INBOX', 'Sales'] },
  })
  expect(made.status, made.text).toBe(201)
  expect(made.body).toMatchObject({
    name: 'Support',
    state: 'untried',
    begin_with: 'new',
    mailbox: { protocol: 'imap', provider: null, connection: null },
  })
  const again = await ask(api, 'POST', '/v1/sources', { ...ann, body: { name: 'Twice', mailbox: mailbox() } })
  expect([again.status, again.body.code]).toEqual([409, 'source_mailbox_taken'])
  const path = `/v1/sources/${made.body.id}`
  const nonsense = await ask(api, 'PATCH', path, { ...ann, body: { afterwards: 'move', move_to: 'Sales' } })
  expect([nonsense.status, nonsense.body.code]).toEqual([422, 'invalid_request'])
  const changed = await ask(api, 'PATCH', path, {
    ...ann,
    body: { name: 'Help', afterwards: 'move', move_to: 'Done', mailbox: { address: 'help@example.com' } },
  })
  expect(changed.body).toMatchObject({
    name: 'Help',
    afterwards: 'move',
    move_to: 'Done',
    mailbox: { address: 'help@example.com', username: 'seed' },
  })
  expect((await ask(api, 'POST', `${path}/check`, ann)).body).toMatchObject({ ok: true })
  expect((await ask(api, 'POST', `${path}/fetch`, { ...ann, body: { recount: true } })).status).toBe(202)
  expect((await ask(api, 'PATCH', path, { ...ann, body: { enabled: false } })).body.state).toBe('paused')
  expect((await ask(api, 'POST', `${path}/fetch`, { ...ann, body: {} })).body.code).toBe('wrong_state')
  expect((await ask(api, 'GET', '/v1/mailboxes', ann)).body.items).toMatchObject([{ source_id: made.body.id }])
  const listed = await ask(api, 'GET', '/v1/sources', ann)
  expect(listed.body.items).toHaveLength(1)
  expect(listed.text).not.toContain('a password for tests')
  expect((await ask(api, 'DELETE', path, ann)).status).toBe(204)
  expect((await ask(api, 'GET', '/v1/sources', ann)).body.items).toEqual([])
  expect((await ask(api, 'GET', '/v1/mailboxes', ann)).body.items).toEqual([])
})

test('a mailbox is connected through a provider, by the session that began it', async () => {
  const body = { name: 'Microsoft', mailbox: mailbox({ provider: 'microsoft', password: undefined }) }
  expect((await ask(api, 'POST', '/v1/sources', { ...ann, body })).body.code).toBe('oauth_app_missing')
  const app = await ask(api, 'PUT', '/v1/oauth/apps/microsoft', {
    ...ann,
    body: { client_id: 'client', client_secret: 'very secret' },
  })
  expect(app.body).toMatchObject({ tenant: 'common', redirect_uri: 'http://localhost:8025/settings/sources/connected' })
  const made = await ask(api, 'POST', '/v1/sources', { ...ann, body })
  expect(made.status, made.text).toBe(201)
  const path = `/v1/sources/${made.body.id}`
  expect((await ask(api, 'POST', `${path}/check`, ann)).body).toMatchObject({
    ok: false,
    checks: [{ name: 'login', state: 'bad' }],
  })
  const { body: begun } = await ask(api, 'POST', `${path}/connect`, ann)
  const back = oauth.agree(begun.url)
  const stranger = await ask(api, 'POST', '/v1/oauth/grants', { ...ann, body: { ...back, state: `x${back.state.slice(1)}` } })
  expect([stranger.status, stranger.body.code]).toEqual([400, 'oauth_state_wrong'])
  expect((await ask(api, 'POST', '/v1/oauth/grants', { ...ann, body: back })).body).toEqual({ source_id: made.body.id })
  expect((await ask(api, 'POST', `${path}/check`, ann)).body).toMatchObject({ ok: true })
  const [source] = (await ask(api, 'GET', '/v1/sources', ann)).body.items
  expect(source.mailbox.connection).toMatchObject({ problem: null, expires_at: '2026-11-21T13:00:00.000Z' })
  expect((await ask(api, 'DELETE', '/v1/oauth/apps/microsoft', ann)).body.code).toBe('oauth_app_in_use')
  expect((await ask(api, 'GET', '/v1/oauth/apps', ann)).text).not.toContain('very secret')
})
