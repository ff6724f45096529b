import { createReadStream } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { Explained } from '../../lib/explained.ts'
import { type Progress, tellWhenSlow } from '../../lib/progress.ts'
import { withClient } from '../client.ts'
import { makeDataFolder } from '../data-folder.ts'
import { isRefusedForItsContent } from '../database.ts'
import { migrate, readMigrations, schemaVersion } from '../migrate.ts'
import { foreignKeys, quoted, quotedList, tables, triggers, UNHURRIED } from './catalogue.ts'
import { compareWithHash, copyMeasured, damaged, hasFiles, incomplete, restoreTree } from './files.ts'
import { type Manifest, readManifest, type TableEntry } from './manifest.ts'
import { Measure, meter } from './measure.ts'

export interface RestoreOptions {
  readonly blobDir: string | null
  readonly secretFile: string | null
  readonly progress: Progress
  /** Tables a server fills by itself as soon as it starts: what stands in them does not make a database one that is in use. */
  readonly ignored?: readonly string[]
  /** In the transaction that brings the data, after all of it: to hold whatever would otherwise be sent at once. */
  readonly afterRestore: (client: pg.PoolClient) => Promise<void>
  readonly migrations?: string
}

export interface RestoreResult {
  readonly createdAt: string
  readonly rows: number
  readonly blobFiles: number
  readonly schemaVersion: number
}

/**
 * Brings a backup into an empty database: its tables first as they were when it was made, then the data in one transaction, each table
 * compared with its count and its hash, and then forward to this version. Whatever fails leaves the database and its folder empty.
 */
export async function restore(pool: pg.Pool, folder: string, options: RestoreOptions): Promise<RestoreResult> {
  const manifest = await readManifest(folder)
  await refuseOtherMigrations(manifest, options)
  await refuseUsedDatabase(pool, manifest, options)
  if (manifest.secret) await compareWithHash(join(folder, manifest.secret.file), manifest.secret.sha256)
  await migrate(pool, { ...migrationsOf(options), progress: options.progress, upTo: manifest.schemaVersion })
  // The files come first: a row must never point to a content that is not there yet.
  const blobFiles = await withFiles(folder, manifest, options, () =>
    withClient(pool, async (client) => {
      await client.query('begin')
      await client.query(UNHURRIED)
      await loadEverything(client, folder, manifest, options)
      // Before anything is looked for in what was loaded: without statistics each look would read whole tables.
      await tellWhenSlow(options.progress, 'Collecting statistics for the planner', client.query('analyze'))
      await tellWhenSlow(options.progress, 'Holding what would be sent', options.afterRestore(client))
      await restoreSecret(folder, manifest, options)
      await client.query('commit')
    }),
  )
  const { to } = await migrate(pool, { ...migrationsOf(options), progress: options.progress })
  return {
    createdAt: manifest.createdAt,
    rows: manifest.tables.reduce((rows, table) => rows + table.rows, 0),
    blobFiles,
    schemaVersion: to,
  }
}

async function refuseOtherMigrations(manifest: Manifest, options: RestoreOptions): Promise<void> {
  const known = await readMigrations(options.migrations)
  const newest = known.at(-1)?.version ?? 0
  if (manifest.schemaVersion > newest) {
    throw new Explained(
      `The backup was made by a newer Waybill (version ${manifest.schemaVersion} of the database; this one knows ${newest}). ` +
        'Restore it with that release or a newer one.',
    )
  }
  for (const migration of manifest.migrations) {
    if (known.some((one) => one.version === migration.version && one.checksum === migration.checksum)) continue
    throw new Explained(
      `The backup's database was made with another ${migration.name} than this Waybill has. Use the release that made it.`,
    )
  }
}

async function refuseUsedDatabase(pool: pg.Pool, manifest: Manifest, options: RestoreOptions): Promise<void> {
  const version = await schemaVersion(pool)
  if (version > manifest.schemaVersion) {
    throw new Explained(
      `The database is at version ${version} already, and the backup is of version ${manifest.schemaVersion}. ` +
        'Restore into a new one (another WAYBILL_DATA_DIR or DATABASE_URL); it is brought forward afterwards.',
    )
  }
  if (version === 0) return
  for (const { name } of await tables(pool)) {
    if (options.ignored?.includes(name)) continue
    const { rows } = await pool.query<{ used: boolean }>(`select exists (select from ${quoted(name)}) as used`)
    if (rows[0]?.used) {
      throw new Explained(
        `The database is in use: there are rows in ${name}. A backup is never restored over data. ` +
          'Restore into a new one (another WAYBILL_DATA_DIR or DATABASE_URL).',
      )
    }
  }
}

async function loadEverything(client: pg.PoolClient, folder: string, manifest: Manifest, options: RestoreOptions): Promise<void> {
  const [found, keys, active] = [await tables(client), await foreignKeys(client), await triggers(client)]
  refuseOtherTables(manifest, found)
  await makePartitions(client, manifest)
  await client.query(`truncate ${quotedList(found.map((table) => table.name))}`)
  // Loaded without foreign keys, which are then proved table by table: in any order, and without a queue of checks, one a row, in memory.
  for (const key of keys) await client.query(`alter table ${quoted(key.table)} drop constraint ${quoted(key.name)}`)
  for (const one of active) await client.query(`alter table ${quoted(one.table)} disable trigger ${quoted(one.name)}`)
  const speak = meter(options.progress, 'Restoring')
  for (const table of manifest.tables) await loadTable(client, folder, table, speak)
  for (const one of active) await client.query(`alter table ${quoted(one.table)} enable trigger ${quoted(one.name)}`)
  for (const key of keys) {
    const add = client.query(`alter table ${quoted(key.table)} add constraint ${quoted(key.name)} ${key.definition}`)
    await tellWhenSlow(options.progress, `Checking what ${key.table} refers to`, add)
  }
  for (const sequence of manifest.sequences) {
    await client.query('select setval(to_regclass($1), $2::bigint, $3)', [
      quoted(sequence.name),
      sequence.lastValue,
      sequence.isCalled,
    ])
  }
}

async function loadTable(
  client: pg.PoolClient,
  folder: string,
  table: TableEntry,
  speak: ReturnType<typeof meter>,
): Promise<void> {
  speak.on(table.name)
  const path = join(folder, table.file)
  const measure = new Measure(speak.add)
  const target = client.query(copyFrom(`copy ${quoted(table.name)} (${quotedList(table.columns)}) from stdin`))
  await pipeline(createReadStream(path), createGunzip(), measure, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw incomplete(path)
    // What was damaged comes to light where it cannot be unpacked, or as values that PostgreSQL refuses before the hash is known.
    if (error.code?.startsWith('Z_') || isRefusedForItsContent(error)) throw damaged(path, error)
    throw error
  })
  if (measure.bytes !== table.bytes || measure.sha256() !== table.sha256) throw damaged(path)
  const { rows } = await client.query<{ count: string }>(`select count(*)::text as count from ${quoted(table.name)}`)
  if (target.rowCount !== table.rows || Number(rows[0]?.count) !== table.rows) {
    throw new Explained(`${table.name} should have ${table.rows} rows and has ${rows[0]?.count}. Nothing was restored.`)
  }
}

function refuseOtherTables(manifest: Manifest, found: readonly { name: string; columns: readonly string[] }[]): void {
  const describe = (all: readonly { name: string; columns: readonly string[] }[]) =>
    all.map((table) => `${table.name}(${[...table.columns].sort().join(',')})`).sort()
  const [here, there] = [describe(found), describe(manifest.tables)]
  const odd = [...here.filter((one) => !there.includes(one)), ...there.filter((one) => !here.includes(one))]
  if (odd.length > 0) throw new Explained(`The backup does not fit its own version: ${odd[0]} differs. Nothing was restored.`)
}

/** Those of past months, which a new database does not make by itself; without them old rows would pile up in the default partition. */
async function makePartitions(client: pg.PoolClient, manifest: Manifest): Promise<void> {
  for (const { name, parent, bounds } of manifest.partitions) {
    if (!/^(FOR VALUES |DEFAULT)/.test(bounds) || bounds.includes(';'))
      throw new Explained(`The manifest is damaged: bounds of ${name}.`)
    await client.query(`create table if not exists ${quoted(name)} partition of ${quoted(parent)} ${bounds}`)
  }
}

/** The files of large contents, and then the rest; they are taken away again when that fails, unless others were there before. */
async function withFiles(
  folder: string,
  manifest: Manifest,
  options: RestoreOptions,
  restoreRest: () => Promise<void>,
): Promise<number> {
  const { blobDir } = options
  const isOurs = blobDir !== null && !(await hasFiles(blobDir))
  try {
    const files = await restoreBlobs(folder, manifest, options)
    await restoreRest()
    return files
  } catch (error) {
    if (isOurs) await rm(blobDir, { recursive: true, force: true }).catch(() => {})
    throw error
  }
}

async function restoreBlobs(folder: string, manifest: Manifest, options: RestoreOptions): Promise<number> {
  if (manifest.blobs === null) return 0
  if (options.blobDir === null) throw new Explained('The backup holds large contents, and there is no folder to put them into.')
  const speak = meter(options.progress, 'Restoring')
  speak.on('large contents')
  await makeDataFolder(options.blobDir)
  return restoreTree(join(folder, 'blobs'), options.blobDir, join(folder, manifest.blobs.list), manifest.blobs.sha256, speak.add)
}

/** An empty database has sealed nothing yet, so the secret that a first start may have made gives way; it is kept beside it all the same. */
async function restoreSecret(folder: string, manifest: Manifest, options: RestoreOptions): Promise<void> {
  if (manifest.secret === null || options.secretFile === null) return
  const copy = join(folder, manifest.secret.file)
  const [kept, brought] = await Promise.all([readFile(options.secretFile, 'utf8').catch(() => null), readFile(copy, 'utf8')])
  if (kept === brought) return
  await makeDataFolder(dirname(options.secretFile))
  if (kept !== null) await rename(options.secretFile, `${options.secretFile}.before-restore`)
  await copyMeasured(copy, options.secretFile)
}

function migrationsOf(options: RestoreOptions): { folder?: string } {
  return options.migrations === undefined ? {} : { folder: options.migrations }
}
