import { spawn } from 'node:child_process'
import { MINUTE } from '../../lib/clock.ts'
import type { Account } from './account.ts'

export interface CommandResult {
  /** The exit code, or null when it could not be started, was killed, or took too long. */
  readonly code: number | null
  /** The end of what it printed, errors included. */
  readonly output: string
}

const OUTPUT_LIMIT = 16_384

/** A locale that every machine has and that leaves messages in English; time zones are the database's own business. */
const ENVIRONMENT = { LANG: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' }

/** How a program of PostgreSQL is started: as its user, from a folder that user can enter, with nothing of our environment. */
export function spawnOptions(account: Account | null) {
  return {
    cwd: process.platform === 'win32' ? undefined : '/',
    // On Windows programs do not start without a few variables of the system.
    env: process.platform === 'win32' ? undefined : ENVIRONMENT,
    windowsHide: true,
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  } as const
}

/** Runs a program to its end. Never throws: what went wrong is in the result. */
export function run(
  program: string,
  args: readonly string[],
  { account, limitMs = MINUTE }: { account: Account | null; limitMs?: number },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(program, args, { ...spawnOptions(account), stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs })
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_LIMIT)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => resolve({ code: null, output: error.message }))
    child.on('close', (code) => resolve({ code, output: output.trim() }))
  })
}
