import { expect, test } from 'vitest'
import { anApi, ask, keyOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const { key } = await keyOf(api, ann)
const post = (body: unknown, url = '/v1/messages') => ask(api, 'POST', url, { key, body })
const good = { from: 'Shop <shop@example.com>', to: ['ann@example.org'], subject: 'Hi', text: 'Hello' }

test('what is right is taken', async () => {
  expect((await post(good)).status).toBe(202)
  expect((await post({ ...good, to: 'ann@example.org' })).status).toBe(202)
  expect((await post({ ...good, cc: ['bob@example.org'], bcc: ['cy@example.org'] })).body.deliveries).toHaveLength(3)
})

test.each([
  [
    'an unknown field',
    { ...good, reply_too: ['x@example.org'] },
    422,
    'invalid_request',
    '/reply_too',
    'The field /reply_too is not known here; perhaps reply_to was meant.',
  ],
  ['a missing field', { to: ['ann@example.org'] }, 422, 'invalid_request', '/from', 'The field /from is missing.'],
  ['another type', { ...good, subject: 7 }, 422, 'invalid_request', '/subject', 'The field /subject must be text.'],
  ['a null', { ...good, text: null }, 422, 'invalid_request', '/text', 'The field /text must be text.'],
  [
    'a number among addresses',
    { ...good, to: ['a@example.org', 7] },
    422,
    'invalid_request',
    '/to/1',
    'The field /to/1 must be text.',
  ],
  ['an object for a list', { ...good, to: {} }, 422, 'invalid_request', '/to', 'The field /to must be text or a list.'],
  [
    'a wrong choice',
    { ...good, stream: 'fast' },
    422,
    'invalid_request',
    '/stream',
    'The field /stream must be one of transactional, conversation, bulk.',
  ],
  [
    'a time without a zone',
    { ...good, scheduled_at: '2026-11-22T10:00:00' },
    422,
    'invalid_request',
    '/scheduled_at',
    'The field /scheduled_at must be a time such as 2026-11-21T12:00:00Z.',
  ],
  [
    'an unknown field inside',
    { ...good, attachments: [{ filename: 'a', content: '', path: '/etc/passwd' }] },
    422,
    'invalid_request',
    '/attachments/0/path',
    'The field /attachments/0/path is not known here.',
  ],
  [
    'attachments that are no base64',
    { ...good, attachments: [{ filename: 'a', content: '%%%' }] },
    422,
    'invalid_request',
    '/attachments/0/content',
    'The content must be base64.',
  ],
  [
    'no recipient',
    { from: good.from, text: 'x' },
    422,
    'invalid_request',
    '/to',
    'A message needs at least one recipient in to, cc or bcc.',
  ],
  [
    'too many tags',
    { ...good, tags: Array.from({ length: 21 }, (_, i) => `t${i}`) },
    422,
    'invalid_request',
    '/tags',
    'The field /tags must have at most 20 items.',
  ],
  ['metadata that are objects', { ...good, metadata: { a: { b: 1 } } }, 422, 'invalid_request', '/metadata/a', undefined],
  ['a list for the whole', [good], 422, 'invalid_request', '', 'The body must be an object.'],
  ['text for the whole', 'hello', 422, 'invalid_request', '', 'The body must be an object.'],
  [
    'an end before the beginning',
    { ...good, scheduled_at: '2026-11-22T10:00:00Z', expires_at: '2026-11-22T09:00:00Z' },
    422,
    'invalid_request',
    '/expires_at',
    undefined,
  ],
  ['a far-off schedule', { ...good, scheduled_at: '2036-11-22T10:00:00Z' }, 422, 'invalid_request', '/scheduled_at', undefined],
])('%s is refused with its place', async (_, body, status, code, pointer, detail) => {
  const answer = await post(body)
  expect(answer).toMatchObject({ status, body: { status, code, pointer } })
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  if (detail !== undefined) expect(answer.body.detail).toBe(detail)
})

test('no body at all is called missing', async () => {
  expect((await ask(api, 'POST', '/v1/messages', { key })).body.detail).toBe('The body is missing.')
  expect((await ask(api, 'POST', '/v1/messages', { key, raw: '' })).body.detail).toBe('The body is missing.')
})

test('several mistakes are all named', async () => {
  const answer = await post({ from: 7, to: [7], stream: 'x', what: 1 })
  expect(answer.body.detail).toBe('4 things in the body are wrong; `errors` names each.')
  expect(answer.body.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
    '/from',
    '/stream',
    '/to/0',
    '/what',
  ])
})

test.each([
  ['not-an-address', '/to/0'],
  ['a@b@c', '/to/0'],
  ['ann@', '/to/0'],
  ['@example.org', '/to/0'],
  ['ann@example..org', '/to/0'],
  ['ann@-example.org', '/to/0'],
  ['ann example@example.org', '/to/0'],
  ['ann@exam ple.org', '/to/0'],
  ['ann@example.org, bob@example.org', '/to/0'],
  ['<script>@example.org', '/to/0'],
])('%s is no address', async (address, pointer) => {
  const answer = await post({ ...good, to: [address] })
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_address', pointer } })
  expect(answer.body.detail.startsWith(JSON.stringify(address).slice(0, 5))).toBe(true)
})

test.each([
  ['{"from": ', 'it ends too early'],
  ['{"from": "a" "to"}', 'there is a mistake at character 14'],
  ["{'from': 'a'}", 'there is a mistake at character 2'],
  ['not json', 'there is a mistake'],
  [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'it is not UTF-8'],
])('%s is not JSON', async (raw, why) => {
  const answer = await ask(api, 'POST', '/v1/messages', { key, raw })
  expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_json' } })
  expect(answer.body.detail).toContain(why)
})

test('keys that reach for prototypes are refused or mean nothing', async () => {
  const answer = await ask(api, 'POST', '/v1/messages', {
    key,
    raw: JSON.stringify(good).replace('{', '{"__proto__":{"is_admin":true},'),
  })
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_request', pointer: '/__proto__' } })
  expect((await post({ ...good, constructor: { prototype: { x: 1 } } })).body.pointer).toBe('/constructor')
  expect((await post({ ...good, metadata: { constructor: 'x', prototype: 'y', toString: 'z' } })).status).toBe(202)
  expect(({} as { is_admin?: boolean }).is_admin).toBeUndefined()
})

test.each([
  ['text/plain', '{}'],
  ['application/xml', '<x/>'],
  ['application/x-www-form-urlencoded', 'from=a'],
  ['multipart/form-data; boundary=x', '--x--'],
])('a body of type %s is not read', async (type, raw) => {
  const answer = await ask(api, 'POST', '/v1/messages', { key, raw, headers: { 'content-type': type } })
  expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
})

test('the character set may be named', async () => {
  const answer = await ask(api, 'POST', '/v1/messages', {
    key,
    body: good,
    headers: { 'content-type': 'Application/JSON; charset=UTF-8' },
  })
  expect(answer.status).toBe(202)
})

test.each([
  ['GET', '/v1/nothing', 404, 'unknown_path'],
  ['POST', '/v1', 404, 'unknown_path'],
  ['GET', '/v1/messages/', 422, 'invalid_request'],
  ['DELETE', '/v1/messages', 405, 'method_not_allowed'],
  ['PATCH', '/v1/me', 405, 'method_not_allowed'],
  ['HEAD', '/v1/me', 405, undefined],
  ['OPTIONS', '/v1/messages', 405, 'method_not_allowed'],
  ['GET', '/v1/messages/not-an-id', 422, 'invalid_request'],
  ['GET', '/v1/messages/0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a', 404, 'not_found'],
  ['GET', '/v1/messages/%00', 422, 'control_character'],
  ['GET', '/v1/messages/%E0%A4%A', 400, 'malformed_request'],
  ['GET', `/v1/messages/${'a'.repeat(3000)}`, 400, 'malformed_request'],
  ['GET', '/v1/deliveries?limit=0', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?limit=201', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?limit=1e2', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?limit=', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?limit=5&limit=6', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?state=flying', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?page=2', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?__proto__=2', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?recipient=%00', 422, 'control_character'],
  ['GET', '/v1/deliveries?since=yesterday', 422, 'invalid_request'],
  ['GET', '/v1/deliveries?after=garbage', 422, 'invalid_cursor'],
  ['GET', '/v1/messages?after=WyJkZWxpdmVyaWVzIiwieCJd', 422, 'invalid_cursor'],
  ['GET', '/v1/deliveries?since=0000-01-01T00:00:00Z', 200, undefined],
  ['GET', '/v1/deliveries?until=9999-12-31T23:59:59Z', 200, undefined],
])('%s %s is answered with %i', async (method, url, status, code) => {
  const answer = await ask(api, method, url, { key })
  expect(answer.status, answer.text).toBe(status)
  if (code !== undefined) expect(answer.body.code).toBe(code)
  if (status === 405) expect(answer.headers.allow).toBeTruthy()
})

test('a wrong parameter is named', async () => {
  const answer = await ask(api, 'GET', '/v1/deliveries?limit=900', { key })
  expect(answer.body).toMatchObject({
    detail: 'The parameter limit must be at most 200.',
    errors: [{ parameter: 'limit', detail: 'Must be at most 200.' }],
  })
})

test.each([
  ['', 422],
  [' ', 422],
  ['ünïcode', 422],
  ['x'.repeat(257), 422],
  ['x'.repeat(256), 202],
  ['a key of mine: 1/2', 202],
])('the idempotency key "%s" gives %i', async (idempotencyKey, status) => {
  const answer = await ask(api, 'POST', '/v1/messages', { key, body: good, headers: { 'idempotency-key': idempotencyKey } })
  expect(answer.status, answer.text).toBe(status)
})

test('the limits on a message are named with 413', async () => {
  const many = Array.from({ length: 1001 }, (_, i) => `a${i}@example.org`)
  expect(await post({ ...good, to: many })).toMatchObject({
    status: 413,
    body: { code: 'too_many_recipients', pointer: '/to', limit: expect.any(Number) },
  })
  const attachments = Array.from({ length: 101 }, () => ({ filename: 'a.txt', content: '' }))
  expect(await post({ ...good, attachments })).toMatchObject({ status: 413, body: { code: 'too_many_attachments', limit: 100 } })
  const headers = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`X-H${i}`, 'x']))
  expect(await post({ ...good, headers })).toMatchObject({ status: 413, body: { code: 'too_many_headers', limit: 100 } })
  const large = { filename: 'a.bin', content: Buffer.alloc(28 * 1024 * 1024).toString('base64') }
  expect(await post({ ...good, attachments: [large] })).toMatchObject({
    status: 413,
    body: { code: 'message_too_large', limit: expect.any(Number) },
  })
  expect(await post({ name: 'x'.repeat(1024 * 1024), scopes: ['full'] }, '/v1/api-keys')).toMatchObject({
    status: 413,
    body: { code: 'body_too_large', limit: 1024 * 1024 },
  })
})

test('a body where none belongs is pointed out, an empty object is not', async () => {
  expect((await ask(api, 'POST', '/v1/sign-out', { body: { all: true } })).body.code).toBe('invalid_request')
  expect((await ask(api, 'POST', '/v1/sign-out', { body: {} })).status).toBe(204)
})

test('what people type is shown back without control characters and cut', async () => {
  const answer = await post({ ...good, to: [`a\u0007b\u202e${'x'.repeat(300)}`] })
  expect(answer.body.detail).not.toMatch(/[\u0000-\u001f]/)
  expect(answer.body.detail.length).toBeLessThan(400)
})

test.each([
  ...['/f/', '/a/', '/u/', '/p/', '/confirm/', '/i/x/', '/t/c/x/'].map((path) => [path, '']),
  ...['/a/', '/i/', '/t/c/'].map((path) => [path, '/x']),
  ...[
    ['/f/', '/challenge'],
    ['/f/', '/frame'],
    ['/a/', '/'],
    ['/a/', '/feed.xml'],
    ['/a/x/?before=', ''],
  ],
] as [string, string][])('where strangers look, what no address has is not there: %s…%s', async (before, after) => {
  for (const odd of ['%00', 'a%00b', '%E2%80%A8', '%EF%BF%BF', "'%22", 'x'.repeat(1_000)])
    expect((await ask(api, 'GET', `${before}${odd}${after}`)).status, odd).toBeOneOf([302, 308, 404])
})
