import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Event, id, isoDate, pageOf, pageParams } from './shapes.ts'

const WhoActed = Event.shape.actor

export const Incident = z
  .object({
    id: id<'incident'>(),
    key: z.string().describe('Names the trouble: one open incident a key.'),
    kind: z.string().describe('What sort of trouble: `route.stopped`, `webhook.endpoint_disabled`, …'),
    severity: z.enum(['warning', 'critical']),
    state: z.enum(['open', 'acknowledged', 'resolved']),
    title: z.string(),
    sentence: z.string(),
    hint: z.string().describe('What to do about it.'),
    subject: z.object({ kind: z.string(), id: z.string() }).nullable().describe('What it is about.'),
    evidence: z.record(z.string(), z.unknown()),
    opened_at: isoDate,
    seen_at: isoDate,
    times: z.int().describe('How often it was seen.'),
    acknowledged_at: isoDate.nullable(),
    acknowledged_by: WhoActed.nullable(),
    resolved_at: isoDate.nullable(),
    resolved_by: WhoActed.nullable().describe('Null while it is open, and when the trouble went away by itself.'),
  })
  .meta({ id: 'Incident' })
export type Incident = z.output<typeof Incident>

const exampleIncident = {
  id: '0193e0a0-6666-7abc-9def-0123456789ab',
  key: 'route.stopped:0193e0a0-1111-7abc-9def-0123456789ab',
  kind: 'route.stopped',
  severity: 'critical',
  state: 'open',
  title: 'Route Relay has stopped',
  sentence: 'The relay refuses our password. Nothing has gone out by this route since 2026-11-21 11:58 UTC. 412 messages wait.',
  hint: 'Correct the user name or password of the route.',
  subject: { kind: 'route', id: '0193e0a0-1111-7abc-9def-0123456789ab' },
  evidence: { waiting: 412 },
  opened_at: '2026-11-21T12:00:00.000Z',
  seen_at: '2026-11-21T12:05:00.000Z',
  times: 21,
  acknowledged_at: null,
  acknowledged_by: null,
  resolved_at: null,
  resolved_by: null,
}
const exampleId = { id: exampleIncident.id }

export const listIncidents = endpoint({
  method: 'GET',
  path: '/v1/incidents',
  summary: 'What is wrong and needs somebody.',
  description:
    'Open ones: what nobody took note of first, critical before warning, the 200 most urgent in one page. `state=resolved`: the history, newest first.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ state: z.enum(['open', 'resolved']).optional().describe('`open` when left out.'), ...pageParams }),
  reply: pageOf(Incident),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleIncident], next: null } },
})
export const getIncident = endpoint({
  method: 'GET',
  path: '/v1/incidents/:id',
  summary: 'One incident.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ id: id<'incident'>() }),
  reply: Incident,
  errors: ['not_found'],
  example: { params: exampleId, reply: exampleIncident },
})
export const acknowledgeIncident = endpoint({
  method: 'POST',
  path: '/v1/incidents/:id/acknowledge',
  summary: 'Say that somebody is on it. It stays open.',
  permission: 'delivery.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'incident'>() }),
  reply: Incident,
  errors: ['not_found', 'wrong_state'],
  example: {
    params: exampleId,
    reply: {
      ...exampleIncident,
      state: 'acknowledged',
      acknowledged_at: '2026-11-21T12:06:00.000Z',
      acknowledged_by: { kind: 'user', id: '0193e0a0-2222-7abc-9def-0123456789ab', name: 'Ann' },
    },
  },
})
export const resolveIncident = endpoint({
  method: 'POST',
  path: '/v1/incidents/:id/resolve',
  summary: 'Say that it is over. Seen again, it opens anew.',
  permission: 'delivery.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'incident'>() }),
  reply: Incident,
  errors: ['not_found', 'wrong_state'],
  example: {
    params: exampleId,
    reply: {
      ...exampleIncident,
      state: 'resolved',
      resolved_at: '2026-11-21T12:10:00.000Z',
      resolved_by: { kind: 'user', id: '0193e0a0-2222-7abc-9def-0123456789ab', name: 'Ann' },
    },
  },
})

export const incidentEndpoints = [listIncidents, getIncident, acknowledgeIncident, resolveIncident] as const
