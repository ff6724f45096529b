import type { Database, Db } from '../db/database.ts'
import { createGatherer } from '../lib/gather.ts'
import { sha256 } from '../lib/secrets.ts'
import type { Actor } from './actor.ts'
import type { User } from './member.ts'
import { findApiKeys, findSession, type KeyFound, touchApiKey, touchSession } from './queries.ts'
import { idleSince, isStale, type Session } from './session.ts'
import type { Workspace } from './workspace.ts'

/** Who asks, once they have proved it. */
export interface Principal {
  /** Only people and programs sign in. */
  readonly actor: Exclude<Actor, { kind: 'workflow' }>
  readonly workspace: Workspace
  readonly user: User | null
  readonly session: Session | null
}

/** The only texts ever looked up: anything longer is no key and no token, and is not hashed. */
const MAX_TOKEN_CHARACTERS = 512

/** Asked with every request, so that a revoked session or key is worth nothing from the next request on. */
export async function authenticateSession(db: Db, token: string, now: Date): Promise<Principal | null> {
  if (token.length === 0 || token.length > MAX_TOKEN_CHARACTERS) return null
  const found = await findSession(db, sha256(token), idleSince(now), now)
  if (!found) return null
  const { session, user, workspace, role } = found
  if (isStale(session.lastSeenAt, now)) await touchSession(db, found, now).catch(ignoreReadOnly)
  return { actor: { kind: 'user', id: user.id, name: user.name, workspaceId: workspace.id, role }, workspace, user, session }
}

export type FindKey = (hash: Buffer, now: Date) => Promise<KeyFound | null>

const KEYS_AT_ONCE = 500

/** Keys of requests that come at the same time are looked up together, by a look-up that begins after they came. */
export function createKeyFinder(database: Database): FindKey {
  const find = createGatherer<{ readonly hash: Buffer; readonly now: Date }, KeyFound | null>({
    most: KEYS_AT_ONCE,
    async work(asked) {
      const now = new Date(Math.max(...asked.map((one) => one.now.getTime())))
      const hashes = [...new Map(asked.map(({ hash }) => [hash.toString('base64'), hash])).values()]
      const found = await database.statement((tx) => findApiKeys(tx, hashes, now))
      return asked.map(({ hash }) => found.get(hash.toString('base64')) ?? null)
    },
  })
  return (hash, now) => find({ hash, now })
}

export async function authenticateKey(db: Db, findKey: FindKey, key: string, now: Date): Promise<Principal | null> {
  if (key.length === 0 || key.length > MAX_TOKEN_CHARACTERS) return null
  const found = await findKey(sha256(key), now)
  if (!found) return null
  const { id, name, scopes, workspace } = found
  if (isStale(found.lastUsedAt, now)) await touchApiKey(db, found, now).catch(ignoreReadOnly)
  return { actor: { kind: 'key', id, name, workspaceId: workspace.id, scopes }, workspace, user: null, session: null }
}

/** A database that only reads still answers questions: the time of last use is then not worth failing for. */
function ignoreReadOnly(error: unknown): void {
  if ((error as { code?: unknown }).code !== '25006') throw error
}
