import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions } from 'fastify'
import { afterAll } from 'vitest'
import type { Role } from '../../src/accounts/actor.ts'
import { createPasswords } from '../../src/accounts/password.ts'
import { setupCode } from '../../src/accounts/set-up.ts'
import type { ServerDeps } from '../../src/api/deps.ts'
import { createServer, type Server } from '../../src/api/server.ts'
import { createBlobStore } from '../../src/blobs/blob-store.ts'
import type { ConnectionParts } from '../../src/db/connection.ts'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import { createNotifier } from '../../src/db/notify.ts'
import { createSandboxRoute } from '../../src/delivery/routes/manage.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { createLog } from '../../src/log.ts'
import { deskSteps } from '../../src/workflows/steps/desk.ts'
import { createTools } from '../../src/workflows/workflows.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { fixedResolver } from '../support/dns.ts'
import { domainWatch } from '../support/domain-watch.ts'

export const PASSWORD = 'four words make it long'

export interface Api {
  readonly server: Server
  readonly deps: ServerDeps
  readonly clock: TestClock
  readonly connection: ConnectionParts
  readonly code: string
  /** Every line that was logged. */
  readonly logged: string[]
}

/** A server on an empty database, without a port. One for each test file. */
export async function anApi(changes: Partial<ServerDeps> = {}): Promise<Api> {
  const connection = await testDatabase()
  const database = openDatabase({ connection: { ...connection }, maxConnections: 8, applicationName: 'test' })
  const folder = await mkdtemp(join(tmpdir(), 'waybill-api-'))
  const clock = testClock(new Date('2026-11-21T12:00:00.000Z'))
  const logged: string[] = []
  const secrets = createSecrets(randomBytes(32).toString('hex'))
  const blobs = createBlobStore(folder)
  const notifier = createNotifier(connection, database.pool)
  const deps: ServerDeps = {
    database,
    notifier,
    blobs,
    secrets,
    passwords: createPasswords(),
    clock,
    log: createLog({ level: 'info', target: { write: (line) => void logged.push(line) } }),
    url: 'http://localhost:8025',
    trustedProxies: [],
    allowPrivateNetworks: false,
    resolver: fixedResolver(),
    uiFolder: null,
    furnish: async (tx, workspaceId, now) => void (await createSandboxRoute(tx, workspaceId, now)),
    health: {
      health: async () => ({ ok: true, sentence: 'All mail flows.', items: [] }),
      reasonsNotReady: async () => [],
      metrics: async () => 'waybill_up 1\n',
    },
    wake: () => {},
    workflows: createTools({
      clock,
      headersOf: async () => ({}),
      steps: deskSteps({ db: database.db, secrets, blobs, url: 'http://localhost:8025' }),
    }),
    examineAccount: async () => ({ checks: [], quota: null, domains: null }),
    examineDirect: async () => ({ ok: true, summary: 'Nothing speaks against it.', checks: [] }),
    domains: domainWatch({ database, clock }),
    smtp: {
      host: 'localhost',
      starttls_port: 2587,
      tls_port: null,
      mail_host: 'mail.example.com',
      inbound_port: 2525,
      certificate: 'self_made',
    },
    examine: async () => ({ ok: true, summary: 'Nothing speaks against it.', checks: [] }),
    ...changes,
  }
  const server = await createServer(deps)
  afterAll(async () => {
    await server.close(1_000)
    await notifier.close()
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { server, deps, clock, connection, logged, code: setupCode(secrets) }
}

/** Somebody who asks: a browser with a cookie, or a program with a key. */
export interface Asker {
  readonly cookie?: string
  readonly key?: string
}

export interface Answer {
  readonly status: number
  // Whatever JSON came; each test says what it expects of it.
  // biome-ignore lint/suspicious/noExplicitAny: an answer is checked, not typed
  readonly body: any
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>
}

type Given = Asker & { readonly body?: unknown; readonly headers?: Record<string, string>; readonly raw?: string | Buffer }

/** As our own pages ask: with the headers that browsers add. */
export async function ask({ server }: Api, method: string, url: string, given: Given = {}): Promise<Answer> {
  const { cookie, key, body, headers, raw } = given
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await server.fastify.inject({
    method: method as NonNullable<InjectOptions['method']>,
    url,
    headers: {
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...(key ? { authorization: `Bearer ${key}` } : { 'sec-fetch-site': 'same-origin', 'x-waybill': '1' }),
      ...(cookie && { cookie }),
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  })
  const isJson = /json/.test(String(response.headers['content-type']))
  return {
    status: response.statusCode,
    text: response.payload,
    headers: response.headers,
    body: isJson && response.payload !== '' ? JSON.parse(response.payload) : undefined,
  }
}

export function cookieOf(answer: Answer): string {
  return String([answer.headers['set-cookie']].flat()[0]).split(';', 1)[0] ?? ''
}

/** Sets the server up; the owner's browser. */
export async function owner(api: Api): Promise<{ cookie: string; workspaceId: string; userId: string }> {
  const body = { code: api.code, workspace: 'Shop', name: 'Ann', email: 'ann@example.com', password: PASSWORD }
  const answer = await ask(api, 'POST', '/v1/setup', { body })
  if (answer.status !== 201) throw new Error(answer.text)
  return { cookie: cookieOf(answer), workspaceId: answer.body.workspace.id, userId: answer.body.user.id }
}

export async function memberOf(api: Api, by: Asker, name: string, role: Role): Promise<{ cookie: string; userId: string }> {
  const email = `${name.toLowerCase()}@example.com`
  const added = await ask(api, 'POST', '/v1/members', { ...by, body: { email, name, role, password: PASSWORD } })
  if (added.status !== 201) throw new Error(added.text)
  const signedIn = await ask(api, 'POST', '/v1/sign-in', { body: { email, password: PASSWORD } })
  return { cookie: cookieOf(signedIn), userId: added.body.id }
}

export async function keyOf(api: Api, by: Asker, scopes: readonly string[] = ['full']): Promise<{ key: string; id: string }> {
  const made = await ask(api, 'POST', '/v1/api-keys', { ...by, body: { name: `For ${scopes.join(' and ')}`, scopes } })
  if (made.status !== 201) throw new Error(made.text)
  return { key: made.body.key, id: made.body.id }
}

/** A second workspace with an owner of its own, made by hand: no endpoint makes one. */
export async function anotherWorkspace(api: Api): Promise<{ key: string; workspaceId: string }> {
  const { ensureWorkspaceNamed } = await import('./other-workspace.ts')
  return await api.deps.database.transaction(ENGINE, (tx) => ensureWorkspaceNamed(tx, api, 'Other'))
}
