import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { knownSchemaVersion, migrate, readMigrations, SchemaTooNew, schemaVersion } from '../../src/db/migrate.ts'
import { emptyDatabase, testDatabase } from '../support/database.ts'

const progress = () => {}
let pool: pg.Pool
let folder: string
const opened: { pool: pg.Pool; folder: string }[] = []

beforeEach(async () => {
  pool = new pg.Pool({ ...(await emptyDatabase()), max: 4 })
  folder = await mkdtemp(join(tmpdir(), 'waybill-migrations-'))
  opened.push({ pool, folder })
})

afterAll(async () => {
  for (const one of opened) {
    await one.pool.end()
    await rm(one.folder, { recursive: true })
  }
})

const file = (name: string, sql: string) => writeFile(join(folder, name), sql)

test('the shipped migrations lead an empty database to the version the code knows', async () => {
  const migrated = await migrate(pool, { progress })
  expect(migrated).toMatchObject({ from: 0, to: await knownSchemaVersion() })
  expect(migrated.applied.length).toBeGreaterThan(3)
  expect(await migrate(pool, { progress })).toEqual({ from: migrated.to, to: migrated.to, applied: [] })
})

test('a database for tests is a migrated one', async () => {
  const copy = new pg.Pool({ ...(await testDatabase()), max: 1 })
  expect(await schemaVersion(copy)).toBe(await knownSchemaVersion())
  await copy.end()
})

test('files are applied in the order of their numbers, later ones only', async () => {
  await file('0001_one.sql', 'create table note (text text); insert into note values ($$first$$);')
  expect((await migrate(pool, { folder, progress })).applied).toEqual(['0001_one.sql'])
  await file('0010_ten.sql', "insert into note values ('tenth');")
  await file('0002_two.sql', "insert into note values ('second');")
  expect((await migrate(pool, { folder, progress })).applied).toEqual(['0002_two.sql', '0010_ten.sql'])
  expect((await pool.query('select text from note')).rows.map((row) => row.text)).toEqual(['first', 'second', 'tenth'])
})

test('eight processes that migrate at once apply every file once', async () => {
  await file('0001_one.sql', 'create table note (text text);')
  await file('0002_two.sql', "insert into note values ('once');")
  const all = await Promise.all(Array.from({ length: 8 }, () => migrate(pool, { folder, progress })))
  expect(all.flatMap((one) => one.applied).sort()).toEqual(['0001_one.sql', '0002_two.sql'])
  expect((await pool.query('select text from note')).rows).toHaveLength(1)
})

test('a file that fails changes nothing, is named with its line, and the ones before it stay', async () => {
  await file('0001_one.sql', 'create table note (text text);')
  await file('0002_two.sql', "insert into note values ('kept?');\n\nselect nonsense;\n")
  await expect(migrate(pool, { folder, progress })).rejects.toThrow(
    /0002_two\.sql failed at line 3: column "nonsense" does not exist/,
  )
  expect(await schemaVersion(pool)).toBe(1)
  expect((await pool.query('select text from note')).rows).toEqual([])
})

test('an applied file that was changed is refused; other line ends are not a change', async () => {
  await file('0001_one.sql', 'create table note (text text);\nselect 1;\n')
  await migrate(pool, { folder, progress })
  await file('0001_one.sql', 'create table note (text text);\r\nselect 1;\r\n')
  await migrate(pool, { folder, progress })
  await file('0001_one.sql', 'create table note (text text, more text);')
  await expect(migrate(pool, { folder, progress })).rejects.toThrow(/0001_one\.sql was changed after it had been applied/)
})

test('a number below the newest applied one, a missing file and a double number are refused', async () => {
  await file('0002_two.sql', 'select 1;')
  await file('0003_three.sql', 'select 1;')
  await migrate(pool, { folder, progress })
  await file('0001_late.sql', 'select 1;')
  await expect(migrate(pool, { folder, progress })).rejects.toThrow(/0001_late\.sql is older than the database \(version 3\)/)
  await rm(join(folder, '0001_late.sql'))
  await rm(join(folder, '0002_two.sql'))
  await expect(migrate(pool, { folder, progress })).rejects.toThrow(/has seen the migration 0002_two\.sql/)
  await file('0003_again.sql', 'select 1;')
  await expect(readMigrations(folder)).rejects.toThrow(/Two migrations have the number 3/)
})

test('an older process leaves a newer database alone', async () => {
  await file('0001_one.sql', 'select 1;')
  await migrate(pool, { folder, progress })
  await pool.query("insert into schema_migration values (2, '0002_newer.sql', 'x')")
  await expect(migrate(pool, { folder, progress })).rejects.toThrow(SchemaTooNew)
  await expect(migrate(pool, { folder, progress })).rejects.toThrow(
    /at version 2, made by a newer Waybill; this one knows versions up to 1/,
  )
})

test('a statement limit of the pool does not end a long migration, and a slow one says what it does', async () => {
  const impatient = new pg.Pool({ ...pool.options, max: 1, statement_timeout: 200 })
  const lines: string[] = []
  await file('0001_slow.sql', 'select pg_sleep(1.3);')
  await migrate(impatient, { folder, progress: (line) => lines.push(line) })
  await impatient.end()
  expect(lines).toEqual([expect.stringMatching(/^Migrating the database: 0001_slow\.sql … 1 s$/)])
})
