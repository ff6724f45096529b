import { access, constants, readFile, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'

const MEMORY = '/dev/shm'
/** More than the databases of a run ever take, their log of 256 MB included. */
const ROOM = 2 * 1024 ** 3
/** What the servers and browsers under test need beside it. */
const MEMORY_LEFT = 3 * 1024 ** 3

/**
 * Where runs put their databases: in memory where there is room, for a new database is a thousand files, which on a disk cost its kernel ten
 * times what they cost PostgreSQL. No test ends the machine, so that nothing that is written there is ever lost: what a test says of killed
 * processes holds there as well.
 */
export async function placeOfRuns(): Promise<string> {
  return (await isRoomy(MEMORY)) ? MEMORY : tmpdir()
}

/** Every place where a run that was killed may have left something. */
export const PLACES_OF_RUNS: readonly string[] = [...new Set([tmpdir(), MEMORY])]

async function isRoomy(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK)
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize >= ROOM && process.availableMemory() >= ROOM + MEMORY_LEFT && (await runsPrograms(folder))
  } catch {
    return false
  }
}

/** Containers often have it mounted so that nothing in it may be executed; a copy of a checkout is. */
async function runsPrograms(folder: string): Promise<boolean> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' '))
  const options = mounts.findLast(([, place]) => place === folder)?.[3]
  return options !== undefined && !options.split(',').includes('noexec')
}
