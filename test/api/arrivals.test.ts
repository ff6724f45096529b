import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createNumbers } from '../../src/helpdesk/numbers.ts'
import { receive } from '../../src/inbound/receive.ts'
import { createInboundWorker } from '../../src/inbound/worker.ts'
import type { InboundMailId, InboxId, WorkspaceId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/log.ts'
import { createMailParser } from '../../src/mail/mail-parser.ts'
import { fixedResolver } from '../support/dns.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const bob = await memberOf(api, ann, 'Bob', 'agent')
const vera = await memberOf(api, ann, 'Vera', 'viewer')
const parser = createMailParser()
afterAll(() => parser.close())
const { database, blobs, clock } = api.deps
const worker = createInboundWorker({
  ...{ ...api.deps, parser, dns: fixedResolver({}), numbers: createNumbers(database, clock) },
  ...{ log: createLog({ level: 'silent' }), mayClaim: () => true },
})

type Given = Parameters<typeof ask>[3]
const get = (path: string, who: Given = ann) => ask(api, 'GET', path, who)
const post = (path: string, body: object | undefined, who: Given = ann) =>
  ask(api, 'POST', path, { ...who, ...(body && { body }) })
const support = (await post('/v1/inboxes', { name: 'Support', address: 'support@example.com' })).body
await ask(api, 'PATCH', `/v1/inboxes/${support.id}`, { ...ann, body: { no_match: 'quarantine' } })
const board = (await post('/v1/inboxes', { name: 'Board', address: 'board@example.com' })).body
await ask(api, 'PATCH', `/v1/inboxes/${board.id}`, { ...ann, body: { no_match: 'quarantine' } })
await ask(api, 'PUT', `/v1/inboxes/${board.id}/access`, { ...ann, body: { restricted: true, people: [] } })

let n = 0
async function arrive(
  to: string,
  { from = 'Carl <carl@customer.example>', subject = '', more = '', body = 'Hello.' } = {},
): Promise<InboundMailId> {
  n += 1
  const mail = `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject || `Mail ${n}`}\r\nMessage-ID: <${n}@customer.example>\r\n${more}\r\n${body}\r\n`
  const arrival = {
    ...{
      workspaceId: ann.workspaceId as WorkspaceId,
      channel: 'smtp' as const,
      place: null,
      inboxId: null as InboxId | null,
      envelopeSender: 'carl@customer.example',
    },
    ...{ envelopeRecipients: [to], remoteIp: '192.0.2.7', helo: 'mx.customer.example', receivedAt: clock.now(), isCut: false },
  } as const
  const [id] = await receive(
    { database, blobs, wake: () => {} },
    [{ arrivals: [arrival], content: Buffer.from(mail) }],
    clock.now(),
  )
  await worker.drain()
  return id as InboundMailId
}
const idsOf = (answer: { body: { items: { id: string }[] } }) => answer.body.items.map(({ id }) => id)

test('the list is narrowed by what became of mail, by inbox, sender and words, and goes page by page', async () => {
  const [first, second] = [await arrive('support@example.com', { subject: 'Parcel 9' }), await arrive('support@example.com')]
  const none = await arrive('nobody@example.com', { from: 'eve@other.example' })
  expect(idsOf(await get('/v1/arrivals'))).toEqual([none, second, first])
  expect(idsOf(await get(`/v1/arrivals?outcome=quarantined&inbox_id=${support.id}`))).toEqual([second, first])
  expect(idsOf(await get('/v1/arrivals?reason=no_inbox&stage=match'))).toEqual([none])
  expect(idsOf(await get('/v1/arrivals?inbox_id=none'))).toEqual([none])
  expect(idsOf(await get('/v1/arrivals?q=Eve@other.example'))).toEqual([none])
  expect(idsOf(await get('/v1/arrivals?q=parcel%20carl'))).toEqual([first])
  expect(idsOf(await get('/v1/arrivals?outcome=ignored'))).toEqual([])
  expect(idsOf(await get('/v1/arrivals?channel=smtp&until=2026-11-21T11:00:00Z'))).toEqual([])
  const page = await get('/v1/arrivals?limit=2')
  expect(idsOf(page)).toEqual([none, second])
  expect(idsOf(await get(`/v1/arrivals?limit=2&after=${page.body.next}`))).toEqual([first])
  expect((await get('/v1/quarantine')).body).toEqual({
    total: 3,
    by_inbox: [
      { inbox: { id: support.id, name: 'Support' }, count: 2 },
      { inbox: null, count: 1 },
    ],
    by_reason: [
      { reason: 'update_only_no_match', count: 2 },
      { reason: 'no_inbox', count: 1 },
    ],
  })
  expect((await get('/v1/arrivals/counts')).body).toEqual({
    total: 3,
    counts: [
      { outcome: 'quarantined', reason: 'update_only_no_match', count: 2 },
      { outcome: 'quarantined', reason: 'no_inbox', count: 1 },
    ],
  })
})

test('one is shown with why, what it says, how it came, and what would become of it now', async () => {
  const html = '<p onclick="x()">Hi<script>alert(1)</script><img src="https://track.example/x.png"></p>'
  const more = `In-Reply-To: <unknown@nowhere.example>\r\nContent-Type: text/html\r\n`
  const id = await arrive('support@example.com', { subject: '[support-7] Parcel', more, body: html })
  const { body } = await get(`/v1/arrivals/${id}`)
  expect(body).toMatchObject({
    state: 'quarantined',
    stage: 'match',
    sentence: 'It belongs to no conversation, and its inbox starts none by mail.',
    to: ['support@example.com'],
    envelope: { sender: 'carl@customer.example', remote_ip: '192.0.2.7', helo: 'mx.customer.example' },
    problem: null,
    has_html: true,
    keys: { tokens: 0, references: ['<unknown@nowhere.example>'], subject_tags: ['[support-7]'] },
    foreseen: { does: 'quarantine' },
    may: { replay: null, start: null, attach: null, spam: null, ignore: null, ignore_sender: null },
  })
  expect(body.headers).toContainEqual({ name: 'In-Reply-To', value: '<unknown@nowhere.example>' })
  const shown = await get(`/v1/arrivals/${id}/html`)
  expect(shown.text).toContain('Hi')
  expect(shown.text).not.toMatch(/script|onclick|track\.example/)
  expect(shown.headers['content-security-policy']).toContain("default-src 'none'")
  expect((await get(`/v1/arrivals/${id}/raw`)).headers['content-disposition']).toContain(`${id}.eml`)
  expect((await get(`/v1/arrivals/${id}/source`)).body).toMatchObject({ is_cut: false, text: expect.stringContaining(html) })
  await ask(api, 'PATCH', `/v1/inboxes/${support.id}`, { ...ann, body: { no_match: 'start' } })
  expect((await get(`/v1/arrivals/${id}`)).body.foreseen).toMatchObject({
    does: 'start',
    sentence: 'It would start a conversation in Support.',
  })
  await ask(api, 'PATCH', `/v1/inboxes/${support.id}`, { ...ann, body: { no_match: 'quarantine' } })
})

test('an act is told of, done, and part of the story; ignoring is taken back by its id', async () => {
  const id = await arrive('support@example.com')
  const body = { act: 'start', ids: [id] }
  expect((await post('/v1/arrivals/acts/preview', body, bob)).body).toMatchObject({ done: 1, refused: [] })
  expect((await post('/v1/arrivals/acts', body, bob)).body).toMatchObject({ done: 1, refused_count: 0 })
  expect((await get(`/v1/arrivals/${id}`)).body).toMatchObject({ state: 'waiting', wish: 'start' })
  expect((await post('/v1/arrivals/acts', body, bob)).body).toMatchObject({ done: 0, refused: [{ id, because: 'waits' }] })
  await worker.drain()
  const made = (await get(`/v1/arrivals/${id}`)).body
  expect(made).toMatchObject({
    state: 'settled',
    outcome: 'conversation_started',
    settled_by: 'Bob',
    conversation: { number: expect.any(Number) },
  })
  expect(made.history.map(({ sentence, by }: { sentence: string; by: string | null }) => [sentence, by])).toEqual([
    ['It was handed in by SMTP.', null],
    ['It was put aside. It belongs to no conversation, and the inbox Support starts none by mail.', null],
    ['To be made a conversation.', 'Bob'],
    [`It started conversation #${made.conversation.number}.`, 'Bob'],
  ])
  const junk = await arrive('support@example.com', { from: 'junk@spam.example' })
  const { id: act } = (await post('/v1/arrivals/acts', { act: 'ignore_sender', ids: [junk] }, bob)).body
  expect((await get(`/v1/ignore-rules?inbox_id=${support.id}`)).body.items).toMatchObject([
    { pattern: 'junk@spam.example', created_by: 'Bob' },
  ])
  expect((await post(`/v1/arrivals/acts/${act}/undo`, undefined, bob)).body).toEqual({ count: 1, left: 0 })
  expect((await get('/v1/ignore-rules')).body.items).toEqual([])
  expect((await get(`/v1/arrivals/${junk}`)).body).toMatchObject({ state: 'quarantined' })
})

test('wrong acts are refused with what is wrong', async () => {
  const codeOf = async (body: object) => (await post('/v1/arrivals/acts', body)).body.code
  const id = await arrive('nobody@example.com')
  expect(await codeOf({ act: 'start' })).toBe('invalid_request')
  expect(await codeOf({ act: 'start', ids: [id], filter: {} })).toBe('invalid_request')
  expect(await codeOf({ act: 'attach', ids: [id] })).toBe('invalid_request')
  expect(await codeOf({ act: 'attach', ids: [id], number: 4711 })).toBe('not_found')
  expect(await codeOf({ act: 'start', ids: [id], inbox_id: id })).toBe('not_found')
  expect((await post('/v1/arrivals/acts', { act: 'start', ids: [id] })).body).toMatchObject({
    done: 0,
    refused: [{ id, because: 'no_inbox' }],
  })
})

test('of an inbox that somebody may not reach, and of mail of no inbox, they see nothing', async () => {
  const [secret, nowhere] = [await arrive('board@example.com', { subject: 'A secret' }), await arrive('nobody@example.com')]
  for (const who of [bob, vera]) {
    const seen = idsOf(await get('/v1/arrivals?limit=200', who))
    expect(seen).not.toContain(secret)
    expect(seen).not.toContain(nowhere)
    expect((await get('/v1/quarantine', who)).body.by_inbox.map(({ inbox }: { inbox: { name: string } }) => inbox.name)).toEqual([
      'Support',
    ])
    for (const path of ['', '/html', '/raw', '/source'])
      expect((await get(`/v1/arrivals/${secret}${path}`, who)).status).toBe(404)
  }
  expect((await post('/v1/arrivals/acts', { act: 'ignore', ids: [secret] }, bob)).body).toMatchObject({
    done: 0,
    refused: [{ because: 'not_there' }],
  })
  expect((await post('/v1/arrivals/acts', { act: 'ignore', filter: { inbox_id: board.id } }, bob)).body).toMatchObject({
    done: 0,
  })
  expect((await post('/v1/arrivals/acts', { act: 'ignore', ids: [secret] }, vera)).status).toBe(403)
  // What was moved to where they may not follow keeps its sender and subject to itself.
  const mine = await arrive('support@example.com', { subject: 'Soon a secret' })
  await post('/v1/arrivals/acts', { act: 'start', ids: [mine], inbox_id: support.id })
  await worker.drain()
  const { conversation } = (await get(`/v1/arrivals/${mine}`)).body
  const moved = await ask(api, 'PATCH', `/v1/conversations/${conversation.id}`, { ...ann, body: { inbox_id: board.id } })
  const row = (await get('/v1/arrivals?limit=200', bob)).body.items.find(({ id }: { id: string }) => id === mine)
  expect(row, moved.text).toMatchObject({ subject: '', from: { address: '' }, is_hidden: true, conversation: null })
  expect((await get(`/v1/arrivals/${mine}`, bob)).status).toBe(404)
})

test('a rule is tried on the newest mails, checked, added, counted and removed', async () => {
  await arrive('support@example.com', { from: 'news@lists.example.org', subject: 'News of today' })
  const rule = { inbox_id: support.id, field: 'from', pattern: '*@lists.example.org' }
  expect((await post('/v1/ignore-rules/preview', rule)).body).toMatchObject({
    fits: 1,
    would_be_missed: 0,
    examples: [{ subject: 'News of today' }],
  })
  const byTo = { inbox_id: null, field: 'to', pattern: '*board@*' }
  expect((await post('/v1/ignore-rules/preview', byTo)).body).toMatchObject({ fits: 1 })
  for (const pattern of ['*', '*@*', ' ', 'two words', 'nobody'])
    expect((await post('/v1/ignore-rules', { ...rule, pattern })).status, pattern).toBe(422)
  const made = await post('/v1/ignore-rules', { ...rule, note: 'Newsletters' })
  expect([made.status, made.body]).toMatchObject([201, { turned_away: 0, note: 'Newsletters', created_by: 'Ann' }])
  expect((await post('/v1/ignore-rules', { ...rule, pattern: '*@LISTS.example.org' })).body.id).toBe(made.body.id)
  const turned = await arrive('support@example.com', { from: 'news@lists.example.org' })
  expect((await get(`/v1/arrivals/${turned}`)).body).toMatchObject({ outcome: 'ignored', reason: 'ignore_rule' })
  expect((await get('/v1/ignore-rules')).body.items).toMatchObject([{ turned_away: 1, last_at: clock.now().toISOString() }])
  expect((await post('/v1/ignore-rules', rule, bob)).status).toBe(403)
  expect((await ask(api, 'DELETE', `/v1/ignore-rules/${made.body.id}`, ann)).status).toBe(204)
  expect((await post('/v1/arrivals/acts', { act: 'replay', ids: [turned] })).body).toMatchObject({ done: 1 })
  await worker.drain()
  expect((await get(`/v1/arrivals/${turned}`)).body).toMatchObject({ reason: 'update_only_no_match' })
})

test('words are found in whatever was put aside or ignored, however much came since and however they are written', async () => {
  const wanted = await arrive('support@example.com', { from: 'zelda@strange-words.example', subject: 'Über 100% _off_ Straße' })
  const q = (text: string, more = '') => get(`/v1/arrivals?q=${encodeURIComponent(text)}${more}`)
  const found = async (text: string, more = '') => (await q(text, more)).body.items.map(({ id }: { id: string }) => id)
  for (const text of ['strange-words', 'ZELDA straße', '100% _off_', 'elda', 'ÜBER', 'zelda of'])
    expect(await found(text, '&outcome=quarantined'), text).toEqual([wanted])
  for (const text of ['zelda nobody', '100%off', 'strange_words', 'zelda%words']) expect(await found(text), text).toEqual([])
  expect(await found('zelda', `&outcome=quarantined&inbox_id=${board.id}`)).toEqual([])
  expect(await found('zelda', '&reason=no_inbox')).toEqual([])
  expect(await found('zelda', '&channel=smtp')).toEqual([wanted])
  expect(await found('zelda', '&channel=http')).toEqual([])
  // More than is looked through letter by letter came since.
  await sql`insert into inbound_mail (workspace_id, id, channel, inbox_id, hash, size_bytes, received_at, state, outcome, reason, from_address, settled_at)
            select ${ann.workspaceId}, gen_random_uuid(), 'smtp', ${support.id}, hash, 1, received_at, 'settled', 'ignored', 'ignore_rule', 'n' || n || '@many.example', received_at
              from inbound_mail cross join generate_series(1, 20100) as n where id = ${wanted}`.execute(database.db)
  await sql`update inbound_mail set id = ('ffffffff' || substr(id::text, 9))::uuid where from_address like '%@many.example'`.execute(
    database.db,
  )
  expect(await found('zelda straße')).toEqual([wanted])
  const { id } = (await post('/v1/arrivals/acts', { act: 'ignore', filter: { q: 'zelda', outcome: 'quarantined' } })).body
  expect((await get(`/v1/arrivals/${wanted}`)).body).toMatchObject({ outcome: 'ignored', reason: 'by_hand' })
  expect(await found('zelda', '&outcome=ignored')).toEqual([wanted])
  await post(`/v1/arrivals/acts/${id}/undo`, {})
  await sql`delete from inbound_mail where from_address like '%@many.example'`.execute(database.db)
})
