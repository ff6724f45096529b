import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { Explained } from '../../lib/explained.ts'
import type { Progress } from '../../lib/progress.ts'
import { withClient } from '../client.ts'
import { schemaVersion } from '../migrate.ts'
import { appliedMigrations, partitions, quoted, quotedList, sequences, type Table, tables, UNHURRIED } from './catalogue.ts'
import { copyMeasured, copyTree } from './files.ts'
import { type Manifest, type TableEntry, writeManifest } from './manifest.ts'
import { Measure, meter } from './measure.ts'

export interface BackupOptions {
  /** Where contents too large for the database live; null when there is no such folder. */
  readonly blobDir: string | null
  /** The kept secret, without which stored passwords cannot be opened; null when it comes from the environment. */
  readonly secretFile: string | null
  readonly progress: Progress
}

export interface BackupResult {
  readonly tables: number
  readonly rows: number
  readonly bytes: number
  readonly blobFiles: number
  /** The kept secret is part of it. */
  readonly withSecret: boolean
}

/**
 * Writes everything into a new folder, as it was at one moment: all tables in one snapshot, while mail goes on. It needs no program of
 * PostgreSQL's. Content files are never changed once written, so they are copied after the snapshot is taken; newer ones among them are
 * harmless. The manifest comes last and makes the folder a backup.
 */
export async function backup(pool: pg.Pool, folder: string, options: BackupOptions, now: Date): Promise<BackupResult> {
  await makeEmptyFolder(folder)
  try {
    const manifest = await withClient(pool, async (client) => {
      await client.query('begin isolation level repeatable read, read only')
      await client.query(UNHURRIED)
      const written = await writeEverything(client, folder, options, now)
      await client.query('commit')
      return written
    })
    await writeManifest(folder, manifest)
    return {
      tables: manifest.tables.length,
      rows: sum(manifest.tables.map((table) => table.rows)),
      bytes: sum(manifest.tables.map((table) => table.bytes)) + (manifest.blobs?.bytes ?? 0),
      blobFiles: manifest.blobs?.files ?? 0,
      withSecret: manifest.secret !== null,
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function writeEverything(client: pg.PoolClient, folder: string, options: BackupOptions, now: Date): Promise<Manifest> {
  const version = await schemaVersion(client)
  if (version === 0) throw new Explained('There is nothing to back up: this database was never used by Waybill.')
  const found = await tables(client)
  // As pg_dump does: from here on no table or partition can be dropped before it was read.
  await client.query(`lock table ${quotedList(found.map((table) => table.name))} in access share mode`)
  const speak = meter(options.progress, 'Backing up')
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  return {
    format: 1,
    createdAt: now.toISOString(),
    postgres: rows[0]?.server_version ?? '',
    schemaVersion: version,
    migrations: await appliedMigrations(client),
    partitions: await partitions(client),
    blobs: await copyBlobs(folder, options.blobDir, speak),
    tables: await copyTables(client, folder, found, speak),
    sequences: await sequences(client),
    secret: await copySecret(folder, options.secretFile),
  }
}

async function copyTables(
  client: pg.PoolClient,
  folder: string,
  found: readonly Table[],
  speak: ReturnType<typeof meter>,
): Promise<TableEntry[]> {
  const entries: TableEntry[] = []
  for (const table of found) {
    speak.on(table.name)
    const file = `${table.name.replace(/[^\w-]/g, (odd) => `%${odd.charCodeAt(0).toString(16)}`)}.copy.gz`
    // A query, since COPY of a partitioned table by name reads nothing.
    const source = client.query(copyTo(`copy (select ${quotedList(table.columns)} from ${quoted(table.name)}) to stdout`))
    const measure = new Measure(speak.add)
    // Level 1: half the size of plain text already, and the disk stays the slower part.
    await pipeline(source, measure, createGzip({ level: 1 }), createWriteStream(join(folder, file), { mode: 0o600, flush: true }))
    entries.push({
      name: table.name,
      columns: [...table.columns],
      file,
      rows: source.rowCount,
      bytes: measure.bytes,
      sha256: measure.sha256(),
    })
  }
  return entries
}

async function copyBlobs(folder: string, blobDir: string | null, speak: ReturnType<typeof meter>): Promise<Manifest['blobs']> {
  if (blobDir === null) return null
  speak.on('large contents')
  const list = 'blobs.sha256'
  return { list, ...(await copyTree(blobDir, join(folder, 'blobs'), join(folder, list), speak.add)) }
}

async function copySecret(folder: string, secretFile: string | null): Promise<Manifest['secret']> {
  if (secretFile === null || !(await stat(secretFile).catch(() => null))) return null
  const file = 'secret'
  return { file, sha256: (await copyMeasured(secretFile, join(folder, file))).sha256() }
}

/** The folder holds mail and secrets: its owner's alone. */
async function makeEmptyFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length === 0) return
  } catch (error) {
    throw new Explained(`The folder ${folder} cannot be written to: ${(error as Error).message}.`)
  }
  throw new Explained(`The folder ${folder} is not empty. A backup needs one of its own; none is ever written over.`)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
