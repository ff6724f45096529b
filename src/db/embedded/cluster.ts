import { randomBytes } from 'node:crypto'
import { chown, lstat, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import { type Progress, tellWhenSlow } from '../../lib/progress.ts'
import { writeDurably } from '../data-folder.ts'
import type { Binaries } from './binaries.ts'
import { run } from './command.ts'
import { configuration, hostRules } from './configuration.ts'
import { type Home, sweepHome } from './home.ts'
import type { Reach } from './reach.ts'

const MAJOR_VERSION = '18'
const NEW_PREFIX = 'data.new-'
const SUPERUSER = 'postgres'
const OWNER = 'waybill'
const DATABASE = 'waybill'

/**
 * Locales whose only use here is that letters beyond ASCII count as letters in trigrams; sorting and case are PostgreSQL's own
 * (builtin C.UTF-8), so that an operating system's upgrade never silently reorders an index.
 */
const CHARACTER_TYPES = ['C.UTF-8', 'en_US.UTF-8', 'C'] as const

/** Makes the database's files if there are none. They appear under their name only when complete. */
export async function initialise(home: Home, binaries: Binaries, reach: Reach, progress: Progress): Promise<void> {
  await sweepHome(home, NEW_PREFIX)
  const version = await readFile(join(home.pgdata, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Explained(`The database's files in ${home.pgdata} cannot be read: ${error.message}.`)
  })
  if (version === null) await tellWhenSlow(progress, 'Making the database', makeCluster(home, binaries, reach))
  else if (version.trim() !== MAJOR_VERSION) {
    throw new Explained(
      `The database in ${home.pgdata} was made by PostgreSQL ${version.trim()}, and this Waybill carries ${MAJOR_VERSION}. ` +
        'Make a backup with the Waybill it was made with (waybill backup DIR) and restore it into a new data folder with this one.',
    )
  }
}

async function makeCluster(home: Home, binaries: Binaries, reach: Reach): Promise<void> {
  const fresh = join(home.dir, NEW_PREFIX + randomBytes(4).toString('hex'))
  await mkdir(fresh, { mode: 0o700 })
  if (home.account) await chown(fresh, home.account.uid, home.account.gid)
  const passwordFile = reach.password ? `${fresh}.password` : null
  if (passwordFile) {
    await writeFile(passwordFile, `${reach.password}\n`, { mode: 0o600 })
    if (home.account) await chown(passwordFile, home.account.uid, home.account.gid)
  }
  let output = ''
  for (const characterType of CHARACTER_TYPES) {
    const args = ['-D', fresh, '-U', SUPERUSER, '-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    args.push('--locale=C', `--lc-ctype=${characterType}`, '-T', 'simple', '-k', '--no-instructions')
    args.push(...(passwordFile ? ['-A', 'scram-sha-256', `--pwfile=${passwordFile}`] : ['-A', 'trust']))
    const result = await run(binaries.initdb, args, { account: home.account, limitMs: 2 * MINUTE })
    output = result.output
    if (result.code === 0) {
      if (passwordFile) await rm(passwordFile)
      await rename(fresh, home.pgdata).catch((error: Error) => {
        throw new Explained(
          `${home.pgdata} exists but holds no database (${error.message}). Move it away, or restore it from a backup.`,
        )
      })
      await syncFolder(dirname(home.pgdata))
      return
    }
    if (!output.includes('invalid locale name')) break
  }
  throw new Explained(`The database could not be made in ${home.dir}. PostgreSQL's initdb said: ${lastLines(output)}`)
}

/** Written at every start, so that a newer Waybill brings its settings; what an administrator adds goes into local.conf. */
export async function configure(home: Home, reach: Reach, durable: boolean): Promise<void> {
  const main = join(home.pgdata, 'postgresql.conf')
  const text = await readFile(main, 'utf8')
  const local = join(home.pgdata, 'local.conf')
  if (!(await lstat(local).catch(() => null))) await put(home, local, "# Settings of your own; they win over Waybill's.\n")
  const include = "include 'waybill.conf'"
  if (!text.includes(include)) await put(home, main, `${text}\n${include}\n`)
  await put(home, join(home.pgdata, 'waybill.conf'), configuration(reach, durable))
  await put(home, join(home.pgdata, 'pg_hba.conf'), hostRules(reach))
}

async function put(home: Home, path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => null)) === text) return
  await writeDurably(path, text)
  if (home.account) await chown(path, home.account.uid, home.account.gid)
}

/**
 * The role and the database Waybill uses. The role owns the database and may make roles, but is neither superuser nor exempt from
 * row-level security: the superuser never leaves this file.
 */
export async function makeDatabase(reach: Reach): Promise<void> {
  const client = new pg.Client({ ...connectionAs(reach, SUPERUSER, 'postgres'), connectionTimeoutMillis: 10 * SECOND })
  await client.connect()
  try {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      'select exists (select from pg_roles where rolname = $1) as role, exists (select from pg_database where datname = $2) as database',
      [OWNER, DATABASE],
    )
    if (!rows[0]?.role) await client.query(`create role ${OWNER} login createrole nosuperuser nobypassrls`)
    if (reach.password) await client.query(`alter role ${OWNER} password ${pg.escapeLiteral(reach.password)}`)
    if (!rows[0]?.database) await client.query(`create database ${DATABASE} owner ${OWNER}`)
  } finally {
    await client.end()
  }
}

/** How Waybill itself connects. */
export function ownerConnection(reach: Reach) {
  return connectionAs(reach, OWNER, DATABASE)
}

function connectionAs(reach: Reach, user: string, database: string) {
  return { host: reach.host, port: reach.port, user, database, ...(reach.password ? { password: reach.password } : {}) }
}

function lastLines(text: string, count = 5): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

/** A new name in a folder survives a power cut only once the folder itself is written. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
