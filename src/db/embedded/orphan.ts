import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import { type Progress, tellWhenSlow } from '../../lib/progress.ts'
import { waitUntil } from '../../lib/wait.ts'
import type { Home } from './home.ts'
import { anyWorksIn, isTaken, runningProcess, worksIn } from './process.ts'

/** What a postmaster writes about itself into its data folder. */
export interface PostmasterFile {
  readonly pid: number
  readonly ready: boolean
}

/** How long each way of asking gets: finish at once with a checkpoint, drop everything, be killed. */
const STOP_LADDER = [
  ['SIGINT', 30 * SECOND],
  ['SIGQUIT', 5 * SECOND],
  ['SIGKILL', 5 * SECOND],
] as const

export async function readPostmasterFile(pgdata: string): Promise<PostmasterFile | null> {
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => null)
  if (text === null) return null
  const lines = text.split('\n')
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : null
}

/**
 * Ends the PostgreSQL that an earlier Waybill left running (kill -9), and clears away a mark that would keep a new one from starting.
 * It is stopped rather than used further: the new one then is our child, runs the programs and settings of this version, and its end
 * is noticed at once. True when one was stopped. The caller holds the folder's lock, so nobody else starts one meanwhile.
 */
export async function endOrphan(home: Home, progress: Progress): Promise<boolean> {
  const mark = await readPostmasterFile(home.pgdata)
  if (!mark) return false
  const found = await runningProcess(mark.pid)
  if (found && (await worksIn(found.pid, home.pgdata))) {
    progress(`Stopping the database that an earlier Waybill left running (pid ${found.pid}).`)
    await tellWhenSlow(progress, 'Waiting for the earlier database to stop', stopProcess(found.pid, home.pgdata))
    return true
  }
  await refuseWhenUsedElsewhere(home)
  await clearMark(mark.pid, home.pgdata)
  return false
}

/**
 * Removes the mark of a postmaster that is gone while its number is taken: it is a zombie, or another program got the number, and
 * PostgreSQL would take it for alive. Every process of it must be gone first, since the mark is PostgreSQL's proof that nobody else
 * writes to these files. A mark whose number is free is left for PostgreSQL, which looks at its shared memory as well.
 */
async function clearMark(pid: number, pgdata: string): Promise<void> {
  if (!(await waitUntil(async () => !(await anyWorksIn(pgdata)), { limitMs: 10 * SECOND }))) {
    throw new Explained(`Processes of an earlier database still work in ${pgdata}. Stop them, then start Waybill again.`)
  }
  if (isTaken(pid)) await rm(join(pgdata, 'postmaster.pid'), { force: true })
}

/** Stops a postmaster that is not our child, by ever harder signals. */
async function stopProcess(pid: number, pgdata: string): Promise<void> {
  for (const [signal, limitMs] of STOP_LADDER) {
    send(pid, signal)
    if (await waitUntil(async () => !(await runningProcess(pid)), { limitMs })) {
      return clearMark(pid, pgdata)
    }
  }
  throw new Explained(
    `The database that runs in ${pgdata} (pid ${pid}) does not stop. Stop it by hand, then start Waybill again.`,
  )
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
    throw new Explained(
      `The database left running by an earlier Waybill (pid ${pid}) cannot be stopped: ${(error as Error).message}.`,
    )
  }
}

/** Process numbers mean nothing across containers, but a socket in a shared folder does: if somebody answers, the files are in use. */
async function refuseWhenUsedElsewhere(home: Home): Promise<void> {
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect(join(home.socketDir, '.s.PGSQL.5432'))
    socket.setTimeout(SECOND, () => socket.destroy())
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
  if (!answers) return
  throw new Explained(
    `The database in ${home.pgdata} is in use by a process that cannot be seen from here, probably in another container. ` +
      'Stop that one first; two databases on the same files would destroy them.',
  )
}
