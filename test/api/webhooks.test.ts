import { expect, test } from 'vitest'
import { EVENT_TYPES } from '../../src/events/event.ts'
import { NO_FAILPOINTS } from '../../src/lib/failpoint.ts'
import { createWebhookSender } from '../../src/webhooks/sending/sender.ts'
import { fixedResolver } from '../support/dns.ts'
import { isSignedBy } from '../support/signed-by.ts'
import { receiver } from '../webhooks/support.ts'
import { anApi, ask, memberOf, owner } from './support.ts'

const api = await anApi()
const ann = await owner(api)
const vera = await memberOf(api, ann, 'Vera', 'viewer')

async function make(body: object) {
  return await ask(api, 'POST', '/v1/webhooks', { ...ann, body })
}
const send = () =>
  createWebhookSender({
    ...api.deps,
    resolver: fixedResolver(),
    failpoints: NO_FAILPOINTS,
    random: () => 0,
    version: '1',
  }).sendDue()

test('a webhook is made, its secret told once, changed, switched off and on, and removed', async () => {
  const made = await make({ url: 'https://hooks.example/a', event_types: ['delivery.*'], tags: ['code'] })
  expect(made.status, made.text).toBe(201)
  expect(made.body).toMatchObject({
    state: 'enabled',
    event_types: ['delivery.*'],
    ordered: false,
    secret: expect.stringMatching(/^whsec_/),
  })
  const url = `/v1/webhooks/${made.body.id}`
  expect((await ask(api, 'GET', url, ann)).text).not.toContain('whsec_')
  expect((await ask(api, 'PATCH', url, { ...ann, body: { ordered: true } })).body).toMatchObject({
    ordered: true,
    tags: ['code'],
  })
  expect((await ask(api, 'POST', `${url}/disable`, ann)).body).toMatchObject({ state: 'disabled', disabled_why: 'by_hand' })
  expect((await ask(api, 'POST', `${url}/test`, { ...ann, body: {} })).body.code).toBe('wrong_state')
  expect((await ask(api, 'POST', `${url}/enable`, ann)).body).toMatchObject({ state: 'enabled', disabled_why: null })
  const rotated = await ask(api, 'POST', `${url}/rotate-secret`, { ...ann, body: { old_valid_hours: 2 } })
  expect(rotated.body.secret).not.toBe(made.body.secret)
  expect(rotated.body.old_secret_expires_at).toBe('2026-11-21T14:00:00.000Z')
  expect((await ask(api, 'DELETE', url, ann)).status).toBe(204)
  expect((await ask(api, 'GET', url, ann)).status).toBe(404)
})

test.each([
  ['ftp://hooks.example/', /https/],
  ['http://hooks.example/', /encrypted/],
  ['https://user:pw@hooks.example/', /password/],
  ['https://hooks.example/#x', /#/],
  ['https://127.0.0.1/', /private network/],
  ['https://[::1]:8443/', /private network/],
  ['https://localhost/', /private network/],
  ['https://0x7f.1/', /private network/],
  ['hooks', /https/],
])('%s cannot be the address of a webhook', async (url, why) => {
  const { status, body } = await make({ url })
  expect(status).toBe(422)
  expect(body).toMatchObject({ code: 'invalid_webhook_url', pointer: '/url' })
  expect(body.detail).toMatch(why)
})

test('a try arrives signed, is in the log with what was answered, and can be sent again', async () => {
  const program = await receiver()
  program.answers(500, {}, 'not today')
  const { body: webhook } = await make({ url: program.url, allow_private: true })
  const url = `/v1/webhooks/${webhook.id}`
  const tried = await ask(api, 'POST', `${url}/test`, { ...ann, body: { type: 'delivery.bounced' } })
  expect(tried.status).toBe(202)
  await send()
  const [heard] = program.heard
  const signed = {
    id: String(heard?.headers['webhook-id']),
    timestamp: Number(heard?.headers['webhook-timestamp']),
    body: heard?.body ?? '',
  }
  expect(isSignedBy(webhook.secret, String(heard?.headers['webhook-signature']), signed)).toBe(true)

  const log = await ask(api, 'GET', `${url}/deliveries?state=queued`, ann)
  expect(log.body.items).toMatchObject([{ id: tried.body.delivery_id, type: 'webhook.test', attempts: 1, last_status: 500 }])
  const detail = await ask(api, 'GET', `${url}/deliveries/${tried.body.delivery_id}`, ann)
  expect(detail.body).toMatchObject({
    body: heard?.body,
    tries: [{ status: 500, response_body: 'not today', address: '127.0.0.1' }],
  })

  program.answers(200)
  expect((await ask(api, 'POST', `${url}/deliveries/${tried.body.delivery_id}/resend`, ann)).status).toBe(204)
  await send()
  expect((await ask(api, 'GET', `${url}/deliveries`, ann)).body.items).toMatchObject([{ state: 'delivered', attempts: 2 }])
  expect((await ask(api, 'GET', `${url}/deliveries?state=failed`, ann)).body.items).toEqual([])
})

test('what happened before a webhook was made can be replayed to it', async () => {
  const program = await receiver()
  await ask(api, 'POST', '/v1/suppressions', { ...ann, body: { address: 'gone@replay.example' } })
  api.clock.advance(60_000)
  const { body: webhook } = await make({ url: program.url, allow_private: true, event_types: ['suppression.added'] })
  const body = { from: '2026-11-21T00:00:00Z', to: '2026-11-22T00:00:00Z', which: 'undelivered' }
  const replay = (preview: boolean) =>
    ask(api, 'POST', `/v1/webhooks/${webhook.id}/replay`, { ...ann, body: { ...body, preview } })
  expect((await replay(true)).body).toEqual({ events: 1, continue_at: null })
  expect((await replay(false)).body).toEqual({ events: 1, continue_at: null })
  await send()
  expect(program.events()).toMatchObject([{ type: 'suppression.added', data: { details: { address: 'gone@replay.example' } } }])
  const wrong = { from: body.to, to: body.from, which: 'all', preview: true }
  expect((await ask(api, 'POST', `/v1/webhooks/${webhook.id}/replay`, { ...ann, body: wrong })).status).toBe(422)
})

test('every kind of event is told with an example of what is sent', async () => {
  const { body } = await ask(api, 'GET', '/v1/event-types', vera)
  expect(body.items.map(({ type }: { type: string }) => type)).toEqual([...EVENT_TYPES])
  for (const { type, sentence, example } of body.items) {
    expect(sentence).toMatch(/\.$/)
    expect(example).toMatchObject({ type, data: { id: expect.any(String), details: expect.any(Object) } })
  }
})

test('who may not manage webhooks sees nothing of them', async () => {
  expect((await ask(api, 'GET', '/v1/webhooks', vera)).status).toBe(403)
})
