import type { Tx } from '../db/database.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { randomToken, sha256 } from '../lib/secrets.ts'
import type { User } from './member.ts'
import { insertSession, trimSessions } from './queries.ts'
import { type Origin, type Session, type SessionId, sessionExpiresAt } from './session.ts'

/** More than a person uses; the oldest give way. */
const MAX_SESSIONS_A_USER = 50
const MAX_USER_AGENT_CHARACTERS = 300

export interface Started {
  readonly session: Session
  /** For the cookie. Nothing else ever knows it. */
  readonly token: string
}

export async function startSession(tx: Tx, user: User, workspaceId: WorkspaceId, origin: Origin, now: Date): Promise<Started> {
  const token = randomToken()
  const session: Session = {
    id: newId<SessionId>(),
    createdAt: now,
    lastSeenAt: now,
    expiresAt: sessionExpiresAt(now),
    userAgent: origin.userAgent.slice(0, MAX_USER_AGENT_CHARACTERS),
    ip: origin.ip,
  }
  await insertSession(tx, { ...session, tokenHash: sha256(token), userId: user.id, workspaceId })
  await trimSessions(tx, user.id, MAX_SESSIONS_A_USER)
  return { session, token }
}
