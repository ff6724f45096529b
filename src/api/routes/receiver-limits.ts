import { actorReference } from '../../accounts/actor.ts'
import type { ReceiverLimits as Usual } from '../../delivery/receivers/receiver-seeds.ts'
import { forgetLimits, type LimitsStory, listLimits, readLimits, setLimits } from '../../delivery/receivers/set-limits.ts'
import {
  forgetReceiverLimits,
  getReceiverLimits,
  listReceiverLimits,
  type ReceiverLimits,
  setReceiverLimits,
} from '../endpoints/receiver-limits.ts'
import { type Route, route } from '../route.ts'

export function receiverLimitRoutes(): Route[] {
  return [
    route(listReceiverLimits, async ({ tx, params, actor, now }) => ({
      items: (await listLimits(tx, actor.workspaceId, params.id, now)).map(toLimits),
      next: null,
    })),
    route(getReceiverLimits, async ({ tx, params, actor, now }) =>
      toLimits(await readLimits(tx, actor.workspaceId, params.id, params.receiver, now)),
    ),
    route(setReceiverLimits, async ({ tx, params, body, actor, now }) => {
      const wanted = { connections: body.max_connections ?? null, messages: body.max_messages_per_connection ?? null }
      const by = actorReference(actor)
      return toLimits(await setLimits(tx, actor.workspaceId, params.id, params.receiver, wanted, by, now))
    }),
    route(forgetReceiverLimits, ({ tx, params, actor, now }) =>
      forgetLimits(tx, actor.workspaceId, params.id, params.receiver, actorReference(actor), now),
    ),
  ]
}

function toLimits({ receiver, title, usual, set, learned, now }: LimitsStory): ReceiverLimits {
  return {
    receiver,
    title,
    usual: toNumbers(usual),
    set: set && { max_connections: set.connections, max_messages_per_connection: set.messages, at: set.at },
    learned: learned && {
      max_connections: learned.connections,
      max_messages_per_connection: learned.messages,
      at: learned.at,
      why: learned.why,
    },
    now: toNumbers(now),
  }
}

function toNumbers({ maxConnections, maxMessagesPerConnection }: Usual): ReceiverLimits['usual'] {
  return { max_connections: maxConnections, max_messages_per_connection: maxMessagesPerConnection }
}
