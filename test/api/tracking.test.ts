import { beforeAll, expect, test } from 'vitest'
import type { DeliveryId } from '../../src/lib/ids.ts'
import { SETTLE_AFTER_MS, trackingJobs } from '../../src/tracking/settle-hits.ts'
import { trackingKey, trackingToken } from '../../src/tracking/token.ts'
import { type Answer, type Api, anApi, ask, keyOf, owner } from './support.ts'

const BROWSER = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
const mail = {
  from: 'shop@example.com',
  to: ['ann@example.org'],
  subject: 'News',
  html: '<a href="https://shop.example/a?x=1&amp;y=2">A</a>',
}
const seen = { deliveries: 0, hits: 0 }
const nobody = { human: seen, proxy: seen, scanner: seen, unknown: seen }

let api: Api
let key: string
beforeAll(async () => {
  api = await anApi()
  key = (await keyOf(api, await owner(api))).key
})

async function tracked(tracking: object = { opens: true, clicks: true }) {
  const { status, body } = await ask(api, 'POST', '/v1/messages', { key, body: { ...mail, tracking } })
  expect(status).toBe(202)
  return { id: body.id, token: trackingToken(body.deliveries[0].id as DeliveryId, trackingKey(api.deps.secrets)) }
}

/** As a stranger: without a key, a cookie or the headers of our own pages. */
async function stranger(method: 'GET' | 'HEAD', url: string, headers: Record<string, string> = BROWSER): Promise<Answer> {
  const answer = await api.server.fastify.inject({ method, url, headers })
  return { status: answer.statusCode, text: answer.payload, headers: answer.headers, body: undefined }
}

async function settle(): Promise<void> {
  api.clock.advance(SETTLE_AFTER_MS)
  for (const job of trackingJobs(api.deps.database)) await job.run(api.clock.now())
}

test('a link leads a stranger where it led in the text, and nowhere is it kept', async () => {
  const { id, token } = await tracked()
  const answer = await stranger('GET', `/t/c/${token}/1`)
  expect([answer.status, answer.headers.location]).toEqual([302, 'https://shop.example/a?x=1&y=2'])
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  expect(answer.headers['set-cookie']).toBeUndefined()
  await settle()
  const { tracking, deliveries } = (await ask(api, 'GET', `/v1/messages/${id}`, { key })).body
  expect(tracking).toEqual({
    opens: true,
    clicks: true,
    opened: nobody,
    clicked: { ...nobody, human: { deliveries: 1, hits: 1 } },
  })
  expect(deliveries[0].events).toMatchObject([
    {
      type: 'message.clicked',
      sentence: 'A link was followed: https://shop.example/a?x=1&y=2.',
      data: { link: 1, who: 'human' },
    },
  ])
})

test('a look without taking leads there too, and counts as a scanner', async () => {
  const { id, token } = await tracked()
  expect((await stranger('HEAD', `/t/c/${token}/1`)).status).toBe(302)
  expect((await stranger('HEAD', `/t/o/${token}.gif`)).status).toBe(200)
  await settle()
  const { tracking } = (await ask(api, 'GET', `/v1/messages/${id}`, { key })).body
  const one = { ...nobody, scanner: { deliveries: 1, hits: 1 } }
  expect([tracking.opened, tracking.clicked]).toEqual([one, one])
})

test('the picture is the same for a right token and a wrong one, and may be shown on pages of others', async () => {
  const { token } = await tracked()
  const [right, wrong] = [await stranger('GET', `/t/o/${token}.gif`), await stranger('GET', '/t/o/wrong.gif')]
  const telling = ({ status, text, headers }: Answer) => {
    const { 'x-request-id': _, date: __, ...rest } = headers
    return { status, text, rest }
  }
  expect(telling(right)).toEqual(telling(wrong))
  expect(right.headers).toMatchObject({
    'content-type': 'image/gif',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'no-store',
  })
})

test('there is no other way to any place: every wrong token and number has one answer', async () => {
  const { token } = await tracked()
  const other = trackingToken('0193e0a1-5b0d-7a52-b0de-4c8e1f6a7d90' as DeliveryId, trackingKey(api.deps.secrets))
  const changed = `${token.startsWith('a') ? 'b' : 'a'}${token.slice(1)}`
  const paths = [
    `${token}/2`,
    `${token}/0`,
    `${token}/01`,
    `${token}/x`,
    `${token}/99999`,
    `${changed}/1`,
    `${other}/1`,
    'x/1',
    `${token}%00/1`,
  ]
  for (const path of paths) {
    const answer = await stranger('GET', `/t/c/${path}`)
    expect([answer.status, answer.text, answer.headers.location], path).toEqual([
      404,
      'This link does not lead anywhere any more.\n',
      undefined,
    ])
  }
  const injected = await stranger('GET', `/t/c/${token}/1?url=https://evil.example`)
  expect(injected.headers.location).toBe('https://shop.example/a?x=1&y=2')
})

test('a token in capitals is still the same token', async () => {
  const { token } = await tracked()
  expect((await stranger('GET', `/t/c/${token.toUpperCase()}/1`)).status).toBe(302)
})

test('what was not to be told is not written down', async () => {
  const { id, token } = await tracked({ opens: false, clicks: true })
  await stranger('GET', `/t/o/${token}.gif`)
  await settle()
  expect((await ask(api, 'GET', `/v1/messages/${id}`, { key })).body.tracking.opened).toEqual(nobody)
})

test('who asks too often for one recipient has to wait', async () => {
  const { token } = await tracked()
  const { token: other } = await tracked()
  let answer = await stranger('GET', `/t/c/${token}/1`)
  for (let i = 0; i < 2_000 && answer.status === 302; i++) answer = await stranger('GET', `/t/c/${token}/1`)
  expect([answer.status, answer.headers['retry-after'], answer.headers.location]).toEqual([429, '1', undefined])
  expect((await stranger('GET', `/t/c/${other}/1`)).status).toBe(302)
})

test('a message says that it is not tracked, and the raw one never is', async () => {
  const { body } = await ask(api, 'POST', '/v1/messages', { key, body: mail })
  expect((await ask(api, 'GET', `/v1/messages/${body.id}`, { key })).body.tracking).toBeNull()
  expect((await ask(api, 'GET', `/v1/messages/${body.id}/raw`, { key })).text).toContain('https://shop.example/a')
  const wrong = await ask(api, 'POST', '/v1/messages', { key, body: { ...mail, tracking: { open: true } } })
  expect(wrong.status).toBe(422)
})
