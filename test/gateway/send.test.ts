import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Refusal } from '../../src/errors.ts'
import { gatewayJobs, send } from '../../src/gateway/send.ts'
import { KEY_LIFETIME_DAYS } from '../../src/gateway/send-request.ts'
import { DAY } from '../../src/lib/clock.ts'
import { toSubmission } from '../support/a-message.ts'
import { aMessage, type World, world } from '../support/world.ts'

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Refusal)) throw error ?? new Error('it was not refused')
  return error.code
}

async function count({ database }: World, table: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(database.db)
  return rows[0]!.n
}

test('fifty parallel sends with one key are one message, and all are told the same', async () => {
  const w = await world({ connections: 20 })
  const message = aMessage({ to: ['ann@example.org', 'bob@example.org'] })
  const receipts = await Promise.all(Array.from({ length: 50 }, () => w.submit(message, { key: 'order-1' })))
  for (const receipt of receipts) expect(receipt).toEqual(receipts[0])
  expect([await count(w, 'message'), await count(w, 'delivery'), await count(w, 'delivery_address')]).toEqual([1, 2, 2])
  expect(await w.events('message.submitted')).toHaveLength(1)
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['ann@example.org', 'bob@example.org'])
})

test('the same key with another request is refused, and nothing is sent for it', async () => {
  const w = await world()
  await w.submit(aMessage({ subject: 'One' }), { key: 'order-1' })
  expect(await refusalOf(w.submit(aMessage({ subject: 'Two' }), { key: 'order-1' }))).toBe('idempotency_key_reused')
  expect(await count(w, 'message')).toBe(1)
})

test('without a key, and under another one, the same request is another message', async () => {
  const w = await world()
  await w.submit(aMessage())
  await w.submit(aMessage())
  await w.submit(aMessage(), { key: 'a' })
  await w.submit(aMessage(), { key: 'b' })
  expect(await count(w, 'message')).toBe(4)
})

test('a key belongs to its workspace', async () => {
  const w = await world()
  const other = await w.addWorkspace('Other')
  const ours = await w.submit(aMessage(), { key: 'order-1' })
  const theirs = await w.submit(aMessage(), { key: 'order-1', workspaceId: other.workspaceId })
  expect(theirs.id).not.toBe(ours.id)
})

test('a key is remembered for three days and then may name something else', async () => {
  const w = await world()
  const first = await w.submit(aMessage({ subject: 'One' }), { key: 'order-1' })
  w.clock.advance(KEY_LIFETIME_DAYS * DAY - 1)
  expect(await w.submit(aMessage({ subject: 'One' }), { key: 'order-1' })).toEqual(first)
  w.clock.advance(1)
  const second = await w.submit(aMessage({ subject: 'Two' }), { key: 'order-1' })
  expect(second.id).not.toBe(first.id)
  expect(await w.submit(aMessage({ subject: 'Two' }), { key: 'order-1' })).toEqual(second)
  await w.jobs()
})

test('keys that ended are cleared away, the others stay', async () => {
  const w = await world()
  await w.submit(aMessage(), { key: 'old' })
  w.clock.advance(KEY_LIFETIME_DAYS * DAY)
  await w.submit(aMessage(), { key: 'new' })
  for (const job of gatewayJobs(w.database)) await job.run(w.clock.now())
  const { rows } = await sql<{ key: string }>`select key from idempotency`.execute(w.database.db)
  expect(rows).toEqual([{ key: 'new' }])
  await w.jobs()
})

test('a send that fails leaves its key free', async () => {
  const w = await world()
  const failing = { ...w.blobs, put: () => Promise.reject(new Error('the disk is full')) }
  const prepared = {
    submission: await toSubmission(w.blobs, w.workspaceId, aMessage(), w.clock.now()),
    requestHash: Buffer.from(JSON.stringify(aMessage())),
  }
  await expect(w.inWorkspace((tx) => send(tx, failing, prepared, 'order-1', w.clock.now()))).rejects.toThrow('the disk is full')
  expect([await count(w, 'message'), await count(w, 'idempotency')]).toEqual([0, 0])
  await w.submit(aMessage(), { key: 'order-1' })
  expect(await count(w, 'message')).toBe(1)
})

test('what a client is told names every delivery, and is what is there', async () => {
  const w = await world()
  const receipt = await w.submit(aMessage({ to: ['ann@example.org', 'bob@example.org'], stream: 'bulk' }))
  const deliveries = await w.deliveries()
  expect(receipt).toEqual({
    id: deliveries['ann@example.org']!.messageId,
    createdAt: w.clock.now().toISOString(),
    stream: 'bulk',
    deliveries: ['ann@example.org', 'bob@example.org'].map((recipient) => ({
      id: deliveries[recipient]!.id,
      recipient,
      dueAt: w.clock.now().toISOString(),
    })),
  })
})
