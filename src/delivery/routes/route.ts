import { z } from 'zod'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Circuit } from './circuit.ts'

export const ROUTE_KINDS = ['smtp', 'mx', 'ses', 'scaleway', 'sandbox'] as const
export type RouteKind = (typeof ROUTE_KINDS)[number]

const SECURITIES = ['starttls', 'tls', 'none'] as const

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

/** Straight to the mail servers of the recipients' domains. */
export const MxSettings = z.strictObject({
  helo_name: plain(255)
    .nullable()
    .default(null)
    .meta({ description: 'What we call ourselves; the reverse DNS of our address should say the same.' }),
  source_addresses: z
    .array(plain(45))
    .max(2)
    .default([])
    .meta({ description: 'Addresses of this machine to send from, at most one of each family. Empty: as the system chooses.' }),
  port: z
    .int()
    .min(1)
    .max(65535)
    .default(25)
    .meta({ description: 'Port of the receiving servers: 25, except in a network of your own.' }),
  allow_private: z.boolean().default(false).meta({ description: 'Allows mail servers in a private or loopback network.' }),
})
export type MxSettings = z.infer<typeof MxSettings>

const httpsUrl = z.url({ protocol: /^https?$/ }).max(2_000)

/** Amazon SES v2. The secret access key is sealed in the row. */
export const SesSettings = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-west-1'),
  access_key_id: plain(128).min(1),
  configuration_set: plain(64).nullable().default(null),
  topic_arn: z
    .string()
    .max(256)
    .regex(/^arn:aws(-[a-z]+)?:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'expected the ARN of an SNS topic')
    .nullable()
    .default(null)
    .meta({ description: 'The only topic whose notifications are believed.' }),
  endpoint: httpsUrl.nullable().default(null).meta({ description: 'Another address of the API, such as a VPC endpoint.' }),
  allow_private: z.boolean().default(false).meta({ description: 'Allows an endpoint in a private or loopback network.' }),
  max_connections: z.int().min(1).max(100).default(10),
})
export type SesSettings = z.infer<typeof SesSettings>

/** Scaleway Transactional Email. The secret key is sealed in the row. */
export const ScalewaySettings = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2}-[a-z]{3}$/, 'expected a region such as fr-par')
    .default('fr-par'),
  project_id: z.uuid(),
  topic_arn: z
    .string()
    .max(256)
    .regex(/^arn:scw:sns:[a-z0-9-]+:[\w-]+:[\w-]+$/, 'expected the ARN of a topic')
    .nullable()
    .default(null)
    .meta({ description: 'The only topic whose notifications are believed.' }),
  endpoint: httpsUrl.nullable().default(null).meta({ description: 'Another address of the API.' }),
  allow_private: z.boolean().default(false).meta({ description: 'Allows an endpoint in a private or loopback network.' }),
  max_connections: z.int().min(1).max(100).default(10),
})
export type ScalewaySettings = z.infer<typeof ScalewaySettings>

/** How mail leaves: what is set, and a secret that opens only with WAYBILL_SECRET. */
export type Way =
  | { readonly kind: 'smtp'; readonly settings: SmtpSettings; readonly sealedSecret: Buffer | null }
  | { readonly kind: 'mx'; readonly settings: MxSettings; readonly sealedSecret: null }
  | { readonly kind: 'ses'; readonly settings: SesSettings; readonly sealedSecret: Buffer | null }
  | { readonly kind: 'scaleway'; readonly settings: ScalewaySettings; readonly sealedSecret: Buffer | null }
  | { readonly kind: 'sandbox' }

/** A way out, as it stands in its row. `version` grows with every change; `sealedSecret` opens only with WAYBILL_SECRET. */
export interface Route {
  readonly id: RouteId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly version: number
  readonly isDefault: boolean
  readonly way: Way
  readonly circuit: Circuit
  readonly createdAt: Date
  readonly updatedAt: Date
}
