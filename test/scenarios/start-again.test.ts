import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { sendInsistently, sendMany } from '../support/api-client.ts'
import { preparedData } from '../support/embedded-postgres.ts'
import { SPOTLESS } from '../support/ledgers.ts'
import { freePort, ServerProcess } from '../support/server-process.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { scene } from './support.ts'

test('killed with its own PostgreSQL still running: the next start takes that over and sends what was promised', async () => {
  const dataDir = await preparedData()
  await using smtp = await smtpServer()
  const server = new ServerProcess({ dataDir, port: await freePort(), smtpPort: smtp.port })
  onTestFinished(() => server.kill())
  expect(await server.start()).toBe('ready')
  const mails = Array.from({ length: 100 }, (_, i) => ({ recipient: `r${i}@example.org` }))
  const sending = sendMany(server.url, mails, 4)
  await smtp.when(({ messages }) => messages.length >= 20)
  await server.kill()
  expect(await server.start()).toBe('ready')
  await sending.done
  await smtp.when(({ messages }) => new Set(messages.flatMap(({ recipients }) => recipients)).size === 100)
  expect(sending.promised).toHaveLength(100)
  expect(await server.terminate()).toBe('0')
  // It took its PostgreSQL with it.
  expect(existsSync(`${dataDir}/postgres/data/postmaster.pid`)).toBe(false)
}, 90_000)

test('a start that fails, again and again, sends nothing', async () => {
  const { server, smtp, counts, untilAll, judge } = await scene()
  expect(await server.start({ WAYBILL_FAIL: 'after_claim' })).toBe('ready')
  const promised = await sendInsistently(server.url, { recipient: 'bob@example.org' })
  expect(await server.ended).toBe('SIGKILL')
  const taken = createServer()
  await new Promise<void>((resolve) => void taken.listen(server.settings.port, '127.0.0.1', resolve))
  for (let i = 0; i < 2; i++) expect(await server.start()).not.toBe('ready')
  expect(await server.start({ WAYBILL_LOG_LEVEL: 'loud' })).not.toBe('ready')
  expect(server.lastWords).toContain('WAYBILL_LOG_LEVEL')
  expect(smtp.connections).toEqual([])
  expect(await counts()).toEqual({ sending: 1 })
  await new Promise((resolve) => taken.close(resolve))
  expect(await server.start()).toBe('ready')
  await untilAll('sent')
  expect(await judge([promised])).toMatchObject({ ...SPOTLESS, duplicates: [] })
}, 90_000)

test('a database that may only be read: nothing is promised, the reason is told, and it goes on when that is over', async () => {
  const { server, smtp, database, postgres, untilAll, judge, invariants } = await scene()
  expect(await server.start()).toBe('ready')
  const first = await sendInsistently(server.url, { recipient: 'first@example.org' })
  await untilAll('sent')
  const setReadOnly = async (on: boolean) => {
    await database.pool.query(
      `set default_transaction_read_only = off; alter database ${postgres.connection.database} set default_transaction_read_only = ${on ? 'on' : 'off'}`,
    )
    await database.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
  }
  await setReadOnly(true)
  const refused = sendMany(server.url, [{ recipient: 'second@example.org' }], 1)
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 30_000 }).toBe(503)
  expect(await (await fetch(`${server.url}/readyz`)).text()).toMatch(/read/)
  expect(refused.promised).toEqual([])
  await setReadOnly(false)
  await refused.done
  await untilAll('sent')
  expect(smtp.received()).toEqual(['first@example.org', 'second@example.org'])
  expect(await judge([first, ...refused.promised])).toMatchObject({ ...SPOTLESS, duplicates: [] })
  expect(await invariants()).toEqual([])
}, 90_000)

test('a newer Waybill brought the database forward: the older one leaves the queue alone and says why, until it is replaced', async () => {
  const { server, smtp, database, counts, untilAll } = await scene()
  expect(await server.start()).toBe('ready')
  await sendInsistently(server.url, { recipient: 'before@example.org' })
  await untilAll('sent')
  await database.pool.query(
    `insert into schema_migration (version, name, checksum) values (9999, '9999_from_the_future.sql', '')`,
  )
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 30_000 }).toBe(503)
  expect(await (await fetch(`${server.url}/readyz`)).text()).toContain('newer Waybill')
  await server.kill()
  expect(await server.start()).not.toBe('ready')
  expect(server.lastWords).toContain('newer Waybill')
  expect(await counts()).toEqual({ sent: 1 })
  expect(smtp.received()).toEqual(['before@example.org'])
}, 60_000)
