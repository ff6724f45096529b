import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listOpenIncidents, listResolvedIncidents } from '../../src/incidents/incidents.ts'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'
import type { WebhookEndpointId } from '../../src/webhooks/endpoint.ts'
import { enableEndpoint, findEndpoint, rotateSecret, sendTest } from '../../src/webhooks/manage.ts'
import { isSignedBy } from '../support/signed-by.ts'
import { aMail, type Heard, receiver, webhookWorld } from './support.ts'

const world = await webhookWorld()
const { db, clock, inTx } = world

test('what happened is told once, signed, with the mail that it is about', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { secret } = await world.endpoint(workspaceId, `${program.url}/hook?a=b`, { eventTypes: ['delivery.*'] })
  const [messageId, deliveryId] = [newId(), newId()]
  world.mails.set(messageId, aMail({ tags: ['code'], metadata: { order: 7 } }))
  await world.happens({ type: 'delivery.bounced', workspaceId, messageId, deliveryId, data: { code: 550 } })
  await world.announce()
  await world.announce()
  await world.sendAll()

  expect(program.heard).toHaveLength(1)
  const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = program.heard
  expect(path).toBe('/hook?a=b')
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Waybill/1.2.3 (webhooks)' })
  expect(JSON.parse(body)).toEqual({
    type: 'delivery.bounced',
    timestamp: clock.now().toISOString(),
    data: {
      id: headers['webhook-id'],
      workspace_id: workspaceId,
      message_id: messageId,
      delivery_id: deliveryId,
      actor: null,
      recipient: 'bob@example.org',
      message: {
        from: 'shop@example.com',
        subject: 'Your code',
        stream: 'transactional',
        tags: ['code'],
        metadata: { order: 7 },
        message_id_header: '<1@example.com>',
      },
      details: { code: 550 },
    },
  })
  const signed = { id: String(headers['webhook-id']), timestamp: Number(headers['webhook-timestamp']), body }
  expect(signed.timestamp).toBe(Math.floor(clock.now().getTime() / 1_000))
  expect(isSignedBy(secret, String(headers['webhook-signature']), signed)).toBe(true)
})

test('an endpoint hears only what it asked for, and nothing of other workspaces', async () => {
  const [workspaceId, other, program] = [await world.workspace(), await world.workspace(), await receiver()]
  await world.endpoint(workspaceId, program.url, {
    eventTypes: ['delivery.bounced', 'route.*'],
    streams: ['bulk'],
    tags: ['news'],
  })
  const [wanted, otherTag, otherStream] = [newId(), newId(), newId()]
  world.mails.set(wanted, aMail({ stream: 'bulk', tags: ['news', 'x'] }))
  world.mails.set(otherTag, aMail({ stream: 'bulk', tags: ['x'] }))
  world.mails.set(otherStream, aMail({ stream: 'conversation', tags: ['news'] }))
  await world.happens([
    ...[wanted, otherTag, otherStream].map((messageId) => ({
      type: 'delivery.bounced' as const,
      workspaceId,
      messageId,
      deliveryId: newId(),
    })),
    { type: 'delivery.sent', workspaceId, messageId: wanted, deliveryId: newId() },
    { type: 'route.opened', workspaceId, subjectId: newId() },
    { type: 'route.opened', workspaceId: other, subjectId: newId() },
  ])
  await world.announce()
  await world.sendAll()
  expect(program.events().map(({ type, data }) => [type, data.message_id])).toEqual([
    ['delivery.bounced', wanted],
    ['route.opened', undefined],
  ])
})

test('what is refused is tried again on the ladder, byte for byte the same, until it is taken', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url)
  program.answers(500, {}, 'cannot')
  await sendATest(endpoint.id, workspaceId)
  await world.sendAll()
  expect(await world.rows(endpoint.id)).toMatchObject([{ state: 'queued', tries: 1, last_status: 500 }])
  await world.sendAll()
  expect(program.heard, 'before its time nothing is tried').toHaveLength(1)

  clock.advance(5 * SECOND)
  await world.sendAll()
  program.answers(200)
  clock.advance(30 * SECOND)
  await world.sendAll()
  expect(await world.rows(endpoint.id)).toMatchObject([{ state: 'delivered', tries: 3, last_status: 200 }])
  const ids = program.heard.map(({ headers }) => headers['webhook-id'])
  expect(new Set(ids).size).toBe(1)
  expect(new Set(program.heard.map(({ body }) => body)).size).toBe(1)
  const { rows } = await sql<{ status: number; response_body: string }>`
    select status, response_body from webhook_attempt where workspace_id = ${workspaceId} order by attempt`.execute(db)
  expect(rows).toEqual([
    { status: 500, response_body: 'cannot' },
    { status: 500, response_body: 'cannot' },
    { status: 200, response_body: '' },
  ])
})

test('an endpoint that takes nothing for 32 hours is told of, switched off, and says so; a person switches it on again', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url)
  program.answers(503)
  await sendATest(endpoint.id, workspaceId)
  for (let hours = 0; hours < 40 && (await stateOf(endpoint.id, workspaceId)) === 'enabled'; hours += 0.5) {
    await world.sendAll()
    clock.advance(HOUR / 2)
    const kinds = (await listOpenIncidents(db, workspaceId, 10)).map(({ kind }) => kind)
    if (hours === 4) expect(kinds).toEqual(['webhook.failing'])
  }
  expect(program.heard).toHaveLength(10)
  expect(await world.rows(endpoint.id)).toMatchObject([{ state: 'failed', tries: 10 }])
  const [incident] = await listOpenIncidents(db, workspaceId, 10)
  expect(incident).toMatchObject({
    kind: 'webhook.disabled',
    severity: 'critical',
    subject: { kind: 'webhook', id: endpoint.id },
  })

  await inTx((tx) => enableEndpoint(tx, workspaceId, endpoint.id, 'user:ann', clock.now()))
  expect(await listOpenIncidents(db, workspaceId, 10)).toEqual([])
  expect(await stateOf(endpoint.id, workspaceId)).toBe('enabled')
})

test('one event that an endpoint cannot digest does not switch it off while it takes others', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url)
  program.answersBy(({ body }, response) => void response.writeHead(JSON.parse(body).poison ? 500 : 200).end())
  await sendATest(endpoint.id, workspaceId, { poison: true })
  for (let hours = 0; hours < 40; hours++) {
    await sendATest(endpoint.id, workspaceId)
    await world.sendAll()
    clock.advance(HOUR)
  }
  expect(await stateOf(endpoint.id, workspaceId)).toBe('enabled')
  const [poison, ...others] = await world.rows(endpoint.id)
  expect(poison).toMatchObject({ state: 'failed', tries: 10 })
  expect(new Set(others.map(({ state }) => state))).toEqual(new Set(['delivered']))
  expect(await listOpenIncidents(db, workspaceId, 10)).toEqual([])
})

test('410 switches it off at once', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url)
  program.answers(410)
  await sendATest(endpoint.id, workspaceId)
  await world.sendAll()
  expect(program.heard).toHaveLength(1)
  expect(await findEndpoint(db, workspaceId, endpoint.id)).toMatchObject({ state: 'disabled', disabledWhy: 'gone' })
  expect(await listOpenIncidents(db, workspaceId, 10)).toMatchObject([{ kind: 'webhook.disabled' }])
})

test('an endpoint that fails for an hour is a warning, which goes away when it takes something', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url)
  program.answers(500)
  await sendATest(endpoint.id, workspaceId)
  for (let tries = 0; tries < 7; tries++) {
    await world.sendAll()
    clock.advance(25 * MINUTE)
  }
  expect(await listOpenIncidents(db, workspaceId, 10)).toMatchObject([{ kind: 'webhook.failing', severity: 'warning' }])
  program.answers(200)
  clock.advance(20 * HOUR)
  await world.sendAll()
  expect(await listOpenIncidents(db, workspaceId, 10)).toEqual([])
  expect(await listResolvedIncidents(db, workspaceId, { after: null, limit: 5 })).toMatchObject([{ resolvedBy: null }])
})

test('while a secret is exchanged both sign; later only the new one', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint, secret: old } = await world.endpoint(workspaceId, program.url)
  const { secret } = await inTx((tx) =>
    rotateSecret(tx, world.secrets, workspaceId, endpoint.id, 2 * HOUR, 'user:ann', clock.now()),
  )
  const signers = () => {
    const { headers, body } = program.heard.at(-1) as Heard
    const content = { id: String(headers['webhook-id']), timestamp: Number(headers['webhook-timestamp']), body }
    return [old, secret].map((each) => isSignedBy(each, String(headers['webhook-signature']), content))
  }
  await sendATest(endpoint.id, workspaceId)
  await world.sendAll()
  expect(signers()).toEqual([true, true])
  clock.advance(3 * HOUR)
  await sendATest(endpoint.id, workspaceId)
  await world.sendAll()
  expect(signers()).toEqual([false, true])
})

test('where the order of a message matters, its second event waits for the first, and other messages do not', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  await world.endpoint(workspaceId, program.url, { ordered: true, eventTypes: ['delivery.*'] })
  const [one, two] = [newId(), newId()]
  let refuseFirst = true
  program.answersBy(({ body }, response) => {
    const { type, data } = JSON.parse(body)
    const refuse = refuseFirst && data.message_id === one && type === 'delivery.sent'
    response.writeHead(refuse ? 500 : 200).end()
  })
  await world.happens([
    { type: 'delivery.sent', workspaceId, messageId: one, deliveryId: newId() },
    { type: 'delivery.bounced', workspaceId, messageId: one, deliveryId: newId() },
    { type: 'delivery.sent', workspaceId, messageId: two, deliveryId: newId() },
  ])
  await world.announce()
  await world.sendAll()
  expect(
    program
      .events()
      .map(({ type, data }) => `${type} ${data.message_id === one ? 1 : 2}`)
      .sort(),
  ).toEqual(['delivery.sent 1', 'delivery.sent 2'])

  refuseFirst = false
  clock.advance(6 * SECOND)
  await world.sendAll()
  const ofOne = program.events().filter(({ data }) => data.message_id === one)
  expect(ofOne.map(({ type }) => type)).toEqual(['delivery.sent', 'delivery.sent', 'delivery.bounced'])
})

test('what a process held when it died is sent again, under the same event id', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url)
  await sendATest(endpoint.id, workspaceId)
  // Dies between the answer and its record: the request was made.
  const dying = world.sender({
    failpoints: {
      reach: () => {
        throw new Error('killed')
      },
    },
  })
  await dying.sendDue()
  expect(await world.rows(endpoint.id)).toMatchObject([{ state: 'sending' }])
  await world.sendAll()
  expect(program.heard, 'its lease still holds').toHaveLength(1)

  clock.advance(2 * MINUTE)
  await world.sendAll()
  expect(await world.rows(endpoint.id)).toMatchObject([{ state: 'delivered', attempt: 2 }])
  expect(new Set(program.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(program.heard).toHaveLength(2)
})

test('an endpoint that never answers holds up no other', async () => {
  const [workspaceId, dead, alive] = [await world.workspace(), await receiver(), await receiver()]
  dead.answersBy(() => {})
  const { endpoint: silent } = await world.endpoint(workspaceId, dead.url)
  const { endpoint } = await world.endpoint(workspaceId, alive.url)
  for (let n = 0; n < 30; n++) await sendATest(silent.id, workspaceId)
  for (let n = 0; n < 30; n++) await sendATest(endpoint.id, workspaceId)
  const sender = world.sender()
  sender.start()
  const { waitUntil } = await import('../../src/lib/wait.ts')
  expect(await waitUntil(() => alive.heard.length === 30, { limitMs: 30_000 })).toBe(true)
  expect(dead.heard.length).toBeLessThanOrEqual(8)
  await sender.stop(0)
  const rows = await world.rows(silent.id)
  expect(
    rows.every(({ state, tries }) => state === 'queued' && tries === 0),
    'what a stop cut short did not count',
  ).toBe(true)
})

async function sendATest(id: WebhookEndpointId, workspaceId: Parameters<typeof sendTest>[1], body: object = {}) {
  return await inTx((tx) => sendTest(tx, workspaceId, id, (eventId) => JSON.stringify({ eventId, ...body }), clock.now()))
}

async function stateOf(id: WebhookEndpointId, workspaceId: Parameters<typeof sendTest>[1]) {
  return (await findEndpoint(db, workspaceId, id))?.state
}
