import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

export const CanaryRun = z
  .object({
    id: id<'canary_run'>(),
    route_id: id<'route'>(),
    message_id: id<'message'>(),
    sent_at: isoDate,
    state: z
      .enum(['sent', 'arrived', 'missing', 'unread'])
      .describe('unread: the mailbox could not be read, which says nothing about the mail.'),
    ended_at: isoDate.nullable(),
    folder: z.enum(['inbox', 'junk']).nullable(),
    took_ms: z.number().nullable().describe('From submission to the mailbox, by the receiving server’s clock.'),
    results: z
      .object({
        server: z.string(),
        spf: z.string().nullable(),
        dkim: z.string().nullable(),
        dmarc: z.string().nullable(),
        tls: z.boolean().nullable(),
      })
      .nullable()
      .describe('What the receiver says (RFC 8601).'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'CanaryRun' })
export type CanaryRun = z.output<typeof CanaryRun>

export const CanaryCondition = z.enum(['new', 'arriving', 'late', 'missing', 'spam', 'unauthenticated'])
export type CanaryCondition = z.output<typeof CanaryCondition>

export const CanaryWay = z
  .object({
    route: z.object({ id: id<'route'>(), name: z.string().nullable() }),
    condition: CanaryCondition.describe('late: the latest is missing, but not yet three in a row.'),
    runs: z.array(CanaryRun).describe('The latest 20, newest first.'),
  })
  .meta({ id: 'CanaryWay' })
export type CanaryWay = z.output<typeof CanaryWay>

const sender = line(3, 320).describe('From: the domain whose authentication is tried.')
const interval = z.int().min(60).max(86_400)

export const Canary = z
  .object({
    id: id<'canary'>(),
    name: z.string(),
    kind: z.enum(['imap', 'loopback']).describe('imap: a mailbox is read. loopback: what the sandbox kept is.'),
    mailbox_id: id<'mailbox'>().nullable(),
    receiver: z.string().describe('Which receiver it stands for.'),
    sender: z.string(),
    interval_seconds: z.int(),
    timeout_seconds: z.int(),
    enabled: z.boolean(),
    next_at: isoDate,
    ways: z.array(CanaryWay),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Canary' })
export type Canary = z.output<typeof Canary>

const exampleRun = {
  id: '0193e0a0-9999-7abc-9def-0123456789ab',
  route_id: '0193e0a0-1111-7abc-9def-0123456789ab',
  message_id: '0193e0a0-2222-7abc-9def-0123456789ab',
  sent_at: '2026-11-21T12:00:00.000Z',
  state: 'arrived',
  ended_at: '2026-11-21T12:00:04.000Z',
  folder: 'inbox',
  took_ms: 3_400,
  results: { server: 'mx.google.com', spf: 'pass', dkim: 'pass', dmarc: 'pass', tls: true },
  reason: null,
}
const exampleCanary = {
  id: '0193e0a0-8888-7abc-9def-0123456789ab',
  name: 'Gmail',
  kind: 'imap',
  mailbox_id: '0193e0a0-7777-7abc-9def-0123456789ab',
  receiver: 'google',
  sender: 'check@shop.example',
  interval_seconds: 600,
  timeout_seconds: 600,
  enabled: true,
  next_at: '2026-11-21T12:10:00.000Z',
  ways: [{ route: { id: exampleRun.route_id, name: 'Relay' }, condition: 'arriving', runs: [exampleRun] }],
  created_at: '2026-11-21T11:00:00.000Z',
  updated_at: '2026-11-21T11:00:00.000Z',
}
const exampleParams = { id: exampleCanary.id }
const byId = z.strictObject({ id: id<'canary'>() })

export const listCanaries = endpoint({
  method: 'GET',
  path: '/v1/canaries',
  summary: 'Seed mailboxes, and whether mail arrives in them through each route.',
  permission: 'routes.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Canary), next: z.null() }),
  example: { reply: { items: [exampleCanary], next: null } },
})
export const getCanary = endpoint({
  method: 'GET',
  path: '/v1/canaries/:id',
  summary: 'One canary.',
  permission: 'routes.read',
  transaction: 'read',
  params: byId,
  reply: Canary,
  errors: ['not_found'],
  example: { params: exampleParams, reply: exampleCanary },
})
const wanted = {
  name: line(1, 100),
  receiver: line(1, 255),
  sender,
  route_ids: z.array(id<'route'>()).min(1).max(20),
  interval_seconds: interval.optional().describe('600 when left out.'),
  timeout_seconds: interval.optional().describe('After so long it is missing; 600 when left out.'),
  enabled: z.boolean().optional(),
}
export const createCanary = endpoint({
  method: 'POST',
  path: '/v1/canaries',
  summary: 'Watch a receiver. The first probes leave at once.',
  permission: 'routes.manage',
  transaction: 'write',
  body: z.strictObject({
    ...wanted,
    kind: z.enum(['imap', 'loopback']).optional().describe('`imap` when left out.'),
    mailbox_id: id<'mailbox'>().nullable().optional(),
  }),
  reply: Canary,
  status: 201,
  errors: ['not_found', 'invalid_address', 'too_many_canaries'],
  example: {
    body: {
      name: 'Gmail',
      mailbox_id: exampleCanary.mailbox_id,
      receiver: 'google',
      sender: 'check@shop.example',
      route_ids: [exampleRun.route_id],
    },
    reply: exampleCanary,
  },
})
export const changeCanary = endpoint({
  method: 'PATCH',
  path: '/v1/canaries/:id',
  summary: 'Change a canary; what is left out stays.',
  permission: 'routes.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject(wanted).partial(),
  reply: Canary,
  errors: ['not_found', 'invalid_address'],
  example: { params: exampleParams, body: { enabled: false }, reply: { ...exampleCanary, enabled: false } },
})
export const probeCanary = endpoint({
  method: 'PUT',
  path: '/v1/canaries/:id/probe',
  summary: 'Send its next probes now.',
  permission: 'routes.manage',
  transaction: 'write',
  params: byId,
  reply: Canary,
  errors: ['not_found', 'wrong_state'],
  example: { params: exampleParams, reply: exampleCanary },
})
export const removeCanary = endpoint({
  method: 'DELETE',
  path: '/v1/canaries/:id',
  summary: 'Stop watching, and forget what was seen.',
  permission: 'routes.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found'],
  example: { params: exampleParams },
})
export const listCanaryRuns = endpoint({
  method: 'GET',
  path: '/v1/canaries/:id/runs',
  summary: 'Everything a canary has seen in the last 90 days, newest first.',
  permission: 'routes.read',
  transaction: 'read',
  params: z.strictObject({ id: id<'canary'>(), ...pageParams }),
  reply: pageOf(CanaryRun),
  errors: ['not_found', 'invalid_cursor'],
  example: { params: exampleParams, reply: { items: [exampleRun], next: null } },
})

export const canaryEndpoints = [
  listCanaries,
  createCanary,
  getCanary,
  changeCanary,
  probeCanary,
  removeCanary,
  listCanaryRuns,
] as const
