import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AlreadyRunning } from '../../../src/db/embedded/lock.ts'
import { runningProcess } from '../../../src/db/embedded/process.ts'
import { useEmbeddedPostgres } from '../../../src/db/embedded/start.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import { ask, preparedData, startElsewhere, startHere, temporaryFolder } from '../../support/embedded-postgres.ts'

const SECOND = 1_000
const silent = { log: { info: () => {}, warn: () => {} }, progress: () => {} }

test('a first start makes a durable database whose owner is no superuser, reached by a private socket only', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const postgres = await startHere(dataDir)
  expect(
    await ask(
      postgres.connection,
      `select current_user as user, current_database() as database, rolsuper, rolcreaterole, rolbypassrls,
              pg_get_userbyid(datdba) as owner, datlocprovider as provider, datlocale as locale, pg_encoding_to_char(encoding) as encoding
         from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
    ),
  ).toEqual([
    {
      user: 'waybill',
      database: 'waybill',
      rolsuper: false,
      rolcreaterole: true,
      rolbypassrls: false,
      owner: 'waybill',
      provider: 'b',
      locale: 'C.UTF-8',
      encoding: 'UTF8',
    },
  ])
  const settings = await ask<{ name: string; setting: string }>(
    postgres.connection,
    `select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses', 'jit')`,
  )
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'on',
    listen_addresses: '',
    jit: 'off',
  })
  expect((await stat(postgres.connection.host)).mode & 0o777).toBe(0o700)
})

test('letters beyond ASCII are letters: in lower case, in words and in trigrams', async () => {
  const postgres = await startHere(join(await temporaryFolder(), 'data'))
  await ask(postgres.connection, 'create extension pg_trgm')
  const [row] = await ask(
    postgres.connection,
    "select lower('ÅNGSTRÖM') as lower, to_tsvector('Ångström') as words, similarity('Müller', 'müller') as same",
  )
  expect(row).toEqual({ lower: 'ångström', words: "'ångström':1", same: 1 })
})

test('what was committed is there after a stop and a start, and nothing runs in between', async () => {
  const dataDir = await preparedData()
  const first = await startHere(dataDir)
  await ask(first.connection, 'create table kept as select 1 as one')
  const { pid } = first
  await first.stop()
  expect(await runningProcess(pid)).toBeNull()
  const second = await startHere(dataDir)
  expect(await ask(second.connection, 'select one from kept')).toEqual([{ one: 1 }])
  expect(second.tookOver).toBe(false)
  await second.stop()
  expect(existsSync(join(dataDir, 'waybill.lock'))).toBe(false)
})

test('a second start on the same folder is told who is there, and a command may use that database', async () => {
  const dataDir = await preparedData()
  const first = await startElsewhere(dataDir)
  await expect(startHere(dataDir)).rejects.toThrow(`Waybill is already running on this data folder (pid ${first.child.pid})`)
  await expect(startHere(dataDir)).rejects.toBeInstanceOf(AlreadyRunning)

  const used = await useEmbeddedPostgres({ dataDir, ...silent })
  expect(used.connection).toEqual(first.said.connection)
  await used.stop()
  expect(await ask(first.said.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await first.stop()
})

test('of four first starts at the same moment exactly one gets the folder', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const all = await Promise.all([1, 2, 3, 4].map(() => startElsewhere(dataDir)))
  const refused = all.filter((one) => one.said.error !== undefined)
  expect(refused).toHaveLength(3)
  for (const one of refused) expect(one.said.error).toContain('Waybill is already running on this data folder')
})

test('after kill -9 the next start stops the database left running and keeps what was committed', async () => {
  const dataDir = await preparedData()
  const killed = await startElsewhere(dataDir)
  await ask(killed.said.connection, 'create table kept as select generate_series(1, 1000) as n')
  killed.child.kill('SIGKILL')
  expect(await waitUntil(async () => !(await runningProcess(killed.child.pid ?? 0)), { limitMs: 30_000 })).toBe(true)
  expect(await runningProcess(killed.said.pid)).not.toBeNull()

  const next = await startHere(dataDir)
  expect(next.tookOver).toBe(true)
  expect(next.progress[0]).toBe(`Stopping the database that an earlier Waybill left running (pid ${killed.said.pid}).`)
  expect(await runningProcess(killed.said.pid)).toBeNull()
  expect(await ask(next.connection, 'select count(*)::int as count from kept')).toEqual([{ count: 1000 }])
})

test('a PostgreSQL that is killed is started again, and what was committed is there', async () => {
  const postgres = await startHere(await preparedData())
  await ask(postgres.connection, 'create table kept as select 1 as one')
  const { pid } = postgres
  process.kill(pid, 'SIGKILL')
  const isBack = () =>
    ask(postgres.connection, 'select one from kept').then(
      () => postgres.pid !== pid,
      () => false,
    )
  expect(await waitUntil(isBack, { limitMs: 30 * SECOND, everyMs: 50 })).toBe(true)
  expect(postgres.logged.map((line) => line.message)).toEqual([
    expect.stringMatching(/^PostgreSQL ended unexpectedly; starting it again in 100 ms$/),
    'PostgreSQL runs again',
  ])
})

test('Ctrl-C in a terminal, which reaches a whole process group, does not reach the database', async () => {
  const postgres = await startHere(await preparedData())
  const stat = await readFile(`/proc/${postgres.pid}/stat`, 'latin1').catch(() => null)
  if (stat === null) return expect(process.platform).not.toBe('linux')
  expect(Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])).toBe(postgres.pid)
})

test('a database that cannot start says why in its own words', async () => {
  const dataDir = await preparedData()
  const postgres = await startHere(dataDir)
  await postgres.stop()
  await appendFile(join(postgres.folder, 'data', 'local.conf'), "shared_buffers = 'plenty'\n")
  await expect(startHere(dataDir)).rejects.toThrow(
    /PostgreSQL does not start on .*ends with:\n(.*\n)*.*invalid value for parameter "shared_buffers": "plenty"/,
  )
})

test('the files of another major version are refused before they are touched', async () => {
  const dataDir = await preparedData()
  const postgres = await startHere(dataDir)
  await postgres.stop()
  await writeFile(join(postgres.folder, 'data', 'PG_VERSION'), '17\n')
  await expect(startHere(dataDir)).rejects.toThrow(/was made by PostgreSQL 17, and this Waybill carries 18\..*waybill backup DIR/)
})

test('a folder whose path is too long for a socket gets one elsewhere, private, for as long as it runs', async () => {
  const dataDir = join(await temporaryFolder(), ...Array.from({ length: 10 }, () => 'a-rather-long-name'), 'it\'s, "odd"')
  const first = await startHere(dataDir)
  expect(first.connection.host.length).toBeLessThan(80)
  expect((await stat(first.connection.host)).mode & 0o777).toBe(0o700)
  expect(await ask(first.connection, 'select 1 as one')).toEqual([{ one: 1 }])
  await first.stop()
  expect(existsSync(first.connection.host)).toBe(false)
})

test('a path with quotes, commas, spaces and letters of all kinds is no trouble', async () => {
  const folder = await temporaryFolder()
  const postgres = await startHere(join(folder, `d'a "t", ä\\`))
  expect(postgres.connection.host.startsWith(folder)).toBe(true)
  expect(await ask(postgres.connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('where there are no sockets it listens on the loopback alone and wants a password', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const postgres = await startHere(dataDir, { transport: 'tcp' })
  expect(postgres.connection).toMatchObject({ host: '127.0.0.1', password: expect.stringMatching(/^.{32}$/) })
  expect(await ask(postgres.connection, 'select current_user as user')).toEqual([{ user: 'waybill' }])
  await expect(ask({ ...postgres.connection, password: 'guessed' }, 'select 1')).rejects.toThrow(/password authentication failed/)
  await expect(ask({ ...postgres.connection, user: 'postgres', password: '' }, 'select 1')).rejects.toThrow()
  expect((await stat(join(dataDir, 'database-password'))).mode & 0o777).toBe(0o600)
  await postgres.stop()
  const again = await startHere(dataDir, { transport: 'tcp' })
  expect(again.connection.password).toBe(postgres.connection.password)
})

test('a process that cannot be seen but answers on the socket keeps the files for itself', async () => {
  const dataDir = join(await temporaryFolder(), 'data')
  const postgres = await startElsewhere(dataDir)
  // As another container would see it: the mark and the socket are there, the processes are not.
  await writeFile(join(postgres.said.folder, 'data', 'postmaster.pid'), '4194303\n')
  await writeFile(join(dataDir, 'waybill.lock'), JSON.stringify({ pid: 4194303, since: 'elsewhere' }))
  await expect(startHere(dataDir)).rejects.toThrow(/is in use by a process that cannot be seen from here/)
  process.kill(postgres.said.pid, 'SIGQUIT')
})

test('the data folder cannot be made below a file', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'file'), '')
  await expect(startHere(join(folder, 'file', 'data'))).rejects.toThrow(/The data folder .* cannot be made: .*WAYBILL_DATA_DIR/)
})

test.skipIf(process.getuid?.() !== 0)(
  'an empty folder made by root for the data is opened as far as the database needs',
  async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'data'), { mode: 0o700 })
    const postgres = await startHere(join(folder, 'data'))
    expect(postgres.folder).toBe(join(folder, 'data', 'postgres'))
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o711)
  },
)
