/** Transactions and events are numbers: 10 comes after 9, although '10' comes before '9'. */
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import {
  eventsAfter,
  eventsBetween,
  eventsOfTime,
  type Follower,
  followOnce,
  type LogPosition,
  type PositionedEvent,
} from '../../src/events/follow.ts'
import { testDatabase } from '../support/database.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 2, applicationName: 'test' })
afterAll(() => database.close())
const { db } = database
const NOW = new Date()
const START: LogPosition = { txid: '0', seq: '0' }
const WORKSPACE = '01900000-0000-7000-8000-000000000001'

// Two transactions at once, each with more than one event; their numbers gain a digit in the middle.
const PLACES: readonly (readonly [number, number])[] = [
  ...range(95, 105).map((seq) => [9, seq] as const),
  [10, 96],
  [10, 97],
  [10, 106],
]
const ALL = PLACES.map(([txid, seq]) => `${txid}-${seq}`)
await sql`insert into workspace (id, name, created_at) values (${WORKSPACE}, 'Shop', ${NOW})`.execute(db)
for (const [txid, seq] of PLACES.toReversed()) {
  await sql`
    insert into event (txid, seq, at, workspace_id, type)
    values (${String(txid)}::xid8, ${seq}, ${NOW}, ${WORKSPACE}, 'route.changed')`.execute(db)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

const named = ({ position }: PositionedEvent) => `${position.txid}-${position.seq}`

async function inPages(read: (after: LogPosition) => Promise<PositionedEvent[]>): Promise<string[]> {
  const seen: string[] = []
  let position = START
  for (let page = await read(position); page.length > 0; page = await read(position)) {
    seen.push(...page.map(named))
    position = page.at(-1)?.position ?? position
  }
  return seen
}

test.each([1, 4, 100])('readers see the log in the order of its numbers, in pages of %i', async (limit) => {
  expect(await inPages((after) => eventsAfter(db, after, WORKSPACE, limit))).toEqual(ALL)
  const time = { from: NOW, to: new Date(NOW.getTime() + 1) }
  expect(await inPages((after) => eventsOfTime(db, WORKSPACE, time, after, limit))).toEqual(ALL)
})

test('a follower goes through the log in the order of its numbers, and sees each event once', async () => {
  const seen: string[] = []
  const follower: Follower = {
    name: 'test.order',
    async apply(tx, from, to) {
      seen.push(...(await eventsBetween(tx, from, to, [WORKSPACE])).map(named))
    },
  }
  // Each of its steps moves it on: no more of them than there are events.
  for (let step = 0; step < ALL.length; step++) await followOnce(database, follower, NOW)
  expect(seen).toEqual(ALL)
  expect(await followOnce(database, follower, NOW)).toBe(0)
})

test('a follower whose steps end in the middle of a transaction never goes back', async () => {
  await database.transaction(ENGINE, (tx) =>
    sql`insert into follower (name, txid, seq, updated_at) values ('test.middle', '9', 99, ${NOW})`.execute(tx),
  )
  const seen: string[] = []
  const follower: Follower = {
    name: 'test.middle',
    async apply(tx, from, to) {
      seen.push(...(await eventsBetween(tx, from, to, [WORKSPACE])).map(named))
    },
  }
  for (let step = 0; step < ALL.length; step++) await followOnce(database, follower, NOW)
  expect(seen).toEqual(ALL.slice(ALL.indexOf('9-99') + 1))
})
