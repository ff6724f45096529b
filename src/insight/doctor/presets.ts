import { nearestOf } from '../../lib/nearest.ts'
import { suggestHost } from '../../mail/host-suggestion.ts'
import type { Security } from './report.ts'

export interface Preset {
  readonly name: string
  readonly host: string
  /** The ways in that the service documents; the first is the one to suggest. */
  readonly ports: readonly { readonly port: number; readonly security: Security }[]
  /** Mail domains of people who have their mailbox there: "me@gmail.com" tells where to send. */
  readonly domains?: readonly string[]
  /** Other hosts of the same service, such as those of its regions. */
  readonly alsoAt?: RegExp
  /** What the user name has to look like, and what to say when it does not. */
  readonly user?: { readonly form: RegExp; readonly expected: string }
  /** What people need to know before they wonder. */
  readonly note?: string
}

const SUBMISSION = { port: 587, security: 'starttls' } as const
const IMPLICIT = { port: 465, security: 'tls' } as const
const FULL_ADDRESS = { form: /@/, expected: 'the whole email address' } as const
const APP_PASSWORD = 'It wants an app password, which the account settings make once two-step verification is on.'

/** As the services document it themselves. */
export const PRESETS: readonly Preset[] = [
  {
    name: 'Gmail',
    host: 'smtp.gmail.com',
    ports: [SUBMISSION, IMPLICIT],
    domains: ['gmail.com', 'googlemail.com'],
    user: FULL_ADDRESS,
    note: APP_PASSWORD,
  },
  { name: 'Google Workspace relay', host: 'smtp-relay.gmail.com', ports: [SUBMISSION, IMPLICIT] },
  {
    name: 'Microsoft 365',
    host: 'smtp.office365.com',
    ports: [SUBMISSION],
    user: FULL_ADDRESS,
    note: 'The administrator has to allow "Authenticated SMTP" for the mailbox.',
  },
  {
    name: 'Outlook.com',
    host: 'smtp-mail.outlook.com',
    ports: [SUBMISSION],
    domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com'],
    user: FULL_ADDRESS,
    note: 'Personal accounts take only OAuth here, no password.',
  },
  {
    name: 'Yahoo',
    host: 'smtp.mail.yahoo.com',
    ports: [IMPLICIT, SUBMISSION],
    domains: ['yahoo.com', 'ymail.com'],
    user: FULL_ADDRESS,
    note: APP_PASSWORD,
  },
  {
    name: 'iCloud',
    host: 'smtp.mail.me.com',
    ports: [SUBMISSION],
    domains: ['icloud.com', 'me.com', 'mac.com'],
    note: APP_PASSWORD,
  },
  {
    name: 'Fastmail',
    host: 'smtp.fastmail.com',
    ports: [IMPLICIT, SUBMISSION],
    domains: ['fastmail.com', 'fastmail.fm'],
    user: FULL_ADDRESS,
    note: APP_PASSWORD,
  },
  { name: 'GMX', host: 'mail.gmx.net', ports: [SUBMISSION, IMPLICIT], domains: ['gmx.de', 'gmx.net', 'gmx.at', 'gmx.ch'] },
  {
    name: 'Zoho Mail',
    host: 'smtp.zoho.com',
    ports: [IMPLICIT, SUBMISSION],
    alsoAt: /^smtp(?:pro)?\.zoho\.(?:com|eu|in|com\.au|jp)$/,
    user: FULL_ADDRESS,
  },
  {
    name: 'Amazon SES',
    host: 'email-smtp.eu-west-1.amazonaws.com',
    ports: [SUBMISSION, IMPLICIT, { port: 2587, security: 'starttls' }],
    alsoAt: /^email-smtp(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com$/,
    user: {
      form: /^[A-Z0-9]{16,128}$/,
      expected: 'the user name of SMTP credentials made in the SES console (20 capital letters and digits)',
    },
  },
  {
    name: 'Scaleway Transactional Email',
    host: 'smtp.tem.scaleway.com',
    ports: [SUBMISSION, IMPLICIT, { port: 2587, security: 'starttls' }],
  },
]

export function presetOfHost(host: string): Preset | null {
  return PRESETS.find((preset) => preset.host === host || preset.alsoAt?.test(host)) ?? null
}

export function presetOfDomain(domain: string): Preset | null {
  return PRESETS.find((preset) => preset.domains?.includes(domain)) ?? null
}

/** The well-known host that was probably meant. */
export function nearestHost(typed: string): string | null {
  const name = typed.trim().toLowerCase().replace(/\.$/, '')
  if (name.length > 64 || presetOfHost(name)) return null
  const hosts = PRESETS.map(({ host }) => host)
  return suggestHost(name) ?? nearestOf(name, hosts)
}
