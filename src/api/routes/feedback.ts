import { actorReference, can } from '../../accounts/actor.ts'
import { listDomains } from '../../delivery/domains/manage.ts'
import {
  listFeedback as list,
  readFeedback,
  readRaw,
  readRouteFeedback,
  renewInlet,
  replayFeedback as replay,
  replayFeedbackBy as replayBy,
} from '../../delivery/feedback/reading.ts'
import { complaintAddressOf, returnPathKey } from '../../delivery/feedback/return-path.ts'
import type { ServerDeps } from '../deps.ts'
import {
  getFeedback,
  getRawFeedback,
  getRouteFeedback,
  listComplaintAddresses,
  listFeedback,
  renewRouteFeedback,
  replayFeedback,
  replayFeedbackBy,
} from '../endpoints/feedback.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { toFeedback, toFeedbackSummary, toRouteFeedback } from '../wire/feedback.ts'

export function feedbackRoutes({ secrets, url }: Pick<ServerDeps, 'secrets' | 'url'>): Route[] {
  return [
    route(listFeedback, async ({ tx, params, actor }) => {
      const page = pageById('feedback', params)
      const { state = null, source = null, route_id: routeId = null } = params
      return page.of(await list(tx, actor.workspaceId, { state, source, routeId }, page.query), toFeedbackSummary)
    }),
    route(getFeedback, async ({ tx, params, actor }) => toFeedback(await readFeedback(tx, actor.workspaceId, params.id))),
    route(getRawFeedback, async ({ tx, params, actor }) => {
      const { source } = await readFeedback(tx, actor.workspaceId, params.id)
      const isMail = source === 'dsn' || source === 'arf'
      return { content: await readRaw(tx, actor.workspaceId, params.id), filename: `${params.id}.${isMail ? 'eml' : 'json'}` }
    }),
    route(replayFeedback, async ({ tx, params, actor, now }) => replay(tx, actor.workspaceId, params.id, now)),
    route(replayFeedbackBy, async ({ tx, body, actor, now }) => {
      const { state = null, source = null, route_id: routeId = null, since = null, until = null } = body
      return { count: await replayBy(tx, actor.workspaceId, { state, source, routeId, since, until }, now) }
    }),
    route(listComplaintAddresses, async ({ tx, actor }) => {
      const key = returnPathKey(secrets)
      const items = (await listDomains(tx, actor.workspaceId)).map(({ name: domain, returnPathHost }) => ({
        domain,
        address: complaintAddressOf(actor.workspaceId, returnPathHost, key),
      }))
      return { items, next: null }
    }),
    route(getRouteFeedback, async ({ tx, params, actor }) =>
      toRouteFeedback(
        await readRouteFeedback(tx, secrets, actor.workspaceId, params.id),
        can(actor, 'routes.manage') ? url : null,
      ),
    ),
    route(renewRouteFeedback, async ({ tx, params, actor, now }) => {
      await renewInlet(tx, actor.workspaceId, params.id, actorReference(actor), now)
      return toRouteFeedback(await readRouteFeedback(tx, secrets, actor.workspaceId, params.id), url)
    }),
  ]
}
