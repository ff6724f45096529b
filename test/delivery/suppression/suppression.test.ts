import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { STREAMS } from '../../../src/delivery/stream.ts'
import { EVERYTHING, listSuppressions, suppress, unsuppress } from '../../../src/delivery/suppression/suppress.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const BOB = 'bob@example.org'

function block(w: World, address: string, stream: (typeof STREAMS)[number] | 'all', reason: 'manual' | 'complaint' = 'manual') {
  return w.inWorkspace((tx) =>
    suppress(tx, w.workspaceId, [{ address, stream, reason, deliveryId: null, note: 'asked for it' }], 'user:1', w.clock.now()),
  )
}

test('who is on the list for a stream gets nothing on it, and everything on the others', async () => {
  const w = await world()
  await block(w, BOB, 'bulk')
  for (const stream of STREAMS) await w.submit(aMessage({ stream, subject: stream }))
  await w.dispatch()
  expect(w.smtp.messages.map(({ content }) => /Subject: (.*)/.exec(content)?.[1]).toSorted()).toEqual([
    'conversation',
    'transactional',
  ])
})

test('who is on the list for all streams gets nothing', async () => {
  const w = await world()
  await block(w, BOB, 'all')
  for (const stream of STREAMS) await w.submit(aMessage({ stream }))
  await w.dispatch()
  expect(w.smtp.messages).toEqual([])
  expect(await w.events('delivery.suppressed')).toHaveLength(3)
})

test('letters large or small are one address', async () => {
  const w = await world()
  await block(w, 'bob@example.org', 'all')
  await w.submit(aMessage({ to: ['Bob@EXAMPLE.org'] }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'Bob@EXAMPLE.org': 'suppressed' })
})

test('whoever is put on the list after the mail was given in, and before it leaves, is not mailed', async () => {
  const w = await world()
  await w.submit(aMessage({ scheduledAt: new Date(w.clock.now().getTime() + MINUTE) }))
  await block(w, BOB, 'all')
  w.clock.advance(MINUTE)
  await w.dispatch()
  expect(await w.states()).toEqual({ [BOB]: 'suppressed' })
  expect(w.smtp.messages).toEqual([])
})

test('who was taken off the list is mailed again; what was suppressed stays so', async () => {
  const w = await world()
  await block(w, BOB, 'all')
  await w.submit(aMessage({ subject: 'One' }))
  await w.dispatch()
  await w.inWorkspace((tx) => unsuppress(tx, w.workspaceId, BOB, null, 'user:1', w.clock.now()))
  await w.submit(aMessage({ subject: 'Two' }))
  await w.dispatch()
  expect(w.smtp.messages).toHaveLength(1)
  expect(await w.events('delivery.suppressed')).toHaveLength(1)
  expect(await w.events('suppression.removed')).toHaveLength(1)
})

test('an address that is on the list already keeps its first reason, and says nothing new', async () => {
  const w = await world()
  expect(await block(w, BOB, 'bulk')).toEqual([BOB])
  expect(await block(w, BOB, 'bulk', 'complaint')).toEqual([])
  expect(
    await listSuppressions(w.database.db, w.workspaceId, { ...EVERYTHING, after: null, limit: 10 }, w.clock.now()),
  ).toMatchObject([{ address: BOB, reason: 'manual' }])
  expect(await w.events('suppression.added')).toHaveLength(1)
})

test('a list belongs to its workspace', async () => {
  const w = await world()
  const other = await w.addWorkspace('Other')
  await block(w, BOB, 'all')
  await w.submit(aMessage(), { workspaceId: other.workspaceId })
  await w.dispatch()
  expect(await other.states()).toEqual({ [BOB]: 'sent' })
})

test('of a hundred recipients the three on the list are left out, the others are sent', async () => {
  const w = await world()
  const to = Array.from({ length: 100 }, (_, i) => `r${i}@example.org`)
  for (const recipient of ['r3@example.org', 'r50@example.org', 'r99@example.org']) await block(w, recipient, 'all')
  await w.submit(aMessage({ to, stream: 'bulk' }))
  await w.dispatch()
  expect(w.smtp.received()).toHaveLength(97)
  expect(Object.values(await w.states()).filter((state) => state === 'suppressed')).toHaveLength(3)
})

test('an address that its receiver does not know is suppressed with its words; one that only has no room is mailed again', async () => {
  const w = await world()
  w.smtp.answer('gone@example.org', '550 5.1.1 No such user here').always()
  w.smtp.answer('full@example.org', '452 4.2.2 Over quota').always()
  await w.submit(aMessage({ to: ['gone@example.org', 'full@example.org', 'ann@example.org'] }))
  await w.dispatch()
  const listed = await listSuppressions(w.database.db, w.workspaceId, { ...EVERYTHING, after: null, limit: 10 }, w.clock.now())
  expect(listed).toMatchObject([
    {
      address: 'gone@example.org',
      reason: 'unknown_address',
      source: 'reply',
      reply: expect.stringContaining('No such user here'),
    },
  ])
  const { rows } = await sql<{
    address: string
    kind: string
  }>`select address, kind from suppression_evidence order by address`.execute(w.database.db)
  expect(rows).toEqual([
    { address: 'full@example.org', kind: 'mailbox_full' },
    { address: 'gone@example.org', kind: 'unknown_address' },
  ])
})
