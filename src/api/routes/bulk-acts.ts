import { actorReference } from '../../accounts/actor.ts'
import { findBulkAct, listBulkActs as list, previewBulk, startBulk, stopBulk } from '../../delivery/bulk/bulk.ts'
import type { BulkAct as BulkActNoun, BulkFilter as FilterNoun } from '../../delivery/bulk/bulk-act.ts'
import { Refusal } from '../../errors.ts'
import type { BulkActId } from '../../lib/ids.ts'
import {
  type BulkAct,
  type BulkFilter,
  getBulkAct,
  listBulkActs,
  previewBulkAct,
  startBulkAct,
  stopBulkAct,
} from '../endpoints/bulk-acts.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'

export function bulkActRoutes(): Route[] {
  return [
    route(previewBulkAct, async ({ tx, body, actor, now }) => {
      const found = await previewBulk(tx, actor.workspaceId, body.kind, fromFilter(body.filter, now))
      const examples = found.examples.map(({ messageId, ...example }) => ({ ...example, message_id: messageId }))
      return { matched: found.matched, by_receiver: [...found.byReceiver], examples }
    }),
    route(startBulkAct, async ({ tx, body, actor, now }) => {
      const { kind, expected = null, route_id: routeId = null } = body
      const wish = { kind, filter: fromFilter(body.filter, now), routeId, expected }
      return toBulkAct(await startBulk(tx, actor.workspaceId, wish, actorReference(actor), now))
    }),
    route(listBulkActs, async ({ tx, params, actor }) => {
      const page = pageById('bulk-acts', params)
      return page.of(await list(tx, actor.workspaceId, page.query), toBulkAct)
    }),
    route(getBulkAct, async ({ tx, params, actor }) => {
      const found = await findBulkAct(tx, actor.workspaceId, params.id as BulkActId)
      if (!found) throw new Refusal('not_found', { what: 'act' })
      return toBulkAct(found)
    }),
    route(stopBulkAct, async ({ tx, params, actor, now }) =>
      toBulkAct(await stopBulk(tx, actor.workspaceId, params.id as BulkActId, actorReference(actor), now)),
    ),
  ]
}

function fromFilter(filter: BulkFilter, now: Date): FilterNoun {
  const { states, streams, receivers, tags, classes, since } = filter
  return {
    ...(states && { states }),
    ...(streams && { streams }),
    ...(filter.route_id && { routeId: filter.route_id }),
    ...(receivers && { receivers }),
    ...(filter.from_domains && { fromDomains: filter.from_domains }),
    ...(filter.recipient_domains && { recipientDomains: filter.recipient_domains }),
    ...(tags && { tags }),
    ...(classes && { classes }),
    ...(since && { since }),
    until: filter.until && filter.until < now ? filter.until : now,
  }
}

function toBulkAct(act: BulkActNoun): BulkAct {
  const { states, streams, routeId, receivers, fromDomains, recipientDomains, tags, classes, since, until } = act.filter
  return {
    id: act.id,
    kind: act.kind,
    filter: {
      ...(states && { states: [...states] }),
      ...(streams && { streams: [...streams] }),
      ...(routeId && { route_id: routeId }),
      ...(receivers && { receivers: [...receivers] }),
      ...(fromDomains && { from_domains: [...fromDomains] }),
      ...(recipientDomains && { recipient_domains: [...recipientDomains] }),
      ...(tags && { tags: [...tags] }),
      ...(classes && { classes: classes as NonNullable<BulkFilter['classes']> }),
      ...(since && { since }),
      until,
    },
    route_id: act.routeId,
    state: act.state,
    matched: act.matched,
    done: act.done,
    passed_over: act.passedOver,
    created_at: act.createdAt,
    finished_at: act.finishedAt,
  }
}
