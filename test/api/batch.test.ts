import PostalMime from 'postal-mime'
import { beforeAll, expect, test } from 'vitest'
import { type Answer, type Api, anApi, ask, keyOf, owner } from './support.ts'

let api: Api
let key: string
beforeAll(async () => {
  api = await anApi()
  key = (await keyOf(api, await owner(api))).key
})

const text = { from: 'Shop <news@example.com>', subject: 'For {{ name }}', text: 'Hello {{ name }}, {{ points }} points.' }
const send = (body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api, 'POST', '/v1/messages/batch', { key, headers, body })

test('each recipient gets a message with their own values, in the bulk stream', async () => {
  const answer = await send({
    ...text,
    metadata: { campaign: 'november', kind: 'news' },
    recipients: [
      { to: 'Ann <ann@example.org>', values: { name: 'Ann', points: 12 }, metadata: { kind: 'best', customer: 7 } },
      { to: 'bob@example.org', values: { name: 'Bob', points: 3 } },
    ],
  })
  expect([answer.status, answer.body.accepted, answer.body.refused, answer.body.stream]).toEqual([202, 2, 0, 'bulk'])
  const [ann, bob] = answer.body.items
  const first = (await ask(api, 'GET', `/v1/messages/${ann.id}`, { key })).body
  expect(first).toMatchObject({ subject: 'For Ann', to: ['Ann <ann@example.org>'], stream: 'bulk' })
  expect(first.metadata).toEqual({ campaign: 'november', kind: 'best', customer: 7 })
  expect(first.deliveries.map((delivery: { id: string }) => delivery.id)).toEqual([ann.delivery.id])
  const raw = (await ask(api, 'GET', `/v1/messages/${bob.id}/raw`, { key })).text
  expect((await new PostalMime().parse(raw)).text?.trim()).toBe('Hello Bob, 3 points.')
})

test('a recipient who cannot be written to is told so, and the others go', async () => {
  const { status, body } = await send({
    ...text,
    recipients: [
      { to: 'nobody', values: { name: 'Nobody', points: 0 } },
      { to: 'bob@example.org', values: { name: 'Bob' } },
      { to: 'eve@example.org', values: { name: 'Eve', points: 1 } },
    ],
  })
  expect([status, body.accepted, body.refused]).toEqual([202, 1, 2])
  expect(body.items.map((item: { problem: { code: string } | null }) => item.problem?.code ?? 'none')).toEqual([
    'invalid_address',
    'missing_value',
    'none',
  ])
  expect(body.items[0]).toMatchObject({ to: 'nobody', id: null, delivery: null })
})

test('what is wrong with the text refuses the whole batch', async () => {
  const recipients = [{ to: 'ann@example.org' }]
  expect((await send({ from: 'nobody', subject: 'Hello', text: 'Hello', recipients })).body).toMatchObject({
    code: 'invalid_address',
    pointer: '/from',
  })
  expect((await send({ ...text, recipients: [] })).status).toBe(422)
  const many = Array.from({ length: 501 }, (_, i) => ({ to: `a${i}@example.org` }))
  expect((await send({ ...text, recipients: many })).status).toBe(422)
})

test('a value may not put a line into a header', async () => {
  const recipients = [{ to: 'ann@example.org', values: { name: 'Ann\r\nBcc: eve@example.org', points: 1 } }]
  const { body } = await send({ ...text, recipients })
  expect([body.items[0].id, body.items[0].problem?.code]).toEqual([null, 'control_character'])
})

test('repeating a batch under its key sends nothing again', async () => {
  const body = { ...text, recipients: [{ to: 'ann@example.org', values: { name: 'Ann', points: 1 } }, { to: 'nobody' }] }
  const first = await send(body, { 'idempotency-key': 'november' })
  const second = await send(body, { 'idempotency-key': 'november' })
  expect(second.body).toEqual(first.body)
  expect(second.headers['idempotency-replayed']).toBe('true')
  const other = await send({ ...body, subject: 'Other' }, { 'idempotency-key': 'november' })
  expect(other.body.code).toBe('idempotency_key_reused')
})
