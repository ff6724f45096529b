import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createBlobStore, INLINE_BYTES } from '../../src/blobs/blob-store.ts'
import { ORPHANED_AFTER_MS, sweepBlobs } from '../../src/blobs/sweep.ts'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import { DAY } from '../../src/lib/clock.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { testDatabase } from '../support/database.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 6, applicationName: 'test' })
const folder = await mkdtemp(join(tmpdir(), 'waybill-sweep-'))
afterAll(async () => {
  await database.close()
  await rm(folder, { recursive: true, force: true })
})
const blobs = createBlobStore(folder)
const now = new Date()
const workspaceId = newId<WorkspaceId>()
await sql`insert into workspace (id, name, created_at) values (${workspaceId}, 'Shop', ${now})`.execute(database.db)

const large = () => randomBytes(INLINE_BYTES + 1)
const put = (staged: Awaited<ReturnType<typeof blobs.stage>>) =>
  database.transaction(ENGINE, (tx) => blobs.put(tx, [staged], now))
/** As if it had been written so long ago. */
const age = (location: string | null, ms: number) => {
  const then = new Date(now.getTime() - ms)
  return utimes(join(folder, location ?? ''), then, then)
}
const files = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name)
const OLD = ORPHANED_AFTER_MS + DAY

test('files that no row tells of go after a week; what has a row, is younger or another database’s stays', async () => {
  const [orphan, young, kept] = [await blobs.stage(workspaceId, large()), await blobs.stage(workspaceId, large()), large()]
  const stored = await blobs.stage(workspaceId, kept)
  await put(stored)
  const foreign = await blobs.stage(newId<WorkspaceId>(), large())
  const cut = join(workspaceId, '.4711.23.5.tmp')
  await writeFile(join(folder, cut), 'cut off')
  await writeFile(join(folder, workspaceId, '.4711.24.tmp'), 'being written')
  await mkdir(join(folder, 'notes'), { recursive: true })
  await writeFile(join(folder, 'notes', 'of-somebody.txt'), 'not ours')
  for (const location of [orphan.location, stored.location, foreign.location, cut, join('notes', 'of-somebody.txt')])
    await age(location, OLD)
  expect(await sweepBlobs(database, folder, now)).toBe(2)
  const nameOf = (hash: Buffer) => hash.toString('hex').slice(2)
  const left = [young, stored, foreign].map(({ hash }) => nameOf(hash))
  expect((await files()).toSorted()).toEqual([...left, '.4711.24.tmp', 'of-somebody.txt'].toSorted())
  const hex = stored.hash.toString('hex')
  expect((await blobs.read(database.db, workspaceId, [hex])).get(hex)).toBe(kept.toString('latin1'))
  expect(await sweepBlobs(database, folder, now)).toBe(0)
})

test('a row that is about to be committed is waited for', async () => {
  const staged = await blobs.stage(workspaceId, large())
  await age(staged.location, OLD)
  let sweeping: Promise<number> | null = null
  await database.transaction(ENGINE, async (tx) => {
    await blobs.put(tx, [staged], now)
    sweeping = sweepBlobs(database, folder, now)
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
    const waits = async () =>
      (
        await sql<{
          n: number
        }>`select count(*)::int as n from pg_stat_activity where ${rows[0]?.pid} = any (pg_blocking_pids(pid))`.execute(
          database.db,
        )
      ).rows[0]?.n
    await expect.poll(waits, { timeout: 30_000 }).toBe(1)
  })
  expect(await sweeping).toBe(0)
  const hex = staged.hash.toString('hex')
  expect((await blobs.read(database.db, workspaceId, [hex])).has(hex)).toBe(true)
})

test('bytes that come again while their old file is swept are there when their row is', async () => {
  for (let round = 0; round < 60; round += 1) {
    const bytes = large()
    const { location, hash } = await blobs.stage(workspaceId, bytes)
    await age(location, OLD)
    await Promise.all([
      sweepBlobs(database, folder, now),
      blobs.stage(workspaceId, bytes).then(put),
      sweepBlobs(database, folder, now),
    ])
    const hex = hash.toString('hex')
    expect((await blobs.read(database.db, workspaceId, [hex])).has(hex), `round ${round}`).toBe(true)
  }
  expect((await files()).filter((name) => name.endsWith('.tmp'))).toEqual(['.4711.24.tmp'])
}, 120_000)
