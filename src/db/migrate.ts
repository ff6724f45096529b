import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { MINUTE } from '../lib/clock.ts'
import { Explained } from '../lib/explained.ts'
import { type Progress, tellWhenSlow } from '../lib/progress.ts'
import { withClient } from './client.ts'
import { describeYoungTables } from './young-tables.ts'

/** One numbered file: `0003_events.sql`. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly sql: string
}

export interface Migrated {
  readonly from: number
  readonly to: number
  readonly applied: readonly string[]
}

export interface MigrateOptions {
  readonly folder?: string
  /** For restoring a backup: to the version it was made at, and no further. */
  readonly upTo?: number
  readonly progress: Progress
}

/** What can be asked a single statement: pool or client. */
export type Queryable = Pick<pg.Pool, 'query'> | Pick<pg.ClientBase, 'query'>

interface Applied {
  readonly version: number
  readonly name: string
  readonly checksum: string
}

/** Thrown to a process that is older than the database it meets at its start: it must not touch rows whose meaning it may not know. */
export class SchemaTooNew extends Explained {
  override readonly name = 'SchemaTooNew'
}

const FOLDER = join(import.meta.dirname, '..', '..', 'migrations')
/** "waybill" in ASCII, as a number; the same in every Waybill that ever meets the same database. */
const LOCK_KEY = '33602696198581356'
const LOCK_WAIT_MS = 10 * MINUTE

/**
 * Brings the database forward, file by file, each in its own transaction. Any number of processes may do so at once: the lock is taken
 * anew in each transaction (so it holds behind a transaction-pooling proxy, too) and the next file is chosen under it.
 */
export async function migrate(pool: pg.Pool, { folder = FOLDER, upTo, progress }: MigrateOptions): Promise<Migrated> {
  const all = await readMigrations(folder)
  const migrations = upTo === undefined ? all : all.filter((migration) => migration.version <= upTo)
  const from = await schemaVersion(pool)
  const applied: string[] = []
  await withClient(pool, async (client) => {
    for (let round = 0; round <= migrations.length; round++) {
      const name = await applyNext(client, migrations, progress)
      if (name === null) break
      applied.push(name)
    }
    if (applied.length > 0) await locked(client, progress, () => describeYoungTables(client))
  })
  return { from, to: await schemaVersion(pool), applied }
}

/** The number of the last migration the database has seen; 0 for an empty one. */
export async function schemaVersion(db: Queryable): Promise<number> {
  if (!(await schemaTableExists(db))) return 0
  const { rows } = await db.query<{ version: number | null }>('select max(version) as version from schema_migration')
  return rows[0]?.version ?? 0
}

/** The number of the last migration this code carries. */
export async function knownSchemaVersion(folder: string = FOLDER): Promise<number> {
  return (await readMigrations(folder)).at(-1)?.version ?? 0
}

/** The migrations in order. Their numbers decide it; two with the same one are refused. */
export async function readMigrations(folder: string = FOLDER): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const migrations = await Promise.all(names.map((name) => readMigration(folder, name)))
  migrations.sort((a, b) => a.version - b.version)
  migrations.forEach((migration, index) => {
    const before = migrations[index - 1]
    if (before?.version === migration.version) {
      throw new Explained(
        `Two migrations have the number ${migration.version}: ${before.name} and ${migration.name}. Renumber the newer one.`,
      )
    }
  })
  return migrations
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1] ?? 0)
  if (version === 0) throw new Explained(`The migration ${name} needs a name like 0012_what_it_does.sql.`)
  // A checkout with CRLF line ends holds the same migration.
  const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n')
  return { version, name, checksum: createHash('sha256').update(sql).digest('hex'), sql }
}

async function applyNext(client: pg.PoolClient, migrations: readonly Migration[], progress: Progress): Promise<string | null> {
  return await locked(client, progress, async () => {
    const next = nextOf(migrations, await appliedOnes(client))
    if (next) await apply(client, next, progress)
    return next?.name ?? null
  })
}

/** In a transaction of its own, which no other Waybill has at the same time. */
async function locked<T>(client: pg.PoolClient, progress: Progress, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  await client.query(`set local statement_timeout = ${LOCK_WAIT_MS}`)
  await tellWhenSlow(
    progress,
    'Waiting for another Waybill to migrate the database',
    client.query(`select pg_advisory_xact_lock(${LOCK_KEY})`),
  )
  await client.query('set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0')
  const result = await work()
  await client.query('commit')
  return result
}

async function appliedOnes(client: pg.PoolClient): Promise<Applied[]> {
  if (!(await schemaTableExists(client))) {
    await client.query(`
      create table schema_migration (
        version    integer     not null constraint schema_migration_key primary key,
        name       text        not null,
        checksum   text        not null,
        applied_at timestamptz not null default now()
      )`)
  }
  const { rows } = await client.query<Applied>('select version, name, checksum from schema_migration order by version')
  return rows
}

/**
 * Reads pg_class, where to_regclass() would do elsewhere: that one may answer from what this connection knew when its transaction began,
 * before it waited for the process that was just making the table.
 */
async function schemaTableExists(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>(`
    select exists (
      select from pg_class
       where relname = 'schema_migration' and relnamespace = to_regnamespace(quote_ident(current_schema()))
    ) as found`)
  return rows[0]?.found === true
}

/** The first migration not yet applied, once all that are have been recognised. */
function nextOf(migrations: readonly Migration[], applied: readonly Applied[]): Migration | null {
  const newest = applied.at(-1)?.version ?? 0
  refuseNewer(newest, migrations.at(-1)?.version ?? 0)
  for (const done of applied) {
    const file = migrations.find((migration) => migration.version === done.version)
    if (!file)
      throw new Explained(
        `The database has seen the migration ${done.name}, which this Waybill does not have. Use the release it was migrated with, or a newer one.`,
      )
    if (file.checksum !== done.checksum) {
      throw new Explained(
        `The migration ${file.name} was changed after it had been applied to this database. ` +
          'Put the file back as it was and write the change as a new migration.',
      )
    }
  }
  const next = migrations.find((migration) => !applied.some((done) => done.version === migration.version)) ?? null
  if (next && next.version < newest) {
    throw new Explained(
      `The migration ${next.name} is older than the database (version ${newest}). Give it a number above ${newest}.`,
    )
  }
  return next
}

function refuseNewer(found: number, known: number): void {
  if (found <= known) return
  throw new SchemaTooNew(
    `The database is at version ${found}, made by a newer Waybill; this one knows versions up to ${known} and leaves it alone. ` +
      'Start the newer release, or restore a backup from before the upgrade.',
  )
}

async function apply(client: pg.PoolClient, migration: Migration, progress: Progress): Promise<void> {
  try {
    await tellWhenSlow(progress, `Migrating the database: ${migration.name}`, client.query(migration.sql))
  } catch (error) {
    const { message, position, hint } = error as { message: string; position?: string; hint?: string }
    const line = position ? ` at line ${migration.sql.slice(0, Number(position)).split('\n').length}` : ''
    throw new Explained(
      `The migration ${migration.name} failed${line}: ${message}. ${hint ? `${hint} ` : ''}The database is as it was before it.`,
      {
        cause: error,
      },
    )
  }
  await client.query('insert into schema_migration (version, name, checksum) values ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.checksum,
  ])
}
