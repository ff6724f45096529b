import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'
import type { ConnectionParts } from '../../src/db/connection.ts'
import { askSetup } from './prepared-data.ts'

/**
 * A migrated, empty database for this test file alone, dropped when the file is done. Call it at the top of the file:
 * `const connection = await testDatabase()`.
 */
export async function testDatabase(): Promise<ConnectionParts> {
  const { connection, drop } = await cloneDatabase()
  afterAll(drop)
  return connection
}

/** A migrated, empty database, and how it is dropped. */
export async function cloneDatabase(): Promise<{ connection: ConnectionParts; drop: () => Promise<void> }> {
  const server = await runningServer()
  const database = `test_${randomBytes(6).toString('hex')}`
  await asAdministrator(server, (client) => client.query(`create database ${database} template waybill_template owner waybill`))
  return {
    connection: { ...server, database },
    drop: async () =>
      void (await asAdministrator(server, (client) => client.query(`drop database if exists ${database} with (force)`))),
  }
}

/** A database without a single table, for tests of the migrations themselves and of restoring. */
export async function emptyDatabase(): Promise<ConnectionParts> {
  const server = await runningServer()
  const database = `test_${randomBytes(6).toString('hex')}`
  await asAdministrator(server, (client) => client.query(`create database ${database} owner waybill`))
  afterAll(() => asAdministrator(server, (client) => client.query(`drop database if exists ${database} with (force)`)))
  return { ...server, database }
}

/** Does something as PostgreSQL's superuser, which Waybill itself never is. */
export async function asAdministrator<T>(connection: ConnectionParts, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...connection, user: 'postgres', database: 'postgres' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function runningServer(): Promise<ConnectionParts> {
  return askSetup<ConnectionParts>(inject('databaseSocket'))
}
