import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openLimitBook } from '../../src/delivery/receivers/limit-book.ts'
import { anApi, ask, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const { database } = api.deps

async function directRoute(name: string): Promise<string> {
  const made = await ask(api, 'POST', '/v1/routes', { ...ann, body: { kind: 'mx', name } })
  expect(made.status, made.text).toBe(201)
  return made.body.id
}

test('a direct route begins with the usual limits of every receiver that is known by name', async () => {
  const id = await directRoute('direct')
  const { body } = await ask(api, 'GET', `/v1/routes/${id}/receivers`, ann)
  expect(body.items).toContainEqual({
    receiver: 'google',
    title: 'Google',
    usual: { max_connections: 5, max_messages_per_connection: 50 },
    set: null,
    learned: null,
    now: { max_connections: 5, max_messages_per_connection: 50 },
  })
  expect(body.items.length).toBeGreaterThan(30)
})

test('what a person sets holds at once, for senders too, and is forgotten on request', async () => {
  const id = await directRoute('set')
  const version = async () =>
    (await sql<{ version: number }>`select version from route where id = ${id}`.execute(database.db)).rows[0]?.version ?? 0
  const before = await version()
  const put = await ask(api, 'PUT', `/v1/routes/${id}/receivers/google`, { ...ann, body: { max_connections: 2 } })
  expect(put.body).toMatchObject({
    set: { max_connections: 2, max_messages_per_connection: null },
    now: { max_connections: 2, max_messages_per_connection: 50 },
  })
  expect(await version()).toBeGreaterThan(before)
  expect((await ask(api, 'DELETE', `/v1/routes/${id}/receivers/google`, ann)).status).toBe(204)
  expect((await ask(api, 'GET', `/v1/routes/${id}/receivers/google`, ann)).body).toMatchObject({
    set: null,
    now: { max_connections: 5 },
  })
})

test('what was learned is shown with the words that taught it, and a person begins anew', async () => {
  const id = await directRoute('learned')
  const { rows } = await sql<{ workspace_id: never }>`select workspace_id from route where id = ${id}`.execute(database.db)
  const book = await openLimitBook(api.deps, rows[0]!.workspace_id, id as never)
  book.learn('small.example', { messages: 10, why: '421 too many messages' })
  const read = async () => (await ask(api, 'GET', `/v1/routes/${id}/receivers/small.example`, ann)).body
  await expect.poll(read).toMatchObject({
    learned: { max_connections: null, max_messages_per_connection: 10, why: '421 too many messages' },
    now: { max_connections: 10, max_messages_per_connection: 10 },
  })
  const { body } = await ask(api, 'GET', `/v1/routes/${id}/receivers`, ann)
  expect(body.items).toContainEqual(expect.objectContaining({ receiver: 'small.example', title: 'small.example' }))

  await ask(api, 'PUT', `/v1/routes/${id}/receivers/small.example`, { ...ann, body: { max_messages_per_connection: 500 } })
  expect(await read()).toMatchObject({ learned: null, now: { max_messages_per_connection: 500 } })
})

test.each([
  ['no limit at all', 'google', {}],
  ['no connection', 'google', { max_connections: 0 }],
  ['more connections than anybody takes', 'google', { max_connections: 101 }],
  ['a receiver that nobody knows', 'goggle', { max_connections: 3 }],
  ['the others, who are many', 'other', { max_connections: 3 }],
  ['a name that is none', 'Google!', { max_connections: 3 }],
])('%s is refused', async (_, receiver, body) => {
  const id = await directRoute(`refuse ${receiver} ${JSON.stringify(body)}`)
  expect((await ask(api, 'PUT', `/v1/routes/${id}/receivers/${receiver}`, { ...ann, body })).status).toBe(422)
})

test('a relay has no limits for each receiver, and says so', async () => {
  const relay = await ask(api, 'POST', '/v1/routes', { ...ann, body: { name: 'Relay', settings: { host: 'smtp.example.com' } } })
  const answer = await ask(api, 'GET', `/v1/routes/${relay.body.id}/receivers`, ann)
  expect(answer.status).toBe(422)
  expect(answer.body.detail).toContain('only a direct route')
})

test.each([
  ['a name', ['mail.example.com']],
  ['two of one family', ['192.0.2.1', '192.0.2.2']],
])('%s is no address to send from', async (_, source_addresses) => {
  const body = { kind: 'mx', name: `from ${source_addresses.join()}`, settings: { source_addresses } }
  expect((await ask(api, 'POST', '/v1/routes', { ...ann, body })).status).toBe(422)
})
