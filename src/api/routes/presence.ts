import { Refusal } from '../../errors.ts'
import { mayEnter, reachOf } from '../../helpdesk/access/reach.ts'
import { mentionable } from '../../helpdesk/mentions/mentionable.ts'
import { readNotifications } from '../../helpdesk/notify/bell.ts'
import { personOf } from '../../helpdesk/notify/person.ts'
import { type Present, presentAnywhere, presentIn, bePresent as sayPresent } from '../../helpdesk/presence/presence.ts'
import { bePresent, getConversationPresence, listMentionable, listPresence } from '../endpoints/presence.ts'
import { type Route, route } from '../route.ts'

export function presenceRoutes(): Route[] {
  return [
    route(listPresence, async ({ tx, actor, now }) => listed(await presentAnywhere(tx, personOf(actor), now))),
    route(getConversationPresence, async ({ tx, params, actor, now }) => listed(await presentIn(tx, actor, params.id, now))),
    route(bePresent, async ({ tx, params, body, actor, now }) => {
      const others = await sayPresent(tx, actor, { conversationId: params.id, ...body }, now)
      // Who looks at it has read what there is to tell of it.
      if (body.doing !== 'gone') await readNotifications(tx, personOf(actor), { conversationId: params.id }, now)
      return listed(others)
    }),
    route(listMentionable, async ({ tx, params, actor }) => {
      if (!mayEnter(await reachOf(tx, actor), params.id)) throw new Refusal('not_found', { what: 'inbox' })
      const found = await mentionable(tx, actor.workspaceId, params.id, params.search ?? '')
      return {
        items: found.map((one) => ({
          kind: one.kind,
          id: one.id,
          name: one.name,
          email: one.kind === 'user' ? one.email : null,
          members: one.kind === 'team' ? one.members.length : 1,
        })),
        next: null,
      }
    }),
  ]
}

function listed(found: readonly Present[]) {
  return {
    items: found.map(({ conversationId, userId, name, doing, endsAt }) => ({
      conversation_id: conversationId,
      user_id: userId,
      name,
      doing,
      ends_at: endsAt,
    })),
    next: null,
  }
}
