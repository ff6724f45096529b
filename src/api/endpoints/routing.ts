import { z } from 'zod'
import { RuleConditions, RuleTarget, TRIP_CLASSES, Trip } from '../../delivery/routing/rule.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, RouteReference, Stream } from './shapes.ts'

const RuleFields = {
  name: line(1, 100),
  enabled: z.boolean(),
  conditions: RuleConditions,
  targets: z.array(RuleTarget).max(20).describe('Where its mail goes: shares by weight; weight 0 stands by.'),
  trip: Trip.extend({ classes: z.array(z.enum(TRIP_CLASSES)).min(1).max(TRIP_CLASSES.length) }).nullable(),
}

export const Rule = z
  .object({
    id: id<'rule'>(),
    position: z.int(),
    ...RuleFields,
    trip: Trip.nullable().describe('When a route is left alone for one receiver, and the others take over.'),
  })
  .meta({ id: 'Rule' })
export type Rule = z.output<typeof Rule>

const exampleRule = {
  id: '0193e0a0-4444-7abc-9def-0123456789ab',
  position: 0,
  name: 'Google by SES',
  enabled: true,
  conditions: { receivers: ['google'] },
  targets: [
    { route_id: '0193e0a0-1111-7abc-9def-0123456789ab', weight: 1 },
    { route_id: '0193e0a0-2222-7abc-9def-0123456789ab', weight: 0 },
  ],
  trip: { classes: ['reputation_blocked', 'rate_limited'], failures: 5, within_seconds: 300, share: 0.2, pause_seconds: 900 },
}
const ruleParams = z.strictObject({ id: id<'rule'>() })
const exampleRuleParams = { id: exampleRule.id }

export const listRules = endpoint({
  method: 'GET',
  path: '/v1/rules',
  summary: 'The rules that say which way mail takes, in their order.',
  description: 'The first enabled rule whose conditions all hold decides. Without one, the default route takes it.',
  permission: 'routes.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Rule), next: z.null() }),
  example: { reply: { items: [exampleRule], next: null } },
})
export const createRule = endpoint({
  method: 'POST',
  path: '/v1/rules',
  summary: 'Add a rule. It applies at once, also to what is queued.',
  permission: 'routes.manage',
  transaction: 'write',
  body: z.strictObject({
    ...RuleFields,
    enabled: z.boolean().optional(),
    trip: RuleFields.trip.optional(),
    position: z.int().min(0).max(100).optional().describe('Its place, counted from 0; the end when left out.'),
  }),
  reply: Rule,
  status: 201,
  errors: ['invalid_request'],
  example: {
    body: { name: 'Google by SES', conditions: exampleRule.conditions, targets: exampleRule.targets },
    reply: exampleRule,
  },
})
export const changeRule = endpoint({
  method: 'PATCH',
  path: '/v1/rules/:id',
  summary: 'Change a rule. It applies at once, also to what is queued.',
  permission: 'routes.manage',
  transaction: 'write',
  params: ruleParams,
  body: z.strictObject({
    name: RuleFields.name.optional(),
    enabled: z.boolean().optional(),
    conditions: RuleConditions.optional(),
    targets: RuleFields.targets.optional(),
    trip: RuleFields.trip.optional(),
    position: z.int().min(0).max(100).optional(),
  }),
  reply: Rule,
  errors: ['not_found', 'invalid_request'],
  example: { params: exampleRuleParams, body: { enabled: false }, reply: { ...exampleRule, enabled: false } },
})
export const removeRule = endpoint({
  method: 'DELETE',
  path: '/v1/rules/:id',
  summary: 'Remove a rule.',
  permission: 'routes.manage',
  transaction: 'write',
  params: ruleParams,
  errors: ['not_found'],
  example: { params: exampleRuleParams },
})

const RoutingPreview = z
  .object({
    rule: z.object({ id: id<'rule'>(), name: z.string() }).nullable().describe('Null: no rule decides, so the default route.'),
    takes: z.array(z.object({ route: RouteReference, weight: z.int() })).describe('Routes that would take it now.'),
    obstacles: z.array(z.object({ route: RouteReference.nullable(), sentence: z.string(), until: isoDate.nullable() })),
  })
  .meta({ id: 'RoutingPreview' })

export const previewRouting = endpoint({
  method: 'GET',
  path: '/v1/routing',
  summary: 'Which way a mail would take at this moment, and what is in the way.',
  permission: 'routes.read',
  transaction: 'read',
  params: z.strictObject({
    stream: Stream.optional(),
    from_domain: z.string().min(1).max(255),
    receiver: z.string().min(1).max(255).optional(),
    recipient_domain: z.string().min(1).max(255).optional(),
    tag: z.string().min(1).max(100).optional(),
    bytes: z.codec(z.string().regex(/^\d{1,9}$/), z.int(), { decode: Number, encode: String }).optional(),
  }),
  reply: RoutingPreview,
  example: {
    params: { from_domain: 'example.com', receiver: 'google' },
    reply: {
      rule: { id: exampleRule.id, name: exampleRule.name },
      takes: [{ route: { id: '0193e0a0-1111-7abc-9def-0123456789ab', name: 'SES' }, weight: 1 }],
      obstacles: [],
    },
  },
})

export const Limit = z
  .object({
    id: id<'pace'>(),
    scope: z.enum(['workspace', 'route', 'from_domain', 'receiver']),
    subject: z.string().describe('Route id, domain or receiver; empty for the workspace.'),
    route_id: id<'route'>().nullable().describe('Of a receiver: on this route only.'),
    per: z.enum(['second', 'minute', 'hour', 'day']),
    amount: z.int(),
    next_at: isoDate.nullable().describe('When the next one would leave if all leave evenly.'),
    learned: z
      .object({ at: isoDate, why: z.string() })
      .nullable()
      .describe('What a receiver said when it taught us; it rises again by itself. Null: a person set the limit.'),
  })
  .meta({ id: 'Limit' })
export type Limit = z.output<typeof Limit>

const exampleLimit = {
  id: '0193e0a0-5555-7abc-9def-0123456789ab',
  scope: 'receiver',
  subject: 'microsoft',
  route_id: null,
  per: 'hour',
  amount: 35,
  next_at: null,
  learned: null,
}
const limitParams = z.strictObject({ id: id<'pace'>() })
const exampleLimitParams = { id: exampleLimit.id }

export const listLimits = endpoint({
  method: 'GET',
  path: '/v1/limits',
  summary: 'How fast mail may leave.',
  permission: 'routes.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Limit), next: z.null() }),
  example: { reply: { items: [exampleLimit], next: null } },
})
export const addLimit = endpoint({
  method: 'POST',
  path: '/v1/limits',
  summary: 'Limit how fast mail leaves: evenly, never in a burst.',
  description: 'With 35 an hour one leaves about every 103 seconds. Several limits may apply to a mail: all of them hold.',
  permission: 'routes.manage',
  transaction: 'write',
  body: z.strictObject({
    scope: Limit.shape.scope,
    subject: line(0, 255).optional(),
    route_id: id<'route'>().optional(),
    per: Limit.shape.per,
    amount: z.int().min(1).max(100_000_000),
  }),
  reply: Limit,
  status: 201,
  errors: ['invalid_request'],
  example: { body: { scope: 'receiver', subject: 'microsoft', per: 'hour', amount: 35 }, reply: exampleLimit },
})
export const changeLimit = endpoint({
  method: 'PATCH',
  path: '/v1/limits/:id',
  summary: 'Change how many.',
  permission: 'routes.manage',
  transaction: 'write',
  params: limitParams,
  body: z.strictObject({ amount: z.int().min(1).max(100_000_000) }),
  reply: Limit,
  errors: ['not_found'],
  example: { params: exampleLimitParams, body: { amount: 60 }, reply: { ...exampleLimit, amount: 60 } },
})
export const removeLimit = endpoint({
  method: 'DELETE',
  path: '/v1/limits/:id',
  summary: 'Remove a limit.',
  permission: 'routes.manage',
  transaction: 'write',
  params: limitParams,
  errors: ['not_found'],
  example: { params: exampleLimitParams },
})

export const WarmUp = z
  .object({
    route_id: id<'route'>(),
    receiver: z.string().describe('Empty: all receivers together.'),
    daily_caps: z.array(z.int()),
    started_on: z.string(),
    frozen_days: z.int().describe('Days on which the curve did not rise, because receivers put off or complained.'),
    today: z.object({ cap: z.int().nullable().describe('Null: the curve is done.'), used: z.int(), step: z.int() }),
  })
  .meta({ id: 'WarmUp' })
export type WarmUp = z.output<typeof WarmUp>

const exampleWarmUp = {
  route_id: '0193e0a0-1111-7abc-9def-0123456789ab',
  receiver: '',
  daily_caps: [50, 100, 200, 400],
  started_on: '2026-11-20',
  frozen_days: 0,
  today: { cap: 200, used: 17, step: 2 },
}
const warmUpParams = z.strictObject({ route: id<'route'>(), receiver: z.string().max(255).optional() })
const exampleWarmUpParams = { route: exampleWarmUp.route_id }

export const listWarmUps = endpoint({
  method: 'GET',
  path: '/v1/warm-ups',
  summary: 'Routes that are being warmed up, and how far they are.',
  permission: 'routes.read',
  transaction: 'read',
  reply: z.object({ items: z.array(WarmUp), next: z.null() }),
  example: { reply: { items: [exampleWarmUp], next: null } },
})
export const startWarmUp = endpoint({
  method: 'PUT',
  path: '/v1/warm-ups/:route',
  summary: 'Warm a route up: so many a day, growing. What is over takes another route of its rule, or waits for tomorrow.',
  permission: 'routes.manage',
  transaction: 'write',
  params: warmUpParams,
  body: z.strictObject({
    daily_caps: z
      .array(z.int().min(1).max(100_000_000))
      .min(1)
      .max(120)
      .optional()
      .describe('50 doubling to 51,200 when left out.'),
  }),
  reply: WarmUp,
  errors: ['not_found', 'invalid_request'],
  example: { params: exampleWarmUpParams, body: { daily_caps: [50, 100, 200, 400] }, reply: exampleWarmUp },
})
export const endWarmUp = endpoint({
  method: 'DELETE',
  path: '/v1/warm-ups/:route',
  summary: 'End a warm-up: the route takes whatever the rules give it.',
  permission: 'routes.manage',
  transaction: 'write',
  params: warmUpParams,
  errors: ['not_found'],
  example: { params: exampleWarmUpParams },
})

export const routingEndpoints = [
  listRules,
  createRule,
  changeRule,
  removeRule,
  previewRouting,
  listLimits,
  addLimit,
  changeLimit,
  removeLimit,
  listWarmUps,
  startWarmUp,
  endWarmUp,
] as const
