import { createServer } from 'node:net'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { assertReachable } from '../../src/db/reachable.ts'
import { testDatabase } from '../support/database.ts'

const connection = await testDatabase()

test('a database that is there is simply used', async () => {
  await expect(reach(connection)).resolves.toBeUndefined()
})

test.each([
  {
    wrong: 'nothing listens',
    with: { host: '127.0.0.1', port: 1 },
    said: /cannot be reached: connect ECONNREFUSED 127\.0\.0\.1:1\. Check that it runs/,
  },
  { wrong: 'no such socket', with: { host: '/nowhere' }, said: /cannot be reached: connect ENOENT \/nowhere/ },
  {
    wrong: 'no such database',
    with: { database: 'nowhere' },
    said: /says: database "nowhere" does not exist\. Let an administrator make it: create database/,
  },
  {
    wrong: 'no such role',
    with: { user: 'nobody_here' },
    said: /says: role "nobody_here" does not exist\. Correct the user or the password/,
  },
])('said in a sentence that names DATABASE_URL: $wrong', async ({ with: changed, said }) => {
  const failed = reach({ ...connection, ...changed })
  await expect(failed).rejects.toMatchObject({ name: 'Explained', message: expect.stringMatching(said) })
  await expect(failed).rejects.toThrow(/DATABASE_URL/)
})

test.each([
  { major: 15, is: false },
  { major: 16, is: true },
])('PostgreSQL $major is taken: $is', async ({ major, is }) => {
  const pool = { query: async () => ({ rows: [{ major }] }) } as unknown as pg.Pool
  const asked = assertReachable(pool)
  if (is) await expect(asked).resolves.toBeUndefined()
  else await expect(asked).rejects.toThrow(/is PostgreSQL 15; Waybill needs 16 or newer\./)
})

test('what answers but is no PostgreSQL is said to be none', async () => {
  const other = createServer((socket) => socket.end('220 mail.example.com ESMTP\r\n'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as { port: number }
  await expect(reach({ ...connection, host: '127.0.0.1', port })).rejects.toMatchObject({ name: 'Explained' })
})

async function reach(settings: pg.PoolConfig): Promise<void> {
  const pool = new pg.Pool({ ...settings, max: 1, connectionTimeoutMillis: 5_000 })
  pool.on('error', () => {})
  try {
    await assertReachable(pool)
  } finally {
    await pool.end()
  }
}
