import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { CONFIG_DOCS, LOG_LEVELS, readConfig } from '../src/config.ts'

const CHECKOUT = join(import.meta.dirname, '..')
const LONG = 'k'.repeat(32)

test('without any setting it is a complete Waybill on this machine alone', () => {
  expect(readConfig({})).toEqual({
    port: 8025,
    host: '127.0.0.1',
    submissionPort: 2587,
    submissionTlsPort: 2465,
    inboundPort: 2525,
    tls: null,
    url: 'http://localhost:8025',
    mailHost: 'localhost',
    publicAddresses: [],
    dataDir: join(CHECKOUT, 'data'),
    databaseUrl: null,
    smtp: null,
    secret: null,
    roles: ['web', 'smtp', 'delivery', 'inbound', 'jobs'],
    admin: null,
    apiKey: null,
    logLevel: 'info',
    allowPrivateNetworks: false,
    trustedProxies: [],
    failpoints: '',
    warnings: [],
  })
})

test('every setting is read, and nothing can be changed afterwards', () => {
  const config = readConfig({
    WAYBILL_PORT: '80',
    WAYBILL_HOST: '0.0.0.0',
    WAYBILL_MAIL_HOST: 'MX.example.org',
    WAYBILL_URL: 'https://mail.example.org/',
    WAYBILL_DATA_DIR: 'somewhere/else',
    DATABASE_URL: 'postgresql://u:p@db:5432/waybill',
    WAYBILL_SMTP_URL: 'smtp://user:p%40ss@relay:2525?security=none',
    WAYBILL_SECRET: LONG,
    WAYBILL_ROLES: 'jobs, web',
    WAYBILL_ADMIN_EMAIL: 'ann@example.org',
    WAYBILL_ADMIN_PASSWORD: 'twelve chars',
    WAYBILL_API_KEY: LONG,
    WAYBILL_LOG_LEVEL: 'debug',
    WAYBILL_ALLOW_PRIVATE_NETWORKS: 'Yes',
    WAYBILL_TRUSTED_PROXIES: '10.0.0.0/8',
    WAYBILL_SUBMISSION_PORT: '587',
    WAYBILL_SUBMISSION_TLS_PORT: '0',
    WAYBILL_INBOUND_PORT: '25',
    WAYBILL_TLS_CERT: 'tls/chain.pem',
    WAYBILL_TLS_KEY: 'tls/key.pem',
    WAYBILL_FAIL: 'after_dot:3,before_settle',
    NODE_ENV: 'test',
  })
  expect(config).toEqual({
    port: 80,
    host: '0.0.0.0',
    submissionPort: 587,
    submissionTlsPort: 0,
    inboundPort: 25,
    tls: { cert: resolve('tls/chain.pem'), key: resolve('tls/key.pem') },
    url: 'https://mail.example.org',
    mailHost: 'mx.example.org',
    publicAddresses: [],
    dataDir: resolve('somewhere/else'),
    databaseUrl: 'postgresql://u:p@db:5432/waybill',
    smtp: { host: 'relay', port: 2525, security: 'none', user: 'user', password: 'p@ss' },
    secret: LONG,
    roles: ['web', 'jobs'],
    admin: { email: 'ann@example.org', password: 'twelve chars' },
    apiKey: LONG,
    logLevel: 'debug',
    allowPrivateNetworks: true,
    trustedProxies: ['10.0.0.0/8'],
    failpoints: 'after_dot:3,before_settle',
    warnings: [],
  })
  expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError)
})

test('the address for links follows the port', () => {
  expect(readConfig({ WAYBILL_PORT: '9000' }).url).toBe('http://localhost:9000')
})

test('an empty value is one that is not set', () => {
  const names = CONFIG_DOCS.map((doc) => doc.name)
  expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readConfig({}))
})

test.each([
  [{ WAYBILL_PORT: '80a' }, 'WAYBILL_PORT is "80a"; expected a whole number from 0 (any free port) to 65535.'],
  [{ WAYBILL_PORT: '65536' }, 'WAYBILL_PORT is "65536"; expected a whole number from 0 (any free port) to 65535.'],
  [{ WAYBILL_PORT: '-1' }, 'WAYBILL_PORT is "-1"; expected a whole number from 0 (any free port) to 65535.'],
  [
    { WAYBILL_HOST: 'not a host' },
    'WAYBILL_HOST is "not a host"; expected a host name or an IP address to listen on, such as 0.0.0.0.',
  ],
  [
    { WAYBILL_URL: 'https://example.org/mail' },
    'WAYBILL_URL is "https://example.org/mail"; expected an address such as https://mail.example.org, without a path.',
  ],
  [
    { WAYBILL_URL: 'ftp://example.org' },
    'WAYBILL_URL is "ftp://example.org"; expected an address such as https://mail.example.org, without a path.',
  ],
  [
    { DATABASE_URL: 'mysql://u:hidden@db/x' },
    'DATABASE_URL is "mysql://u:***@db/x"; expected an address such as postgresql://user:password@host:5432/waybill.',
  ],
  [
    { WAYBILL_SMTP_URL: 'smtp://u:hid#den@h:25' },
    'WAYBILL_SMTP_URL is "smtp://u:***@h:25"; a # in the user name or password must be written %23.',
  ],
  [{ WAYBILL_SECRET: 'short' }, 'WAYBILL_SECRET is (5 characters, not shown); expected 32 characters or more.'],
  [
    { WAYBILL_ROLES: 'web,deliver' },
    'WAYBILL_ROLES is "web,deliver"; expected one or more of web, smtp, delivery, inbound, jobs, separated by commas.',
  ],
  [
    { WAYBILL_ADMIN_EMAIL: 'ann', WAYBILL_ADMIN_PASSWORD: 'long enough!' },
    'WAYBILL_ADMIN_EMAIL is "ann"; expected an email address.',
  ],
  [
    { WAYBILL_ADMIN_EMAIL: 'a@b', WAYBILL_ADMIN_PASSWORD: 'eleven char' },
    'WAYBILL_ADMIN_PASSWORD is (11 characters, not shown); expected 12 characters or more.',
  ],
  [{ WAYBILL_ADMIN_EMAIL: 'a@b' }, 'WAYBILL_ADMIN_EMAIL is set but WAYBILL_ADMIN_PASSWORD is not; expected both or neither.'],
  [
    { WAYBILL_ADMIN_PASSWORD: 'twelve chars' },
    'WAYBILL_ADMIN_PASSWORD is set but WAYBILL_ADMIN_EMAIL is not; expected both or neither.',
  ],
  [
    { WAYBILL_API_KEY: 'k'.repeat(31) },
    'WAYBILL_API_KEY is (31 characters, not shown); expected 32 to 512 printable ASCII characters without a space at either end.',
  ],
  [{ WAYBILL_LOG_LEVEL: 'loud' }, `WAYBILL_LOG_LEVEL is "loud"; expected one of ${LOG_LEVELS.join(', ')}.`],
  [{ WAYBILL_ALLOW_PRIVATE_NETWORKS: 'constructor' }, 'WAYBILL_ALLOW_PRIVATE_NETWORKS is "constructor"; expected true or false.'],
  [{ WAYBILL_FAIL: 'after_dot' }, 'WAYBILL_FAIL is "after_dot"; expected nothing: it kills the process and works in tests only.'],
])('%o is refused with its name, its value and what was expected', (environment, sentence) => {
  expect(() => readConfig(environment)).toThrow(`Waybill cannot start with these settings:\n  ${sentence}`)
})

test('several wrong values are named at once', () => {
  expect(() => readConfig({ WAYBILL_PORT: 'x', WAYBILL_LOG_LEVEL: 'y', WAYBILL_ADMIN_EMAIL: 'a@b' })).toThrow(
    /WAYBILL_PORT is "x".*\n {2}WAYBILL_LOG_LEVEL is "y".*\n {2}WAYBILL_ADMIN_EMAIL is set but/,
  )
})

test('an unknown name is warned of, with what was probably meant', () => {
  expect(readConfig({ WAYBILL_SMPT_URL: 'x', WAYBILL_COFFEE_STRENGTH: '3', OTHER: '1' }).warnings).toEqual([
    'WAYBILL_SMPT_URL is not a setting of Waybill; did you mean WAYBILL_SMTP_URL?',
    'WAYBILL_COFFEE_STRENGTH is not a setting of Waybill and is ignored.',
  ])
})

const readme = join(CHECKOUT, 'README.md')
test.skipIf(!existsSync(readme))('the table in the README names every setting, its default and its meaning', () => {
  const text = readFileSync(readme, 'utf8')
  for (const doc of CONFIG_DOCS) expect(text).toContain(`| \`${doc.name}\` | ${doc.default} | ${doc.meaning} |`)
  const named = new Set(text.match(/\b(?:WAYBILL_[A-Z_]+|DATABASE_URL)\b/g))
  expect([...named].filter((name) => !CONFIG_DOCS.some((doc) => doc.name === name))).toEqual([])
})

test('proxies are addresses or networks, several of them with commas', () => {
  expect(readConfig({ WAYBILL_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8' }).trustedProxies).toEqual([
    '127.0.0.1',
    '10.0.0.0/8',
    'fd00::/8',
  ])
  expect(readConfig({}).trustedProxies).toEqual([])
  for (const wrong of ['everybody', '10.0.0.0/33', '10.0.0.1/8/9', '127.0.0.1,'])
    expect(() => readConfig({ WAYBILL_TRUSTED_PROXIES: wrong })).toThrow(/WAYBILL_TRUSTED_PROXIES/)
})
