import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'

/** A user of the machine. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Users that exist for this already, best first. None is ever created: a checkout has no business changing the machine's users. */
const CANDIDATES = ['postgres', '_postgres', 'nobody'] as const

/** Whom PostgreSQL runs as when we are root: the owner of the database that is there, else the first known user that exists. */
export async function databaseAccount(pgdata: string): Promise<Account> {
  const owner = await stat(pgdata).catch(() => null)
  if (owner && owner.uid !== 0) return { name: (await nameOf(owner.uid)) ?? String(owner.uid), uid: owner.uid, gid: owner.gid }
  for (const name of CANDIDATES) {
    const [uid, gid] = await Promise.all([numberOf('-u', name), numberOf('-g', name)])
    if (uid !== null && gid !== null && uid !== 0) return { name, uid, gid }
  }
  throw new Explained(
    'PostgreSQL may not run as root, and this machine has neither a user "postgres" nor "nobody" to run it as. ' +
      'Start Waybill as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours.',
  )
}

/** Whether the account may pass through every folder on the way to this one, and enter it. */
export async function canEnter(path: string, account: Account): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => null)
    if (!found || !mayPass(found, account)) return false
    if (folder === dirname(folder)) return true
  }
}

/** The x permission of the one class that counts: an owner is never judged by what others may do (POSIX file access permissions). */
function mayPass(found: { mode: number; uid: number; gid: number }, account: Account): boolean {
  if (found.uid === account.uid) return (found.mode & 0o100) !== 0
  if (found.gid === account.gid) return (found.mode & 0o010) !== 0
  return (found.mode & 0o001) !== 0
}

async function numberOf(option: '-u' | '-g', name: string): Promise<number | null> {
  const text = await id([option, name])
  return /^\d+$/.test(text) ? Number(text) : null
}

async function nameOf(uid: number): Promise<string | null> {
  return (await id(['-un', String(uid)])) || null
}

function id(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('id', args, { timeout: 5 * SECOND }, (error, stdout) => resolve(error ? '' : stdout.trim()))
  })
}
