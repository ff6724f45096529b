import { type Database, ENGINE } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { sha256 } from '../lib/secrets.ts'
import { beginTries, refuseWhenThrottled, succeed, tryFrom, tryOnAccount } from './count-try.ts'
import type { User } from './member.ts'
import type { Passwords } from './password.ts'
import { deleteSessionByToken, findUserByEmail, homeOf, type SessionFound } from './queries.ts'
import type { Origin } from './session.ts'
import { startSession } from './start-session.ts'

export interface SignIn {
  readonly email: string
  readonly password: string
  readonly origin: Origin
  /** The session the browser brought along: it ends, so that a token planted before the sign-in is worth nothing after it. */
  readonly formerToken: string | null
}

export interface SignedIn extends SessionFound {
  readonly token: string
}

/**
 * Count the try, look at the password, start the session: two transactions with the slow hash between them, so that no connection waits
 * for it. Someone who does not exist costs the same work and gets the same answer as a wrong password.
 */
export async function signIn(database: Database, passwords: Passwords, request: SignIn, now: Date): Promise<SignedIn> {
  const tries = [tryOnAccount(request.email), tryFrom(request.origin.ip)]
  const { throttle, user } = await database.transaction(ENGINE, async (tx) => ({
    throttle: await beginTries(tx, tries, now),
    user: await findUserByEmail(tx, request.email.trim()),
  }))
  refuseWhenThrottled(throttle)
  const isRight = await passwords.verify(user?.passwordHash ?? null, request.password)
  if (!isRight || !user) throw new Refusal('wrong_credentials')

  return await database.transaction(ENGINE, async (tx) => {
    await succeed(tx, tries, now)
    if (request.formerToken) await deleteSessionByToken(tx, sha256(request.formerToken))
    const home = await homeOf(tx, user.id)
    if (!home) throw new Refusal('no_workspace')
    const { session, token } = await startSession(tx, user, home.workspace.id, request.origin, now)
    await append(
      tx,
      {
        type: 'user.signed_in',
        workspaceId: home.workspace.id,
        subjectId: user.id,
        actor: `user:${user.id}`,
        data: { name: user.name, ip: session.ip },
      },
      now,
    )
    return { session, token, user: withoutHash(user), ...home }
  })
}

function withoutHash({ id, email, name }: User): User {
  return { id, email, name }
}
