import { type Database, ENGINE } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { type Actor, actorReference } from './actor.ts'
import { beginTries, refuseWhenThrottled, succeed, tryOnAccount } from './count-try.ts'
import type { User } from './member.ts'
import type { Passwords } from './password.ts'
import { deleteSessionsOf, passwordHashOf, replacePasswordHash } from './queries.ts'
import type { Origin } from './session.ts'
import { type Started, startSession } from './start-session.ts'

export interface PasswordChange {
  readonly user: User
  readonly actor: Actor
  readonly current: string
  readonly password: string
  readonly origin: Origin
}

/** Every session of the person ends, this one too: it gets a successor with a new token, in case the old one was what leaked. */
export async function changePassword(
  database: Database,
  passwords: Passwords,
  change: PasswordChange,
  now: Date,
): Promise<Started> {
  const { user, actor } = change
  const tries = [tryOnAccount(user.email)]
  const { throttle, stored } = await database.transaction(ENGINE, async (tx) => ({
    throttle: await beginTries(tx, tries, now),
    stored: await passwordHashOf(tx, user.id),
  }))
  refuseWhenThrottled(throttle)
  if (!(await passwords.verify(stored, change.current)) || stored === null)
    throw new Refusal('wrong_password', { pointer: '/current' })

  const hash = await passwords.hash(change.password)
  return await database.transaction(ENGINE, async (tx) => {
    if (!(await replacePasswordHash(tx, user.id, stored, hash, now))) throw new Refusal('wrong_password', { pointer: '/current' })
    await succeed(tx, tries, now)
    await deleteSessionsOf(tx, user.id)
    const started = await startSession(tx, user, actor.workspaceId, change.origin, now)
    await append(
      tx,
      { type: 'user.password_changed', workspaceId: actor.workspaceId, subjectId: user.id, actor: actorReference(actor) },
      now,
    )
    return started
  })
}
