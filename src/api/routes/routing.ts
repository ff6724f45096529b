import { actorReference } from '../../accounts/actor.ts'
import {
  addPace,
  changePace,
  endWarmUp as end,
  listWarmUps as list,
  listPaces,
  type PaceLimit,
  removePace,
  startWarmUp as start,
} from '../../delivery/pace/manage.ts'
import { capOf, DEFAULT_CURVE, stepOf, usedToday, type WarmUp as WarmUpNoun } from '../../delivery/pace/warm-up.ts'
import { waysOf } from '../../delivery/routing/choose.ts'
import {
  changeRule as change,
  createRule as create,
  removeRule as remove,
  listRules as rulesOf,
} from '../../delivery/routing/manage.ts'
import { readPictures } from '../../delivery/routing/read-picture.ts'
import { fineRulesOf, type Rule as RuleNoun } from '../../delivery/routing/rule.ts'
import { Refusal } from '../../errors.ts'
import type { RouteId } from '../../lib/ids.ts'
import {
  addLimit,
  changeLimit,
  changeRule,
  createRule,
  endWarmUp,
  type Limit,
  listLimits,
  listRules,
  listWarmUps,
  previewRouting,
  type Rule,
  removeLimit,
  removeRule,
  startWarmUp,
  type WarmUp,
} from '../endpoints/routing.ts'
import { type Route, route } from '../route.ts'

export function routingRoutes(): Route[] {
  return [...ruleRoutes(), ...limitRoutes(), ...warmUpRoutes()]
}

function ruleRoutes(): Route[] {
  return [
    route(listRules, async ({ tx, actor }) => ({ items: (await rulesOf(tx, actor.workspaceId)).map(toRule), next: null })),
    route(createRule, async ({ tx, body, actor, now }) => {
      const draft = { ...body, enabled: body.enabled ?? true, trip: body.trip ?? null }
      return toRule(await create(tx, actor.workspaceId, draft, actorReference(actor), now))
    }),
    route(changeRule, async ({ tx, params, body, actor, now }) =>
      toRule(await change(tx, actor.workspaceId, params.id, defined(body), actorReference(actor), now)),
    ),
    route(removeRule, async ({ tx, params, actor, now }) => remove(tx, actor.workspaceId, params.id, actorReference(actor), now)),
    route(previewRouting, async ({ tx, params, actor, now }) => {
      const picture = (await readPictures(tx, new Set([actor.workspaceId]))).get(actor.workspaceId)
      if (!picture) throw new Refusal('not_found', { what: 'workspace' })
      const mail = {
        tags: params.tag === undefined ? [] : [params.tag],
        sizeBytes: params.bytes ?? 0,
        recipientDomain: params.recipient_domain?.toLowerCase() ?? '',
      }
      const lane = {
        workspaceId: actor.workspaceId,
        id: 0,
        sortedBy: picture.fineVersion,
        stream: params.stream ?? 'transactional',
        fromDomain: params.from_domain.toLowerCase(),
        receiver: params.receiver ?? 'other',
        fine: fineRulesOf(picture.rules, mail),
        viaRoute: null,
        mailingId: null,
      }
      const ways = waysOf(picture, lane, now)
      return {
        rule: ways.rule && { id: ways.rule.id, name: ways.rule.name },
        takes: ways.open.map(({ route: { id, name }, weight }) => ({ route: { id, name }, weight })),
        obstacles: [...ways.probes.map((probe) => probe.obstacle), ...ways.obstacles].map(({ route: to, sentence, until }) => ({
          route: to,
          sentence,
          until,
        })),
      }
    }),
  ]
}

function limitRoutes(): Route[] {
  return [
    route(listLimits, async ({ tx, actor }) => ({ items: (await listPaces(tx, actor.workspaceId)).map(toLimit), next: null })),
    route(addLimit, async ({ tx, body, actor, now }) => {
      const { scope, per, amount } = body
      const subject = (body.subject ?? '').toLowerCase()
      if ((scope === 'workspace') !== (subject === ''))
        throw new Refusal('invalid_request', {
          pointer: '/subject',
          why:
            scope === 'workspace'
              ? 'A limit of the workspace has no subject.'
              : `Say which ${scope.replace('_', ' ')} it limits.`,
        })
      if (body.route_id && scope !== 'receiver')
        throw new Refusal('invalid_request', { pointer: '/route_id', why: 'Only a limit of a receiver may name a route.' })
      const wanted = { scope, subject, per, amount, routeId: body.route_id ?? null }
      return toLimit(await addPace(tx, actor.workspaceId, wanted, actorReference(actor), now))
    }),
    route(changeLimit, async ({ tx, params, body, actor, now }) =>
      toLimit(await changePace(tx, actor.workspaceId, params.id, body.amount, actorReference(actor), now)),
    ),
    route(removeLimit, async ({ tx, params, actor, now }) =>
      removePace(tx, actor.workspaceId, params.id, actorReference(actor), now),
    ),
  ]
}

function warmUpRoutes(): Route[] {
  return [
    route(listWarmUps, async ({ tx, actor, now }) => ({
      items: (await list(tx, actor.workspaceId)).map((warmUp) => toWarmUp(warmUp, now)),
      next: null,
    })),
    route(startWarmUp, async ({ tx, params, body, actor, now }) => {
      const receiver = params.receiver?.toLowerCase() ?? ''
      const wanted = { routeId: params.route, receiver, dailyCaps: body.daily_caps ?? DEFAULT_CURVE }
      await start(tx, actor.workspaceId, wanted, actorReference(actor), now)
      const begun = (await list(tx, actor.workspaceId)).find(
        (each) => each.routeId === params.route && each.receiver === receiver,
      )
      if (!begun) throw new Refusal('not_found', { what: 'warm-up' })
      return toWarmUp(begun, now)
    }),
    route(endWarmUp, async ({ tx, params, actor, now }) =>
      end(tx, actor.workspaceId, params.route, params.receiver?.toLowerCase() ?? '', actorReference(actor), now),
    ),
  ]
}

function defined<Body extends object>(body: Body): { [Key in keyof Body]-?: NonNullable<Body[Key]> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as never
}

function toRule({ id, position, name, enabled, conditions, targets, trip }: RuleNoun): Rule {
  return { id, position, name, enabled, conditions, targets: [...targets], trip }
}

function toLimit({ id, scope, subject, routeId, per, amount, nextAt, learnedAt, learnedWhy }: PaceLimit): Limit {
  const learned = learnedAt && { at: learnedAt, why: learnedWhy ?? '' }
  return { id, scope, subject, route_id: routeId, per, amount, next_at: nextAt, learned }
}

function toWarmUp(warmUp: WarmUpNoun, now: Date): WarmUp {
  return {
    route_id: warmUp.routeId as RouteId,
    receiver: warmUp.receiver,
    daily_caps: [...warmUp.dailyCaps],
    started_on: warmUp.startedOn,
    frozen_days: warmUp.frozenDays,
    today: { cap: capOf(warmUp, now), used: usedToday(warmUp, now), step: stepOf(warmUp, now) },
  }
}
