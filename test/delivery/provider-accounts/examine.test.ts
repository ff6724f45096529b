import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { type ApiRoute, type ExamineDeps, examineAccount } from '../../../src/delivery/provider-accounts/examine.ts'
import { sealOf } from '../../../src/delivery/routes/manage.ts'
import type { Way } from '../../../src/delivery/routes/route.ts'
import { machineClock } from '../../../src/lib/clock.ts'
import { newId, type RouteId, type WorkspaceId } from '../../../src/lib/ids.ts'
import { createSecrets } from '../../../src/lib/secrets.ts'
import type { ApiAct } from '../../support/api-server.ts'
import { fixedResolver } from '../../support/dns.ts'
import { SCALEWAY_KEY, type ScalewayAccount, ScalewayServer, scalewaySettings } from '../../support/scaleway-server.ts'
import { refusal, SES_KEY, type SesAccount, SesServer, sesSettings } from '../../support/ses-server.ts'

const secrets = createSecrets(randomBytes(32).toString('hex'))
const deps: ExamineDeps = { clock: machineClock, resolver: fixedResolver(), secrets, allowPrivateNetworks: true }
type Settings =
  | Pick<Extract<Way, { kind: 'ses' }>, 'kind' | 'settings'>
  | Pick<Extract<Way, { kind: 'scaleway' }>, 'kind' | 'settings'>

function aRoute(way: Settings, secret: string | null): ApiRoute {
  const id = newId<RouteId>()
  const at = new Date()
  return {
    id,
    workspaceId: newId<WorkspaceId>(),
    name: 'Provider',
    version: 1,
    isDefault: false,
    way: { ...way, sealedSecret: secret === null ? null : secrets.seal(secret, sealOf(id)) },
    circuit: { state: 'closed' },
    createdAt: at,
    updatedAt: at,
  } as ApiRoute
}

async function ofSes(account: SesAccount, secret: string | null = SES_KEY.secret) {
  await using server = await new SesServer(account).listen()
  return await examineAccount(aRoute({ kind: 'ses', settings: sesSettings(server) }, secret), deps)
}
async function ofScaleway(account: ScalewayAccount, secret: string | null = SCALEWAY_KEY) {
  await using server = await new ScalewayServer(account).listen()
  return await examineAccount(aRoute({ kind: 'scaleway', settings: scalewaySettings(server) }, secret), deps)
}
const states = ({ checks }: Awaited<ReturnType<typeof ofSes>>) => Object.fromEntries(checks.map(({ id, status }) => [id, status]))
const evidence = ({ checks }: Awaited<ReturnType<typeof ofSes>>, id: string) => checks.find((each) => each.id === id)?.evidence
const domain = (IdentityName: string, VerificationStatus: string) => ({
  IdentityName,
  IdentityType: 'DOMAIN',
  SendingEnabled: VerificationStatus === 'SUCCESS',
  VerificationStatus,
})
const account = (changes: object): ApiAct => ({
  status: 200,
  body: {
    SendingEnabled: true,
    ProductionAccessEnabled: true,
    EnforcementStatus: 'HEALTHY',
    SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 10 },
    ...changes,
  },
})

test('an account of Amazon SES in order: what may be sent, and for which domains', async () => {
  const found = await ofSes({
    identities: [
      domain('Example.com', 'SUCCESS'),
      domain('new.example.com', 'PENDING'),
      domain('old.example.com', 'FAILED'),
      { IdentityName: 'ann@example.com', IdentityType: 'EMAIL_ADDRESS', SendingEnabled: true, VerificationStatus: 'SUCCESS' },
    ],
  })
  expect(states(found)).toEqual({ key: 'ok', connection: 'ok', login: 'ok', sending: 'ok', quota: 'ok', domains: 'warn' })
  expect(found.quota).toEqual({ used: 120, limit: 50_000, per: '24 hours', perSecond: 14 })
  expect(found.domains).toEqual([
    { domain: 'example.com', state: 'verified', detail: null },
    { domain: 'new.example.com', state: 'pending', detail: null },
    { domain: 'old.example.com', state: 'failed', detail: null },
  ])
})

test('domains beyond the first page are read as well', async () => {
  const found = await ofSes({
    identities: Array.from({ length: 2_500 }, (_, index) => domain(`d${index}.example.com`, 'SUCCESS')),
  })
  expect(found.domains?.length).toBe(2_500)
  expect(states(found)).toMatchObject({ domains: 'ok' })
})

test.each([
  ['sending is switched off', account({ SendingEnabled: false }), { sending: 'fail' }],
  ['it is in test mode', account({ ProductionAccessEnabled: false }), { sending: 'warn' }],
  ['it is being watched', account({ EnforcementStatus: 'PROBATION' }), { sending: 'warn' }],
  ['nearly all is sent', account({ SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 190 } }), { quota: 'warn' }],
  ['all is sent', account({ SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 200 } }), { quota: 'fail' }],
  [
    'the quota is without a limit',
    account({ SendQuota: { Max24HourSend: -1, MaxSendRate: 1, SentLast24Hours: 5 } }),
    { quota: 'ok' },
  ],
  ['no domain is there', account({}), { domains: 'fail' }],
  [
    'the key is wrong',
    refusal(403, 'UnrecognizedClientException', 'no'),
    { connection: 'ok', login: 'fail', sending: 'skip', domains: 'skip' },
  ],
  [
    'the key may not ask',
    refusal(403, 'AccessDeniedException', 'no'),
    { login: 'ok', sending: 'skip', quota: 'skip', domains: 'fail' },
  ],
  ['Amazon has trouble', { status: 500, body: {} }, { connection: 'ok', login: 'warn', sending: 'skip' }],
] as readonly (readonly [string, ApiAct, object])[])('of Amazon SES it is told that %s', async (_, answer, wanted) => {
  expect(states(await ofSes({ account: answer }))).toMatchObject(wanted)
})

test('a project of Scaleway in order: what was sent, and which domains are checked', async () => {
  const found = await ofScaleway({
    domains: [
      { name: 'example.com', status: 'checked' },
      { name: 'new.example.com', status: 'unchecked', last_error: 'SPF record not found' },
      { name: 'gone.example.com', status: 'revoked' },
    ],
  })
  expect(states(found)).toEqual({ key: 'ok', connection: 'ok', login: 'ok', sending: 'ok', quota: 'ok', domains: 'warn' })
  expect(found.quota).toEqual({ used: 1_200, limit: null, per: 'month', perSecond: null })
  expect(found.domains).toEqual([
    { domain: 'example.com', state: 'verified', detail: null },
    { domain: 'new.example.com', state: 'pending', detail: 'SPF record not found' },
  ])
  expect(evidence(found, 'domains')).toContain('new.example.com: pending (SPF record not found)')
})

test('a locked domain of Scaleway is told, and a wrong key', async () => {
  expect(states(await ofScaleway({ domains: [{ name: 'example.com', status: 'locked' }] }))).toMatchObject({
    sending: 'fail',
    domains: 'fail',
  })
  expect(states(await ofScaleway({}, 'wrong'))).toMatchObject({ connection: 'ok', login: 'fail', domains: 'skip' })
})

test('all pages of domains of Scaleway are read', async () => {
  const domains = Array.from({ length: 250 }, (_, index) => ({ name: `d${index}.example.com`, status: 'checked' }))
  expect((await ofScaleway({ domains })).domains?.length).toBe(250)
})

test('a key that is missing, or was stored with another WAYBILL_SECRET, is a check that says what to do', async () => {
  const missing = await ofSes({}, null)
  expect(missing.checks[0]).toMatchObject({
    id: 'key',
    status: 'fail',
    cause: expect.stringContaining('enter it in the settings'),
  })
  const server = { url: 'http://127.0.0.1:9' }
  const route = aRoute({ kind: 'ses', settings: sesSettings(server) }, 'secret')
  const other = await examineAccount(route, { ...deps, secrets: createSecrets('another secret, also long enough') })
  expect(other.checks[0]).toMatchObject({ id: 'key', status: 'fail', cause: expect.stringContaining('Enter the key again') })
  expect(other.domains).toBeNull()
})

test('a provider that cannot be reached is told as that', async () => {
  const server = await new SesServer().listen()
  await server.close()
  const found = await examineAccount(aRoute({ kind: 'ses', settings: sesSettings(server) }, SES_KEY.secret), deps)
  expect(states(found)).toMatchObject({ key: 'ok', connection: 'fail', login: 'skip', quota: 'skip' })
})

test.each([
  ['excellent', 96, 'ok'],
  ['average', 55, 'warn'],
  ['bad', 12, 'warn'],
])('what Scaleway thinks of a domain (%s) is told with its score', async (status, score, expected) => {
  const found = await ofScaleway({ domains: [{ name: 'example.com', status: 'checked', reputation: { status, score } }] })
  const sending = found.checks.find(({ id }) => id === 'sending')
  expect(sending).toMatchObject({ status: expected, evidence: `No domain is locked. example.com: ${status}, ${score} of 100.` })
})
