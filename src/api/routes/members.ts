import type { Member } from '../../accounts/member.ts'
import { addMember as add, changeRole, listMembers as list, removeMember as remove } from '../../accounts/members.ts'
import { releaseConversations } from '../../helpdesk/people/release.ts'
import type { ServerDeps } from '../deps.ts'
import { addMember, changeMember, listMembers, type Member as MemberOnWire, removeMember } from '../endpoints/members.ts'
import { type Route, route } from '../route.ts'

export function memberRoutes(deps: ServerDeps): Route[] {
  const { database, passwords } = deps
  return [
    route(listMembers, async ({ tx, actor }) => ({ items: (await list(tx, actor)).map(toWire), next: null })),
    route(addMember, async ({ body, actor, now }) =>
      toWire(await add(database, passwords, { ...body, password: body.password ?? null }, actor, now)),
    ),
    route(changeMember, async ({ tx, params, body, actor, now }) =>
      toWire(await changeRole(tx, params.id, body.role, actor, now)),
    ),
    route(removeMember, async ({ tx, params, actor, now }) => {
      await releaseConversations(tx, deps, params.id, actor, now)
      await remove(tx, params.id, actor, now)
    }),
  ]
}

function toWire({ id, name, email, role, joinedAt, lastSeenAt }: Member): MemberOnWire {
  return { id, name, email, role, joined_at: joinedAt, last_seen_at: lastSeenAt }
}
