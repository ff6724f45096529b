import { sql } from 'kysely'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import PostalMime from 'postal-mime'
import { expect, onTestFinished, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { ensurePartitions } from '../../src/db/partitions.ts'
import { sendAgain } from '../../src/delivery/acts/send-again.ts'
import { createFinishing } from '../../src/delivery/domains/finishing.ts'
import { prepareBatch, sendBatch } from '../../src/gateway/batch.ts'
import { prepareSend } from '../../src/gateway/prepare.ts'
import { send } from '../../src/gateway/send.ts'
import type { BatchRequest, SendRequest } from '../../src/gateway/send-request.ts'
import { DAY, SECOND } from '../../src/lib/clock.ts'
import type { DeliveryId, MessageId } from '../../src/lib/ids.ts'
import { createLog } from '../../src/log.ts'
import { readTracking } from '../../src/tracking/read.ts'
import { type Asked, follow, open } from '../../src/tracking/record-hit.ts'
import { HITS_ARE_KEPT_DAYS, SETTLE_AFTER_MS, trackingJobs } from '../../src/tracking/settle-hits.ts'
import { readTrackingToken, trackingKey } from '../../src/tracking/token.ts'
import { managedDomain } from '../support/managed-domain.ts'
import { type World, world } from '../support/world.ts'

const HTML = `<p>Grüße</p><a href="https://shop.example/november?a=1&amp;b=2">Look</a> <a href="https://shop.example/b">B</a> <a href="https://shop.example/c">C</a>`
const terms = {
  tags: [],
  metadata: {},
  scheduledAt: null,
  expiresAt: null,
  viaRoute: null,
  replyTo: [],
  headers: {},
  attachments: [],
}
const request = (more: Partial<SendRequest> = {}): SendRequest => ({
  ...terms,
  stream: 'transactional',
  from: 'ann@example.com',
  to: ['bob@example.org', 'eve@example.org'],
  cc: [],
  bcc: [],
  subject: 'News',
  text: 'https://shop.example/november',
  html: HTML,
  tracking: { opens: true, clicks: true },
  ...more,
})
const BROWSER: Asked = {
  method: 'GET',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  headers: {},
}

const by = (w: World) => ({ workspaceId: w.workspaceId, actor: null, origin: { kind: 'test' } })
const place = (w: World) => ({ blobs: w.blobs, tracking: { database: w.database, url: 'https://mail.example.net:8443' } })

async function sent(w: World, wanted: SendRequest): Promise<string> {
  const prepared = await prepareSend(place(w), wanted, by(w), w.clock.now())
  return (await w.inWorkspace((tx) => send(tx, w.blobs, prepared, null, w.clock.now()))).receipt.id
}

/** What arrived, by recipient: what is in the HTML for whoever reads it. */
async function arrived(w: World) {
  return await Promise.all(
    w.smtp.messages.map(async ({ recipients, content }) => {
      const { html = '', text = '' } = await new PostalMime().parse(Buffer.from(content, 'latin1'))
      const tokens = [...html.matchAll(/\/t\/[co]\/([a-z2-7]{42})/g)].map((found) => found[1] ?? '')
      const [token = ''] = tokens
      return {
        recipients,
        content,
        html,
        text,
        tokens: new Set(tokens),
        delivery: readTrackingToken(token, trackingKey(w.secrets)),
      }
    }),
  )
}

async function runJobs(w: World): Promise<void> {
  for (const job of trackingJobs(w.database)) await job.run(w.clock.now())
}

const noTrouble = (error: unknown) => {
  throw error
}

test('each recipient of a tracked mail gets a token of their own, and the signatures of its domain hold', async () => {
  const w = await world()
  await using shop = await managedDomain(w)
  await shop.publish(() => true)
  await shop.check()
  const finishing = createFinishing({
    database: w.database,
    secrets: w.secrets,
    clock: w.clock,
    log: createLog({ level: 'silent' }),
  })
  await finishing.start()
  onTestFinished(() => finishing.stop())
  const id = await sent(w, request())
  await w.dispatch({ finishing })

  const mails = await arrived(w)
  const { deliveries } = await w.story(id)
  expect(mails.map(({ recipients }) => recipients).toSorted()).toEqual([['bob@example.org'], ['eve@example.org']])
  for (const mail of mails) {
    expect(mail.tokens.size).toBe(1)
    expect(mail.delivery).toBe(deliveries.find(({ recipient }) => recipient === mail.recipients[0])?.id)
    expect(mail.html).toContain('<p>Grüße</p><a href="https://links.example.com:8443/t/c/')
    expect(mail.html).toContain('.gif')
    expect(mail.text.trim()).toBe('https://shop.example/november')
    const { results } = await dkimVerify(Buffer.from(mail.content, 'latin1'), {
      resolver: async (name: string) => {
        const answer = await shop.deps.resolver.txt(name)
        return answer.ok ? answer.found.map((text) => [text]) : []
      },
    })
    expect(results.map(({ status }) => status.result)).toEqual(['pass', 'pass'])
  }
})

test('a link leads where it was meant to, and what was seen is told when it is clear by whom', async () => {
  const w = await world()
  const id = await sent(w, request({ to: ['bob@example.org'] }))
  await w.dispatch()
  const [mail] = await arrived(w)
  const delivery = mail?.delivery as DeliveryId
  w.clock.advance(60 * SECOND)
  await open(w.database, delivery, { ...BROWSER, userAgent: 'Mozilla/5.0' }, w.clock.now())
  const url = await follow(w.database, delivery, 1, BROWSER, w.clock.now(), noTrouble)
  expect(url).toBe('https://shop.example/november?a=1&b=2')
  expect(await follow(w.database, delivery, 4, BROWSER, w.clock.now(), noTrouble)).toBeNull()
  await runJobs(w)
  expect(await w.events('message.clicked')).toEqual([])

  w.clock.advance(SETTLE_AFTER_MS)
  await follow(w.database, delivery, 2, BROWSER, w.clock.now(), noTrouble)
  await runJobs(w)
  w.clock.advance(SETTLE_AFTER_MS)
  await runJobs(w)
  expect(await w.events('message.opened')).toMatchObject([{ recipient: 'bob@example.org', data: { who: 'proxy' } }])
  expect(await w.events('message.clicked')).toMatchObject([
    { recipient: 'bob@example.org', data: { who: 'human', link: 1, url } },
  ])
  const seen = (await readTracking(w.database.db, w.workspaceId, await w.story(id)))?.seen
  expect([seen?.open.proxy, seen?.click.human]).toEqual([
    { deliveries: 1, hits: 1 },
    { deliveries: 1, hits: 2 },
  ])
  expect((await w.story(id)).deliveries[0]?.state).toBe('sent')

  w.clock.advance((HITS_ARE_KEPT_DAYS + 1) * DAY)
  await runJobs(w)
  expect((await readTracking(w.database.db, w.workspaceId, await w.story(id)))?.seen.click.human.hits).toBe(0)
  await ensurePartitions(w.database, w.clock.now())
})

test('whoever tries every link at once is told to be a scanner', async () => {
  const w = await world()
  await sent(w, request({ to: ['bob@example.org'] }))
  await w.dispatch()
  const [mail] = await arrived(w)
  w.clock.advance(60 * SECOND)
  for (const link of [1, 2, 3]) await follow(w.database, mail?.delivery as DeliveryId, link, BROWSER, w.clock.now(), noTrouble)
  w.clock.advance(SETTLE_AFTER_MS)
  await runJobs(w)
  expect((await w.events('message.clicked')).map(({ data }) => data.who)).toEqual(['scanner'])
})

test('a hundred hits of a delivery are written down, more are not', async () => {
  const w = await world()
  const id = await sent(w, request({ to: ['bob@example.org'] }))
  await w.dispatch()
  const [mail] = await arrived(w)
  for (let i = 0; i < 105; i++) await open(w.database, mail?.delivery as DeliveryId, BROWSER, w.clock.now())
  w.clock.advance(SETTLE_AFTER_MS)
  await runJobs(w)
  expect((await readTracking(w.database.db, w.workspaceId, await w.story(id)))?.seen.open.unknown.hits).toBe(100)
})

test('a message sent again keeps its links, under a token of its own', async () => {
  const w = await world()
  const id = await sent(w, request({ to: ['bob@example.org'] }))
  await w.dispatch()
  await w.inWorkspace((tx) => sendAgain(tx, w.blobs, w.workspaceId, id as MessageId, null, null, w.clock.now()))
  await w.dispatch()
  const [first, second] = await arrived(w)
  expect(second?.delivery).not.toBe(first?.delivery)
  expect(await follow(w.database, second?.delivery as DeliveryId, 2, BROWSER, w.clock.now(), noTrouble)).toBe(
    'https://shop.example/b',
  )
})

test('nothing is tracked that was not asked for, nor bulk mail whose domain has no host for its links', async () => {
  const w = await world()
  for (const stream of ['transactional', 'conversation', 'bulk'] as const)
    await sent(w, { ...request({ stream }), tracking: undefined })
  await sent(w, request({ tracking: { opens: false, clicks: false } }))
  await sent(w, request({ html: null }))
  await w.dispatch()
  expect((await arrived(w)).filter(({ content }) => content.includes('/t/'))).toEqual([])
})

test('bulk mail of a domain with a host for its links is tracked unless its sender says no', async () => {
  const w = await world()
  await using shop = await managedDomain(w)
  await shop.publish()
  await shop.check()
  const [yes, no] = [
    await sent(w, { ...request({ stream: 'bulk' }), tracking: undefined }),
    await sent(w, request({ stream: 'bulk', tracking: { clicks: false } })),
  ]
  expect((await w.story(yes)).tracking).toMatchObject({ opens: true, clicks: true })
  expect((await w.story(no)).tracking).toMatchObject({ opens: true, clicks: false })
  await w.dispatch()
})

test('links with values in them lead each recipient of a batch to their own place', async () => {
  const w = await world()
  const batch: BatchRequest = {
    ...terms,
    stream: 'bulk',
    from: 'ann@example.com',
    subject: 'For {{ name }}',
    text: null,
    html: '<p>{{ name }}</p><a href="https://shop.example/orders/{{ order }}">Yours</a>',
    tracking: { clicks: true },
    recipients: [
      { to: 'bob@example.org', values: { name: 'Bob', order: 'a b&c' }, metadata: {} },
      { to: 'eve@example.org', values: { name: 'Eve' }, metadata: {} },
    ],
  }
  const prepared = await prepareBatch(place(w), batch, by(w), w.clock.now())
  const { receipt } = await w.database.transaction(ENGINE, (tx) => sendBatch(tx, w.blobs, prepared, null, w.clock.now()))
  expect(receipt.items.map((item) => ('problem' in item ? item.problem.code : 'sent'))).toEqual(['sent', 'missing_value'])
  await w.dispatch()
  const [mail] = await arrived(w)
  expect(mail?.html).not.toContain('.gif')
  expect(await follow(w.database, mail?.delivery as DeliveryId, 1, BROWSER, w.clock.now(), noTrouble)).toBe(
    'https://shop.example/orders/a%20b&c',
  )
})

test('where a batch leads everybody to the same places, they are kept once', async () => {
  const w = await world()
  const recipients = ['bob@example.org', 'eve@example.org', 'joe@example.org'].map((to) => ({ to, values: {}, metadata: {} }))
  const { to: _, cc: __, bcc: ___, ...text } = request({ stream: 'bulk' })
  const prepared = await prepareBatch(place(w), { ...text, recipients }, by(w), w.clock.now())
  await w.inWorkspace((tx) => sendBatch(tx, w.blobs, prepared, null, w.clock.now()))
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from tracked_link`.execute(w.database.db)
  expect(rows).toEqual([{ n: 3 }])
  await w.dispatch()
  const mails = await arrived(w)
  expect(new Set(mails.map(({ delivery }) => delivery)).size).toBe(3)
  for (const { delivery } of mails)
    expect(await follow(w.database, delivery as DeliveryId, 3, BROWSER, w.clock.now(), noTrouble)).toBe('https://shop.example/c')
})

test('a mail put off and tried again leaves with the token it had', async () => {
  const w = await world()
  w.smtp.answer('bob@example.org', '451 4.7.1 greylisted').thenAccept()
  await sent(w, request({ to: ['bob@example.org'] }))
  await w.dispatch()
  w.clock.advance(600 * SECOND)
  await w.dispatch()
  const [mail] = await arrived(w)
  expect(mail?.delivery).toBe((await w.deliveryOf('bob@example.org')).id)
})
