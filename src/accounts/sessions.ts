import type { Db, Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { type Actor, actorReference } from './actor.ts'
import type { User } from './member.ts'
import { deleteSession, sessionsOf } from './queries.ts'
import { idleSince, type Session, type SessionId } from './session.ts'

const MAX_LISTED = 100

export async function listSessions(db: Db | Tx, user: User, now: Date): Promise<Session[]> {
  return await sessionsOf(db, user.id, idleSince(now), now, MAX_LISTED)
}

/** Ends one of the person's own sessions. */
export async function revokeSession(tx: Tx, user: User, id: SessionId, actor: Actor, now: Date): Promise<void> {
  if (!(await deleteSession(tx, user.id, id))) throw new Refusal('not_found', { what: 'session' })
  await append(
    tx,
    { type: 'session.revoked', workspaceId: actor.workspaceId, subjectId: user.id, actor: actorReference(actor) },
    now,
  )
}
