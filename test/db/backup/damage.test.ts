import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { backup } from '../../../src/db/backup/backup.ts'
import { restore } from '../../../src/db/backup/restore.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { Explained } from '../../../src/lib/explained.ts'
import { emptyDatabase } from '../../support/database.ts'
import { temporaryFolder } from '../../support/embedded-postgres.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const progress = () => {}
const SECRET = 'the secret that opens what is sealed\n'
const CONTENT = 'x'.repeat(10_000)

const SCHEMA = `
  create table note (id int primary key, at timestamptz not null, data jsonb not null, text text not null);
  create table tag (note int not null references note, name text not null);
  create sequence number;`
const FILL = `
  insert into note select n, '2026-11-21 12:00Z', jsonb_build_object('n', n, 'hash', md5(n::text)), md5(n::text) from generate_series(1, 300) as n;
  insert into tag select n, 'tag ' || n from generate_series(1, 300) as n;
  select setval('number', 4711);`

async function pool(): Promise<pg.Pool> {
  const made = new pg.Pool({ ...(await emptyDatabase()), max: 2, statement_timeout: 30_000 })
  onTestFinished(() => made.end())
  return made
}

/** A copy with something of everything in it, and where it may be brought back to. */
async function aCopy() {
  const folder = await temporaryFolder()
  const [there, here, copy] = [join(folder, 'there'), join(folder, 'here'), join(folder, 'copy')]
  await mkdir(join(there, 'blobs/ws/ab'), { recursive: true })
  await writeFile(join(there, 'blobs/ws/ab/cdef'), CONTENT)
  await writeFile(join(there, 'secret'), SECRET)
  const migrations = join(folder, 'migrations')
  await mkdir(migrations)
  await writeFile(join(migrations, '0001_notes.sql'), SCHEMA)
  const source = await pool()
  await migrate(source, { folder: migrations, progress })
  await source.query(FILL)
  await backup(source, copy, { blobDir: join(there, 'blobs'), secretFile: join(there, 'secret'), progress }, NOW)
  const target = await pool()
  const options = { blobDir: join(here, 'blobs'), secretFile: join(here, 'secret'), progress, migrations }
  return { source, target, copy, here, bringBack: () => restore(target, copy, { ...options, afterRestore: async () => {} }) }
}

async function rowsOf(database: pg.Pool): Promise<unknown[]> {
  return (await database.query('select note.*, tag.name from note join tag on tag.note = note.id order by id')).rows
}

/** Whatever a failed attempt left: nothing. */
async function expectNothingIn(target: pg.Pool, here: string): Promise<void> {
  const { rows } = await target.query('select (select count(*)::int from note) + (select count(*)::int from tag) as n')
  expect(rows).toEqual([{ n: 0 }])
  const files = await readdir(here, { recursive: true, withFileTypes: true }).catch(() => [])
  expect(files.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([])
}

test('whichever byte of a copy is flipped, it is refused with a sentence and nothing is brought back, or nothing is lost', async () => {
  const { source, target, copy, here, bringBack } = await aCopy()
  const files = (await readdir(copy, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThanOrEqual(6)
  for (const file of files) {
    const path = join(file.parentPath, file.name)
    const good = await readFile(path)
    // The first bytes, where formats keep their marks, and some all over.
    const places = new Set([
      0,
      3,
      5,
      9,
      10,
      11,
      15,
      ...Array.from({ length: 14 }, (_, i) => Math.floor((i * good.length) / 14)),
      good.length - 1,
    ])
    for (const at of [...places].filter((place) => place < good.length)) {
      const bad = Buffer.from(good)
      bad[at]! ^= 0x10
      await writeFile(path, bad)
      const what = `byte ${at} of ${file.name}`
      const error = await bringBack().then(
        () => null,
        (fault: unknown) => fault,
      )
      if (error === null) {
        expect(await rowsOf(target), what).toEqual(await rowsOf(source))
        expect(await readFile(join(here, 'blobs/ws/ab/cdef'), 'utf8'), what).toBe(CONTENT)
        expect(await readFile(join(here, 'secret'), 'utf8'), what).toBe(SECRET)
        expect((await target.query("select nextval('number') as n")).rows, what).toEqual([{ n: '4712' }])
        await target.query("truncate note, tag; select setval('number', 1)")
        await rm(here, { recursive: true })
      } else {
        expect(error, what).toBeInstanceOf(Explained)
        await expectNothingIn(target, here)
      }
    }
    await writeFile(path, good)
  }
  await bringBack()
  expect(await rowsOf(target)).toEqual(await rowsOf(source))
}, 120_000)

test('whichever file of a copy is missing, it is refused with a sentence and nothing is brought back', async () => {
  const { target, copy, here, bringBack } = await aCopy()
  for (const file of await readdir(copy, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const path = join(file.parentPath, file.name)
    const good = await readFile(path)
    await rm(path)
    await expect(bringBack(), file.name).rejects.toThrow(Explained)
    if (file.name !== 'manifest.json' && (await target.query("select to_regclass('note') as note")).rows[0].note)
      await expectNothingIn(target, here)
    await writeFile(path, good)
  }
})

test('files that were there before a copy was refused are left alone', async () => {
  const { copy, here, bringBack } = await aCopy()
  await mkdir(join(here, 'blobs/ws/ab'), { recursive: true })
  await writeFile(join(here, 'blobs/ws/ab/other'), 'somebody put it there')
  await writeFile(join(copy, 'note.copy.gz'), 'no longer what it was')
  await expect(bringBack()).rejects.toThrow(/The backup is damaged: .*note\.copy\.gz/)
  expect(await readFile(join(here, 'blobs/ws/ab/other'), 'utf8')).toBe('somebody put it there')
})
