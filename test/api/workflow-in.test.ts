import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { workflowWorld } from '../support/workflow.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const { database } = api.deps
const work = workflowWorld({ database, clock: api.clock, workspaceId: ann.workspaceId as WorkspaceId })

const CALLED = (name: string) => ({
  ...{ schema: 'workflow/1', name, subject: 'none', outputs: ['said', 'size'].map((key) => ({ key, type: 'object' })) },
  nodes: {
    called: { type: 'trigger.webhook@1', next: { out: 'end' } },
    other: { type: 'trigger.webhook@1', name: 'For the shop', next: { out: 'wait' } },
    end: { type: 'end@1', config: { outputs: { said: 'event.payload', size: 'event.query' } } },
    wait: { type: 'wait.time@1', config: { for: { for: '1d' } } },
  },
})

async function published(name: string): Promise<string> {
  const { id } = (await ask(api, 'POST', '/v1/workflows', { ...ann, body: { name, draft: CALLED(name) } })).body
  const { problems } = (await ask(api, 'POST', `/v1/workflows/${id}/check`, { ...ann, body: {} })).body
  const acknowledged = problems.map(({ key }: { key: string }) => key)
  const answer = await ask(api, 'POST', `/v1/workflows/${id}/publish`, { ...ann, body: { revision: 1, acknowledged } })
  expect(answer.status, answer.text).toBe(200)
  return id
}

async function addresses(id: string): Promise<Record<string, string>> {
  const { items } = (await ask(api, 'GET', `/v1/workflows/${id}/addresses`, ann)).body
  return Object.fromEntries(items.map(({ node, url }: { node: string; url: string }) => [node, new URL(url).pathname]))
}

const call = async (url: string, payload: string, type: string | null, headers: object = {}) => {
  const answer = await api.server.fastify.inject({
    ...{ method: 'POST', url, payload, headers: { ...(type !== null && { 'content-type': type }), ...headers } },
  })
  return { status: answer.statusCode, body: answer.json() }
}

test('a web address begins its own step, with JSON, a form or a text; the same key is taken once', async () => {
  const id = await published('Called')
  const { called = '', other = '' } = await addresses(id)
  const begun = async () => {
    await work.settle()
    return (await work.runs(id)).filter(({ status }) => status === 'completed').map(({ outputs }) => outputs.said)
  }
  expect(await call(called, '{"order":{"id":17}}', 'application/json; charset=utf-8')).toEqual({
    ...{ status: 202, body: { accepted: true } },
  })
  expect(await begun()).toEqual([{ order: { id: 17 } }])
  for (let nth = 0; nth < 2; nth++)
    expect((await call(called, 'a=1&b=2&b=3', 'application/x-www-form-urlencoded', { 'idempotency-key': 'x' })).status).toBe(202)
  expect(await begun()).toEqual([{ order: { id: 17 } }, { a: '1', b: ['2', '3'] }])
  expect((await call(called, 'other', 'text/plain', { 'idempotency-key': 'x' })).body.code).toBe('idempotency_key_reused')
  expect((await call(`${called}?size=9`, 'Hello', 'text/plain')).status).toBe(202)
  await work.settle()
  expect((await work.runs(id)).at(-1)).toMatchObject({ outputs: { said: 'Hello', size: { size: '9' } } })
  expect((await call(other, '', null)).status).toBe(202)
  await work.settle()
  expect((await work.runs(id)).map(({ status }) => status)).toEqual(['completed', 'completed', 'completed', 'running'])
})

test('what is forged, too long, broken or only looked at begins nothing', async () => {
  const id = await published('Closed')
  const { called = '' } = await addresses(id)
  const { called: another = '' } = await addresses(await published('Another'))
  const before = await asked()
  const secret = another.split('/').at(-1)
  for (const url of [
    called.slice(0, -1) + (called.endsWith('A') ? 'B' : 'A'),
    called.replace('/1-', '/2-'),
    `/in/workflow/${id}/called/${secret}`,
    called.replace('/called/', '/other/'),
    '/in/workflow/x/called/1-A',
  ])
    expect(await call(url, '{}', 'application/json'), url).toMatchObject({ status: 404, body: { code: 'not_found' } })
  for (const method of ['GET', 'HEAD'] as const) {
    const answer = await api.server.fastify.inject({ method, url: called })
    expect(answer.statusCode, method).toBe(405)
  }
  expect((await call(called, 'x'.repeat(70_000), 'text/plain')).status).toBe(413)
  expect((await call(called, 'x'.repeat(20_000), 'text/plain')).body.code).toBe('invalid_request')
  expect((await call(called, '{"a":', 'application/json')).body.code).toBe('malformed_json')
  expect((await call(called, '{"a":"\\u0000"}', 'application/json')).body.code).toBe('control_character')
  expect((await call(called, '{"__proto__":1}', 'application/json')).body.code).toBe('invalid_request')
  expect((await call(called, 'x', 'image/png')).status).toBe(422)
  await ask(api, 'POST', `/v1/workflows/${id}/disable`, ann)
  expect((await call(called, '{}', 'application/json')).body.code).toBe('wrong_state')
  await ask(api, 'POST', `/v1/workflows/${id}/enable`, ann)
  expect(await asked()).toBe(before)
  const busy = await Promise.all(Array.from({ length: 220 }, () => call(called, '{"a":', 'application/json')))
  expect(busy.map(({ status }) => status)).toContain(503)
})

test('an address that was changed is called in vain, and only whoever writes workflows sees addresses', async () => {
  const id = await published('Changed')
  const { called = '', other = '' } = await addresses(id)
  const bob = await memberOf(api, ann, 'Bob', 'agent')
  expect((await ask(api, 'GET', `/v1/workflows/${id}/addresses`, bob)).body.code).toBe('forbidden')
  const changed = await ask(api, 'POST', `/v1/workflows/${id}/addresses/called/rotate`, ann)
  expect(changed.body, changed.text).toMatchObject({ node: 'called', is_listening: true })
  const now = await addresses(id)
  expect(now.called).toBe(new URL(changed.body.url).pathname)
  expect(now.called).not.toBe(called)
  expect(now.other).toBe(other)
  expect((await call(called, '{}', 'application/json')).status).toBe(404)
  expect((await call(now.called ?? '', '{}', 'application/json')).status).toBe(202)
  expect((await ask(api, 'POST', `/v1/workflows/${id}/addresses/end/rotate`, ann)).body.code).toBe('not_found')
  await ask(api, 'DELETE', `/v1/workflows/${id}`, ann)
  expect((await call(now.called ?? '', '{}', 'application/json')).status).toBe(404)
})

async function asked(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from event where type = 'workflow.asked'`.execute(
    database.db,
  )
  return rows[0]?.n ?? 0
}
