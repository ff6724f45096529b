import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import type { WebhookEndpointId } from '../../src/webhooks/endpoint.ts'
import { disableEndpoint, enableEndpoint } from '../../src/webhooks/manage.ts'
import { type ReplayRequest, replay } from '../../src/webhooks/replay.ts'
import { receiver, webhookWorld } from './support.ts'

const world = await webhookWorld()
const { clock, inTx } = world

async function happen(workspaceId: WorkspaceId, n: number): Promise<void> {
  await world.happens({ type: 'route.opened', workspaceId, subjectId: newId(), data: { n } })
  await world.announce()
  clock.advance(MINUTE)
}

function again(
  workspaceId: WorkspaceId,
  id: WebhookEndpointId,
  request: Partial<ReplayRequest> & { from: Date },
  preview = false,
) {
  const whole: ReplayRequest = { to: clock.now(), eventTypes: [], which: 'undelivered', ...request }
  return inTx((tx) => replay(tx, world.readMail, workspaceId, id, whole, { actor: 'user:ann', preview }, clock.now()))
}

test('what happened while an endpoint was switched off is sent when asked for, and only that', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url, { eventTypes: ['route.*'] })
  const begin = clock.now()
  await happen(workspaceId, 1)
  await world.sendAll()
  await inTx((tx) => disableEndpoint(tx, workspaceId, endpoint.id, { reason: 'by_hand', actor: 'user:ann' }, clock.now()))
  await happen(workspaceId, 2)
  await happen(workspaceId, 3)
  await inTx((tx) => enableEndpoint(tx, workspaceId, endpoint.id, 'user:ann', clock.now()))
  await happen(workspaceId, 4)
  await world.sendAll()
  const numbers = () => program.events().map(({ data }) => data.details.n)
  expect(numbers().sort()).toEqual([1, 4])

  expect(await again(workspaceId, endpoint.id, { from: begin }, true)).toEqual({ events: 2, continueAt: null })
  expect(await again(workspaceId, endpoint.id, { from: begin })).toEqual({ events: 2, continueAt: null })
  expect(await again(workspaceId, endpoint.id, { from: begin }), 'they wait already').toEqual({ events: 0, continueAt: null })
  await world.sendAll()
  expect(numbers().sort()).toEqual([1, 2, 3, 4])
})

test('everything of a stretch of time is sent once more when asked for, under the same ids', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url, { eventTypes: ['route.*'] })
  await happen(workspaceId, 1)
  const from = clock.now()
  await happen(workspaceId, 2)
  await happen(workspaceId, 3)
  const to = new Date(clock.now().getTime() - 30 * SECOND)
  await happen(workspaceId, 4)
  await world.sendAll()
  const before = program.heard.map(({ headers }) => headers['webhook-id'])
  expect(await again(workspaceId, endpoint.id, { from, to, which: 'all' })).toEqual({ events: 2, continueAt: null })
  await world.sendAll()
  const repeated = program.heard.slice(4)
  expect(repeated.map(({ body }) => JSON.parse(body).data.details.n).sort()).toEqual([2, 3])
  expect(repeated.every(({ headers }) => before.includes(headers['webhook-id']))).toBe(true)
})

test('a replay takes what failed for good, of the types that were asked for', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url, { eventTypes: ['route.*'] })
  const from = clock.now()
  program.answersBy(({ body }, response) => void response.writeHead(JSON.parse(body).type === 'route.probed' ? 200 : 500).end())
  await happen(workspaceId, 1)
  for (let hours = 0; hours < 40; hours++) {
    await world.happens({ type: 'route.probed', workspaceId, subjectId: newId() })
    await world.announce()
    await world.sendAll()
    clock.advance(HOUR)
  }
  expect((await world.rows(endpoint.id))[0]).toMatchObject({ state: 'failed' })
  expect(await again(workspaceId, endpoint.id, { from, eventTypes: ['route.probed'] })).toMatchObject({ events: 0 })
  program.answers(200)
  expect(await again(workspaceId, endpoint.id, { from, eventTypes: ['route.opened'] })).toMatchObject({ events: 1 })
  await world.sendAll()
  expect((await world.rows(endpoint.id))[0]).toMatchObject({ state: 'delivered', tries: 1 })
})

test('an endpoint that is switched off is not replayed to', async () => {
  const [workspaceId, program] = [await world.workspace(), await receiver()]
  const { endpoint } = await world.endpoint(workspaceId, program.url)
  const from = clock.now()
  await happen(workspaceId, 1)
  await inTx((tx) => disableEndpoint(tx, workspaceId, endpoint.id, { reason: 'by_hand', actor: null }, clock.now()))
  await expect(again(workspaceId, endpoint.id, { from })).rejects.toMatchObject({ code: 'wrong_state' })
})
