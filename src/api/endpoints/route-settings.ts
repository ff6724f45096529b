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

const pattern = (expression: RegExp, max: number, message: string) => line(1, max).regex(expression, `must be ${message}`)
const apiUrl = pattern(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, 2_000, 'an address such as https://api.example.com')
const connections = z.int().min(1).max(100)
const endpointHelp = 'Another address of the API, such as a VPC endpoint; the public one of the region when null.'
const topicHelp = 'The only topic whose notifications are believed.'
const privateHelp = 'May connect to this machine and to private networks.'

/** As shown. */
export const MxSettings = z
  .object({
    helo_name: z.string().nullable().describe('What we call ourselves in EHLO; the name of this server when null.'),
    source_addresses: z.array(z.string()).describe('Addresses of this machine to send from; as the system chooses when empty.'),
    port: z.int(),
    allow_private: z.boolean().describe(privateHelp),
  })
  .meta({ id: 'MxSettings' })

export const MxSettingsBody = z
  .strictObject({
    helo_name: line(1, 255).nullable(),
    source_addresses: z
      .array(z.union([z.ipv4(), z.ipv6()], 'expected an IP address of this machine'))
      .max(2)
      .refine(
        (all) => new Set(all.map((address) => address.includes(':'))).size === all.length,
        'must hold at most one IPv4 and one IPv6 address',
      ),
    port: z.int().min(1).max(65_535),
    allow_private: z.boolean(),
  })
  .partial()

/** As shown: the secret access key never leaves the server. */
export const SesSettings = z
  .object({
    region: z.string(),
    access_key_id: z.string(),
    has_secret: z.boolean(),
    configuration_set: z.string().nullable(),
    topic_arn: z.string().nullable().describe(topicHelp),
    endpoint: z.string().nullable().describe(endpointHelp),
    allow_private: z.boolean().describe(privateHelp),
    max_connections: z.int(),
  })
  .meta({ id: 'SesSettings' })

export const SesSettingsBody = z
  .strictObject({
    region: pattern(/^[a-z]{2}(-[a-z]+)+-\d$/, 30, 'a region such as eu-west-1'),
    access_key_id: pattern(/^\w+$/, 128, 'the id of an access key, such as AKIA…'),
    secret_access_key: line(1, 1000).nullable(),
    configuration_set: pattern(/^[\w-]+$/, 64, 'the name of a configuration set: letters, digits, - and _').nullable(),
    topic_arn: pattern(/^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 256, 'the ARN of an SNS topic').nullable(),
    endpoint: apiUrl.nullable(),
    allow_private: z.boolean(),
    max_connections: connections,
  })
  .partial()

/** As shown: the secret key never leaves the server. */
export const ScalewaySettings = z
  .object({
    region: z.string(),
    project_id: z.string(),
    has_secret: z.boolean(),
    topic_arn: z.string().nullable().describe(topicHelp),
    endpoint: z.string().nullable().describe(endpointHelp),
    allow_private: z.boolean().describe(privateHelp),
    max_connections: z.int(),
  })
  .meta({ id: 'ScalewaySettings' })

export const ScalewaySettingsBody = z
  .strictObject({
    region: pattern(/^[a-z]{2}-[a-z]{3}$/, 30, 'a region such as fr-par'),
    project_id: z.uuid(),
    secret_key: line(1, 1000).nullable(),
    topic_arn: pattern(/^arn:scw:sns:[a-z0-9-]+:[\w-]+:[\w-]+$/, 256, 'the ARN of a topic').nullable(),
    endpoint: apiUrl.nullable(),
    allow_private: z.boolean(),
    max_connections: connections,
  })
  .partial()

/** What may be written about a route of each kind. */
export const SETTINGS_BODIES = {
  smtp: SmtpSettingsBody,
  mx: MxSettingsBody,
  ses: SesSettingsBody,
  scaleway: ScalewaySettingsBody,
} as const
export type SettingsBodies = { readonly [Kind in keyof typeof SETTINGS_BODIES]: z.output<(typeof SETTINGS_BODIES)[Kind]> }

/** A change does not say of which kind its route is: it may name what any kind has, and is then read as what the route is. */
export const AnySettingsBody = z.strictObject({
  ...MxSettingsBody.shape,
  ...SesSettingsBody.shape,
  ...ScalewaySettingsBody.shape,
  ...SmtpSettingsBody.shape,
  region: line(1, 30).optional(),
  topic_arn: line(1, 256).nullable().optional(),
})
