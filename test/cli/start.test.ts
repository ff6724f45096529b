import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { lockOwner } from '../../src/db/embedded/lock.ts'
import { readPostmasterFile } from '../../src/db/embedded/orphan.ts'
import { runningProcess } from '../../src/db/embedded/process.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { CHECKOUT } from '../support/checkout.ts'
import { temporaryFolder } from '../support/embedded-postgres.ts'

function startWaybill(dataDir: string, more: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(join(CHECKOUT, 'bin/waybill'), ['start'], {
    env: { PATH: '/usr/bin:/bin', WAYBILL_DATA_DIR: dataDir, WAYBILL_PORT: '0', ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Its first line; a process that ends before saying one fails the test with what it complained of. */
async function isReady(child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const ended = once(child, 'close').then(() => Promise.reject(new Error(`Waybill ended: ${said}`)))
  ended.catch(() => {})
  await Promise.race([once(createInterface(child.stdout!), 'line'), ended])
}
const pgdata = (dataDir: string) => join(dataDir, 'postgres', 'data')

async function databaseOf(dataDir: string): Promise<number> {
  return (await readPostmasterFile(pgdata(dataDir)))?.pid ?? 0
}

test('one Ctrl-C under npm, which makes two signals of it, stops everything in good order', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const child = startWaybill(dataDir)
  await isReady(child)
  const database = await databaseOf(dataDir)
  expect(await runningProcess(database)).not.toBeNull()
  child.kill('SIGINT')
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await runningProcess(database)).toBeNull()
  expect(existsSync(join(pgdata(dataDir), 'postmaster.pid'))).toBe(false)
  expect(await lockOwner(dataDir)).toBeNull()
})

test('told to stop while it is still starting, it starts to the end and then stops in good order', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const child = startWaybill(dataDir)
  expect(await waitUntil(async () => (await lockOwner(dataDir)) !== null, { limitMs: 20_000 })).toBe(true)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(existsSync(pgdata(dataDir))).toBe(true)
  expect(existsSync(join(pgdata(dataDir), 'postmaster.pid'))).toBe(false)
})

test('after kill -9 the next start comes up by itself, with one database', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const killed = startWaybill(dataDir)
  await isReady(killed)
  const database = await databaseOf(dataDir)
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  const next = startWaybill(dataDir)
  await isReady(next)
  expect(await runningProcess(database)).toBeNull()
  next.kill('SIGTERM')
  expect(await once(next, 'exit')).toEqual([0, null])
})

test('a wrong setting ends the start with its name, its value and what was expected, without a stack', async () => {
  const child = startWaybill(join(await temporaryFolder(), 'data'), { WAYBILL_PORT: '80a' })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  expect(await once(child, 'close')).toEqual([1, null])
  expect(said).toContain('WAYBILL_PORT is "80a"; expected a whole number from 0 (any free port) to 65535.')
  expect(said).not.toMatch(/\n {4}at /)
})
