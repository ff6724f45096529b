import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { Explained } from './lib/explained.ts'
import { nearestOf } from './lib/nearest.ts'
import { parseSmtpUrl, type SmtpAddress, withoutPassword } from './lib/smtp-url.ts'

export const ROLES = ['web', 'smtp', 'delivery', 'inbound', 'jobs'] as const
export type Role = (typeof ROLES)[number]

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Everything that can be set from outside, once, at start. */
export interface Config {
  readonly port: number
  readonly host: string
  /** Mail from applications, with STARTTLS and with TLS from the start; bounces from anywhere. 0: off. */
  readonly submissionPort: number
  readonly submissionTlsPort: number
  readonly inboundPort: number
  /** Files in PEM for the SMTP ports; null: a certificate of our own. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** The address people and links use; without a slash at the end. */
  readonly url: string
  /** The name that the DNS of our domains says mail for us goes to. */
  readonly mailHost: string
  readonly dataDir: string
  /** Null: a PostgreSQL of our own in the data folder. */
  readonly databaseUrl: string | null
  /** The first route of an unattended start. */
  readonly smtp: SmtpAddress | null
  /** Null: made once and kept in the data folder. */
  readonly secret: string | null
  readonly roles: readonly Role[]
  readonly admin: { readonly email: string; readonly password: string } | null
  readonly apiKey: string | null
  readonly logLevel: LogLevel
  readonly allowPrivateNetworks: boolean
  /** Addresses or networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** What the world sees of this machine, where its own addresses are private ones. */
  readonly publicAddresses: readonly string[]
  /** Where tests kill this process; always empty outside tests. */
  readonly failpoints: string
  /** What is odd but not wrong; said once at start. */
  readonly warnings: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

interface Variable {
  readonly schema: z.ZodType
  /** Half a sentence: "expected …". */
  readonly expected: string
  readonly shown?: (value: string) => string
  /** For the README. */
  readonly meaning?: string
  readonly default?: string
}

const CHECKOUT = join(import.meta.dirname, '..')
const ADMIN_PASSWORD_MIN = 12
const SECRET_MIN = 32
const hidden = (value: string) => `(${value.length} characters, not shown)`
const printable = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/)
const withoutControls = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^\P{Cc}*$/u)

const YES = ['1', 'true', 'yes', 'on']
const NO = ['0', 'false', 'no', 'off']

const smtpPort = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.number().max(65_535))
const SMTP_PORT_EXPECTED = 'a whole number from 0 (off) to 65535'

const VARIABLES = {
  WAYBILL_PORT: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .pipe(z.number().max(65_535)),
    expected: 'a whole number from 0 (any free port) to 65535',
    meaning: 'The port of the web interface and the API. 0 takes any free one.',
    default: '8025',
  },
  WAYBILL_HOST: {
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,255}$/),
    expected: 'a host name or an IP address to listen on, such as 0.0.0.0',
    meaning: 'The address to listen on. `0.0.0.0` lets other machines in.',
    default: '127.0.0.1',
  },
  WAYBILL_SUBMISSION_PORT: {
    schema: smtpPort,
    expected: SMTP_PORT_EXPECTED,
    meaning: 'The port where applications send mail over SMTP, with STARTTLS. 0 switches it off.',
    default: '2587',
  },
  WAYBILL_SUBMISSION_TLS_PORT: {
    schema: smtpPort,
    expected: SMTP_PORT_EXPECTED,
    meaning: 'The same with TLS from the first byte. 0 switches it off.',
    default: '2465',
  },
  WAYBILL_INBOUND_PORT: {
    schema: smtpPort,
    expected: SMTP_PORT_EXPECTED,
    meaning: 'The port where mail for inboxes comes in over SMTP, and bounces and complaints come back. 0 switches it off.',
    default: '2525',
  },
  WAYBILL_TLS_CERT: {
    schema: withoutControls(1, 1_000).transform((path) => resolve(path)),
    expected: 'the path of a file in PEM',
    meaning: 'The certificate of the SMTP ports, with its chain, in PEM; together with its key. Read anew when it changes.',
    default: 'made and kept in the data folder',
  },
  WAYBILL_TLS_KEY: {
    schema: withoutControls(1, 1_000).transform((path) => resolve(path)),
    expected: 'the path of a file in PEM',
    meaning: 'Its private key, in PEM.',
  },
  WAYBILL_URL: {
    schema: z
      .string()
      .max(2_000)
      .transform((text, context) => originOf(text) ?? refuse(context)),
    expected: 'an address such as https://mail.example.org, without a path',
    meaning: 'The address people use, for links. Behind a proxy, the public one.',
    default: '`http://localhost:8025`',
  },
  WAYBILL_MAIL_HOST: {
    schema: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$/)
      .toLowerCase(),
    expected: 'a host name such as mail.example.org',
    meaning:
      'The name under which other mail servers reach this one: bounces come back to it. The DNS records of domains name it.',
    default: 'the host of `WAYBILL_URL`',
  },
  WAYBILL_DATA_DIR: {
    schema: withoutControls(1, 1_000).transform((path) => resolve(path)),
    expected: 'the path of a folder',
    meaning: 'The folder of the database, large attachments and the secret.',
    default: './data',
  },
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//)
      .refine((text) => URL.canParse(text)),
    expected: 'an address such as postgresql://user:password@host:5432/waybill',
    shown: withoutPassword,
    meaning: 'A PostgreSQL 16 or newer of yours; then none is started here.',
  },
  WAYBILL_SMTP_URL: {
    schema: z.string().transform((text, context) => {
      const parsed = parseSmtpUrl(text)
      return parsed.ok ? parsed.value : refuse(context, parsed.why)
    }),
    expected: 'smtp://user:password@host:587?security=starttls',
    shown: withoutPassword,
    meaning:
      'The first route: `smtp://user:pass@host:587?security=starttls`, or `tls`, or `none`. Special characters percent-encoded. The host may be in a private network.',
  },
  WAYBILL_SECRET: {
    schema: withoutControls(SECRET_MIN, 1_024),
    expected: `${SECRET_MIN} characters or more`,
    shown: hidden,
    meaning: 'Seals stored passwords: 32 characters or more. The same in every process; without it they are lost.',
    default: 'made and kept in the data folder',
  },
  WAYBILL_ROLES: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((role) => role.trim()))
      .pipe(z.array(z.enum(ROLES)).min(1))
      .transform((roles) => ROLES.filter((role) => roles.includes(role))),
    expected: `one or more of ${ROLES.join(', ')}, separated by commas`,
    meaning: 'What this process does, when several share one database.',
    default: ROLES.join(','),
  },
  WAYBILL_ADMIN_EMAIL: {
    schema: z
      .string()
      .max(254)
      .regex(/^[^\s\p{Cc}]+@[^\s\p{Cc}@]+$/u),
    expected: 'an email address',
    meaning: 'Makes the first administrator without the set-up page; together with the password.',
  },
  WAYBILL_ADMIN_PASSWORD: {
    schema: withoutControls(ADMIN_PASSWORD_MIN, 1_024),
    expected: `${ADMIN_PASSWORD_MIN} characters or more`,
    shown: hidden,
    meaning: 'Their password: 12 characters or more.',
  },
  WAYBILL_API_KEY: {
    schema: printable(SECRET_MIN, 512),
    expected: `${SECRET_MIN} to 512 printable ASCII characters without a space at either end`,
    shown: hidden,
    meaning: 'Becomes, word for word, an API key with all rights in the first workspace: 32 characters or more.',
  },
  WAYBILL_LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    meaning: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    default: 'info',
  },
  WAYBILL_ALLOW_PRIVATE_NETWORKS: {
    schema: z
      .string()
      .toLowerCase()
      .pipe(z.enum([...YES, ...NO]))
      .transform((text) => YES.includes(text)),
    expected: 'true or false',
    meaning: 'Lets every route reach private and loopback addresses, not only those where it is allowed.',
    default: 'false',
  },
  WAYBILL_TRUSTED_PROXIES: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every(isNetwork)),
    expected: 'addresses or networks such as 127.0.0.1 or 10.0.0.0/8, separated by commas',
    meaning: 'The proxies in front whose `X-Forwarded-For` is believed, as addresses or networks: `127.0.0.1,10.0.0.0/8`.',
  },
  WAYBILL_PUBLIC_ADDRESSES: {
    schema: z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .refine((parts) => parts.length <= 20 && parts.every((part) => isIP(part) !== 0)),
    expected: 'addresses such as 203.0.113.7 or 2001:db8::7, separated by commas',
    meaning:
      'The addresses that receivers see mail of direct routes come from, where this machine has only private ones. Their names and blocklists are watched.',
  },
  WAYBILL_FAIL: {
    schema: z.string().regex(/^[a-z0-9_]+(:\d+)?(,[a-z0-9_]+(:\d+)?)*$/),
    expected: 'names of failpoints, in tests only',
  },
} as const satisfies Record<string, Variable>

type Name = keyof typeof VARIABLES
type Values = { [N in Name]?: z.output<(typeof VARIABLES)[N]['schema']> }

/** One row of the README's table. */
export interface ConfigDoc {
  readonly name: string
  readonly default: string
  readonly meaning: string
}

/** Every variable but the one for tests. */
export const CONFIG_DOCS: readonly ConfigDoc[] = Object.entries<Variable>(VARIABLES).flatMap(([name, variable]) =>
  variable.meaning === undefined ? [] : [{ name, default: variable.default ?? 'none', meaning: variable.meaning }],
)

/** The environment as one frozen value, or an `Explained` that names every wrong variable at once. */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = []
  const values: Values = {}
  for (const [name, variable] of Object.entries(VARIABLES) as [Name, Variable][]) {
    const text = environment[name]
    // Compose files and unit files pass what is not set as an empty text.
    if (text === undefined || text === '') continue
    const parsed = variable.schema.safeParse(text)
    if (parsed.success) Object.assign(values, { [name]: parsed.data })
    else problems.push(problemWith(name, text, variable, parsed.error))
  }
  problems.push(...contradictions(environment, values))
  if (problems.length > 0)
    throw new Explained(`Waybill cannot start with these settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  return Object.freeze(configOf(values, warningsOf(environment)))
}

function configOf(values: Values, warnings: readonly string[]): Config {
  const port = values.WAYBILL_PORT ?? 8025
  const [email, password] = [values.WAYBILL_ADMIN_EMAIL, values.WAYBILL_ADMIN_PASSWORD]
  const [cert, key] = [values.WAYBILL_TLS_CERT, values.WAYBILL_TLS_KEY]
  return {
    port,
    host: values.WAYBILL_HOST ?? '127.0.0.1',
    submissionPort: values.WAYBILL_SUBMISSION_PORT ?? 2587,
    submissionTlsPort: values.WAYBILL_SUBMISSION_TLS_PORT ?? 2465,
    inboundPort: values.WAYBILL_INBOUND_PORT ?? 2525,
    tls: cert !== undefined && key !== undefined ? { cert, key } : null,
    url: values.WAYBILL_URL ?? `http://localhost:${port}`,
    mailHost: values.WAYBILL_MAIL_HOST ?? new URL(values.WAYBILL_URL ?? 'http://localhost').hostname,
    // Relative to the checkout, not to where a command happens to be typed: it would find an empty database there.
    dataDir: values.WAYBILL_DATA_DIR ?? join(CHECKOUT, 'data'),
    databaseUrl: values.DATABASE_URL ?? null,
    smtp: values.WAYBILL_SMTP_URL ?? null,
    secret: values.WAYBILL_SECRET ?? null,
    roles: values.WAYBILL_ROLES ?? ROLES,
    admin: email !== undefined && password !== undefined ? { email, password } : null,
    apiKey: values.WAYBILL_API_KEY ?? null,
    logLevel: values.WAYBILL_LOG_LEVEL ?? 'info',
    allowPrivateNetworks: values.WAYBILL_ALLOW_PRIVATE_NETWORKS ?? false,
    trustedProxies: values.WAYBILL_TRUSTED_PROXIES ?? [],
    publicAddresses: values.WAYBILL_PUBLIC_ADDRESSES ?? [],
    failpoints: values.WAYBILL_FAIL ?? '',
    warnings,
  }
}

function problemWith(name: string, text: string, variable: Variable, error: z.ZodError): string {
  const shown = variable.shown?.(text) ?? (text.length > 200 ? `${text.slice(0, 200)}…` : text)
  const why = error.issues.find((issue) => issue.code === 'custom' && issue.params?.told)?.message
  return `${name} is ${variable.shown === hidden ? shown : JSON.stringify(shown)}; ${why ?? `expected ${variable.expected}`}.`
}

const PAIRS = [
  ['WAYBILL_ADMIN_EMAIL', 'WAYBILL_ADMIN_PASSWORD'],
  ['WAYBILL_TLS_CERT', 'WAYBILL_TLS_KEY'],
] as const

/** What no variable can know alone. */
function contradictions(environment: Environment, values: Values): string[] {
  const problems: string[] = []
  for (const [one, other] of PAIRS) {
    if (Boolean(environment[one]) === Boolean(environment[other])) continue
    const [given, missing] = environment[one] ? [one, other] : [other, one]
    problems.push(`${given} is set but ${missing} is not; expected both or neither.`)
  }
  if (values.WAYBILL_FAIL !== undefined && environment.NODE_ENV !== 'test') {
    problems.push(
      `WAYBILL_FAIL is ${JSON.stringify(values.WAYBILL_FAIL)}; expected nothing: it kills the process and works in tests only.`,
    )
  }
  return problems
}

function warningsOf(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('WAYBILL_') && !Object.hasOwn(VARIABLES, name))
    .map((name) => {
      const near = nearestOf(
        name,
        CONFIG_DOCS.map((doc) => doc.name),
      )
      return `${name} is not a setting of Waybill${near ? `; did you mean ${near}?` : ' and is ignored.'}`
    })
}

/** `10.0.0.1`, `10.0.0.0/8`, `::1`, `fd00::/8`. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function originOf(text: string): string | null {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url.origin : null
}

/** `why` is told in the place of what the variable expects. */
function refuse(context: z.RefinementCtx, why?: string): never {
  context.addIssue(why === undefined ? { code: 'custom' } : { code: 'custom', message: why, params: { told: true } })
  return z.NEVER
}
