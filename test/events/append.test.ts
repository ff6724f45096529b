import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import { ensurePartitions } from '../../src/db/partitions.ts'
import { append } from '../../src/events/append.ts'
import { storyOf } from '../../src/events/story.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { testDatabase } from '../support/database.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 4, applicationName: 'test' })
afterAll(() => database.close())
const { db } = database

async function workspace(): Promise<WorkspaceId> {
  const id = newId<WorkspaceId>()
  await sql`insert into workspace (id, name, created_at) values (${id}, 'Shop', now())`.execute(db)
  return id
}

test('whatever an event carries comes back as it was', async () => {
  const workspaceId = await workspace()
  const messageId = newId()
  const odd = {
    quotes: `"'{},\\ \\"`,
    unicode: 'Zoë ☃ 𝒳',
    lines: 'a\r\nb',
    nothing: null,
    deep: [{ a: [1, 2.5, true] }],
    empty: '',
  }
  const event = {
    type: 'delivery.held' as const,
    workspaceId,
    messageId,
    deliveryId: newId(),
    subjectId: newId(),
    actor: 'user:{"x"}',
    data: odd,
  }
  const now = new Date()
  await database.transaction(ENGINE, (tx) => append(tx, [event, { ...event, actor: null, data: {} }], now))
  expect(await storyOf(db, workspaceId, messageId, 10)).toEqual([
    {
      at: now,
      type: 'delivery.held',
      messageId,
      deliveryId: event.deliveryId,
      subjectId: event.subjectId,
      actor: event.actor,
      data: odd,
    },
    {
      at: now,
      type: 'delivery.held',
      messageId,
      deliveryId: event.deliveryId,
      subjectId: event.subjectId,
      actor: null,
      data: {},
    },
  ])
})

test('an event exists together with what made it happen, or not at all', async () => {
  const workspaceId = await workspace()
  const messageId = newId()
  const undone = database.transaction(ENGINE, async (tx) => {
    await append(tx, { type: 'delivery.sent', workspaceId, messageId }, new Date())
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  expect(await storyOf(db, workspaceId, messageId, 10)).toEqual([])
})

test('a workspace reads and writes its own events only', async () => {
  const [ours, theirs] = [await workspace(), await workspace()]
  const messageId = newId()
  await database.transaction({ as: 'api', workspaceId: ours }, (tx) =>
    append(tx, { type: 'delivery.sent', workspaceId: ours, messageId }, new Date()),
  )
  await database.transaction({ as: 'api', workspaceId: theirs }, async (tx) => {
    expect(await storyOf(tx, ours, messageId, 10)).toEqual([])
  })
  const forged = database.transaction({ as: 'api', workspaceId: theirs }, (tx) =>
    append(tx, { type: 'delivery.sent', workspaceId: ours }, new Date()),
  )
  await expect(forged).rejects.toThrow(/row-level security/)
})

test('the API can neither change nor remove what happened', async () => {
  const workspaceId = await workspace()
  for (const statement of ['update event set type = type', 'delete from event']) {
    await expect(database.transaction({ as: 'api', workspaceId }, (tx) => sql.raw(statement).execute(tx))).rejects.toThrow(
      /permission denied/,
    )
  }
})

async function partitionOf(messageId: string): Promise<string> {
  const { rows } = await sql<{
    name: string
  }>`select tableoid::regclass::text as name from event where message_id = ${messageId}`.execute(db)
  return rows[0]!.name
}

test('an event lies in the partition of its month, made ahead of time', async () => {
  const workspaceId = await workspace()
  const at = new Date('2031-05-31T23:59:59.999Z')
  await ensurePartitions(database, at)
  await ensurePartitions(database, at)
  const messageId = newId()
  await database.transaction(ENGINE, (tx) => append(tx, { type: 'delivery.sent', workspaceId, messageId }, at))
  expect(await partitionOf(messageId)).toBe('event_2031_05')
})

test('an event of a month that nobody foresaw is kept all the same', async () => {
  const workspaceId = await workspace()
  const messageId = newId()
  await database.transaction(ENGINE, (tx) =>
    append(tx, { type: 'delivery.sent', workspaceId, messageId }, new Date('1999-12-31T23:59:59Z')),
  )
  expect(await partitionOf(messageId)).toBe('event_other')
})

test('what came before its month was made moves into it, and the coming months are made as well', async () => {
  const workspaceId = await workspace()
  const [early, other] = [newId(), newId()]
  const write = (messageId: string, at: string) =>
    database.transaction(ENGINE, (tx) =>
      append(tx, { type: 'delivery.sent', workspaceId, messageId, data: { kept: true } }, new Date(at)),
    )
  await write(early, '2035-02-10T00:00:00Z')
  await write(other, '2035-06-10T00:00:00Z')
  await ensurePartitions(database, new Date('2035-01-10T00:00:00Z'))
  expect(await partitionOf(early)).toBe('event_2035_02')
  expect(await partitionOf(other)).toBe('event_other')
  expect(await storyOf(db, workspaceId, early, 10)).toMatchObject([
    { at: new Date('2035-02-10T00:00:00Z'), data: { kept: true } },
  ])
  const { rows } = await sql<{
    name: string
  }>`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'event'::regclass`.execute(db)
  expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['event_2035_01', 'event_2035_02', 'event_2035_03']))
  await write(newId(), '2035-02-11T00:00:00Z')
})
