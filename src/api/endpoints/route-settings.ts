import { z } from 'zod'
import { line } from './shapes.ts'

export const RouteSecurity = z.enum(['starttls', 'tls', 'none'])
export type RouteSecurity = z.output<typeof RouteSecurity>

/** As shown: the password never leaves the server. */
export const SmtpSettings = z
  .object({
    host: z.string(),
    port: z.int(),
    security: RouteSecurity,
    user: z.string().nullable(),
    has_password: z.boolean(),
    helo_name: z.string().nullable().describe('What we call ourselves in EHLO; the name of this server when null.'),
    allow_private: z.boolean().describe('May connect to this machine and to private networks.'),
    max_connections: z.int(),
    max_messages_per_connection: z.int(),
    certificate_fingerprint: z
      .string()
      .nullable()
      .describe('SHA-256 of the one certificate to trust, for servers with a certificate of their own making.'),
  })
  .meta({ id: 'SmtpSettings' })
export type SmtpSettings = z.output<typeof SmtpSettings>

const fingerprint = z
  .string()
  .regex(/^(sha256:)?([0-9a-f]{2}:?){32}$/i, 'must be a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons')

/** As written. What is left out keeps its value, or gets its default on a new route. */
export const SmtpSettingsBody = z
  .strictObject({
    host: line(1, 255),
    port: z.int().min(1).max(65_535),
    security: RouteSecurity,
    user: line(1, 320).nullable(),
    password: line(1, 1000).nullable(),
    helo_name: line(1, 255).nullable(),
    allow_private: z.boolean(),
    max_connections: z.int().min(1).max(100),
    max_messages_per_connection: z.int().min(1).max(10_000),
    certificate_fingerprint: fingerprint.nullable(),
  })
  .partial()
export type SmtpSettingsBody = z.output<typeof SmtpSettingsBody>
