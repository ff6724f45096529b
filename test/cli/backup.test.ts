import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readManifest, writeManifest } from '../../src/db/backup/manifest.ts'
import { openDatabase } from '../../src/db/database.ts'
import { knownSchemaVersion, migrate, schemaVersion } from '../../src/db/migrate.ts'
import { preparedData, startHere, temporaryFolder } from '../support/embedded-postgres.ts'
import { runWaybill } from '../support/waybill.ts'

vi.setConfig({ testTimeout: 120_000 })
const STACK = /\n {4}at /

/** What is said after the progress of a slow machine. */
function lastLineOf(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}

/** The database of a data folder, in this process as a server would have it. */
async function serve(dataDir: string) {
  const postgres = await startHere(dataDir)
  const { pool, close } = openDatabase({ connection: { ...postgres.connection }, maxConnections: 2, applicationName: 'test' })
  const stop = async () => {
    await close()
    await postgres.stop()
  }
  return { pool, stop }
}

const WORKSPACE = "insert into workspace (id, name, created_at) values ('01900000-0000-7000-8000-000000000001', 'Shop', now())"

test('a copy is made of the database as it is, without bringing it forward, and brought forward where it is restored', async () => {
  const folder = await temporaryFolder()
  const [dataDir, copy, other] = [join(folder, 'data'), join(folder, 'copy'), join(folder, 'other')]
  const known = await knownSchemaVersion()
  const { pool, stop } = await serve(dataDir)
  expect(await runWaybill(dataDir, ['backup', copy])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/There is nothing to back up: this database was never used by Waybill\.\n$/),
  })
  await migrate(pool, { upTo: known - 1, progress: () => {} })
  await pool.query(WORKSPACE)
  await pool.query(`
    insert into periodic_job (name, due_at, lease_owner, lease_expires_at)
    values ('follow.counters', now(), '01900000-0000-7000-8000-000000000002', now() + interval '1 minute')`)
  const made = await runWaybill(dataDir, ['backup', copy])
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+ rows of \d+ tables and 0 files are in .*copy\.\n$/),
  })
  expect(await schemaVersion(pool)).toBeLessThan(known)
  await stop()

  const restored = await runWaybill(other, ['restore', copy])
  expect(restored).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+ rows and 0 files of .*\.\nNothing was waiting to be sent\.\n$/),
  })
  const there = await serve(other)
  expect(await schemaVersion(there.pool)).toBe(known)
  expect((await there.pool.query('select name from workspace')).rows).toEqual([{ name: 'Shop' }])
  // Who worked on it when the copy was made does not live here: nothing waits for them.
  const { rows: jobs } = await there.pool.query('select name, lease_owner, lease_expires_at from periodic_job')
  expect(jobs).toEqual([{ name: 'follow.counters', lease_owner: null, lease_expires_at: null }])
  await there.stop()
})

test('what cannot be restored is refused with a sentence, and nothing is left of it', async () => {
  const folder = await temporaryFolder()
  const [dataDir, copy, other] = [await preparedData(folder), join(folder, 'copy'), join(folder, 'other')]
  const { pool, stop } = await serve(dataDir)
  await pool.query(WORKSPACE)
  await writeFile(join(dataDir, 'secret'), `${'s'.repeat(43)}\n`)
  expect(await runWaybill(dataDir, ['backup', copy])).toMatchObject({ code: 0 })
  const refused = async (target: string, from: string, why: RegExp) => {
    const ran = await runWaybill(target, ['restore', from])
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.not.stringMatching(STACK) })
    expect(lastLineOf(ran.stderr)).toMatch(why)
  }

  // Into what is running, into what is used, over what is there.
  await refused(dataDir, copy, /^Waybill is already running on this data folder \(pid \d+\)/)
  await stop()
  await refused(dataDir, copy, /^The database is in use: there are rows in workspace\. A backup is never restored over data\./)
  expect(await runWaybill(dataDir, ['backup', copy])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/The folder .*copy is not empty\. .*none is ever written over\.\n$/),
  })

  // From what is no copy, from a damaged one, from a newer Waybill.
  await refused(other, folder, /is no complete backup: there is no manifest\.json in it/)
  const file = join(copy, 'workspace.copy.gz')
  const good = await readFile(file)
  const bad = Buffer.from(good)
  bad[Math.floor(bad.length / 2)]! ^= 1
  await writeFile(file, bad)
  await refused(
    other,
    copy,
    /^The backup is damaged: .*workspace\.copy\.gz is not what it was when the backup was made\. Nothing was restored\.$/,
  )
  await writeFile(file, good)
  const manifest = await readManifest(copy)
  await writeManifest(copy, { ...manifest, schemaVersion: 9_999 })
  await refused(other, copy, /^The backup was made by a newer Waybill \(version 9999 of the database; this one knows \d+\)/)
  await writeManifest(copy, manifest)

  const there = await serve(other)
  const tables = await there.pool.query<{ n: number }>(
    'select (select count(*) from workspace) + (select count(*) from event) as n',
  )
  expect(tables.rows).toEqual([{ n: 0 }])
  await there.stop()
  expect((await readdir(other)).toSorted()).toEqual(['postgres', 'postgres.log'])
  expect(await runWaybill(other, ['restore', copy])).toMatchObject({ code: 0 })
  expect(await readFile(join(other, 'secret'), 'utf8')).toBe(`${'s'.repeat(43)}\n`)
  await rm(copy, { recursive: true })
})
