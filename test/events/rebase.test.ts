import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import { append } from '../../src/events/append.ts'
import { type Follower, followOnce, rebaseLog } from '../../src/events/follow.ts'
import { cloneDatabase } from '../support/database.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const WORKSPACE = '01900000-0000-7000-8000-000000000001'

/** A log as a copy from elsewhere brings it: of transactions far ahead of this cluster's, the last two out of the order of their numbers. */
async function foreignLog(names: readonly string[]) {
  const { connection, drop } = await cloneDatabase()
  const database = openDatabase({ connection: { ...connection }, maxConnections: 2, applicationName: 'test' })
  const { db } = database
  const place = (index: number) =>
    index < 2 ? { txid: '5000000000', seq: index + 10 } : { txid: `${5_000_010_000 - index}`, seq: index + 10 }
  await sql`insert into workspace (id, name, created_at) values (${WORKSPACE}, 'Shop', ${NOW})`.execute(db)
  // The last one lies first in the table: numbers must not depend on where a row is.
  for (const [index, name] of [...names.entries()].reverse()) {
    const { txid, seq } = place(index)
    await sql`
      insert into event (txid, seq, at, workspace_id, type, actor)
      values (${txid}::xid8, ${seq}, ${NOW}, ${WORKSPACE}, 'route.changed', ${name})`.execute(db)
  }
  const order = async () => {
    const { rows } = await sql<{ actor: string }>`select actor from event order by txid, seq`.execute(db)
    return rows.map(({ actor }) => actor)
  }
  const rebase = () => database.transaction(ENGINE, (tx) => rebaseLog(tx))
  return {
    database,
    order,
    rebase,
    [Symbol.asyncDispose]: async () => {
      await database.close()
      await drop()
    },
  }
}

test('a log from a cluster with higher transaction numbers keeps its order, and what happens next comes behind it', async () => {
  await using log = await foreignLog(['a', 'b', 'd', 'c'])
  expect(await log.rebase()).toBe(true)
  await log.database.transaction(ENGINE, (tx) => append(tx, { type: 'route.changed', workspaceId: WORKSPACE, actor: 'e' }, NOW))
  expect(await log.order()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await log.rebase()).toBe(false)
})

test('a follower goes on behind the event that it had read last: none twice, none left out', async () => {
  await using log = await foreignLog(['a', 'b', 'd', 'c'])
  const read: string[] = []
  const follower: Follower = {
    name: 'reader',
    async apply(tx, from, to) {
      const { rows } = await sql<{ actor: string }>`
        select actor from event where (txid, seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (txid, seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
         order by txid, seq`.execute(tx)
      read.push(...rows.map(({ actor }) => actor))
    },
  }
  await sql`insert into follower (name, txid, seq, updated_at) values ('reader', '5000000000', 10, ${NOW})`.execute(
    log.database.db,
  )
  await log.rebase()
  await log.database.transaction(ENGINE, (tx) => append(tx, { type: 'route.changed', workspaceId: WORKSPACE, actor: 'e' }, NOW))
  // PostgreSQL itself writes here too for moments (autovacuum), and whoever writes is waited for.
  const readByNow = async () => {
    while ((await followOnce(log.database, follower, NOW)) > 0);
    return read
  }
  await expect.poll(readByNow, { timeout: 30_000 }).toEqual(['b', 'c', 'd', 'e'])
  expect(await followOnce(log.database, follower, NOW)).toBe(0)
})

test('a log that was rebased before, and has lost old events since, can be rebased again', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `event ${index}`)
  await using log = await foreignLog(names)
  const { db } = log.database
  await log.rebase()
  const order = await log.order()
  await sql`delete from event where actor = any (${order.slice(0, 10)}::text[])`.execute(db)
  await sql`
    insert into event (txid, seq, at, workspace_id, type, actor)
    values ('6000000000', 10000, ${NOW}, ${WORKSPACE}, 'route.changed', 'new')`.execute(db)
  expect(await log.rebase()).toBe(true)
  expect(await log.order()).toEqual([...order.slice(10), 'new'])
})
