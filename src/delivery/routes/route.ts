import { z } from 'zod'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Circuit } from './circuit.ts'

export const ROUTE_KINDS = ['smtp', 'sandbox'] as const
export type RouteKind = (typeof ROUTE_KINDS)[number]

export const SECURITIES = ['starttls', 'tls', 'none'] as const

const plain = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), 'control characters are not allowed')

/** How to reach a mail server. The password is apart: sealed in the row, never read back. */
export const SmtpSettings = z.strictObject({
  host: plain(255).min(1).meta({ description: 'Name or address of the mail server.' }),
  port: z.int().min(1).max(65535),
  security: z
    .enum(SECURITIES)
    .meta({ description: 'starttls: encrypt after the greeting, required. tls: encrypt from the first byte. none: never.' }),
  user: plain(320).nullable().default(null),
  helo_name: plain(255).nullable().default(null),
  allow_private: z.boolean().default(false).meta({ description: 'Allows an address in a private or loopback network.' }),
  certificate_fingerprint: z
    .string()
    .regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, 'expected a SHA-256 fingerprint: 32 pairs of hexadecimal digits with colons')
    .nullable()
    .default(null)
    .meta({ description: 'Trust exactly this certificate, whoever issued it.' }),
  max_connections: z.int().min(1).max(100).default(10),
  max_messages_per_connection: z.int().min(1).max(10_000).default(100),
})
export type SmtpSettings = z.infer<typeof SmtpSettings>

/** A way out, as it stands in its row. `version` grows with every change; `sealedSecret` opens only with WAYBILL_SECRET. */
export interface Route {
  readonly id: RouteId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly version: number
  readonly isDefault: boolean
  readonly way:
    | { readonly kind: 'smtp'; readonly settings: SmtpSettings; readonly sealedSecret: Buffer | null }
    | { readonly kind: 'sandbox' }
  readonly circuit: Circuit
  readonly createdAt: Date
  readonly updatedAt: Date
}
