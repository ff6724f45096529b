import { expect, test } from 'vitest'
import { createFeedbackReader } from '../../src/delivery/feedback/feedback.ts'
import { SECOND } from '../../src/lib/clock.ts'
import { createLog } from '../../src/log.ts'
import { fixedResolver } from '../support/dns.ts'
import { envelopeOf, SES_TOPIC, topicServer } from '../support/topic-server.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)

async function sesRoute(name: string, topic: string | null = SES_TOPIC): Promise<string> {
  const settings = { region: 'eu-west-1', access_key_id: 'AKIA', secret_access_key: 'a planted canary', topic_arn: topic }
  const made = await ask(api, 'POST', '/v1/routes', { ...ann, body: { name, kind: 'ses', settings } })
  expect(made.status, made.text).toBe(201)
  return made.body.id
}

async function read(): Promise<void> {
  const { database, clock, secrets } = api.deps
  const { fetchText } = await topicServer()
  const log = createLog({ level: 'silent' })
  const network = { resolver: fixedResolver({}), allowPrivateNetworks: false, fetchText }
  const reader = createFeedbackReader({ database, clock, secrets, log, mayClaim: () => true, ...network })
  await reader.drain()
  await reader.stop()
}

const event = {
  eventType: 'Delivery',
  mail: { messageId: 'ses-9', destination: ['bob@example.org'] },
  delivery: { recipients: ['bob@example.org'] },
}
const pathOf = (url: string) => new URL(url).pathname
const post = (path: string, payload: string | Buffer, type = 'text/plain; charset=UTF-8') =>
  api.server.fastify.inject({ method: 'POST', url: path, payload, headers: { 'content-type': type } })

test('the address for a provider takes what SNS posts, answers with nothing, and shows when it was told last', async () => {
  const id = await sesRoute('Told')
  const before = (await ask(api, 'GET', `/v1/routes/${id}/feedback`, ann)).body
  expect(before).toMatchObject({
    kind: 'ses',
    topic_arn: SES_TOPIC,
    last_received_at: null,
    lag: { count: 0, p50_seconds: null },
  })
  expect(before.url).toMatch(new RegExp(`^http://localhost:8025/in/ses/${id}/1-[a-z2-7]{32}$`))
  const told = await post(pathOf(before.url), envelopeOf(event, { at: api.clock.now() }))
  expect([told.statusCode, told.body]).toEqual([204, ''])
  await read()
  const after = (await ask(api, 'GET', `/v1/routes/${id}/feedback`, ann)).body
  expect(after).toMatchObject({
    last_received_at: api.clock.now().toISOString(),
    last_believed_at: api.clock.now().toISOString(),
  })
  const { items } = (await ask(api, 'GET', `/v1/feedback?route_id=${id}`, ann)).body
  expect(items).toMatchObject([{ source: 'ses', state: 'parked', route: { name: 'Told' }, events: 1, is_kept: true }])
  const one = (await ask(api, 'GET', `/v1/feedback/${items[0].id}`, ann)).body
  expect(one).toMatchObject({ headers: { 'content-type': 'text/plain; charset=UTF-8' }, news: [] })
  const raw = await ask(api, 'GET', `/v1/feedback/${items[0].id}/raw`, ann)
  expect(JSON.parse(raw.text)).toMatchObject({ Type: 'Notification', TopicArn: SES_TOPIC })

  // As after a week.
  await api.deps.database.pool.query('update feedback set body = null where id = $1', [items[0].id])
  const gone = { status: 410, body: { code: 'not_kept', detail: 'What came more than a week ago is not kept any more.' } }
  expect(await ask(api, 'GET', `/v1/feedback/${items[0].id}/raw`, ann)).toMatchObject(gone)
  expect(await ask(api, 'POST', `/v1/feedback/${items[0].id}/replay`, ann)).toMatchObject(gone)
})

test('a wrong secret, an older address and an unknown route get the same answer, before a body is read', async () => {
  const id = await sesRoute('Renewed')
  const old = pathOf((await ask(api, 'GET', `/v1/routes/${id}/feedback`, ann)).body.url)
  const renewed = await ask(api, 'POST', `/v1/routes/${id}/feedback/address`, ann)
  expect(renewed.status, renewed.text).toBe(200)
  const path = pathOf(renewed.body.url)
  expect(path).not.toBe(old)
  const body = envelopeOf(event, { at: api.clock.now() })
  const answers = await Promise.all(
    [
      old,
      path.slice(0, -1),
      `${path.slice(0, -1)}a`,
      path.replace(id, '0193e0a0-1111-7abc-9def-0123456789ab'),
      path.replace('/ses/', '/scaleway/'),
    ].map(async (wrong) => (await post(wrong, body)).statusCode),
  )
  expect(answers).toEqual([404, 404, 404, 404, 404])
  expect((await post(path, body)).statusCode).toBe(204)
  expect((await ask(api, 'GET', `/v1/feedback?route_id=${id}`, ann)).body.items).toHaveLength(1)
})

test('a body beyond the limit is refused, and any content type is taken', async () => {
  const id = await sesRoute('Large')
  const path = pathOf((await ask(api, 'GET', `/v1/routes/${id}/feedback`, ann)).body.url)
  expect((await post(path, Buffer.alloc(600 * 1024, 'x'))).statusCode).toBe(413)
  expect((await post(path, 'not even JSON', 'application/xml')).statusCode).toBe(204)
  await read()
  expect((await ask(api, 'GET', `/v1/feedback?route_id=${id}&state=failed`, ann)).body.items).toMatchObject([
    { reason: 'This is not a message of a topic.' },
  ])
})

test('what was ignored for want of a topic is read again when the route names it', async () => {
  const id = await sesRoute('No topic', null)
  const path = pathOf((await ask(api, 'GET', `/v1/routes/${id}/feedback`, ann)).body.url)
  await post(path, envelopeOf(event, { at: api.clock.now() }))
  await read()
  expect((await ask(api, 'GET', `/v1/routes/${id}/feedback`, ann)).body).toMatchObject({ topic_arn: null, seen_topic: SES_TOPIC })
  await ask(api, 'PATCH', `/v1/routes/${id}`, { ...ann, body: { settings: { topic_arn: SES_TOPIC } } })
  const replayed = await ask(api, 'POST', '/v1/feedback/replay', { ...ann, body: { state: 'ignored', route_id: id } })
  expect(replayed.body).toEqual({ count: 1 })
  await read()
  const { items } = (await ask(api, 'GET', `/v1/feedback?route_id=${id}`, ann)).body
  expect(items).toMatchObject([{ state: 'parked' }])
  expect((await ask(api, 'POST', `/v1/feedback/${items[0].id}/replay`, ann)).status).toBe(204)
  expect((await ask(api, 'GET', `/v1/feedback/${items[0].id}`, ann)).body).toMatchObject({ state: 'received', reason: null })
})

test('the list can be paged and filtered', async () => {
  const id = await sesRoute('Paged')
  const path = pathOf((await ask(api, 'GET', `/v1/routes/${id}/feedback`, ann)).body.url)
  for (let i = 0; i < 3; i++) {
    await post(path, envelopeOf(event, { at: api.clock.now() }))
    api.clock.advance(SECOND)
  }
  const first = (await ask(api, 'GET', `/v1/feedback?route_id=${id}&limit=2`, ann)).body
  const second = (await ask(api, 'GET', `/v1/feedback?route_id=${id}&limit=2&after=${first.next}`, ann)).body
  expect([first.items.length, second.items.length, second.next]).toEqual([2, 1, null])
  expect((await ask(api, 'GET', `/v1/feedback?route_id=${id}&source=dsn`, ann)).body.items).toEqual([])
})

test('who may not change routes does not see the secret, and a relay has no provider to tell anything', async () => {
  const id = await sesRoute('Secret')
  const viewer = await memberOf(api, ann, 'Vera', 'viewer')
  expect((await ask(api, 'GET', `/v1/routes/${id}/feedback`, viewer)).body).toMatchObject({ url: null, kind: 'ses' })
  expect((await ask(api, 'POST', `/v1/routes/${id}/feedback/address`, viewer)).status).toBe(403)
  const { items } = (await ask(api, 'GET', '/v1/routes', ann)).body
  const sandbox = items.find(({ kind }: { kind: string }) => kind === 'sandbox')
  expect((await ask(api, 'GET', `/v1/routes/${sandbox.id}/feedback`, ann)).status).toBe(422)
})

test('the secret of an address is in no line of the log', () => {
  expect(api.logged.join('')).not.toMatch(/\/in\/ses\/[0-9a-f-]{36}/)
})
