import { link, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, ENGINE } from '../db/database.ts'
import { DAY } from '../lib/clock.ts'
import { dropHeldBlob, holdBlob, isWorkspaceMissing, selectKnown } from './queries.ts'
import { locationOf } from './staged-blob.ts'

/** What lies there so long without a row is waited for by nobody: a request ends within minutes. */
export const ORPHANED_AFTER_MS = 7 * DAY
const ASKED_AT_ONCE = 1_000
const WORKSPACE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const FOLDER = /^[0-9a-f]{2}$/
const REST_OF_HASH = /^[0-9a-f]{62}$/
const TEMPORARY = /^\..*\.tmp$/

/**
 * Removes files that no row tells of: of a request that was refused after its bytes had come, or that was repeated, or of a process that died. Files of
 * workspaces that this database does not know are left alone: they may be another database's. Gives how many went.
 */
export async function sweepBlobs(database: Database, folder: string, now: Date): Promise<number> {
  const before = new Date(now.getTime() - ORPHANED_AFTER_MS)
  let gone = 0
  for (const workspaceId of await namesIn(folder, WORKSPACE)) {
    const at = join(folder, workspaceId)
    gone += await sweepTemporary(at, before)
    for (const beginning of await namesIn(at, FOLDER)) {
      gone += await sweepTemporary(join(at, beginning), before)
      const names = await namesIn(join(at, beginning), REST_OF_HASH)
      for (let i = 0; i < names.length; i += ASKED_AT_ONCE) {
        const hashes = names.slice(i, i + ASKED_AT_ONCE).map((name) => beginning + name)
        const swept = await sweepUnknown(database, folder, workspaceId, hashes, before)
        if (swept === null) break
        gone += swept
      }
    }
  }
  return gone
}

/** Null: this database does not know the workspace. */
async function sweepUnknown(
  database: Database,
  folder: string,
  workspaceId: string,
  hashes: readonly string[],
  before: Date,
): Promise<number | null> {
  const known = await selectKnown(database.db, workspaceId, hashes)
  let gone = 0
  for (const hex of hashes) {
    if (known.has(hex)) continue
    const hash = Buffer.from(hex, 'hex')
    const location = locationOf(workspaceId, hash)
    if (!(await isOlder(join(folder, location), before))) continue
    try {
      if (await sweepOne(database, folder, { workspaceId, hash, location }, before)) gone += 1
    } catch (error) {
      if (isWorkspaceMissing(error)) return null
      throw error
    }
  }
  return gone
}

/**
 * While its row is held, nobody can commit one for the same bytes: who wants to waits. So a file that is written anew at this moment is put back under
 * its name before its row comes to be, and a file whose row was committed a moment ago is not touched.
 */
async function sweepOne(
  database: Database,
  folder: string,
  blob: { readonly workspaceId: string; readonly hash: Buffer; readonly location: string },
  before: Date,
): Promise<boolean> {
  const path = join(folder, blob.location)
  const aside = join(path, '..', `.${process.pid}.${performance.now()}.tmp`)
  return await database.transaction(ENGINE, async (tx) => {
    if (!(await holdBlob(tx, blob))) return false
    const isGone = await moveAside(path, aside, before)
    await dropHeldBlob(tx, blob)
    return isGone
  })
}

async function moveAside(path: string, aside: string, before: Date): Promise<boolean> {
  try {
    await rename(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
  const isOld = await isOlder(aside, before)
  if (!isOld) {
    // Somebody wrote it anew after it had been looked at. Where it was written once more since, that one has the name.
    await link(aside, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  }
  await rm(aside, { force: true })
  return isOld
}

/** What a process left that died while it wrote. */
async function sweepTemporary(folder: string, before: Date): Promise<number> {
  let gone = 0
  for (const name of await namesIn(folder, TEMPORARY)) {
    const path = join(folder, name)
    if (!(await isOlder(path, before))) continue
    await rm(path, { force: true })
    gone += 1
  }
  return gone
}

async function namesIn(folder: string, wanted: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => wanted.test(name))
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}

async function isOlder(path: string, before: Date): Promise<boolean> {
  try {
    return (await stat(path)).mtime < before
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code
}
