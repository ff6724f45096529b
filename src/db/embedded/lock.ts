import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import type { ConnectionParts } from '../connection.ts'
import { runningProcess } from './process.ts'

/** Who works on a data folder, and how its database is reached once it is up. */
export interface Owner {
  readonly pid: number
  readonly since: string
  readonly connection: ConnectionParts | null
}

export interface FolderLock {
  /** Tells other commands on this folder how to reach the database. */
  publish(connection: ConnectionParts): Promise<void>
  release(): Promise<void>
}

export class AlreadyRunning extends Explained {
  override readonly name = 'AlreadyRunning'
  readonly owner: Owner

  constructor(dataDir: string, owner: Owner) {
    super(
      `Waybill is already running on this data folder (pid ${owner.pid}): ${dataDir}. ` +
        'Stop it first, or give this one a folder of its own with WAYBILL_DATA_DIR.',
    )
    this.owner = owner
  }
}

const FILE = 'waybill.lock'
/** Breaking a dead owner's lock takes milliseconds; a breaker's mark older than this was left by one that died meanwhile. */
const BREAKING_MS = 10 * SECOND

/**
 * Makes this process the only one on the folder. The lock is a file made by link(), which is atomic on every file system, and names its
 * owner; it is dead when that process is gone, or its number now belongs to another. Throws `AlreadyRunning` while the owner lives.
 */
export async function lockFolder(dataDir: string): Promise<FolderLock> {
  const path = join(dataDir, FILE)
  const self = await runningProcess(process.pid)
  const mine: Owner = { pid: process.pid, since: self?.since ?? '', connection: null }
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await place(path, mine)) return heldLock(path, mine)
    const owner = await lockOwner(dataDir)
    if (owner) throw new AlreadyRunning(dataDir, owner)
    await breakDeadLock(dataDir, path)
    await sleep(10)
  }
  throw new Explained(`The lock ${path} could not be taken. Remove the file if no Waybill runs on this folder.`)
}

/** The living owner of the folder, or null. */
export async function lockOwner(dataDir: string): Promise<Owner | null> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => null)
  const owner = text === null ? null : parseOwner(text)
  if (!owner) return null
  const found = await runningProcess(owner.pid)
  return found && found.since === owner.since ? owner : null
}

function heldLock(path: string, mine: Owner): FolderLock {
  return {
    async publish(connection) {
      await replace(path, { ...mine, connection })
    },
    async release() {
      await rm(path, { force: true })
    },
  }
}

async function place(path: string, owner: Owner): Promise<boolean> {
  const own = `${path}.${randomUUID()}`
  await writeFile(own, JSON.stringify(owner), { mode: 0o600 })
  try {
    await link(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

async function replace(path: string, owner: Owner): Promise<void> {
  const own = `${path}.${randomUUID()}`
  await writeFile(own, JSON.stringify(owner), { mode: 0o600 })
  await rename(own, path)
}

/**
 * Removes a lock whose owner is dead. Only the holder of a second, momentary lock may do so, and looks again first: otherwise of two
 * that saw the same dead owner the slower one would remove the lock the faster one has just made.
 */
async function breakDeadLock(dataDir: string, path: string): Promise<void> {
  const breaking = `${path}.breaking`
  try {
    await writeFile(breaking, String(process.pid), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const mark = await stat(breaking).catch(() => null)
    if (mark && Date.now() - mark.mtimeMs > BREAKING_MS) await rm(breaking, { force: true })
    return
  }
  try {
    if (!(await lockOwner(dataDir))) await rm(path, { force: true })
  } finally {
    await rm(breaking, { force: true })
  }
}

function parseOwner(text: string): Owner | null {
  try {
    const owner = JSON.parse(text) as Partial<Owner>
    if (typeof owner.pid !== 'number' || typeof owner.since !== 'string') return null
    return { pid: owner.pid, since: owner.since, connection: owner.connection ?? null }
  } catch {
    return null
  }
}
