import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createServer } from '../../src/api/server.ts'
import { openDatabase } from '../../src/db/database.ts'
import { anApi, ask, keyOf, owner, PASSWORD } from './support.ts'

const ui = await mkdtemp(join(tmpdir(), 'waybill-ui-'))
await mkdir(join(ui, 'assets'))
await writeFile(join(ui, 'index.html'), '<!doctype html><title>Waybill</title>')
await writeFile(join(ui, 'assets', 'main-a1b2c3.js'), 'export {}')
await writeFile(join(ui, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
await writeFile(join(ui, '.secret'), 'no')
afterAll(() => rm(ui, { recursive: true, force: true }))

const api = await anApi({ uiFolder: ui })
const ann = await owner(api)

test('every answer carries the headers that keep browsers careful', async () => {
  for (const url of ['/v1/me', '/v1/nothing', '/healthz', '/', '/docs', '/openapi.json', '/assets/main-a1b2c3.js']) {
    const { headers } = await ask(api, 'GET', url)
    expect(headers['x-content-type-options'], url).toBe('nosniff')
    expect(headers['x-frame-options'], url).toBe('DENY')
    expect(headers['content-security-policy'], url).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy'], url).not.toMatch(/script-src[^;]*unsafe/)
    expect(headers['referrer-policy'], url).toBe('no-referrer')
    expect(headers['x-request-id'], url).toMatch(/^[\w-]{12}$/)
  }
})

test('no answer of the API may be kept by anyone on the way', async () => {
  for (const url of ['/v1/me', '/v1/messages', '/v1/nothing'])
    expect((await ask(api, 'GET', url, ann)).headers['cache-control']).toBe('no-store')
})

test('the interface: its files by name, its first page for its own addresses, and no more', async () => {
  const page = await ask(api, 'GET', '/', { headers: { accept: 'text/html' } })
  expect(page.text).toContain('<title>Waybill</title>')
  expect(page.headers['cache-control']).toBe('no-cache')
  expect((await ask(api, 'GET', '/deliveries?state=held', { headers: { accept: 'text/html' } })).text).toContain(
    '<title>Waybill</title>',
  )
  const script = await ask(api, 'GET', '/assets/main-a1b2c3.js')
  expect(script.headers['cache-control']).toContain('immutable')
  expect(script.headers['content-type']).toContain('javascript')
  expect((await ask(api, 'GET', '/favicon.svg')).headers['content-type']).toContain('image/svg')
  for (const url of [
    '/assets/main-older.js',
    '/robots.txt',
    '/../package.json',
    '/%2e%2e/etc/passwd.txt',
    '/assets/../.secret',
  ]) {
    expect((await ask(api, 'GET', url)).status, url).toBe(404)
  }
  expect((await ask(api, 'GET', '/..%2f..%2fetc/passwd')).text).toContain('<title>Waybill</title>')
  expect((await ask(api, 'GET', '/deliveries', { headers: { accept: 'application/json' } })).body.code).toBe('unknown_path')
  expect((await ask(api, 'POST', '/deliveries', { body: {} })).status).toBe(404)
})

test('where the interface is not built, a page says so', async () => {
  const bare = await anApi({ uiFolder: join(ui, 'nowhere') })
  const page = await ask(bare, 'GET', '/')
  expect(page.status).toBe(200)
  expect(page.text).toContain('npm run build:ui')
})

test('the reference needs nothing from elsewhere', async () => {
  const page = await ask(api, 'GET', '/docs')
  expect(page.headers['content-type']).toContain('text/html')
  for (const match of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) expect(match[1]).toMatch(/^(\/|#|data:)/)
  for (const url of ['/docs/page.js', '/docs/page.css', '/docs/errors.json'])
    expect((await ask(api, 'GET', url)).status).toBe(200)
  expect((await ask(api, 'GET', '/openapi.json')).body.openapi).toBe('3.1.0')
})

test('the health of the process, its readiness, and its figures', async () => {
  expect(await ask(api, 'GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'alive' } })
  expect(await ask(api, 'GET', '/readyz')).toMatchObject({ status: 200, body: { status: 'ready', reasons: [] } })
  const figures = await ask(api, 'GET', '/metrics')
  expect(figures.headers['content-type']).toContain('text/plain; version=0.0.4')
  expect(figures.text).toBe('waybill_up 1\n')

  const reasons = ['The database cannot be reached.']
  const ill = await anApi({ health: { ...api.deps.health, reasonsNotReady: async () => reasons } })
  expect(await ask(ill, 'GET', '/readyz')).toMatchObject({ status: 503, body: { status: 'not ready', reasons } })
  const broken = await anApi({ health: { ...api.deps.health, reasonsNotReady: () => Promise.reject(new Error('x')) } })
  expect((await ask(broken, 'GET', '/readyz')).status).toBe(503)
})

test('a fault shows a reference and nothing else; the log has both', async () => {
  const faulty = await anApi({ examine: () => Promise.reject(new Error('the secret cause /etc/waybill')) })
  const { cookie } = await owner(faulty)
  const body = { host: 'smtp.example.com', port: 587, security: 'starttls' }
  const answer = await ask(faulty, 'POST', '/v1/doctor/connection', { cookie, body })
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
  expect(answer.text).not.toContain('secret cause')
  expect(answer.body.reference).toBe(answer.headers['x-request-id'])
  const line = faulty.logged.find((each) => each.includes('the secret cause'))
  expect(line).toContain(answer.body.reference)
})

test('keys, passwords and cookies do not reach the log', async () => {
  const { key } = await keyOf(api, ann)
  await ask(api, 'GET', '/v1/me', { key })
  await ask(api, 'POST', '/v1/sign-in', { body: { email: 'ann@example.com', password: PASSWORD } })
  const all = api.logged.join('')
  for (const secret of [key, PASSWORD, ann.cookie.split('=')[1] ?? '', api.code]) expect(all).not.toContain(secret)
})

test('a database that only reads answers questions and refuses the rest with 503', async () => {
  const options = '-c default_transaction_read_only=on'
  const database = openDatabase({ connection: { ...api.connection, options }, maxConnections: 4, applicationName: 'test' })
  afterAll(() => database.close())
  const readOnly = await createServer({ ...api.deps, database })
  afterAll(() => readOnly.close(0))
  const asked = { ...api, server: readOnly }
  api.clock.advance(120_000) // the time of last use would be written, too
  expect((await ask(asked, 'GET', '/v1/messages', ann)).status).toBe(200)
  const body = { from: 'shop@example.com', to: ['ann@example.org'], text: 'x' }
  const answer = await ask(asked, 'POST', '/v1/messages', { ...ann, body })
  expect(answer).toMatchObject({ status: 503, body: { code: 'database_unavailable' } })
  expect(answer.headers['retry-after']).toBe('5')
})

test('a database that is away is answered with 503, and the server lives on', async () => {
  const gone = openDatabase({
    connection: { host: '127.0.0.1', port: 1, user: 'x', database: 'x' },
    maxConnections: 2,
    applicationName: 'test',
  })
  const lost = await anApi({ database: gone })
  for (const [method, url] of [
    ['GET', '/v1/me'],
    ['GET', '/v1/setup'],
    ['POST', '/v1/sign-in'],
  ] as const) {
    const answer = await ask(lost, method, url, {
      key: 'wb_any',
      ...(method === 'POST' && { body: { email: 'a@b.c', password: 'x' } }),
    })
    expect(answer, `${method} ${url}`).toMatchObject({ status: 503, body: { code: 'database_unavailable' } })
  }
  expect((await ask(lost, 'GET', '/healthz')).status).toBe(200)
})

test('when every connection is taken, who waits too long gets 503, and nobody deadlocks', async () => {
  const crowded = await anApi()
  const { cookie } = await owner(crowded)
  const { pool } = crowded.deps.database
  const taken = await Promise.all(Array.from({ length: pool.options.max ?? 0 }, () => pool.connect()))
  const waiting = Promise.all(Array.from({ length: 20 }, () => ask(crowded, 'GET', '/v1/queues', { cookie })))
  expect(new Set((await waiting).map(({ status }) => status))).toEqual(new Set([503]))
  for (const client of taken) client.release()
  const after = await Promise.all(Array.from({ length: 50 }, () => ask(crowded, 'GET', '/v1/queues', { cookie })))
  expect(new Set(after.map(({ status }) => status))).toEqual(new Set([200]))
})
