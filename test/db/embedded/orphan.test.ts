import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { isTaken, runningProcess } from '../../../src/db/embedded/process.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import { ask, preparedData, startHere } from '../../support/embedded-postgres.ts'

/** A database that was stopped, with a mark in it that names another process as the one that runs it. */
async function markedBy(pid: number): Promise<string> {
  const dataDir = await preparedData()
  const postgres = await startHere(dataDir)
  const mark = await readFile(join(postgres.folder, 'data', 'postmaster.pid'), 'utf8')
  await postgres.stop()
  await writeFile(join(postgres.folder, 'data', 'postmaster.pid'), mark.replace(/^\d+/, String(pid)))
  return dataDir
}

/** A process that has ended while its parent does not ask for it, as under a first process that is no init. */
async function zombie(): Promise<number> {
  const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line] = (await once(createInterface(parent.stdout), 'line')) as [string]
  const pid = Number(line)
  const isZombie = async () => (await readFile(`/proc/${pid}/stat`, 'latin1')).includes(') Z ')
  expect(await waitUntil(isZombie, { limitMs: 30_000 })).toBe(true)
  return pid
}

test.skipIf(process.platform !== 'linux')(
  'a zombie in the place of a killed database does not keep the next one from starting',
  async () => {
    const pid = await zombie()
    expect(isTaken(pid)).toBe(true)
    expect(await runningProcess(pid)).toBeNull()
    const postgres = await startHere(await markedBy(pid))
    expect(postgres.tookOver).toBe(false)
    expect(await ask(postgres.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  },
)

test('a number that now belongs to another program is not mistaken for the database, and that program lives on', async () => {
  const other = spawn('sleep', ['60'], { stdio: 'ignore' })
  onTestFinished(() => void other.kill('SIGKILL'))
  const postgres = await startHere(await markedBy(other.pid ?? 0))
  expect(postgres.tookOver).toBe(false)
  expect(other.exitCode).toBeNull()
  expect(await runningProcess(other.pid ?? 0)).not.toBeNull()
})

test('a mark whose process is gone is no hindrance', async () => {
  const gone = spawn('true')
  await once(gone, 'exit')
  const postgres = await startHere(await markedBy(gone.pid ?? 0))
  expect(await ask(postgres.connection, 'select 1 as one')).toEqual([{ one: 1 }])
})
