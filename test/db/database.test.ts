import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { ENGINE, isDatabaseUnavailable, openDatabase } from '../../src/db/database.ts'
import { asAdministrator, testDatabase } from '../support/database.ts'

const connection = await testDatabase()
const database = openDatabase({ connection: { ...connection }, maxConnections: 4, applicationName: 'test' })
afterAll(() => database.close())

/** As an administrator does it, or a restart. */
function terminateAll(): Promise<unknown> {
  return asAdministrator(connection, (client) =>
    client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [connection.database]),
  )
}

test('a connection that PostgreSQL ends while somebody holds it and asks nothing ends no process', async () => {
  const client = await database.pool.connect()
  const ended = new Promise((resolve) => client.once('end', resolve))
  await terminateAll()
  await ended
  await expect(client.query('select 1')).rejects.toThrow()
  client.release()
  expect((await sql<{ one: number }>`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }])
})

test.each([
  ['off', 'on'],
  ['local', 'local'],
  ['remote_apply', 'remote_apply'],
])('where the server would answer commits with %s, ours are answered with %s', async (theirs, ours) => {
  await database.pool.query(`alter database ${connection.database} set synchronous_commit = ${theirs}`)
  const other = openDatabase({ connection: { ...connection }, maxConnections: 1, applicationName: 'test' })
  expect((await other.pool.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: ours }])
  await other.close()
  await database.pool.query(`alter database ${connection.database} reset synchronous_commit`)
})

test('a connection that ends in the middle of a transaction fails that transaction alone', async () => {
  const failing = database.transaction(ENGINE, async (tx) => {
    await sql`select 1`.execute(tx)
    await terminateAll()
    await sql`select 1`.execute(tx)
  })
  await expect(failing).rejects.toThrow()
  await database.transaction(ENGINE, (tx) => sql`select 1`.execute(tx))
})

test.each(['40001', '40P01'])(
  'a transaction that PostgreSQL asks to repeat (%s) is repeated, and its caller hears nothing of it',
  async (state) => {
    let tries = 0
    const result = await database.transaction(ENGINE, async (tx) => {
      tries += 1
      if (tries < 3) await sql.raw(`do $$ begin raise exception 'again' using errcode = '${state}'; end $$`).execute(tx)
      return tries
    })
    expect(result).toBe(3)
  },
)

test('three times is enough, and nothing else is repeated', async () => {
  let tries = 0
  const work = (state: string) =>
    database.transaction(ENGINE, async (tx) => {
      tries += 1
      await sql.raw(`do $$ begin raise exception 'no' using errcode = '${state}'; end $$`).execute(tx)
    })
  await expect(work('40001')).rejects.toThrow('no')
  expect(tries).toBe(3)
  await expect(work('23505')).rejects.toThrow('no')
  expect(tries).toBe(4)
})

test.each([
  ['08006', true],
  ['53100', true],
  ['25006', true],
  ['57P01', true],
  ['EPIPE', true],
  ['ECONNRESET', true],
  ['22P05', false],
  ['40001', false],
  ['57014', false],
])('an error with the code %s says that the database is away: %s', (code, isAway) => {
  expect(isDatabaseUnavailable(Object.assign(new Error('failed'), { code }))).toBe(isAway)
})
