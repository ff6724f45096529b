import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openLimitBook } from '../../../src/delivery/receivers/limit-book.ts'
import { DAY } from '../../../src/lib/clock.ts'
import { world } from '../../support/world.ts'

async function learnedRows(w: Awaited<ReturnType<typeof world>>) {
  const { rows } = await sql<{ receiver: string; learned_connections: number | null; learned_messages: number | null }>`
    select receiver, learned_connections, learned_messages from receiver_limit order by receiver`.execute(w.database.db)
  return rows
}

test('what was learned is there for the next process, on this route alone, and fades', async () => {
  const w = await world()
  const other = await w.addRoute('other')
  const book = await openLimitBook(w, w.workspaceId, w.routeId)
  expect(book.limitsOf('google')).toEqual({ maxConnections: 5, maxMessagesPerConnection: 50 })
  book.learn('google', { messages: 10, why: '421 too many messages' })
  expect(book.limitsOf('google')).toEqual({ maxConnections: 5, maxMessagesPerConnection: 10 })
  await expect.poll(() => learnedRows(w)).toEqual([{ receiver: 'google', learned_connections: null, learned_messages: 10 }])

  expect((await openLimitBook(w, w.workspaceId, w.routeId)).limitsOf('google').maxMessagesPerConnection).toBe(10)
  expect((await openLimitBook(w, w.workspaceId, other.id)).limitsOf('google').maxMessagesPerConnection).toBe(50)
  w.clock.advance(DAY)
  expect(book.limitsOf('google').maxMessagesPerConnection).toBe(15)
})

test('two lessons stand beside one another, and what allows no less than is known teaches nothing', async () => {
  const w = await world()
  const book = await openLimitBook(w, w.workspaceId, w.routeId)
  book.learn('google', { messages: 10, why: '421 too many messages' })
  book.learn('google', { connections: 2, why: '421 too many connections' })
  book.learn('google', { connections: 4, why: '421 too many connections' })
  book.learn('small.example', { messages: 5_000, why: '421 too many messages' })
  expect(book.limitsOf('google')).toEqual({ maxConnections: 2, maxMessagesPerConnection: 10 })
  await expect.poll(() => learnedRows(w)).toEqual([{ receiver: 'google', learned_connections: 2, learned_messages: 10 }])
})
