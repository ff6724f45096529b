import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import { type Progress, tellWhenSlow } from '../../lib/progress.ts'
import { waitUntil } from '../../lib/wait.ts'
import type { Binaries } from './binaries.ts'
import { run, spawnOptions } from './command.ts'
import type { Home } from './home.ts'
import { readPostmasterFile } from './orphan.ts'
import { lastLinesSince, openServerLog } from './server-log.ts'

/** A PostgreSQL that runs as our child. */
export interface Postmaster {
  readonly pid: number
  /** Settles when it has ended, with what it said last. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** Replaying the log after a crash can take a while on a large database and a slow disk. */
const READY_LIMIT_MS = 15 * MINUTE
const FAST_STOP_MS = 30 * SECOND
const IMMEDIATE_STOP_MS = 5 * SECOND

/** Starts PostgreSQL and waits until it takes connections. What keeps it from doing so is told in its own words. */
export async function startPostmaster(home: Home, binaries: Binaries, progress: Progress): Promise<Postmaster> {
  const logPath = serverLogPath(home)
  const log = await openServerLog(logPath)
  const child = spawn(binaries.postgres, ['-D', home.pgdata], {
    ...spawnOptions(home.account),
    stdio: ['ignore', log.fd, log.fd],
    // A group of its own: Ctrl-C in a terminal reaches the whole group, and the database must outlive the mail that is in flight.
    detached: true,
  })
  await log.close()
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('exit', () => resolve(lastLinesSince(logPath, log.startsAt)))
  })
  const up = await tellWhenSlow(progress, 'Starting the database', isUp(child, home))
  if (up && child.pid) return { pid: child.pid, ended, stop: () => stop(child, home, binaries, ended) }
  if (child.pid && isRunning(child)) await stop(child, home, binaries, ended)
  const reason = await ended
  throw new Explained(`PostgreSQL does not start on ${home.pgdata}. Its log (${logPath}) ends with:\n${reason || '(nothing)'}`)
}

export function serverLogPath(home: Home): string {
  return join(home.dataDir, 'postgres.log')
}

async function isUp(child: ChildProcess, home: Home): Promise<boolean> {
  const ready = async () => {
    const mark = await readPostmasterFile(home.pgdata)
    return mark !== null && mark.pid === child.pid && mark.ready
  }
  let up = false
  await waitUntil(async () => !isRunning(child) || (up = await ready()), { limitMs: READY_LIMIT_MS })
  return up
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

/**
 * Fast shutdown: sessions are ended, a checkpoint is written. If that takes too long, an immediate one: the next start replays the log
 * and loses nothing that was committed.
 */
async function stop(child: ChildProcess, home: Home, binaries: Binaries, ended: Promise<string>): Promise<void> {
  const isOver = (limitMs: number) => waitUntil(() => !isRunning(child), { limitMs })
  if (process.platform === 'win32') {
    // There are no signals on Windows; killing would be a crash.
    await run(binaries.pgCtl, ['stop', '-D', home.pgdata, '-m', 'fast', '-t', String(FAST_STOP_MS / SECOND)], { account: null })
  } else child.kill('SIGINT')
  if (!(await isOver(FAST_STOP_MS))) {
    child.kill('SIGQUIT')
    if (!(await isOver(IMMEDIATE_STOP_MS))) child.kill('SIGKILL')
  }
  await ended
}
