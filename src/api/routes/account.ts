import type { FastifyReply } from 'fastify'
import { permissionsOf } from '../../accounts/actor.ts'
import type { Principal } from '../../accounts/authenticate.ts'
import { changePassword as changePasswordOf } from '../../accounts/change-password.ts'
import type { User } from '../../accounts/member.ts'
import { listSessions as listSessionsOf, revokeSession as revokeSessionOf } from '../../accounts/sessions.ts'
import { isSetUp, setUp as setUpServer } from '../../accounts/set-up.ts'
import { type SignedIn, signIn as startSession } from '../../accounts/sign-in.ts'
import { signOut as endSession } from '../../accounts/sign-out.ts'
import { ENGINE } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { clearSessionCookie, sessionToken, setSessionCookie } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changePassword,
  getMe,
  getSetup,
  listSessions,
  type Me,
  revokeSession,
  setUp,
  signIn,
  signOut,
} from '../endpoints/account.ts'
import { type Route, route } from '../route.ts'

export function accountRoutes(deps: ServerDeps): Route[] {
  const { database, passwords } = deps
  return [
    route(getSetup, async () => ({ needed: !(await isSetUp(database.db)) })),
    route(setUp, async ({ body, origin, now, reply }) => {
      const signedIn = await setUpServer(deps, { ...body, origin }, now)
      return welcome(deps, reply, signedIn)
    }),
    route(signIn, async ({ body, origin, now, request, reply }) => {
      const signedIn = await startSession(database, passwords, { ...body, origin, formerToken: sessionToken(deps, request) }, now)
      return welcome(deps, reply, signedIn)
    }),
    route(signOut, async ({ request, reply, now }) => {
      const token = sessionToken(deps, request)
      if (token) await database.transaction(ENGINE, (tx) => endSession(tx, token, now))
      clearSessionCookie(deps, reply)
    }),
    route(getMe, async ({ principal }) => toMe(principal)),
    route(listSessions, async ({ principal, now }) => {
      const sessions = await listSessionsOf(database.db, personOf(principal), now)
      return {
        items: sessions.map(({ id, ip, createdAt, lastSeenAt, expiresAt, userAgent }) => ({
          id,
          current: id === principal.session?.id,
          created_at: createdAt,
          last_seen_at: lastSeenAt,
          expires_at: expiresAt,
          user_agent: userAgent,
          ip,
        })),
        next: null,
      }
    }),
    route(revokeSession, async ({ principal, params, actor, now }) => {
      const user = personOf(principal)
      await database.transaction(ENGINE, (tx) => revokeSessionOf(tx, user, params.id, actor, now))
    }),
    route(changePassword, async ({ principal, body, actor, origin, now, reply }) => {
      const { token } = await changePasswordOf(database, passwords, { user: personOf(principal), actor, origin, ...body }, now)
      setSessionCookie(deps, reply, token)
    }),
  ]
}

function welcome(deps: ServerDeps, reply: FastifyReply, { token, user, session, workspace, role }: SignedIn): Me {
  setSessionCookie(deps, reply, token)
  const actor = { kind: 'user', id: user.id, name: user.name, workspaceId: workspace.id, role } as const
  return toMe({ actor, user, session, workspace })
}

function toMe({ actor, user, workspace }: Principal): Me {
  return {
    kind: actor.kind,
    user: user && { id: user.id, name: user.name, email: user.email },
    key: actor.kind === 'key' ? { id: actor.id, name: actor.name } : null,
    workspace: { id: workspace.id, name: workspace.name },
    role: actor.kind === 'user' ? actor.role : null,
    permissions: [...permissionsOf(actor)],
  }
}

/** Sessions and passwords are a person's own: no key acts for its maker. */
function personOf(principal: Principal): User {
  if (!principal.user) throw new Refusal('person_needed')
  return principal.user
}
