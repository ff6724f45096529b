import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { backup } from '../../src/db/backup/backup.ts'
import { createLog } from '../../src/log.ts'
import { cloneDatabase } from '../support/database.ts'
import { SMTP_PORTS_OFF } from '../support/ports-off.ts'
import { smtpServer } from '../support/smtp-server.ts'

/**
 * Twenty secrets are planted wherever a secret can be given to a running server, mail is sent and refused, and then everything that the
 * server wrote or says is searched for them: the database, the log at its most talkative, a backup, every answer.
 */
const canaries = new Map<string, string>()
function plant(where: string): string {
  const canary = `Canary-${canaries.size}-${randomBytes(12).toString('hex')}`
  canaries.set(where, canary)
  return canary
}

const goodPassword = plant('password of the configured route')
const refusedPassword = plant('password that a server refuses and says back')
const [relay, refusing] = [
  await smtpServer({ auth: { mechanisms: ['PLAIN', 'LOGIN'], user: 'shop', password: goodPassword } }),
  await smtpServer({
    auth: { mechanisms: ['LOGIN'], user: 'shop', password: 'another' },
    on: { PASSWORD: `535 5.7.8 the password ${refusedPassword} is wrong` },
  }),
]
const { connection, drop } = await cloneDatabase()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-secrets-'))
const logged: string[] = []
const admin = { email: 'ann@example.com', password: plant('password of the administrator') }
const key = plant('configured API key')
const config = readConfig({
  ...SMTP_PORTS_OFF,
  WAYBILL_PORT: '0',
  WAYBILL_URL: 'http://127.0.0.1:0',
  WAYBILL_DATA_DIR: join(dataDir, 'data'),
  DATABASE_URL: `postgresql://${connection.user}@localhost/${connection.database}?host=${encodeURIComponent(connection.host)}&port=${connection.port}`,
  WAYBILL_SECRET: plant('WAYBILL_SECRET'),
  WAYBILL_ADMIN_EMAIL: admin.email,
  WAYBILL_ADMIN_PASSWORD: admin.password,
  WAYBILL_API_KEY: key,
  WAYBILL_SMTP_URL: `smtp://shop:${goodPassword}@127.0.0.1:${relay.port}?security=none`,
})
const app = await startApp(config, createLog({ level: 'trace', target: { write: (line) => void logged.push(line) } }), () => {})
afterAll(async () => {
  await app.stop(2_000)
  await Promise.all([relay.close(), refusing.close()])
  await drop()
  await rm(dataDir, { recursive: true, force: true })
})

interface Given {
  readonly body?: unknown
  readonly headers?: Record<string, string>
}
const answers: string[] = []
/** `telling`: this answer is meant to hold a secret (a key that was just made). */
async function ask(method: string, path: string, { body, headers = {} }: Given = {}, telling = false) {
  const response = await fetch(`${app.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'x-waybill': '1',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!telling) answers.push(`${method} ${path}: ${text}`)
  return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : undefined }
}
async function asPerson(method: string, path: string, cookie: string, body?: unknown) {
  const response = await fetch(`${app.url}${path}`, {
    method,
    headers: { 'x-waybill': '1', cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  answers.push(`${method} ${path}: ${await response.text()}`)
  return response
}
const mail = { from: 'shop@example.com', to: ['ann@example.org'], subject: 'Hi', text: 'Hello' }
const stateOf = async (id: string) => (await ask('GET', `/v1/messages/${id}`)).body.deliveries[0]

test('no secret that was given to the server is found anywhere afterwards', { timeout: 60_000 }, async () => {
  await beAServer()
  const places: Record<string, string> = {
    database: await databaseDump(),
    log: logged.join('\n'),
    backup: await backupText(),
    answers: answers.join('\n'),
  }
  expect(canaries.size).toBeGreaterThanOrEqual(20)
  expect(places.database).toContain('the password <hidden> is wrong')
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(1_000)
    for (const [where, canary] of canaries) {
      for (const form of formsOf(canary)) expect(text.includes(form), `${where}, in the ${place}`).toBe(false)
    }
  }
})

/** A day in the life of a server, with everything that can hold a secret. */
async function beAServer(): Promise<void> {
  const sent = await ask('POST', '/v1/messages', { body: mail })
  await expect.poll(async () => (await stateOf(sent.body.id)).state, { timeout: 20_000 }).toBe('sent')

  const signIn = (body: unknown) => asPerson('POST', '/v1/sign-in', '', body)
  await signIn({ email: admin.email, password: plant('wrong password') })
  await signIn({ email: plant('password typed as the address'), password: 'x' })
  const cookie = cookieOf(await signIn(admin))
  canaries.set('token of a session', cookie.split('=')[1] ?? '')
  await asPerson('GET', '/v1/me/sessions', cookie)
  await asPerson('POST', '/v1/members', cookie, {
    email: 'bob@example.com',
    name: 'Bob',
    role: 'agent',
    password: plant('password of a member'),
  })
  await asPerson('PUT', '/v1/me/password', cookie, {
    current: plant('wrong current password'),
    password: plant('password never set'),
  })
  const changed = await asPerson('PUT', '/v1/me/password', cookie, {
    current: admin.password,
    password: plant('changed password'),
  })
  canaries.set('token after the change', cookieOf(changed).split('=')[1] ?? '')

  const made = await ask('POST', '/v1/api-keys', { body: { name: 'Shop', scopes: ['send'] } }, true)
  canaries.set('API key', made.body.key)
  await ask('GET', '/v1/me', { headers: { authorization: `Bearer ${made.body.key}` } })
  await ask('GET', '/v1/me', { headers: { authorization: `Bearer ${plant('unknown key')}` } })
  await ask('GET', '/v1/me', {
    headers: { authorization: `Basic ${Buffer.from(`ann:${plant('key in another scheme')}`).toString('base64')}` },
  })
  await asPerson('GET', '/v1/me', `waybill_session=${plant('unknown session')}`)

  const settings = {
    host: '127.0.0.1',
    port: refusing.port,
    security: 'none',
    allow_private: true,
    user: 'shop',
    password: refusedPassword,
  }
  await ask('POST', '/v1/doctor/connection', {
    body: { ...settings, port: relay.port, password: plant('password for the doctor') },
  })
  await ask('POST', '/v1/routes', {
    body: { name: 'bad', settings: { ...settings, port: 0, password: plant('password in a refused request') } },
  })
  const route = await ask('POST', '/v1/routes', { body: { name: 'Refusing', settings } })
  await ask('POST', `/v1/routes/${route.body.id}/check`)
  await ask('PUT', `/v1/routes/${route.body.id}/default`)
  const refused = await ask('POST', '/v1/messages', { body: mail })
  await expect.poll(async () => (await stateOf(refused.body.id)).attempts.length, { timeout: 20_000 }).toBeGreaterThan(0)
  const spare = await ask('POST', '/v1/routes', {
    body: { name: 'Spare', settings: { ...settings, password: plant('password of a spare route') } },
  })
  await ask('PATCH', `/v1/routes/${spare.body.id}`, { body: { settings: { password: plant('changed password of a route') } } })
  await ask('POST', '/v1/setup', {
    body: {
      code: plant('set-up code'),
      workspace: 'x',
      name: 'x',
      email: 'x@example.com',
      password: plant('password at set-up'),
    },
  })
  for (const path of [
    '/v1/routes',
    '/v1/queues',
    '/v1/deliveries',
    '/v1/api-keys',
    '/v1/members',
    '/metrics',
    '/readyz',
    '/v1/me',
  ])
    await ask('GET', path)
}

/** As it is, and as it would look in a dump, a header or a dialogue. */
function formsOf(canary: string): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '')
  return [canary, Buffer.from(canary).toString('hex'), base64(canary), base64(`\0shop\0${canary}`), encodeURIComponent(canary)]
}

async function databaseDump(): Promise<string> {
  const { db } = app.store.database
  const { rows: tables } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`.execute(
    db,
  )
  const dumps = await Promise.all(
    tables.map(
      async ({ name }) =>
        (await sql<{ text: string | null }>`select string_agg(t::text, ' ') as text from ${sql.table(name)} t`.execute(db))
          .rows[0]?.text,
    ),
  )
  return dumps.join('\n')
}

async function backupText(): Promise<string> {
  const folder = join(dataDir, 'backup')
  await backup(
    app.store.database.pool,
    folder,
    { blobDir: app.store.blobs.folder, secretFile: null, progress: () => {} },
    new Date(),
  )
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'))
  return (await Promise.all(files)).join('\n')
}

function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}
