import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { SECOND } from '../../lib/clock.ts'

/** A living process: `since` tells it from a later one that was given the same number. */
export interface RunningProcess {
  readonly pid: number
  readonly since: string
}

/**
 * The process with this number, or null when there is none. A zombie counts as none: where nobody reaps orphans (a container whose
 * first process is not an init) a killed PostgreSQL stays one for ever, and PostgreSQL itself would take it for alive.
 */
export async function runningProcess(pid: number): Promise<RunningProcess | null> {
  if (process.platform === 'linux') return linuxProcess(pid)
  if (!isTaken(pid)) return null
  if (process.platform === 'win32') return { pid, since: '' }
  const line = await output('ps', ['-o', 'state=,lstart=', '-p', String(pid)])
  return line === '' || line.startsWith('Z') ? null : { pid, since: line.replace(/^\S+\s+/, '') }
}

async function linuxProcess(pid: number): Promise<RunningProcess | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // The second field is the command in brackets and may hold anything, brackets included: count from the last one (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  if (stat === '' || state === 'Z' || state === 'X') return null
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '')
  return { pid, since: `${fields[19]}@${boot.trim()}` }
}

/** Whether the process works in this folder; PostgreSQL and all its children do so in their data folder and nowhere else. */
export async function worksIn(pid: number, folder: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === folder
  if (process.platform === 'win32') return (await output('tasklist', ['/FI', `PID eq ${pid}`, '/NH'])).includes('postgres')
  return (await output('ps', ['-o', 'command=', '-p', String(pid)])).includes(folder)
}

/** Whether any process works in this folder. Only Linux can say; elsewhere orphans are reaped, so the question does not come up. */
export async function anyWorksIn(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  for (const pid of pids) if ((await worksIn(pid, folder)) && (await runningProcess(pid))) return true
  return false
}

/** Whether the number is in use by anything, a zombie included. */
export function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 5 * SECOND, maxBuffer: 65_536 }, (error, stdout) => resolve(error ? '' : stdout.trim()))
  })
}
