import { expect, test } from 'vitest'
import { bulkJob, findBulkAct, previewBulk, startBulk, stopBulk } from '../../../src/delivery/bulk/bulk.ts'
import type { BulkAct, BulkFilter, BulkKind } from '../../../src/delivery/bulk/bulk-act.ts'
import { recordFeedback } from '../../../src/delivery/record-feedback.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import type { BulkActId, RouteId } from '../../../src/lib/ids.ts'
import { aMessage } from '../../support/a-message.ts'
import { smtpServer } from '../../support/smtp-server.ts'
import { type World, world } from '../../support/world.ts'

type Wish = Partial<Omit<BulkFilter, 'until'>> & { routeTo?: RouteId; expected?: number }

function begin(w: World, kind: BulkKind, { routeTo, expected, ...filter }: Wish = {}): Promise<BulkAct> {
  const wish = { kind, filter: { ...filter, until: w.clock.now() }, routeId: routeTo ?? null, expected: expected ?? null }
  return w.inWorkspace((tx) => startBulk(tx, w.workspaceId, wish, 'user:one', w.clock.now()))
}

async function run(w: World): Promise<void> {
  await bulkJob(w.database, w.blobs, () => {}).run(w.clock.now())
}

const found = (w: World, id: BulkActId) => w.inWorkspace((tx) => findBulkAct(tx, w.workspaceId, id))
const count = async (w: World, kind: BulkKind, filter: Partial<BulkFilter> = {}) =>
  (await w.inWorkspace((tx) => previewBulk(tx, w.workspaceId, kind, { ...filter, until: w.clock.now() }))).matched

async function sentToGoogleAndOthers(w: World): Promise<void> {
  for (const to of ['ann@gmail.com', 'bob@example.org', 'cid@gmail.com', 'dora@outlook.com']) {
    await w.submit(aMessage({ to: [to], subject: `For ${to}` }))
    w.clock.advance(1_000)
  }
  await w.dispatch()
}

test('a replay sends again exactly what went to one receiver by one route and was not heard of, as repetitions of it', async () => {
  const w = await world()
  await sentToGoogleAndOthers(w)
  const cid = await w.deliveryOf('cid@gmail.com')
  const heard = { source: 'dsn', key: '1', happenedAt: null, status: '2.0.0', diagnostic: null, feedbackId: null } as const
  await w.inWorkspace((tx) => recordFeedback(tx, w.workspaceId, cid.id, { kind: 'delivered', heard }, w.clock.now()))
  const server = await smtpServer({})
  const other = await w.addRoute('other', { port: server.port })
  w.clock.advance(MINUTE)
  const filter = { receivers: ['google'], routeId: w.routeId }
  expect(await count(w, 'replay', filter)).toBe(1)
  const act = await begin(w, 'replay', { ...filter, routeTo: other.id, expected: 1 })
  await run(w)
  await run(w)
  await w.dispatch()
  expect(server.received()).toEqual(['ann@gmail.com'])
  expect(w.smtp.received()).toHaveLength(4)
  expect(await found(w, act.id)).toMatchObject({ state: 'done', matched: 1, done: 1, passedOver: 0 })
  const again = (await w.deliveries())['ann@gmail.com']
  const story = await w.story(again?.messageId ?? '')
  expect(story.resendOf).not.toBeNull()
  const messageIdOf = (content: string) => /^Message-ID: (.*)$/im.exec(content)?.[1]
  expect(messageIdOf(server.messages[0]?.content ?? '')).toBe(messageIdOf(w.smtp.messages[0]?.content ?? ''))
  // Doing the same once more meets nobody: what was sent again is not sent again once more.
  w.clock.advance(MINUTE)
  expect(await count(w, 'replay', filter)).toBe(0)
  await server.close()
})

test('a replay leaves out whoever complained: they have the mail', async () => {
  const w = await world()
  await sentToGoogleAndOthers(w)
  w.clock.advance(MINUTE)
  expect(await count(w, 'replay', { receivers: ['google'] })).toBe(2)
  const ann = await w.deliveryOf('ann@gmail.com')
  const heard = { source: 'arf', key: '1', happenedAt: null, status: null, diagnostic: null, feedbackId: null } as const
  await w.inWorkspace((tx) =>
    recordFeedback(tx, w.workspaceId, ann.id, { kind: 'complained', note: 'Marked as spam', heard }, w.clock.now()),
  )
  expect(await count(w, 'replay', { receivers: ['google'] })).toBe(1)
})

test('what waits is held, released, rerouted and cancelled by filter, and what came after is left alone', async () => {
  const w = await world()
  const later = new Date(w.clock.now().getTime() + 10 * MINUTE)
  for (const to of ['ann@gmail.com', 'bob@example.org', 'cid@example.net'])
    await w.submit(aMessage({ to: [to], scheduledAt: later, stream: 'bulk' }))
  w.clock.advance(MINUTE)
  await begin(w, 'hold', { recipientDomains: ['example.org', 'example.net'] })
  await w.submit(aMessage({ to: ['eve@example.org'], scheduledAt: later, stream: 'bulk' }))
  await run(w)
  expect(await w.states()).toEqual({
    'ann@gmail.com': 'queued',
    'bob@example.org': 'held',
    'cid@example.net': 'held',
    'eve@example.org': 'queued',
  })
  await begin(w, 'cancel', { recipientDomains: ['example.net'] })
  await run(w)
  const server = await smtpServer({})
  const other = await w.addRoute('other', { port: server.port })
  w.clock.advance(MINUTE)
  await begin(w, 'release', { states: ['held'] })
  await run(w)
  await begin(w, 'reroute', { fromDomains: ['example.com'], streams: ['bulk'], routeTo: other.id })
  await run(w)
  w.clock.advance(10 * MINUTE)
  await w.dispatch()
  expect(server.received().toSorted()).toEqual(['ann@gmail.com', 'bob@example.org', 'eve@example.org'])
  expect((await w.states())['cid@example.net']).toBe('cancelled')
  await server.close()
})

test('a preview that is old is refused, and so is an act on nothing', async () => {
  const w = await world()
  await sentToGoogleAndOthers(w)
  await expect(begin(w, 'replay', { receivers: ['google'], expected: 3 })).rejects.toMatchObject({ code: 'preview_is_old' })
  await expect(begin(w, 'hold')).rejects.toMatchObject({
    code: 'nothing_to_do',
    message: 'None of the deliveries that fit is in a state in which it can be held.',
  })
})

test('an act that is stopped leaves the rest as it is', async () => {
  const w = await world()
  await sentToGoogleAndOthers(w)
  w.clock.advance(MINUTE)
  const act = await begin(w, 'replay')
  await w.inWorkspace((tx) => stopBulk(tx, w.workspaceId, act.id, 'user:one', w.clock.now()))
  await run(w)
  await w.dispatch()
  expect(w.smtp.received()).toHaveLength(4)
  expect(await found(w, act.id)).toMatchObject({ state: 'stopped', done: 0 })
})

test('many are done in steps, and two processes that run the job do nothing twice', async () => {
  const w = await world()
  const recipients = Array.from({ length: 1_200 }, (_, i) => `r${i}@example.org`)
  await w.submitAll(recipients.map((to) => aMessage({ to: [to], scheduledAt: new Date(w.clock.now().getTime() + MINUTE) })))
  w.clock.advance(1_000)
  const act = await begin(w, 'hold', { expected: 1_200 })
  await Promise.all([run(w), run(w)])
  await run(w)
  expect(await found(w, act.id)).toMatchObject({ state: 'done', done: 1_200 })
  expect(await w.events('delivery.held')).toHaveLength(1_200)
})
