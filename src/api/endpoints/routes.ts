import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { DoctorReport, exampleReport } from './doctor.ts'
import {
  AnySettingsBody,
  MxSettings,
  MxSettingsBody,
  ScalewaySettings,
  ScalewaySettingsBody,
  SesSettings,
  SesSettingsBody,
  SmtpSettings,
  SmtpSettingsBody,
} from './route-settings.ts'
import { id, isoDate, line, Reason } from './shapes.ts'

export const RouteKind = z.enum(['smtp', 'mx', 'ses', 'scaleway', 'sandbox'])
export type RouteKind = z.output<typeof RouteKind>

/** Closed: mail flows. Open: something that concerns every message went wrong, all of them wait. Probing: one message tries. */
export const Circuit = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('closed') }),
    z.object({ state: z.enum(['open', 'probing']), reason: Reason, since: isoDate, next_probe_at: isoDate, failures: z.int() }),
  ])
  .meta({ id: 'Circuit' })
export type Circuit = z.output<typeof Circuit>

const facts = {
  id: id<'route'>(),
  name: z.string(),
  is_default: z.boolean(),
  circuit: Circuit,
  waiting: z.int().describe('Deliveries that wait for this route at this moment.'),
  created_at: isoDate,
  updated_at: isoDate,
}

export const Route = z
  .discriminatedUnion('kind', [
    z.object({ ...facts, kind: z.literal('smtp'), settings: SmtpSettings }),
    z.object({ ...facts, kind: z.literal('mx'), settings: MxSettings }),
    z.object({ ...facts, kind: z.literal('ses'), settings: SesSettings }),
    z.object({ ...facts, kind: z.literal('scaleway'), settings: ScalewaySettings }),
    z.object({ ...facts, kind: z.literal('sandbox'), settings: z.object({}) }),
  ])
  .meta({ id: 'Route' })
export type Route = z.output<typeof Route>

const wanted = {
  name: line(1, 100),
  is_default: z.boolean().optional().describe('Send everything through it from now on.'),
}

/** Every workspace has its one sandbox; what is added is a way out. */
export const RouteBody = z.discriminatedUnion('kind', [
  z.strictObject({
    ...wanted,
    kind: z.literal('smtp').optional().describe('A mail server that relays for us; what is meant when no kind is given.'),
    settings: SmtpSettingsBody.required({ host: true }),
  }),
  z.strictObject({
    ...wanted,
    kind: z.literal('mx').describe("Straight to the mail servers of the recipients' domains."),
    settings: MxSettingsBody.optional(),
  }),
  z.strictObject({
    ...wanted,
    kind: z.literal('ses').describe('Amazon SES.'),
    settings: SesSettingsBody.required({ region: true, access_key_id: true, secret_access_key: true }),
  }),
  z.strictObject({
    ...wanted,
    kind: z.literal('scaleway').describe('Scaleway Transactional Email.'),
    settings: ScalewaySettingsBody.required({ project_id: true, secret_key: true }),
  }),
])
export type RouteBody = z.output<typeof RouteBody>

export const RouteChangeBody = z.strictObject({ name: line(1, 100).optional(), settings: AnySettingsBody.optional() })
export type RouteChangeBody = z.output<typeof RouteChangeBody>

const exampleRoute = {
  id: '0193e0a0-1111-7abc-9def-0123456789ab',
  name: 'Relay',
  kind: 'smtp',
  is_default: true,
  settings: {
    host: 'smtp.example.com',
    port: 587,
    security: 'starttls',
    user: 'shop',
    has_password: true,
    helo_name: null,
    allow_private: false,
    max_connections: 10,
    max_messages_per_connection: 100,
    certificate_fingerprint: null,
  },
  circuit: { state: 'closed' },
  waiting: 0,
  created_at: '2026-11-20T09:00:00.000Z',
  updated_at: '2026-11-20T09:00:00.000Z',
}
const params = z.strictObject({ id: id<'route'>() })
const exampleParams = { id: exampleRoute.id }

export const listRoutes = endpoint({
  method: 'GET',
  path: '/v1/routes',
  summary: 'The ways out of this server, and whether mail flows through them.',
  permission: 'routes.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Route), next: z.null() }),
  example: { reply: { items: [exampleRoute], next: null } },
})
export const createRoute = endpoint({
  method: 'POST',
  path: '/v1/routes',
  summary: 'Add a route.',
  description:
    'A relay gets port 587 with STARTTLS when these are left out. A host of this machine or of a private network needs `allow_private`. Passwords and secret keys are sealed and never shown again.',
  permission: 'routes.manage',
  transaction: 'write',
  body: RouteBody,
  reply: Route,
  status: 201,
  errors: ['route_name_taken', 'private_address_refused', 'control_character'],
  example: {
    body: {
      kind: 'smtp',
      name: 'Relay',
      settings: { host: 'smtp.example.com', user: 'shop', password: 'a long secret' },
      is_default: true,
    },
    reply: exampleRoute,
  },
})
export const getRoute = endpoint({
  method: 'GET',
  path: '/v1/routes/:id',
  summary: 'One route.',
  permission: 'routes.read',
  transaction: 'read',
  params,
  reply: Route,
  errors: ['not_found'],
  example: { params: exampleParams, reply: exampleRoute },
})
export const changeRoute = endpoint({
  method: 'PATCH',
  path: '/v1/routes/:id',
  summary: 'Change a route. What is left out stays; a password or secret key of null is forgotten.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  body: RouteChangeBody,
  reply: Route,
  errors: ['not_found', 'route_name_taken', 'private_address_refused', 'control_character'],
  example: { params: exampleParams, body: { settings: { port: 465, security: 'tls' } }, reply: exampleRoute },
})
export const removeRoute = endpoint({
  method: 'DELETE',
  path: '/v1/routes/:id',
  summary: 'Remove a route. The default route cannot be removed.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  errors: ['not_found', 'route_in_use'],
  example: { params: exampleParams },
})
export const makeDefaultRoute = endpoint({
  method: 'PUT',
  path: '/v1/routes/:id/default',
  summary: 'Send everything through this route from now on, what is waiting included.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  reply: Route,
  errors: ['not_found'],
  example: { params: exampleParams, reply: exampleRoute },
})
export const probeRoute = endpoint({
  method: 'PUT',
  path: '/v1/routes/:id/probe',
  summary: 'Try a stopped route now, with one message, instead of at its next probe.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  reply: Route,
  errors: ['not_found'],
  example: { params: exampleParams, reply: exampleRoute },
})
export const checkRoute = endpoint({
  method: 'POST',
  path: '/v1/routes/:id/check',
  summary: 'The doctor, on the settings that are stored.',
  description:
    'For a mail server the way there, step by step; for Amazon SES and Scaleway the account: key, sending, quota and domains; for a direct route port 25, our name, reverse DNS and blocklists. Nothing is sent.',
  permission: 'routes.manage',
  transaction: 'none',
  params,
  reply: DoctorReport,
  errors: ['not_found'],
  example: { params: exampleParams, reply: exampleReport },
})
/** What a provider says about the account behind a route. */
export const RouteAccount = z
  .object({
    examined_at: isoDate.nullable().describe('When it was last asked; null before the first time.'),
    report: DoctorReport.nullable(),
    quota: z
      .object({
        used: z.number(),
        limit: z.number().nullable().describe('Null where the provider does not tell it.'),
        per: z.enum(['24 hours', 'month']),
        per_second: z.number().nullable(),
      })
      .nullable(),
    domains: z
      .array(
        z.object({
          domain: z.string(),
          state: z.enum(['verified', 'pending', 'failed']),
          detail: z.string().nullable().describe("The provider's own words."),
          checked_at: isoDate,
        }),
      )
      .describe('The domains that the provider sends for, and those that wait for it.'),
  })
  .meta({ id: 'RouteAccount' })
export type RouteAccount = z.output<typeof RouteAccount>

export const getRouteAccount = endpoint({
  method: 'GET',
  path: '/v1/routes/:id/account',
  summary: 'What the provider behind a route said when it was last asked: report, quota and domains.',
  description:
    'For routes of the kinds `ses` and `scaleway`, which are asked every six hours, after each change of their settings, and by `check`. Routes of other kinds have no account: everything is null then, and no domain is listed.',
  permission: 'routes.read',
  transaction: 'read',
  params,
  reply: RouteAccount,
  errors: ['not_found'],
  example: {
    params: exampleParams,
    reply: {
      examined_at: '2026-11-22T09:00:00.000Z',
      report: {
        ok: true,
        summary: 'Nothing speaks against SES.',
        checks: [
          {
            id: 'quota',
            title: 'Quota',
            status: 'ok',
            ms: 120,
            evidence: '120 of 50,000 mails were sent in the last 24 hours.',
            cause: null,
            fixes: [],
          },
        ],
      },
      quota: { used: 120, limit: 50_000, per: '24 hours', per_second: 14 },
      domains: [{ domain: 'example.com', state: 'verified', detail: null, checked_at: '2026-11-22T09:00:00.000Z' }],
    },
  },
})
export const testRoute = endpoint({
  method: 'POST',
  path: '/v1/routes/:id/test',
  summary: 'Send a real test message through this route.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  body: z.strictObject({
    to: line(3, 320),
    from: line(3, 320).optional().describe('Your own address when left out; with an API key, the one in `to`.'),
  }),
  reply: z.object({ message_id: id<'message'>() }),
  status: 202,
  errors: ['not_found', 'invalid_address'],
  example: {
    params: exampleParams,
    body: { to: 'me@example.com' },
    reply: { message_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a' },
  },
})

export const routeEndpoints = [
  listRoutes,
  createRoute,
  getRoute,
  changeRoute,
  removeRoute,
  makeDefaultRoute,
  probeRoute,
  checkRoute,
  getRouteAccount,
  testRoute,
] as const
