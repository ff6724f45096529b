import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import { sha256 } from '../lib/secrets.ts'
import { deleteSessionByToken } from './queries.ts'

/** Ends the session that the token belongs to; nothing happens when there is none. */
export async function signOut(tx: Tx, token: string, now: Date): Promise<void> {
  const ended = await deleteSessionByToken(tx, sha256(token))
  if (!ended) return
  await append(
    tx,
    { type: 'user.signed_out', workspaceId: ended.workspaceId, subjectId: ended.userId, actor: `user:${ended.userId}` },
    now,
  )
}
