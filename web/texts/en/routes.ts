import { counted, grouped } from '../plural.ts'

const deliveries = { one: 'delivery', other: 'deliveries' }
const waiting = { one: 'delivery waits', other: 'deliveries wait' }

export const routes = {
  circuit: {
    closed: 'Open for mail',
    open: 'Stopped',
    probing: 'Trying',
    nextProbe: (relative: string) => `tried again ${relative}`,
    nextProbeAt: (when: string, relative: string) => `Waybill tries it again with one message at ${when} (${relative}).`,
    isProbing: 'Waybill is trying it with one message now.',
    anyMoment: 'Waybill tries it with one message at any moment now.',
    since: (when: string, failures: number) =>
      `Stopped since ${when}, after ${counted(failures, { one: 'failure', other: 'failures' })}.`,
    costs: 'Messages wait; none of them loses a try.',
    kept: (n: number) => `${counted(n, waiting)} for it.`,
  },
  routes: {
    title: 'Routes',
    lead: 'The ways out of this server. Mail takes the default route unless a rule says otherwise.',
    add: 'Add a route',
    label: 'Routes',
    isDefault: 'Default',
    sandboxServer: 'Keeps mail, sends nothing',
    mxServer: 'Straight to each recipient’s mail server',
    emptyTitle: 'No way out yet',
    empty:
      'A route is a mail server that Waybill hands mail to: your provider’s, your company’s, or the sandbox, which keeps everything.',
    sandboxNote: 'This route keeps mail instead of sending it. Nothing leaves through it.',
    openSandbox: 'Open the sandbox',
    settings: 'Settings',
    test: 'Send a test',
    testTitle: (name: string) => `Send a test through ${name}`,
    testLead: 'A real message with a short text. You see its waybill at once.',
    testTo: 'To',
    testAct: 'Send',
    makeDefault: 'Make default',
    makeDefaultTitle: (name: string) => `Send everything through ${name}?`,
    makeDefaultBody: (name: string, n: number) =>
      n === 0
        ? `New messages go out through ${name} from now on.`
        : `New messages go out through ${name} from now on, and with them what waits for the present default: ${counted(n, deliveries)}.`,
    madeDefault: (name: string) => `${name} is the default route`,
    isDefaultHint: 'Everything goes through this route already.',
    probe: 'Try now',
    probeHint: 'Tries it with one message, without waiting.',
    probed: 'Trying now',
    remove: 'Remove',
    removeDefault: 'The default route cannot be removed. Make another one the default first.',
    removeTitle: (name: string) => `Remove ${name}?`,
    removeBody: (n: number) =>
      n === 0
        ? 'Nothing waits for it. Waybills keep its name. This cannot be undone.'
        : `${counted(n, waiting)} for it and then go through the default route instead. Waybills keep its name. This cannot be undone.`,
    removed: (name: string) => `${name} is removed`,
    created: (name: string) => `${name} is added`,
    saved: 'Saved. New connections use it at once.',
    newTitle: 'Add a route',
    newLead: 'How should mail leave?',
    kindLabel: 'Kind of route',
    account: 'Account',
    accountNever: 'The provider is asked within a minute. Examine it to know now.',
    accountAt: (when: string) => `As the provider said at ${when}.`,
    quotaOf: (used: string, limit: string, per: '24 hours' | 'month') =>
      per === 'month' ? `${used} of ${limit} this month` : `${used} of ${limit} in 24 hours`,
    quotaUsed: (used: string, per: '24 hours' | 'month') => (per === 'month' ? `${used} this month` : `${used} in 24 hours`),
    sent: 'Sent',
    rate: 'At most',
    perSecond: (rate: string) => `${rate} a second`,
    domains: 'Domains',
    domainStates: { verified: 'Verified', pending: 'Waiting', failed: 'Not verified' },
    mxNote: 'Mail goes from this machine straight to each recipient’s own mail server.',
    mxHint:
      'That wants port 25 open to the outside, a reverse DNS entry for the address that agrees with the name in the greeting, and mail that is signed.',
    scalewayNote:
      'Scaleway’s API takes a mail apart. What it cannot carry bounces with the reason: inline images, calendar invitations, files of unusual types, mail over 2 MB, a subject or text of fewer than ten characters, or people in To and Cc who do not get it in the same call.',
    sesNote:
      'Amazon replaces the Message-ID and the date of every mail. Waybill keeps both ids, so that answers still find their message.',
    create: 'Add route',
    save: 'Save changes',
    discard: 'Discard changes',
    unsaved: 'Not saved yet',
  },
  routeKinds: {
    smtp: { name: 'Mail server', hint: 'A relay that takes mail for everybody: your provider’s or your company’s, over SMTP.' },
    mx: {
      name: 'Direct',
      hint: 'Waybill hands mail to each recipient’s own server. Needs port 25, a reverse DNS entry and an address with a good name.',
    },
    ses: { name: 'Amazon SES', hint: 'Through the API of Amazon’s Simple Email Service, with an access key.' },
    scaleway: { name: 'Scaleway', hint: 'Through the API of Scaleway Transactional Email, with a secret key.' },
    sandbox: { name: 'Sandbox', hint: 'Keeps mail, sends nothing.' },
  },
  routeSettings: {
    mx: {
      helo_name: {
        label: 'Name in the greeting (EHLO)',
        hint: 'The reverse DNS of the address should say the same. Empty: the name of this server.',
      },
      source_addresses: {
        label: 'Addresses to send from',
        hint: 'One a line, at most one of IPv4 and one of IPv6. Empty: as the system chooses.',
      },
      port: { label: 'Port', hint: '25 everywhere but in a network of your own.' },
      allow_private: {
        label: 'Allow private addresses',
        hint: 'Mail servers on this machine and networks such as 10.0.0.0/8. Off unless you mean it.',
      },
    },
    ses: {
      region: { label: 'Region', hint: 'Where the account has its verified domains.' },
      access_key_id: {
        label: 'Access key ID',
        hint: 'Of a user that may do ses:SendEmail; with ses:GetAccount and ses:ListEmailIdentities the doctor can tell more.',
      },
      secret_access_key: { label: 'Secret access key' },
      configuration_set: {
        label: 'Configuration set',
        hint: 'The one that publishes what becomes of mail to your topic. Empty: none.',
      },
      max_connections: { label: 'Connections at once' },
      endpoint: { label: 'Address of the API', hint: 'Of a VPC endpoint. Empty: the public one of the region.' },
      allow_private: { label: 'Allow private addresses', hint: 'For an endpoint inside your own network.' },
    },
    scaleway: {
      project_id: { label: 'Project ID', hint: 'Of the project that has the verified domain.' },
      secret_key: { label: 'Secret key', hint: 'Of an API key with the permission set TransactionalEmailFullAccess.' },
      region: { label: 'Region', hint: 'Scaleway offers it in fr-par.' },
      max_connections: { label: 'Connections at once' },
      endpoint: { label: 'Address of the API', hint: 'Empty: the public one of the region.' },
      allow_private: { label: 'Allow private addresses', hint: 'For an address inside your own network.' },
    },
  } as Readonly<Record<'mx' | 'ses' | 'scaleway', Readonly<Record<string, { label: string; hint?: string }>>>>,
  routeForm: {
    preset: 'Provider',
    presetHint: 'Fills in the server, where yours is among them.',
    presetNone: 'Another, or your own',
    name: 'Name',
    nameHint: 'As it appears on waybills.',
    host: 'Server',
    hostPlaceholder: 'smtp.example.com',
    port: 'Port',
    security: 'Encryption',
    starttls: 'STARTTLS',
    tls: 'TLS',
    none: 'None',
    securityHints: {
      starttls: 'Starts in the clear and turns encrypted before anything is said. Usual on port 587.',
      tls: 'Encrypted from the first byte. Usual on port 465.',
      none: 'Nothing is encrypted, the password included. Only for a server on this machine or a network you trust.',
    },
    user: 'User name',
    userHint: 'Empty when the server wants no log-in.',
    password: 'Password',
    passwordKept: 'Kept. Type to replace it',
    advanced: 'More settings',
    helo: 'Name in the greeting (EHLO)',
    heloHint: 'Empty: the name of this server.',
    allowPrivate: 'Allow private addresses',
    allowPrivateHint: 'This machine and networks such as 10.0.0.0/8. Off unless you mean it.',
    connections: 'Connections at once',
    perConnection: 'Messages per connection',
    fingerprint: 'Certificate to trust (SHA-256)',
    fingerprintHint: 'For a server with a certificate of its own making. Empty: certificates are checked as usual.',
    isDefault: 'Make it the default route',
  },
  doctor: {
    title: 'Doctor',
    accountLead:
      'Asks the provider about the account: whether the key is right, may send, how much, and for which domains. Nothing is sent.',
    directLead:
      'Knocks at the mail servers that most of your mail goes to, and looks at our name, reverse DNS and blocklists. Nothing is sent.',
    lead: 'Examines the way to the mail server step by step: name, connection, greeting, encryption, log-in, sender and recipient. Nothing is sent.',
    examine: 'Examine',
    again: 'Examine again',
    running: 'Examining. A server that does not answer takes up to a minute…',
    apply: 'Apply',
    applied: (label: string) => `Applied: ${label}`,
    statuses: { ok: 'Fine', warn: 'Look at this', fail: 'Wrong', skip: 'Not examined' },
    counts: (ok: number, all: number) => `${grouped(ok)} of ${counted(all, { one: 'check', other: 'checks' })} fine`,
    needsHost: 'Fill in the server first.',
    unsavedNote: 'With the settings in the form. The kept password is not used: type it to have the log-in examined.',
    mayNot: 'Only administrators may examine mail servers.',
  },
}
