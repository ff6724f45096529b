import { readdir } from 'node:fs/promises'
import { request } from 'node:http'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createNumbers } from '../../src/helpdesk/numbers.ts'
import { createInboundWorker } from '../../src/inbound/worker.ts'
import { createLog } from '../../src/log.ts'
import { createMailParser } from '../../src/mail/mail-parser.ts'
import { fixedResolver } from '../support/dns.ts'
import { anApi, anotherWorkspace, ask, keyOf, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const { key } = await keyOf(api, ann)
const other = await anotherWorkspace(api)
const parser = createMailParser()
afterAll(() => parser.close())
const { database, blobs, clock } = api.deps
const worker = createInboundWorker({
  ...{ ...api.deps, parser, dns: fixedResolver({}), numbers: createNumbers(database, clock) },
  ...{ log: createLog({ level: 'silent' }), mayClaim: () => true },
})
const inbox = async (name: string, by: object = ann) =>
  (await ask(api, 'POST', '/v1/inboxes', { ...by, body: { name, address: `${name.toLowerCase()}@example.com` } })).body
    .id as string
const support = await inbox('Support')
const sales = await inbox('Sales')
const foreign = await inbox('Foreign', other)

const MAIL = 'From: Carl <carl@customer.example>\r\nTo: somebody@else.example\r\nSubject: Hello\r\n\r\nIs anybody there?\r\n'
type Given = NonNullable<Parameters<typeof ask>[3]> & { type?: string }

function hand(query: string, { raw = MAIL, type = 'message/rfc822', headers, ...who }: Given = { key }) {
  const by = 'cookie' in who || 'key' in who ? who : { key }
  return ask(api, 'POST', `/v1/inbound/raw${query}`, { ...by, raw, headers: { 'content-type': type, ...headers } })
}

async function outcomeOf(url: string) {
  await worker.drain()
  return (await ask(api, 'GET', url, { key })).body
}

async function count(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from inbound_mail`.execute(database.db)
  return rows[0]?.n ?? 0
}

test('a mail that is handed in for an inbox is stored before it is answered, and what became of it is read at its address', async () => {
  const answer = await hand(`?inbox_id=${support}&sender=bounce@customer.example`)
  expect(answer.status).toBe(202)
  const [arrival] = answer.body.arrivals
  expect(arrival).toEqual({ id: expect.any(String), inbox_id: support, url: `/v1/arrivals/${arrival.id}` })
  const found = await outcomeOf(arrival.url)
  expect(found).toMatchObject({ channel: 'http', outcome: 'conversation_started', subject: 'Hello' })
  expect(found.envelope).toMatchObject({ sender: 'bounce@customer.example', recipients: [] })
  const raw = await ask(api, 'GET', `${arrival.url}/raw`, { key })
  expect(raw.text).toBe(MAIL)
})

test('its envelope says whose it is, each inbox has an arrival of its own, and a mail for nobody here is kept all the same', async () => {
  const both = await hand('?recipients=support%2Bx@example.com,%20sales@EXAMPLE.com,nobody@elsewhere.example')
  expect(both.body.arrivals.map((one: { inbox_id: string }) => one.inbox_id).sort()).toEqual([support, sales].sort())
  const nobody = await hand('?recipients=foreign@example.com&sender=')
  expect(nobody.body.arrivals).toMatchObject([{ inbox_id: null }])
  expect(await outcomeOf(nobody.body.arrivals[0].url)).toMatchObject({ outcome: 'quarantined', reason: 'no_inbox' })
})

test('an inbox that mail came to, whatever became of it, is not said to have had none', async () => {
  const lone = await inbox('Lone')
  const codes = async () =>
    (await ask(api, 'GET', `/v1/inboxes/${lone}`, ann)).body.problems.map(({ code }: { code: string }) => code)
  expect(await codes()).toContain('no_source')
  await ask(api, 'PATCH', `/v1/inboxes/${lone}`, { ...ann, body: { no_match: 'ignore' } })
  const { url } = (await hand(`?inbox_id=${lone}`)).body.arrivals[0]
  expect(await outcomeOf(url)).toMatchObject({ outcome: 'ignored' })
  expect(await codes()).not.toContain('no_source')
})

test('a key that may only receive hands in mail, and reads and does nothing else', async () => {
  const { key: mailroom } = await keyOf(api, ann, ['receive'])
  const answer = await hand(`?inbox_id=${support}`, { key: mailroom })
  expect(answer.status).toBe(202)
  const refused = [
    ['GET', answer.body.arrivals[0].url],
    ['GET', '/v1/arrivals'],
    ['GET', '/v1/inboxes'],
    ['GET', '/v1/conversations'],
    ['GET', '/v1/messages'],
    ['GET', '/v1/routes'],
    ['POST', '/v1/messages'],
  ] as const
  for (const [method, path] of refused) {
    const { status, body } = await ask(api, method, path, { key: mailroom, ...(method === 'POST' && { body: {} }) })
    expect([path, status, body.code]).toEqual([path, 403, 'forbidden'])
  }
  for (const scope of ['send', 'read']) {
    const { key: other } = await keyOf(api, ann, [scope])
    expect((await hand(`?inbox_id=${support}`, { key: other })).status).toBe(403)
  }
})

test('a request that is repeated under its key is taken once; another mail under it is refused', async () => {
  const headers = { 'idempotency-key': 'mail-17' }
  const before = await count()
  const first = await hand(`?inbox_id=${sales}`, { headers })
  api.clock.advance(60_000)
  const again = await hand(`?inbox_id=${sales}`, { headers })
  expect(again.body).toEqual(first.body)
  expect(await count()).toBe(before + 1)
  const another = await hand(`?inbox_id=${sales}`, { headers, raw: MAIL.replace('Hello', 'Bye') })
  expect([another.status, another.body.code]).toEqual([409, 'idempotency_key_reused'])
  expect(await count()).toBe(before + 1)
})

test.each([
  ['an inbox of others', `?inbox_id=${foreign}`, {}, 404, 'not_found'],
  ['an inbox that is none', '?inbox_id=x', {}, 422, 'invalid_request'],
  ['a recipient that is no address', '?recipients=support@example.com,,', {}, 422, 'invalid_request'],
  ['a recipient with a line in it', '?recipients=a%0D%0Ab@example.com', {}, 422, 'invalid_address'],
  ['a sender that is no address', '?sender=carl', {}, 422, 'invalid_address'],
  ['too many recipients', `?recipients=${Array(101).fill('a@b.example').join(',')}`, {}, 422, 'invalid_request'],
  ['an unknown parameter', '?inbox=1', {}, 422, 'invalid_request'],
  ['a body that is no mail', '', { type: 'application/json', raw: '{}' }, 415, 'mail_type_needed'],
  ['a list', '', { type: 'text/csv' }, 415, 'unsupported_media_type'],
  ['an empty body', '', { raw: '' }, 422, 'invalid_request'],
  ['somebody who works in inboxes only', '', { cookie: bob.cookie }, 403, 'forbidden'],
  ['nobody', '', { key: 'wrong' }, 401, 'invalid_api_key'],
])('what cannot be taken is refused, and nothing of it is kept: %s', async (_, query, given, status, code) => {
  const before = await count()
  const answer = await hand(query, given)
  expect([answer.status, answer.body.code]).toEqual([status, code])
  expect(await count()).toBe(before)
})

test('whatever bytes are handed in have an outcome, and no byte of them is changed', async () => {
  const odd = [
    '\0\0\0',
    '\r\n\r\n',
    'From: a\0b@example.org\n\nx\0y',
    `Subject: ${'a'.repeat(70_000)}\r\n\r\n`,
    `${'--x\r\n'.repeat(20_000)}`,
    'From: =?utf-8?Q?=00?= <a@b.example>\r\nContent-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n',
  ]
  for (const raw of odd) {
    const answer = await hand(`?inbox_id=${support}`, { raw })
    expect(answer.status).toBe(202)
    const { url } = answer.body.arrivals[0]
    expect(await outcomeOf(url)).toMatchObject({ outcome: expect.any(String) })
    expect((await ask(api, 'GET', `${url}/raw`, { key })).text).toBe(raw)
  }
})

/** Over a real connection: what is sent in pieces, and cut off. */
function send(port: number, bytes: number, cutAfter: number | null): Promise<{ status: number | null; text: string }> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'message/rfc822', 'transfer-encoding': 'chunked' }
    const sent = request({ port, method: 'POST', path: `/v1/inbound/raw?inbox_id=${support}`, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? null, text }))
    })
    sent.on('error', () => resolve({ status: null, text: '' }))
    const piece = Buffer.alloc(1024 * 1024, 'a line of words\r\n')
    const write = (left: number): void => {
      if (cutAfter !== null && bytes - left >= cutAfter) return void setImmediate(() => sent.destroy())
      if (left <= 0) return void sent.end()
      const more = piece.subarray(0, left)
      sent.write(more, () => write(left - more.length))
    }
    write(bytes)
  })
}

test('a large mail goes to disk as it comes; one that is larger than may be is refused with the limit, one that is cut off is not there', async () => {
  await api.server.fastify.listen({ port: 0, host: '127.0.0.1' })
  const { port } = api.server.fastify.server.address() as { port: number }
  const before = await count()
  const MB = 1024 * 1024
  const large = await send(port, 8 * MB, null)
  expect(large.status).toBe(202)
  const { rows } = await sql<{ size: number }>`select max(size_bytes)::int as size from inbound_mail`.execute(database.db)
  expect(rows[0]?.size).toBe(8 * MB)
  const tooLarge = await send(port, 51 * MB, null)
  if (tooLarge.status !== null) {
    expect(tooLarge.status).toBe(413)
    expect(JSON.parse(tooLarge.text).detail).toContain('50 MB')
  }
  expect((await send(port, 8 * MB, 3 * MB)).status).toBeNull()
  expect(await count()).toBe(before + 1)
  const left = async () => (await readdir(blobs.folder, { recursive: true })).filter((name) => name.endsWith('.tmp'))
  await expect.poll(left, { timeout: 30_000 }).toEqual([])
})

test('who wrote is shown as who wrote where their mail wants its answers elsewhere, and both are said', async () => {
  const read = async (head: string) => {
    const raw = MAIL.replace('From: Carl <carl@customer.example>', head)
    const found = await outcomeOf((await hand(`?inbox_id=${support}`, { raw })).body.arrivals[0].url)
    return (await ask(api, 'GET', `/v1/conversations/${found.conversation.number}`, ann)).body
  }
  const elsewhere = await read('From: Bank <office@bank.example>\r\nReply-To: Bank <pay@Elsewhere.example>')
  expect(elsewhere).toMatchObject({
    writer: { name: 'Bank', address: 'office@bank.example' },
    requester: { address: 'pay@Elsewhere.example' },
    answering: { to: [{ address: 'pay@Elsewhere.example' }] },
  })
  const paper = await ask(api, 'GET', `/v1/conversations/${elsewhere.number}/print`, ann)
  expect(paper.text).toMatch(/<dd>Bank &#60;office@bank\.example&#62;<.*Answers go to<\/dt><dd>pay@Elsewhere\.example/)
  // Asked by an agent to answer somebody else, it is no wish of the mail any more.
  const body = { requester: 'director@bank.example' }
  expect((await ask(api, 'PATCH', `/v1/conversations/${elsewhere.id}`, { ...ann, body })).status).toBe(200)
  expect((await ask(api, 'GET', `/v1/conversations/${elsewhere.number}`, ann)).body.writer).toBeNull()
  expect(await read('From: Dora <dora@customer.example>')).toMatchObject({ writer: null })
  expect(await read('From: Dora <dora@customer.example>\r\nReply-To: Dora <DORA@customer.example>')).toMatchObject({
    writer: null,
  })
})
