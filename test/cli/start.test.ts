import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { lockOwner } from '../../src/db/embedded/lock.ts'
import { readPostmasterFile } from '../../src/db/embedded/orphan.ts'
import { runningProcess } from '../../src/db/embedded/process.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { temporaryFolder } from '../support/embedded-postgres.ts'
import { smtpServer } from '../support/smtp-server.ts'
import { runWaybill, spawnWaybill, startWaybill } from '../support/waybill.ts'

// Every test starts servers, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 120_000 })

const ENDED_WELL = { code: 0, signal: null }
const pgdata = (dataDir: string) => join(dataDir, 'postgres', 'data')

async function databaseOf(dataDir: string): Promise<number> {
  return (await readPostmasterFile(pgdata(dataDir)))?.pid ?? 0
}

/** Neither a database nor a mark of one, nor of us. */
async function expectNothingRuns(dataDir: string): Promise<void> {
  expect(existsSync(pgdata(dataDir))).toBe(true)
  expect(existsSync(join(pgdata(dataDir), 'postmaster.pid'))).toBe(false)
  expect(await lockOwner(dataDir)).toBeNull()
}

test('one Ctrl-C under npm, which makes two signals of it, stops everything in good order', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const server = await startWaybill(dataDir)
  const database = await databaseOf(dataDir)
  expect(await runningProcess(database)).not.toBeNull()
  server.child.kill('SIGINT')
  expect(await server.end('SIGINT')).toEqual(ENDED_WELL)
  expect(await runningProcess(database)).toBeNull()
  await expectNothingRuns(dataDir)
})

test('told to stop while it is still starting, it starts to the end and then stops in good order', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const child = spawnWaybill(dataDir, ['start'], { env: { WAYBILL_PORT: '0' } })
  expect(await waitUntil(async () => (await lockOwner(dataDir)) !== null, { limitMs: 60_000 })).toBe(true)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  await expectNothingRuns(dataDir)
})

test('after kill -9 the next start comes up by itself, with one database', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const killed = await startWaybill(dataDir)
  const database = await databaseOf(dataDir)
  await killed.end('SIGKILL')
  const next = await startWaybill(dataDir)
  expect(await runningProcess(database)).toBeNull()
  expect(await next.end('SIGTERM')).toEqual(ENDED_WELL)
})

test('a second start on the same data folder is refused, and leaves the first one alone', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const first = await startWaybill(dataDir)
  const { code, stderr } = await runWaybill(dataDir, ['start'], { env: { WAYBILL_PORT: '0' } })
  expect(code).toBe(1)
  expect(stderr).toContain(`Waybill is already running on this data folder (pid ${first.child.pid}): ${dataDir}. `)
  expect(stderr).toContain('Stop it first, or give this one a folder of its own with WAYBILL_DATA_DIR.')
  expect(stderr).not.toMatch(/\n {4}at /)
  expect((await first.fetch('/readyz')).status).toBe(200)
  expect(await first.end('SIGTERM')).toEqual(ENDED_WELL)
})

test('a port that is taken ends the start with a sentence, and the database with it', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  await using taken = await smtpServer()
  const { code, stderr } = await runWaybill(dataDir, ['start'], { env: { WAYBILL_PORT: String(taken.port) } })
  expect(code).toBe(1)
  expect(stderr).toContain(
    `Another program listens on 127.0.0.1:${taken.port} already. Stop it, or choose another port with WAYBILL_PORT.`,
  )
  expect(stderr).not.toMatch(/\n {4}at /)
  await expectNothingRuns(dataDir)
})
