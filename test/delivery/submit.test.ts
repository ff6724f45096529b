import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { submit } from '../../src/delivery/submit.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { toSubmission } from '../support/a-message.ts'
import { aMessage, world } from '../support/world.ts'

test('a message has one delivery for each recipient, one content and one event', async () => {
  const w = await world()
  const { id } = await w.submit(aMessage({ to: ['ann@example.org', 'bob@example.org', 'cid@example.org'] }))
  expect(await w.states()).toEqual({ 'ann@example.org': 'queued', 'bob@example.org': 'queued', 'cid@example.org': 'queued' })
  expect(await w.events()).toMatchObject([
    { type: 'route.created' },
    { type: 'route.created' },
    { type: 'route.made_default' },
    { type: 'message.submitted', data: { recipients: 3, stream: 'transactional' } },
  ])
  expect(await w.story(id)).toMatchObject({ subject: 'Hello', counts: { queued: 3 }, firstRecipient: 'ann@example.org' })
})

test('what belongs to it exists together with the mail or not at all', async () => {
  const w = await world()
  const submission = await toSubmission(w.blobs, w.workspaceId, aMessage(), w.clock.now())
  const undone = w.inWorkspace(async (tx) => {
    await submit(tx, w.blobs, [submission], w.clock.now())
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  for (const table of ['message', 'delivery', 'delivery_address', 'delivery_count', 'blob']) {
    expect((await sql`select from ${sql.table(table)}`.execute(w.database.db)).rows).toEqual([])
  }
})

test('a scheduled message waits for its time and then leaves', async () => {
  const w = await world()
  await w.submit(aMessage({ scheduledAt: new Date(w.clock.now().getTime() + HOUR) }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'queued' })
  w.clock.advance(HOUR - 1)
  await w.dispatch()
  expect(w.smtp.received()).toEqual([])
  w.clock.advance(1)
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@example.org'])
})

test('a message scheduled for the past leaves now', async () => {
  const w = await world()
  await w.submit(aMessage({ scheduledAt: new Date(w.clock.now().getTime() - HOUR) }))
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@example.org'])
})

test('a message that expired before it could be claimed is not sent, and says so', async () => {
  const w = await world()
  await w.submit(aMessage({ expiresAt: new Date(w.clock.now().getTime() + MINUTE) }))
  w.clock.advance(MINUTE)
  await w.dispatch()
  expect(w.smtp.connections).toEqual([])
  expect(await w.deliveryOf('bob@example.org')).toMatchObject({ state: 'expired', attempt: 0, reason: { code: 'expired' } })
  expect(await w.events('delivery.expired')).toHaveLength(1)
})

test('a message to a thousand recipients crosses the wire a few dozen times, not a thousand', async () => {
  const w = await world()
  const to = Array.from({ length: 1_000 }, (_, i) => `r${i}@example.org`)
  await w.submit(aMessage({ to, stream: 'bulk' }))
  await w.dispatch()
  expect(w.smtp.received().toSorted()).toEqual(to.toSorted())
  expect(w.smtp.messages.length).toBeLessThanOrEqual(50)
  expect(w.smtp.messages.every(({ recipients }) => recipients.length <= 50)).toBe(true)
})
