import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { can, PERMISSIONS, ROLES } from '../src/accounts/actor.ts'
import { type Endpoint, errorsOf, nothing, urlOf } from '../src/api/endpoint.ts'
import { ENDPOINTS } from '../src/api/endpoints/all.ts'
import { LIVE_STATES, SETTLED_STATES } from '../src/api/endpoints/deliveries.ts'
import { errorsMarkdown } from '../src/api/error-page.ts'
import { openApi } from '../src/api/openapi.ts'
import { ACTIONS, DELIVERY_STATES } from '../src/delivery/delivery.ts'
import { TELLING_KINDS } from '../src/delivery/feedback/inlet.ts'
import { ERROR_CODES, REFUSALS } from '../src/errors.ts'
import { anApi } from './api/support.ts'

const name = ({ method, path }: Endpoint) => `${method} ${path}`
const each = ENDPOINTS.map((endpoint) => [name(endpoint), endpoint] as const)
const docs = join(import.meta.dirname, '..', 'docs')

test('no two endpoints share method and path', () => {
  expect(new Set(ENDPOINTS.map(name)).size).toBe(ENDPOINTS.length)
})

test('every endpoint has a route, and there is no other route but those for machines', async () => {
  const { server } = await anApi()
  for (const endpoint of ENDPOINTS)
    expect(server.fastify.hasRoute({ method: endpoint.method, url: endpoint.path }), name(endpoint)).toBe(true)
  const tree = server.fastify.printRoutes({ commonPrefix: false })
  const handled = [...tree.matchAll(/\(([A-Z, ]+)\)/g)].flatMap((match) => match[1]?.split(', ') ?? [])
  const outside = [
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
    '/docs',
    '/docs/errors.json',
    '/docs/page.css',
    '/docs/page.js',
    ...TELLING_KINDS.map((kind) => `/in/${kind}/:routeId/:secret`),
    '/in/mail/:sourceId/:secret',
    '/in/workflow/:workflow/:node/:secret',
    'POST /u/:token',
    'POST /confirm/:token',
    'POST /p/:token',
    'POST /decide/:token',
    'POST /f/:slug',
    'OPTIONS /f/:slug',
    '/f/form.js',
    '/f/:slug/challenge',
    '/a/:slug',
    '/a/:slug/',
    '/a/:slug/feed.xml',
    '/a/:slug/:id',
    ...[
      '/i/:token/:name',
      '/t/c/:token/:link',
      '/t/o/:file',
      '/u/:token',
      '/f/:slug',
      '/f/:slug/frame',
      '/confirm/:token',
      '/p/:token',
      '/decide/:token',
      '/in/workflow/:workflow/:node/:secret',
    ].flatMap((path) => [`GET ${path}`, `HEAD ${path}`]),
  ].length
  expect(handled).toHaveLength(ENDPOINTS.length + outside)
})

test.each(each)('the example of %s parses, and comes back as it was', (_, { params, body, reply, example }) => {
  for (const [schema, value] of [
    [params, example.params ?? {}],
    [body, example.body],
    [reply, example.reply],
  ] as const) {
    if (value === undefined) continue
    expect(z.encode(schema, schema.parse(value))).toEqual(value)
  }
})

test.each(each)('%s gives an example of everything it takes and answers', (_, { body, reply, produces, example, path }) => {
  expect(example.body !== undefined).toBe(body !== nothing)
  expect(example.reply !== undefined).toBe(reply !== nothing && produces === undefined)
  for (const match of path.matchAll(/:(\w+)/g)) expect(example.params).toHaveProperty(match[1] ?? '')
})

test.each(each)('%s says what it does and how it can be refused', (_, endpoint) => {
  expect(endpoint.summary).toMatch(/^[A-Z].*\.$/s)
  for (const code of errorsOf(endpoint)) expect(ERROR_CODES).toContain(code)
  // A provider is one of a closed list: there is none that is not found.
  if (/\/:(?!provider$)/.test(endpoint.path)) expect(endpoint.errors).toContain('not_found')
  if (endpoint.permission === 'public' || endpoint.permission === 'signed_in') return
  expect(PERMISSIONS).toContain(endpoint.permission)
})

test('what changes something is never a GET, and a GET never opens a writing transaction', () => {
  for (const endpoint of ENDPOINTS) {
    if (endpoint.method === 'GET') expect(endpoint.transaction, name(endpoint)).not.toBe('write')
    if (endpoint.transaction === 'read') expect(endpoint.method, name(endpoint)).toBe('GET')
  }
})

test('a viewer may look at everything and change nothing', () => {
  const viewer = { kind: 'user', id: 'x', name: 'x', workspaceId: 'x', role: ROLES[3] } as never
  for (const endpoint of ENDPOINTS) {
    if (endpoint.permission === 'public' || endpoint.permission === 'signed_in') continue
    if (endpoint.method !== 'GET') expect(can(viewer, endpoint.permission), name(endpoint)).toBe(false)
  }
})

test('an address is built from its values and nothing can break out of it', () => {
  const [endpoint] = ENDPOINTS.filter(({ path }) => path === '/v1/suppressions/:address')
  expect(urlOf(endpoint as Endpoint, { address: 'a/b?c#d@example.org', stream: undefined })).toBe(
    '/v1/suppressions/a%2Fb%3Fc%23d%40example.org',
  )
  expect(urlOf(endpoint as Endpoint, { address: 'a', stream: 'bulk & more' })).toBe('/v1/suppressions/a?stream=bulk+%26+more')
})

test('the states and acts on the wire are those of the engine', () => {
  expect([...LIVE_STATES, ...SETTLED_STATES]).toEqual([...DELIVERY_STATES])
  expect(ACTIONS).toEqual(['retry', 'hold', 'release', 'cancel', 'resend', 'leave'])
})

test('docs/openapi.json is what the endpoints say: write it anew with `npm run codegen`', async () => {
  expect(JSON.parse(await readFile(join(docs, 'openapi.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(openApi())))
})

test('docs/errors.md is what the catalogue says: write it anew with `npm run codegen`', async () => {
  expect(await readFile(join(docs, 'errors.md'), 'utf8')).toBe(errorsMarkdown())
})

test('the OpenAPI document refers only to what is in it, and names each operation once', () => {
  const text = JSON.stringify(openApi())
  const document = openApi() as {
    components: { schemas: Record<string, unknown> }
    paths: Record<string, Record<string, { operationId: string }>>
  }
  for (const match of text.matchAll(/"\$ref":"([^"]+)"/g)) {
    expect(match[1]).toMatch(/^#\/components\/schemas\//)
    expect(document.components.schemas).toHaveProperty(match[1]?.split('/').at(-1) ?? '')
  }
  const ids = Object.values(document.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
  expect(new Set(ids).size).toBe(ENDPOINTS.length)
})

test('each component of the OpenAPI document is spelled out, and what the endpoints take can be read off it', () => {
  const document = openApi() as {
    components: { schemas: Record<string, Record<string, unknown>> }
    paths: Record<string, Record<string, { requestBody: unknown }>>
  }
  for (const [id, schema] of Object.entries(document.components.schemas)) expect(schema.$ref, id).toBeUndefined()
  expect(document.components.schemas.SendBody).toMatchObject({ type: 'object', required: ['from'], additionalProperties: false })
  expect(document.paths['/v1/messages']?.post?.requestBody).toMatchObject({
    content: { 'application/json': { schema: { $ref: '#/components/schemas/SendBody' } } },
  })
})

test('every refusal is a sentence, whatever it is told', () => {
  const anything = new Proxy({}, { get: (_, key) => (key === 'limit' || key === 'retryAfterSeconds' ? 7 : 'something') })
  for (const code of ERROR_CODES) {
    const { sentence, title, status } = REFUSALS[code]
    expect((sentence as (details: unknown) => string)(anything), code).toMatch(/^.+[.g]$/)
    expect(title).toMatch(/^[A-Z]/)
    expect(status).toBeGreaterThanOrEqual(400)
  }
})
