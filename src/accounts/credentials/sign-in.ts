import { timingSafeEqual } from 'node:crypto'
import { type Database, ENGINE } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { sha256 } from '../../lib/secrets.ts'
import { beginTries, tryFrom } from '../count-try.ts'
import { isStale } from '../session.ts'
import { allowsClient, type Credential } from './credential.ts'
import { findCredential, touchCredential } from './queries.ts'

export type CredentialAnswer =
  | { readonly kind: 'known'; readonly credential: Credential; readonly workspaceId: WorkspaceId }
  /** The secret was right, but it may not be used from there. */
  | { readonly kind: 'wrong_place'; readonly credential: Credential }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'throttled'; readonly waitSeconds: number }

const MAX_CHARACTERS = 512

/**
 * Whether username and secret belong together. Only failures are counted, and by where they come from alone: a secret of 256 random bits cannot be
 * guessed, so that nobody's guesses, and no forgotten setting of a neighbour, may keep the right one out.
 */
export async function signInCredential(
  database: Database,
  given: { readonly username: string; readonly secret: string; readonly ip: string },
  now: Date,
): Promise<CredentialAnswer> {
  const found =
    given.username.length <= MAX_CHARACTERS && given.secret.length <= MAX_CHARACTERS
      ? await findCredential(database.db, given.username.toLowerCase(), now)
      : null
  const hash = sha256(given.secret.slice(0, MAX_CHARACTERS))
  const isRight =
    found !== null && (isSame(hash, found.hash) || (found.previousHash !== null && isSame(hash, found.previousHash)))
  if (!isRight) {
    const { waitSeconds } = await database.transaction(ENGINE, (tx) => beginTries(tx, [tryFrom(given.ip, 'smtp')], now))
    return waitSeconds > 0 ? { kind: 'throttled', waitSeconds } : { kind: 'unknown' }
  }
  const { workspaceId, hash: _, previousHash: __, ...credential } = found
  if (!allowsClient(credential, given.ip)) return { kind: 'wrong_place', credential }
  // A database that only reads still knows who signs in; what they send will say that it cannot be kept.
  if (isStale(credential.lastUsedAt, now)) await touchCredential(database.db, found, given.ip, now).catch(() => {})
  return { kind: 'known', credential, workspaceId }
}

function isSame(given: Buffer, kept: Buffer): boolean {
  return timingSafeEqual(given, kept)
}
