import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { anApi, ask, keyOf, owner } from './support.ts'

let woken = 0
const api = await anApi({ wake: () => void woken++ })
const ann = await owner(api)
const { key } = await keyOf(api, ann, ['send'])
const { db } = api.deps.database
const body = { from: 'Shop <shop@example.com>', to: ['Ann <ann@example.org>'], subject: 'Your code', text: 'It is 142857.' }
const send = (given: object = {}, headers: Record<string, string> = {}) =>
  ask(api, 'POST', '/v1/messages', { key, body: { ...body, ...given }, headers })
const act = (url: string) => ask(api, 'PUT', url, ann)
const settle = (id: string, state: string) =>
  sql`update delivery set state = ${state}, due_at = null, settled_at = ${api.clock.now()}, reason = '{"code":"x","sentence":"It failed.","hint":"","failure":null,"at":"2026-11-21T12:00:00Z"}' where id = ${id}`.execute(
    db,
  )

test('a message is taken with one delivery a recipient, and its whole story can be read', async () => {
  const before = woken
  const sent = await send({ cc: ['bob@example.org'], tags: ['sign-in'], metadata: { customer: 4711, vip: true, note: null } })
  expect(sent.status, sent.text).toBe(202)
  expect(sent.body.deliveries.map(({ recipient, state }: { recipient: string; state: string }) => [recipient, state])).toEqual([
    ['ann@example.org', 'queued'],
    ['bob@example.org', 'queued'],
  ])
  expect(woken).toBeGreaterThan(before)

  const { body: message } = await ask(api, 'GET', `/v1/messages/${sent.body.id}`, ann)
  expect(message).toMatchObject({
    subject: 'Your code',
    from: 'Shop <shop@example.com>',
    envelope_sender: 'shop@example.com',
    to: ['Ann <ann@example.org>'],
    cc: ['bob@example.org'],
    tags: ['sign-in'],
    metadata: { customer: 4711, vip: true, note: null },
    counts: { queued: 2 },
    resend_of: null,
    scheduled_at: null,
  })
  expect(message.deliveries[0]).toMatchObject({
    recipient: 'ann@example.org',
    actions: ['retry', 'hold', 'cancel'],
    attempts: [],
    events: [],
  })
  expect(message.events).toMatchObject([
    { type: 'message.submitted', actor: { kind: 'key', name: 'For send' }, sentence: 'Accepted for 2 recipients, by For send.' },
  ])

  const raw = await ask(api, 'GET', `/v1/messages/${sent.body.id}/raw`, ann)
  expect(raw.headers['content-type']).toBe('message/rfc822')
  expect(raw.headers['content-disposition']).toContain(`attachment; filename="${sent.body.id}.eml"`)
  expect(raw.text).toContain('Subject: Your code')
  expect(raw.text).not.toMatch(/^bcc:/im)
})

test('fifty parallel requests with one idempotency key are one message', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => send({ subject: 'Once' }, { 'idempotency-key': 'fifty' })))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
  expect(answers.filter((answer) => answer.headers['idempotency-replayed'] === 'true')).toHaveLength(49)
  const { rows } = await sql<{ n: number }>`select count(*) as n from message where subject = 'Once'`.execute(db)
  expect(rows[0]?.n).toBe(1)
})

test('the same key with another body is refused, and nothing is sent', async () => {
  await send({ subject: 'First' }, { 'idempotency-key': 'reused' })
  expect(await send({ subject: 'Second' }, { 'idempotency-key': 'reused' })).toMatchObject({
    status: 409,
    body: { code: 'idempotency_key_reused' },
  })
  const { rows } = await sql<{ n: number }>`select count(*) as n from message where subject = 'Second'`.execute(db)
  expect(rows[0]?.n).toBe(0)
})

test('the order of the fields does not make it another body', async () => {
  const one = await send({ subject: 'Order' }, { 'idempotency-key': 'order' })
  const { subject: _, ...rest } = body
  const two = await ask(api, 'POST', '/v1/messages', {
    key,
    body: { subject: 'Order', ...rest },
    headers: { 'idempotency-key': 'order' },
  })
  expect(two.body).toEqual(one.body)
})

test('a scheduled message is due at its time', async () => {
  const sent = await send({ scheduled_at: '2026-11-22T08:00:00+01:00' })
  expect(sent.body.deliveries[0].due_at).toBe('2026-11-22T07:00:00.000Z')
  expect((await ask(api, 'GET', `/v1/messages/${sent.body.id}`, ann)).body.scheduled_at).toBe('2026-11-22T07:00:00.000Z')
})

test('a finished mail is sent as it is, to whom its header or the request says', async () => {
  const raw = 'From: Shop <shop@example.com>\r\nTo: ann@example.org\r\nBcc: hidden@example.org\r\nSubject: Raw\r\n\r\nHello\r\n'
  const sendRaw = (more: object = {}) =>
    ask(api, 'POST', '/v1/messages/raw', { key, body: { raw: Buffer.from(raw).toString('base64'), ...more } })
  const sent = await sendRaw()
  expect(sent.body.deliveries.map((delivery: { recipient: string }) => delivery.recipient)).toEqual([
    'ann@example.org',
    'hidden@example.org',
  ])
  const source = (await ask(api, 'GET', `/v1/messages/${sent.body.id}/raw`, ann)).text
  expect(source).toContain('Subject: Raw')
  expect(source).not.toContain('hidden@')
  expect((await sendRaw({ to: ['only@example.org'] })).body.deliveries).toHaveLength(1)
  expect(
    (await ask(api, 'POST', '/v1/messages/raw', { key, body: { raw: Buffer.from('no header').toString('base64') } })).status,
  ).toBe(422)
})

test('holding, releasing, trying now and cancelling, for a message and for one delivery', async () => {
  const { id, deliveries } = (await send({ to: ['a@example.org', 'b@example.org'] })).body
  const states = (answer: { body: { deliveries: { state: string }[] } }) => answer.body.deliveries.map(({ state }) => state)
  expect(states(await act(`/v1/messages/${id}/hold`))).toEqual(['held', 'held'])
  expect(await act(`/v1/messages/${id}/hold`)).toMatchObject({ status: 409, body: { code: 'nothing_to_do' } })
  expect((await act(`/v1/deliveries/${deliveries[0].id}/release`)).body).toMatchObject({ state: 'queued', reason: null })
  expect(await act(`/v1/deliveries/${deliveries[0].id}/release`)).toMatchObject({
    status: 409,
    body: { code: 'wrong_state', detail: 'A delivery that is queued cannot be released.' },
  })
  expect((await act(`/v1/deliveries/${deliveries[0].id}/retry`)).body.state).toBe('queued')
  expect(states(await act(`/v1/messages/${id}/cancel`))).toEqual(['cancelled', 'cancelled'])
  const story = (await ask(api, 'GET', `/v1/messages/${id}`, ann)).body.deliveries[0].events
  expect(story.map((event: { sentence: string }) => event.sentence)).toEqual([
    'Held, by Ann.',
    'Released, by Ann.',
    'To be tried at once, by Ann.',
    'Cancelled, by Ann.',
  ])
})

test('what has ended goes again as a new message that knows its origin', async () => {
  const { id, deliveries } = (await send({ to: ['a@example.org', 'b@example.org'], subject: 'Again' })).body
  for (const delivery of deliveries) await settle(delivery.id, 'bounced')
  const resent = await act(`/v1/messages/${id}/resend`)
  expect(resent.body).toMatchObject({ resend_of: id, subject: 'Again', counts: { queued: 2 } })
  expect(resent.body.id).not.toBe(id)
  const one = await act(`/v1/deliveries/${deliveries[1].id}/resend`)
  expect(one.body).toMatchObject({ recipient: 'b@example.org', state: 'queued' })
  expect(one.body.message_id).not.toBe(id)
})

test('an unheard answer is repeated or left as it is, as one says', async () => {
  const { id, deliveries } = (await send({ to: ['a@example.org', 'b@example.org'] })).body
  await sql`update delivery set state = 'unknown', due_at = null, policy = 'ask',
            reason = '{"code":"x","sentence":"Not heard.","hint":"","failure":null,"at":"2026-11-21T12:00:00Z"}' where message_id = ${id}`.execute(
    db,
  )
  expect((await act(`/v1/deliveries/${deliveries[0].id}/leave`)).body.state).toBe('sent')
  expect((await act(`/v1/deliveries/${deliveries[1].id}/resend`)).body).toMatchObject({
    id: deliveries[1].id,
    state: 'queued',
    message_id: id,
  })
})

test('lists are read page by page, without gap or repetition', async () => {
  const marker = 'paged@example.org'
  for (let i = 0; i < 7; i++) await send({ to: [marker], subject: `Page ${i}` })
  const seen: string[] = []
  for (let next: string | null = '', pages = 0; next !== null; pages++) {
    expect(pages).toBeLessThan(10)
    const page = await ask(api, 'GET', `/v1/deliveries?recipient=PAGED@example.org&limit=2${next && `&after=${next}`}`, ann)
    seen.push(...page.body.items.map((item: { subject: string }) => item.subject))
    next = page.body.next
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `Page ${i}`))
  const messages = await ask(api, 'GET', '/v1/messages?limit=3', ann)
  expect(messages.body.items).toMatchObject([
    { subject: 'Page 6', first_recipient: marker },
    { subject: 'Page 5' },
    { subject: 'Page 4' },
  ])
  expect((await ask(api, 'GET', `/v1/messages?limit=200&after=${messages.body.next}`, ann)).body.items[0].subject).toBe('Page 3')
})

test('deliveries are found by state, stream and time', async () => {
  const { deliveries } = (await send({ to: ['found@example.org'], stream: 'bulk' })).body
  await act(`/v1/deliveries/${deliveries[0].id}/hold`)
  const find = async (query: string) =>
    (await ask(api, 'GET', `/v1/deliveries?recipient=found@example.org&${query}`, ann)).body.items.length
  expect(await find('state=held')).toBe(1)
  expect(await find('state=held,unknown')).toBe(1)
  expect(await find('state=queued')).toBe(0)
  expect(await find('stream=bulk')).toBe(1)
  expect(await find('stream=transactional')).toBe(0)
  expect(await find('until=2026-11-21T00:00:00Z')).toBe(0)
  expect(await find('since=2026-11-21T00:00:00Z')).toBe(1)
})

test('what waits is counted, with its reason', async () => {
  const { body: overview } = await ask(api, 'GET', '/v1/queues', ann)
  expect(overview.routes).toMatchObject([{ route: { name: 'Sandbox' }, circuit: { state: 'closed' }, last_hour: { sent: 0 } }])
  const transactional = overview.streams.find(({ stream }: { stream: string }) => stream === 'transactional')
  expect(transactional.counts.queued).toBeGreaterThan(7)
  expect(overview.held).toBe(1)
  expect(overview.hours).toHaveLength(48)
  expect(overview.health).toEqual({ ok: true, sentence: 'All mail flows.', items: [] })
})

test('a suppressed address is listed, and taken off the list again', async () => {
  const add = () => ask(api, 'POST', '/v1/suppressions', { ...ann, body: { address: 'Gone@Example.org', note: 'By telephone' } })
  expect(await add()).toMatchObject({
    status: 201,
    body: { address: 'gone@example.org', stream: 'all', reason: 'manual', note: 'By telephone' },
  })
  expect(await add()).toMatchObject({ status: 409, body: { code: 'already_suppressed' } })
  expect((await ask(api, 'GET', '/v1/suppressions?address=gone@example.org', ann)).body.items).toHaveLength(1)
  for (let i = 0; i < 4; i++) await ask(api, 'POST', '/v1/suppressions', { ...ann, body: { address: `x${i}@example.org` } })
  const first = await ask(api, 'GET', '/v1/suppressions?limit=3', ann)
  const second = await ask(api, 'GET', `/v1/suppressions?limit=3&after=${first.body.next}`, ann)
  expect(new Set([...first.body.items, ...second.body.items].map(({ address }) => address)).size).toBe(5)
  expect(second.body.next).toBeNull()
  expect((await ask(api, 'DELETE', '/v1/suppressions/GONE@example.org', ann)).status).toBe(204)
  expect((await ask(api, 'DELETE', '/v1/suppressions/gone@example.org', ann)).body.code).toBe('not_found')
})
