import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { backup } from '../../../src/db/backup/backup.ts'
import { writeManifest } from '../../../src/db/backup/manifest.ts'
import { type RestoreOptions, restore } from '../../../src/db/backup/restore.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { emptyDatabase, testDatabase } from '../../support/database.ts'
import { temporaryFolder } from '../../support/embedded-postgres.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const progress = () => {}
const plain = { blobDir: null, secretFile: null, progress }

/** Everything a table may have that makes copying it harder than it looks. */
const ODD_SCHEMA = `
  create table team (id int primary key, lead int, name text not null);
  create table member (id int primary key, team int not null references team, mentor int references member);
  alter table team add constraint team_lead foreign key (lead) references member;
  create table note (
    id      bigint generated always as identity primary key,
    member  int not null references member,
    text    text,
    length  int generated always as (char_length(text)) stored,
    bytes   bytea,
    data    jsonb,
    tags    text[],
    tx      xid8 default pg_current_xact_id(),
    at      timestamptz(6) not null default now()
  );
  create table log (seq bigint generated always as identity, at timestamptz not null, what text, primary key (seq, at)) partition by range (at);
  create table log_2025_01 partition of log for values from ('2025-01-01 00:00+00') to ('2025-02-01 00:00+00');
  create table log_other partition of log default;
  create table "odd ""name" (" a" int, "select" text);
  alter table note enable row level security;
  create function forbid() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
`
const FILL = `
  insert into team values (1, null, 'one'), (2, null, 'two');
  insert into member values (1, 1, 2), (2, 1, 1), (3, 2, null);
  update team set lead = 2 where id = 1;
  insert into note (member, text, bytes, data, tags) values
    (1, E'tab\\t line\\nback\\\\slash \\\\N \\\\.', '\\x00ff0a5c', '{"a": [1, null, "\\u00fc"]}', '{"x,y",NULL,"\\"q\\""}'),
    (2, '', '\\x', 'null', '{}'), (3, null, null, null, null), (3, 'Grüße 🎉', null, '[]', null);
  insert into log (at, what) values ('2024-12-31 23:59+00', 'before'), ('2025-01-15', 'in'), ('2026-06-01', 'after');
  insert into "odd ""name" values (1, 'x');
  create trigger note_is_closed before insert on note for each row execute function forbid();
`
const CONTENT = [
  'select * from team order by id',
  'select * from member order by id',
  'select * from note order by id',
  'select tableoid::regclass::text as partition, * from log order by seq',
  'select * from "odd ""name"',
]

async function pool(connection: pg.PoolConfig): Promise<pg.Pool> {
  const made = new pg.Pool({ ...connection, max: 3, statement_timeout: 30_000 })
  onTestFinished(() => made.end())
  return made
}

/** A filled database with its migrations, and an empty one to restore into. */
async function oddWorld(): Promise<{
  source: pg.Pool
  target: pg.Pool
  folder: string
  migrations: string
  options: RestoreOptions
}> {
  const folder = await temporaryFolder()
  const migrations = join(folder, 'migrations')
  await mkdir(migrations)
  await writeFile(join(migrations, '0001_odd.sql'), ODD_SCHEMA)
  const source = await pool(await emptyDatabase())
  await migrate(source, { folder: migrations, progress })
  await source.query(FILL)
  const target = await pool(await emptyDatabase())
  return {
    source,
    target,
    folder: join(folder, 'backup'),
    migrations,
    options: { ...plain, migrations, afterRestore: async () => {} },
  }
}

const contentOf = async (database: pg.Pool) => Promise.all(CONTENT.map(async (text) => (await database.query(text)).rows))

test('what is restored is what was backed up: every value, partition, number and rule', async () => {
  const { source, target, folder, options } = await oddWorld()
  expect(await backup(source, folder, plain, NOW)).toMatchObject({ tables: 5, rows: 2 + 3 + 4 + 3 + 1, blobFiles: 0 })
  expect(await restore(target, folder, options)).toMatchObject({ createdAt: NOW.toISOString(), rows: 13, schemaVersion: 1 })
  expect(await contentOf(target)).toEqual(await contentOf(source))

  // Numbers go on, and the rules hold again.
  const next = (database: pg.Pool) =>
    database.query("insert into log (at, what) values ('2025-01-01', 'new') returning seq, tableoid::regclass::text")
  expect((await next(target)).rows).toEqual((await next(source)).rows)
  await expect(target.query('insert into member values (9, 9, null)')).rejects.toThrow(/violates foreign key/)
  await expect(target.query('insert into note (member) values (1)')).resolves.toBeDefined()
})

test('a partition that the new database does not have is made as it was, and a trigger stays switched on', async () => {
  const { source, target, folder, options, migrations } = await oddWorld()
  await source.query(
    "create table log_2024_12 partition of log for values from ('2023-12-01 00:00+00') to ('2024-01-01 00:00+00')",
  )
  await source.query("insert into log (at, what) values ('2023-12-24', 'old')")
  await writeFile(
    join(migrations, '0002_trigger.sql'),
    'create trigger closed before insert or delete on log for each row execute function forbid();',
  )
  await migrate(source, { folder: migrations, progress })
  await backup(source, folder, plain, NOW)
  await restore(target, folder, options)
  expect((await target.query("select tableoid::regclass::text as partition from log where what = 'old'")).rows).toEqual([
    { partition: 'log_2024_12' },
  ])
  await expect(target.query('delete from log')).rejects.toThrow(/^no$/)
})

test('it is the state of one moment, however much is written meanwhile', async () => {
  const source = await pool(await emptyDatabase())
  const folder = await temporaryFolder()
  const migrations = join(folder, 'migrations')
  await mkdir(migrations)
  await writeFile(
    join(migrations, '0001_two.sql'),
    'create table a (n int); create table z (n int); insert into a select generate_series(1, 50000);',
  )
  await migrate(source, { folder: migrations, progress })
  const before = (await source.query('select count(*)::int as count from a')).rows[0].count
  let writing = true
  const writer = (async () => {
    while (writing)
      await source.query(
        'with moved as (delete from a where n in (select n from a limit 50) returning n) insert into z select n from moved',
      )
  })()
  await backup(source, join(folder, 'backup'), plain, NOW)
  writing = false
  await writer
  const target = await pool(await emptyDatabase())
  await restore(target, join(folder, 'backup'), { ...plain, migrations, afterRestore: async () => {} })
  expect((await target.query('select (select count(*) from a)::int + (select count(*) from z)::int as both')).rows).toEqual([
    { both: before },
  ])
})

test('large contents come along, and each is compared with its hash', async () => {
  const { source, target, folder, options } = await oddWorld()
  const [blobDir, other] = [join(folder, '..', 'blobs'), join(folder, '..', 'other')]
  await mkdir(join(blobDir, 'ws/ab'), { recursive: true })
  await writeFile(join(blobDir, 'ws/ab/cdef'), 'x'.repeat(300_000))
  await writeFile(join(blobDir, 'ws/ab/half.tmp'), 'being written')
  expect(await backup(source, folder, { ...plain, blobDir }, NOW)).toMatchObject({ blobFiles: 1 })
  expect(await readFile(join(folder, 'blobs.sha256'), 'utf8')).toMatch(/^[0-9a-f]{64} {2}ws\/ab\/cdef\n$/)

  await expect(restore(target, folder, options)).rejects.toThrow(/there is no folder to put them into/)
  expect(await restore(target, folder, { ...options, blobDir: other })).toMatchObject({ blobFiles: 1 })
  expect(await readFile(join(other, 'ws/ab/cdef'), 'utf8')).toBe('x'.repeat(300_000))

  await writeFile(join(folder, 'blobs/ws/ab/cdef'), 'y'.repeat(300_000))
  await expect(restore(await pool(await emptyDatabase()), folder, { ...options, blobDir: other })).rejects.toThrow(
    /The backup is damaged: .*cdef/,
  )
})

test('the kept secret comes along; one that a first start had made is put aside', async () => {
  const { source, target, folder, options } = await oddWorld()
  const [there, here] = [join(folder, '..', 'there', 'secret'), join(folder, '..', 'here', 'secret')]
  await mkdir(join(there, '..'))
  await writeFile(there, 'the secret that sealed\n')
  await backup(source, folder, { ...plain, secretFile: there }, NOW)
  expect((await stat(folder)).mode & 0o077).toBe(0)
  await mkdir(join(here, '..'))
  await writeFile(here, 'made at a first start\n')
  await restore(target, folder, { ...options, secretFile: here })
  expect(await readFile(here, 'utf8')).toBe('the secret that sealed\n')
  expect(await readFile(`${here}.before-restore`, 'utf8')).toBe('made at a first start\n')
})

test('what would be sent at once can be held in the same transaction; if that fails nothing is restored', async () => {
  const { source, target, folder, options } = await oddWorld()
  await backup(source, folder, plain, NOW)
  const failing = { ...options, afterRestore: async () => Promise.reject(new Error('cannot hold')) }
  await expect(restore(target, folder, failing)).rejects.toThrow('cannot hold')
  expect((await target.query('select count(*)::int as count from team')).rows).toEqual([{ count: 0 }])

  await restore(target, folder, {
    ...options,
    afterRestore: async (client) => void (await client.query("update team set name = 'held'")),
  })
  expect((await target.query('select distinct name from team')).rows).toEqual([{ name: 'held' }])
})

test('a backup of an older version is brought forward; one of a newer version or of other migrations is refused', async () => {
  const { source, target, folder, options, migrations } = await oddWorld()
  await backup(source, folder, plain, NOW)
  await writeFile(join(migrations, '0002_more.sql'), "alter table team add colour text not null default 'grey';")
  expect(await restore(target, folder, options)).toMatchObject({ schemaVersion: 2 })
  expect((await target.query('select colour from team where id = 1')).rows).toEqual([{ colour: 'grey' }])

  await expect(restore(target, folder, options)).rejects.toThrow(/is at version 2 already, and the backup is of version 1/)

  const newer = join(folder, '..', 'newer')
  await backup(target, newer, plain, NOW)
  await rm(join(migrations, '0002_more.sql'))
  await expect(restore(await pool(await emptyDatabase()), newer, options)).rejects.toThrow(
    /made by a newer Waybill \(version 2 .*; this one knows 1\)/,
  )
  await writeFile(join(migrations, '0001_odd.sql'), `${ODD_SCHEMA} -- changed`)
  await expect(restore(await pool(await emptyDatabase()), folder, options)).rejects.toThrow(/was made with another 0001_odd\.sql/)
})

test('a database with anything in it is left alone, but for what a server writes into it by itself', async () => {
  const { source, target, folder, options, migrations } = await oddWorld()
  await backup(source, folder, plain, NOW)
  await migrate(target, { folder: migrations, progress })
  await target.query("insert into team values (7, null, 'seven')")
  await expect(restore(target, folder, options)).rejects.toThrow(/The database is in use: there are rows in team/)
  expect((await target.query('select name from team')).rows).toEqual([{ name: 'seven' }])
  await restore(target, folder, { ...options, ignored: ['team'] })
  expect((await target.query('select name from team order by id')).rows).toEqual([{ name: 'one' }, { name: 'two' }])
})

test.each([
  [
    'changed',
    async (file: string) => writeFile(file, Buffer.concat([await readFile(file)]).fill(0, 30, 40)),
    /The backup is damaged: .*note\.copy\.gz/,
  ],
  [
    'cut short',
    async (file: string) => writeFile(file, (await readFile(file)).subarray(0, -20)),
    /The backup is damaged: .*note\.copy\.gz/,
  ],
  ['missing', (file: string) => rm(file), /The backup is incomplete: .*note\.copy\.gz is missing/],
])('a table file that is %s is noticed, and nothing is restored', async (_, spoil, message) => {
  const { source, target, folder, options } = await oddWorld()
  await source.query(
    'alter table note disable trigger user; insert into note (member, text) select 1, md5(n::text) from generate_series(1, 500) n',
  )
  await backup(source, folder, plain, NOW)
  await spoil(join(folder, 'note.copy.gz'))
  await expect(restore(target, folder, options)).rejects.toThrow(message)
  expect((await target.query('select count(*)::int as count from team')).rows).toEqual([{ count: 0 }])
})

test('a count that was falsified is noticed', async () => {
  const { source, target, folder, options } = await oddWorld()
  await backup(source, folder, plain, NOW)
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  manifest.tables.find((table: { name: string }) => table.name === 'team').rows = 3
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
  await expect(restore(target, folder, options)).rejects.toThrow(/The backup is damaged: .*manifest\.json/)
  await writeManifest(folder, manifest)
  await expect(restore(target, folder, options)).rejects.toThrow(/team should have 3 rows and has 2/)
})

test('a folder without a manifest is no backup, and a backup never goes into a folder that is used', async () => {
  const { source, target, folder, options } = await oddWorld()
  await backup(source, folder, plain, NOW)
  await expect(backup(source, folder, plain, NOW)).rejects.toThrow(/is not empty/)
  expect(existsSync(join(folder, 'manifest.json'))).toBe(true)
  await rm(join(folder, 'manifest.json'))
  await expect(restore(target, folder, options)).rejects.toThrow(/is no complete backup/)
})

test('a backup that fails leaves nothing behind, and the connection is not used again', async () => {
  const { source, folder } = await oddWorld()
  const broken = { ...plain, blobDir: join(folder, '..', 'blobs'), progress }
  await mkdir(broken.blobDir)
  await writeFile(join(broken.blobDir, 'line\nbreak'), '')
  await expect(backup(source, folder, broken, NOW)).rejects.toThrow(/line break in its name/)
  expect(existsSync(folder)).toBe(false)
  await expect(backup(await pool(await emptyDatabase()), folder, plain, NOW)).rejects.toThrow(/There is nothing to back up/)
  expect((await source.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('Waybill’s own database can be backed up and restored as its owner', async () => {
  const source = await pool(await testDatabase())
  await source.query(
    "insert into workspace (id, name, created_at) values ('01900000-0000-7000-8000-000000000001', 'Ours', now())",
  )
  await source.query(
    "insert into event (at, workspace_id, type) select now() - interval '1 year', '01900000-0000-7000-8000-000000000001', 'test.happened' from generate_series(1, 100)",
  )
  const folder = join(await temporaryFolder(), 'backup')
  await backup(source, folder, plain, NOW)
  expect((await readdir(folder)).filter((name) => name.startsWith('event'))).toEqual(['event.copy.gz'])
  const target = await pool(await emptyDatabase())
  await restore(target, folder, { ...plain, afterRestore: async () => {} })
  const events = (database: pg.Pool) => database.query('select seq, txid, at, workspace_id, type from event order by seq')
  expect((await events(target)).rows).toEqual((await events(source)).rows)
  const state = (database: pg.Pool) =>
    database.query(`
      select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as definition, convalidated
        from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2`)
  expect((await state(target)).rows).toEqual((await state(source)).rows)
})
