import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { RouteSecurity } from './route-settings.ts'
import { line } from './shapes.ts'

const Patch = z
  .object({
    host: z.string(),
    port: z.int(),
    security: RouteSecurity,
    user: z.string().nullable(),
    helo_name: z.string().nullable(),
    allow_private: z.boolean(),
    certificate_fingerprint: z.string().nullable(),
  })
  .partial()

export const DoctorCheck = z
  .object({
    id: z.string(),
    title: z.string(),
    status: z.enum(['ok', 'warn', 'fail', 'skip']),
    ms: z.number(),
    evidence: z.string().describe('What was seen, word for word.'),
    cause: z.string().nullable(),
    fixes: z.array(z.object({ label: z.string(), patch: Patch })).describe('Changes to the settings that would mend it.'),
  })
  .meta({ id: 'DoctorCheck' })
export type DoctorCheck = z.output<typeof DoctorCheck>

export const DoctorReport = z
  .object({ ok: z.boolean(), summary: z.string(), checks: z.array(DoctorCheck) })
  .meta({ id: 'DoctorReport' })
export type DoctorReport = z.output<typeof DoctorReport>

const ConnectionBody = z.strictObject({
  host: line(1, 255),
  port: z.int().min(1).max(65_535),
  security: RouteSecurity,
  user: line(1, 255).nullable().optional(),
  password: line(1, 1000).nullable().optional(),
  helo_name: line(1, 255).nullable().optional(),
  from: line(3, 320).optional().describe('Asked for with MAIL; nothing is sent.'),
  to: line(3, 320).optional().describe('Asked for with RCPT; nothing is sent.'),
  allow_private: z.boolean().optional(),
  certificate_fingerprint: line(1, 200).nullable().optional(),
})
export type ConnectionBody = z.output<typeof ConnectionBody>

export const exampleReport = {
  ok: false,
  summary: 'The server speaks TLS from the first byte on port 465, but the route says STARTTLS.',
  checks: [
    {
      id: 'tls_mode',
      title: 'Kind of encryption',
      status: 'fail',
      ms: 31,
      evidence: 'No greeting within 5 s; a TLS handshake succeeded.',
      cause: 'This port speaks TLS from the first byte.',
      fixes: [{ label: 'Use TLS from the start', patch: { security: 'tls' } }],
    },
  ],
}

export const checkConnection = endpoint({
  method: 'POST',
  path: '/v1/doctor/connection',
  summary: 'Examine a mail server step by step, without sending anything.',
  description:
    'Settings, DNS, TCP, greeting, EHLO, TLS, one log-in, MAIL and RCPT. Each check has its evidence, the cause, and a fix that can be applied.',
  permission: 'routes.manage',
  transaction: 'none',
  body: ConnectionBody,
  reply: DoctorReport,
  example: {
    body: { host: 'smtp.example.com', port: 465, security: 'starttls', from: 'shop@example.com' },
    reply: exampleReport,
  },
})

export const doctorEndpoints = [checkConnection] as const
