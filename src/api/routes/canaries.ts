import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { Canary as CanaryNoun, CanaryRun as RunNoun } from '../../insight/canary/canary.ts'
import { waysOf } from '../../insight/canary/judge.ts'
import {
  type CanaryChange,
  changeCanary as change,
  createCanary as create,
  findCanary,
  listCanaries as list,
  listRuns,
  probeCanary as probe,
  removeCanary as remove,
} from '../../insight/canary/manage.ts'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import {
  type Canary,
  type CanaryRun,
  changeCanary,
  createCanary,
  getCanary,
  listCanaries,
  listCanaryRuns,
  probeCanary,
  removeCanary,
} from '../endpoints/canaries.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'

const USUAL_MS = 10 * MINUTE

export function canaryRoutes(): Route[] {
  return [
    route(listCanaries, async ({ tx, actor }) => {
      const items: Canary[] = []
      for (const canary of await list(tx, actor.workspaceId)) items.push(await show(tx, canary))
      return { items, next: null }
    }),
    route(getCanary, async ({ tx, params, actor }) => {
      const found = await findCanary(tx, actor.workspaceId, params.id)
      if (!found) throw new Refusal('not_found', { what: 'canary' })
      return show(tx, found)
    }),
    route(createCanary, async ({ tx, body, actor, now }) => {
      const { name, receiver, sender } = body
      const wanted = {
        name,
        receiver,
        sender,
        kind: body.kind ?? 'imap',
        mailboxId: body.mailbox_id ?? null,
        routeIds: [...new Set(body.route_ids)],
        intervalMs: body.interval_seconds === undefined ? USUAL_MS : body.interval_seconds * SECOND,
        timeoutMs: body.timeout_seconds === undefined ? USUAL_MS : body.timeout_seconds * SECOND,
        enabled: body.enabled ?? true,
      } as const
      return show(tx, await create(tx, actor.workspaceId, wanted, now))
    }),
    route(changeCanary, async ({ tx, params, body, actor, now }) => {
      const { route_ids: routeIds, interval_seconds: interval, timeout_seconds: timeout, ...rest } = body
      const wanted = {
        ...rest,
        routeIds: routeIds && [...new Set(routeIds)],
        intervalMs: interval && interval * SECOND,
        timeoutMs: timeout && timeout * SECOND,
      }
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)) as CanaryChange
      return show(tx, await change(tx, actor.workspaceId, params.id, given, now))
    }),
    route(probeCanary, async ({ tx, params, actor, now }) => show(tx, await probe(tx, actor.workspaceId, params.id, now))),
    route(removeCanary, async ({ tx, params, actor, now }) => remove(tx, actor.workspaceId, params.id, now)),
    route(listCanaryRuns, async ({ tx, params, actor }) => {
      if (!(await findCanary(tx, actor.workspaceId, params.id))) throw new Refusal('not_found', { what: 'canary' })
      const page = pageById(`canary-runs:${params.id}`, params)
      return page.of(await listRuns(tx, actor.workspaceId, params.id, page.query), toRun)
    }),
  ]
}

async function show(tx: Tx, canary: CanaryNoun): Promise<Canary> {
  const { id, name, kind, mailboxId, receiver, sender, intervalMs, timeoutMs, enabled, nextAt, createdAt, updatedAt } = canary
  const ways = await waysOf(tx, canary)
  return {
    id,
    name,
    kind,
    mailbox_id: mailboxId,
    receiver,
    sender,
    interval_seconds: intervalMs / SECOND,
    timeout_seconds: timeoutMs / SECOND,
    enabled,
    next_at: nextAt,
    ways: ways.map(({ routeId, routeName, condition, runs }) => ({
      route: { id: routeId, name: routeName },
      condition,
      runs: runs.map(toRun),
    })),
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function toRun(run: RunNoun): CanaryRun {
  return {
    id: run.id,
    route_id: run.routeId,
    message_id: run.messageId,
    sent_at: run.sentAt,
    state: run.state,
    ended_at: run.endedAt,
    folder: run.folder,
    took_ms: run.tookMs,
    results: run.results && { ...run.results },
    reason: run.reason,
  }
}
