import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { addReplies } from '../../src/insight/replies/queries.ts'
import { countTogether } from '../../src/insight/replies/unknown-reply.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const vera = await memberOf(api, ann, 'Vera', 'viewer')

const said = (text: string, n: number) => ({
  workspaceId: ann.workspaceId,
  code: 550,
  enhanced: null,
  stage: 'rcpt',
  text,
  host: 'mx.example.org',
  receiver: 'google',
  firstSeenAt: api.clock.now(),
  lastSeenAt: api.clock.now(),
  n,
})
await api.deps.database.transaction(ENGINE, (tx) =>
  addReplies(tx, countTogether([said('this', 5), said('that', 9), said('the other', 5), said('No such user', 1)])),
)
const words = (body: { items: { example: string }[] }) => body.items.map(({ example }) => example)

test('unknown replies are listed, the most frequent first, page by page', async () => {
  const first = await ask(api, 'GET', '/v1/replies?limit=2', ann)
  const second = await ask(api, 'GET', `/v1/replies?limit=2&after=${first.body.next}`, ann)
  expect(words(first.body)[0]).toBe('that')
  expect([...words(first.body), ...words(second.body)].toSorted()).toEqual(['No such user', 'that', 'the other', 'this'])
  expect(second.body).toMatchObject({ next: null })
  expect(first.body.items[0]).toMatchObject({
    n: 9,
    code: 550,
    host: 'mx.example.org',
    receiver: 'google',
    known_as: null,
    reviewed_at: null,
  })
  expect(second.body.items[1]).toMatchObject({ example: 'No such user', known_as: 'recipient_unknown' })
  expect((await ask(api, 'GET', '/v1/replies?after=nonsense', ann)).body).toMatchObject({ code: 'invalid_cursor' })
})

test('what somebody has looked at comes last, with his name; who only reads may not say so', async () => {
  const [most] = (await ask(api, 'GET', '/v1/replies', ann)).body.items
  const path = `/v1/replies/${most.fingerprint}/review`
  expect((await ask(api, 'POST', path, { ...vera, body: {} })).status).toBe(403)
  expect((await ask(api, 'POST', path, { ...ann, body: {} })).body).toMatchObject({
    example: 'that',
    reviewed_by: { kind: 'user', name: 'Ann' },
  })
  expect(words((await ask(api, 'GET', '/v1/replies', vera)).body).at(-1)).toBe('that')
  expect((await ask(api, 'POST', path, { ...ann, body: { reviewed: false } })).body).toMatchObject({
    reviewed_at: null,
    reviewed_by: null,
  })
  expect((await ask(api, 'POST', `/v1/replies/${'0'.repeat(32)}/review`, { ...ann, body: {} })).status).toBe(404)
})
