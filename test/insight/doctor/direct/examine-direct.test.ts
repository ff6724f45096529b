import { Socket } from 'node:net'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { ENGINE } from '../../../../src/db/database.ts'
import { type Connect, connectTcp } from '../../../../src/delivery/providers/smtp/dial.ts'
import { createReceivers } from '../../../../src/delivery/receivers/receivers.ts'
import { createRoute } from '../../../../src/delivery/routes/manage.ts'
import { MxSettings } from '../../../../src/delivery/routes/route.ts'
import { createResolver } from '../../../../src/dns/resolver.ts'
import { type DirectDeps, examineDirect, isDirectRoute } from '../../../../src/insight/doctor/direct/examine-direct.ts'
import type { DoctorReport } from '../../../../src/insight/doctor/report.ts'
import { trialsOf } from '../../../../src/insight/reputation/blocklist-answer.ts'
import { BLOCKLISTS } from '../../../../src/insight/reputation/blocklists.ts'
import { type DnsScript, dnsServer } from '../../../support/dns-server.ts'
import type { SmtpScript } from '../../../support/smtp-script.ts'
import { refusedPort, type ScriptedSmtpServer, smtpServer } from '../../../support/smtp-server.ts'
import { aMessage, world } from '../../../support/world.ts'

const ADDRESS = '203.0.115.7'
const OFFERS_TLS: SmtpScript = { tls: { mode: 'starttls' } }
const a = (address: string) => ({ addresses: [{ address, ttlSeconds: 5 }] })

/** A sender in order: its name leads to its address and back, and no list knows it. */
const IN_ORDER: DnsScript = {
  '7.115.0.203.in-addr.arpa': { ptr: ['mail.shop.example'] },
  'mail.shop.example': a(ADDRESS),
  ...Object.fromEntries(BLOCKLISTS.map((list) => [trialsOf(list).listed, a('127.0.0.2')])),
}

interface Wishes {
  readonly dns?: DnsScript
  /** Mail servers by name: what each does; `refused`: nothing listens there; `silent`: nobody answers. */
  readonly servers?: Readonly<Record<string, SmtpScript | 'refused' | 'silent'>>
  /** Domains that were written to, each so often, and the server of each. */
  readonly written?: Readonly<Record<string, { readonly mails: number; readonly mx: string }>>
  readonly settings?: Partial<MxSettings>
  readonly deps?: Partial<DirectDeps>
  readonly askedBy?: string
}

/** A direct route of a workspace that has written to some, with servers and a name server on this machine. */
async function examined(wishes: Wishes) {
  const { servers = {}, written = {}, settings = { helo_name: 'mail.shop.example' } } = wishes
  const w = await world({ route: 'sandbox' })
  const running = new Map<string, ScriptedSmtpServer>()
  const ports = new Map<string, number | null>()
  const names = Object.keys(servers)
  const addressOf = (name: string) => `203.0.114.${names.indexOf(name) + 1}`
  for (const [name, does] of Object.entries(servers)) {
    if (typeof does !== 'string') running.set(name, await smtpServer(does))
    ports.set(addressOf(name), does === 'silent' ? null : (running.get(name)?.port ?? (await refusedPort())))
  }
  const dns = await dnsServer({
    ...IN_ORDER,
    ...Object.fromEntries(names.map((name) => [name, a(addressOf(name))])),
    ...Object.fromEntries(Object.entries(written).map(([domain, { mx }]) => [domain, { mx: [`10 ${mx}`] }])),
    ...wishes.dns,
  })
  onTestFinished(async () => {
    await Promise.all([...running.values()].map((server) => server.close()))
    await dns[Symbol.asyncDispose]()
  })
  const resolver = createResolver({
    servers: [dns.address],
    hostsFile: '/nowhere',
    askMachine: async () => [],
    timeoutMs: 200,
    tries: 1,
  })
  for (const [domain, { mails }] of Object.entries(written))
    await w.submitAll(Array.from({ length: mails }, (_, i) => aMessage({ to: [`person-${i}@${domain}`] })))
  await createReceivers({ database: w.database, resolver, clock: w.clock }).resolve(Object.keys(written))
  const dialled: string[] = []
  const sources: (string | undefined)[] = []
  const connect: Connect = ({ address, inlet, localAddress }) => {
    dialled.push(address)
    sources.push(localAddress)
    const port = ports.get(address) ?? null
    return port === null ? new Socket() : connectTcp({ address: '127.0.0.1', port, inlet })
  }
  const wanted = { name: 'Direct', way: { kind: 'mx' as const, settings: MxSettings.parse(settings) }, secret: null }
  const route = await w.database.transaction(ENGINE, (tx) =>
    createRoute(tx, w.secrets, w.workspaceId, { ...wanted, isDefault: false }, null, w.clock.now()),
  )
  if (!isDirectRoute(route)) throw new Error('the route is direct')
  const report = await examineDirect(route, wishes.askedBy ?? null, {
    database: w.database,
    resolver,
    clock: w.clock,
    connect,
    heloName: 'waybill.example.com',
    publicAddresses: [ADDRESS],
    sourceAddress: async () => null,
    allowPrivate: false,
    random: () => 0.5,
    limits: { tcp: 400, greeting: 2_000, reply: 2_000 },
    ...wishes.deps,
  })
  return { report, dialled, sources, server: (name: string) => running.get(name), w }
}

function check(report: DoctorReport, id: string) {
  const found = report.checks.find((each) => each.id === id)
  if (!found) throw new Error(`no check ${id} in ${report.checks.map((each) => each.id).join(', ')}`)
  return found
}

test('a direct route in order passes every check, having knocked at who is written to most, and offered nothing', async () => {
  const { report, dialled, server } = await examined({
    servers: { 'mx.busy.test': OFFERS_TLS, 'mx.some.test': OFFERS_TLS, 'mx.few.test': OFFERS_TLS, 'mx.rare.test': OFFERS_TLS },
    written: {
      'rare.example': { mails: 1, mx: 'mx.rare.test' },
      'busy.example': { mails: 4, mx: 'mx.busy.test' },
      'few.example': { mails: 2, mx: 'mx.few.test' },
      'some.example': { mails: 3, mx: 'mx.some.test' },
      'also-some.example': { mails: 2, mx: 'mx.some.test' },
    },
  })
  expect(report.checks.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(report).toMatchObject({ ok: true, summary: 'Nothing speaks against Direct.' })
  expect(report.checks.map(({ id }) => id)).toEqual([
    'port.some.example',
    'port.busy.example',
    'port.few.example',
    'name',
    'source',
    `reverse_dns.${ADDRESS}`,
    `blocklists.${ADDRESS}`,
  ])
  expect(check(report, 'port.busy.example').evidence).toMatch(/^mx\.busy\.test \(203\.0\.114\.1:25\): 220 .*; offers STARTTLS\.$/)
  expect(dialled).toHaveLength(3)
  const verbs = server('mx.busy.test')
    ?.commands()
    .map((line) => line.split(' ')[0])
  expect(verbs).toEqual(['EHLO', 'QUIT'])
  expect(server('mx.busy.test')?.commands()[0]).toBe('EHLO mail.shop.example')
})

test('where no receiver answers, the provider of this machine is told of as who may block port 25', async () => {
  const { report } = await examined({
    servers: { 'mx.one.test': 'silent', 'mx.two.test': 'silent' },
    written: { 'one.example': { mails: 2, mx: 'mx.one.test' }, 'two.example': { mails: 1, mx: 'mx.two.test' } },
  })
  expect(report.ok).toBe(false)
  expect(report.summary).toContain('No mail server of one.example answers on port 25')
  expect(report.summary).toContain('Hosting providers often block port 25: ask yours to open it')
  expect(check(report, 'port.two.example').status).toBe('fail')
})

test('a refused port 25 is explained as a firewall that answers in the place of the server', async () => {
  const { report } = await examined({
    servers: { 'mx.one.test': 'refused' },
    written: { 'one.example': { mails: 1, mx: 'mx.one.test' } },
  })
  expect(check(report, 'port.one.example')).toMatchObject({
    status: 'fail',
    evidence: expect.stringContaining('connection refused by 203.0.114.1:25'),
    cause: expect.stringMatching(/a firewall on the way answers in their place\. Hosting providers often block port 25/),
  })
})

test('one receiver that is silent beside others that talk is to blame itself, and fails nothing', async () => {
  const { report } = await examined({
    servers: { 'mx.one.test': 'silent', 'mx.two.test': OFFERS_TLS },
    written: { 'one.example': { mails: 2, mx: 'mx.one.test' }, 'two.example': { mails: 1, mx: 'mx.two.test' } },
  })
  expect(report).toMatchObject({ ok: true, summary: 'Nothing speaks against Direct. One thing is worth a look.' })
  expect(check(report, 'port.one.example')).toMatchObject({
    status: 'warn',
    cause: expect.stringContaining('while two.example can: port 25 is open here'),
  })
})

test('a receiver that turns our address away is quoted; one that offers no encryption is worth a look', async () => {
  const { report } = await examined({
    servers: {
      'mx.one.test': { on: { CONNECT: { reply: '554 5.7.1 Your address is on our list', afterwards: 'close' } } },
      'mx.two.test': {},
    },
    written: { 'one.example': { mails: 2, mx: 'mx.one.test' }, 'two.example': { mails: 1, mx: 'mx.two.test' } },
  })
  expect(check(report, 'port.one.example')).toMatchObject({
    status: 'fail',
    evidence: expect.stringContaining('554 5.7.1 Your address is on our list'),
  })
  expect(check(report, 'port.two.example')).toMatchObject({
    status: 'warn',
    cause: expect.stringContaining('mx.two.test offers no encryption, so mail to two.example goes in clear text'),
  })
})

test('a mail server on a private address is not dialled, unless the route allows it', async () => {
  const inside = {
    servers: { 'mx.one.test': OFFERS_TLS },
    written: { 'one.example': { mails: 1, mx: 'mx.inside.test' } },
    dns: { 'mx.inside.test': a('10.0.0.9') },
  }
  const refused = await examined(inside)
  expect(refused.dialled).toEqual([])
  expect(check(refused.report, 'port.one.example')).toMatchObject({
    status: 'fail',
    evidence: expect.stringContaining('10.0.0.9, which is not a public address'),
  })
  const allowed = await examined({ ...inside, settings: { helo_name: 'mail.shop.example', allow_private: true } })
  expect(allowed.dialled).toEqual(['10.0.0.9'])
})

test('the second server of a domain is tried where the first cannot be reached', async () => {
  const { report, dialled } = await examined({
    servers: { 'mx1.one.test': 'refused', 'mx2.one.test': OFFERS_TLS },
    written: { 'one.example': { mails: 1, mx: 'mx1.one.test' } },
    dns: { 'one.example': { mx: ['10 mx1.one.test', '20 mx2.one.test', '30 mx3.one.test'] } },
  })
  expect(dialled).toEqual(['203.0.114.1', '203.0.114.2'])
  expect(check(report, 'port.one.example').status).toBe('ok')
})

test('connections begin at the source address of the route, whose reverse DNS and lists are looked at', async () => {
  const { report, sources } = await examined({
    servers: { 'mx.one.test': OFFERS_TLS },
    written: { 'one.example': { mails: 1, mx: 'mx.one.test' } },
    settings: { helo_name: 'mail.shop.example', source_addresses: ['203.0.115.9'] },
    dns: { '9.115.0.203.in-addr.arpa': { ptr: ['mail.shop.example'] } },
  })
  expect(sources).toEqual(['203.0.115.9'])
  expect(check(report, 'reverse_dns.203.0.115.9')).toMatchObject({
    status: 'fail',
    evidence: '203.0.115.9 → mail.shop.example → 203.0.115.7',
    cause: expect.stringContaining('mail.shop.example does not lead back to it'),
  })
  expect(check(report, 'blocklists.203.0.115.9').status).toBe('ok')
})

test('a listing says on which list, why, and how to get off it', async () => {
  const { report } = await examined({
    dns: { '7.115.0.203.zen.spamhaus.org': { ...a('127.0.0.3'), txt: ['Listed by CSS'] } },
  })
  const listed = check(report, `blocklists.${ADDRESS}`)
  expect(listed).toMatchObject({ status: 'fail', evidence: expect.stringMatching(/^On: Spamhaus ZEN\. Not on: Barracuda, /) })
  expect(listed.cause).toContain('Listed by CSS')
  expect(listed.cause).toContain('https://check.spamhaus.org/')
})

test('lists that answer nobody from here clear nobody', async () => {
  const { report } = await examined({
    dns: Object.fromEntries(BLOCKLISTS.map(({ zone }) => [`7.115.0.203.${zone}`, a('127.255.255.254')])),
  })
  expect(check(report, `blocklists.${ADDRESS}`)).toMatchObject({
    status: 'skip',
    evidence: expect.stringContaining("Spamhaus ZEN does not answer this server's resolver"),
  })
})

test.each([
  ['a machine without a full name', null, '[127.0.0.1]', 'This machine has no full name such as mail.example.com'],
  ['a word', 'mailserver', 'x', '"mailserver" is no public name.'],
  ['an address without brackets', '203.0.115.7', 'x', '"203.0.115.7" is no public name.'],
  ['a name with an underscore', 'mail_1.shop.example', 'x', 'letters, digits and hyphens'],
  ['a name that is not in the DNS', 'gone.shop.example', 'x', 'The DNS does not know the name gone.shop.example'],
  ['a name that leads inside', 'inside.shop.example', 'x', 'leads to private addresses'],
])('%s is no name to begin with, and the one that the address has is offered', async (_, helo_name, heloName, why) => {
  const { report } = await examined({
    settings: { helo_name },
    deps: { heloName },
    dns: { 'inside.shop.example': a('10.0.0.9') },
  })
  const name = check(report, 'name')
  expect(name).toMatchObject({ status: 'fail', cause: expect.stringContaining(why) })
  expect(name.fixes).toEqual([{ label: 'Announce mail.shop.example', patch: { helo_name: 'mail.shop.example' } }])
})

test('a name server that fails blames nobody', async () => {
  const { report } = await examined({
    dns: { 'mail.shop.example': 'servfail', '7.115.0.203.in-addr.arpa': 'servfail' },
  })
  expect(check(report, 'name').status).toBe('skip')
  expect(check(report, `reverse_dns.${ADDRESS}`).status).toBe('skip')
})

test('behind address translation it is said that the address is not known, and how to say it', async () => {
  const { report } = await examined({ deps: { publicAddresses: [], sourceAddress: async () => '10.0.0.5' } })
  expect(check(report, 'source')).toMatchObject({
    status: 'warn',
    cause: expect.stringContaining('WAYBILL_PUBLIC_ADDRESSES'),
  })
  expect(report.checks.map(({ id }) => id)).toEqual(['port', 'name', 'source'])
})

test('where nobody was written to yet, the domain of the one who asks is tried; without one nothing is', async () => {
  const asked = await examined({
    servers: { 'mx.own.test': OFFERS_TLS },
    dns: { 'own.example': { mx: ['10 mx.own.test'] } },
    askedBy: 'own.example',
  })
  expect(check(asked.report, 'port.own.example').status).toBe('ok')
  const { report } = await examined({})
  expect(check(report, 'port')).toMatchObject({ status: 'skip', evidence: expect.stringContaining('Nobody was written to yet') })
})

test('a domain that is gone says nothing about the way out', async () => {
  const { report } = await examined({ askedBy: 'gone.example' })
  expect(report.ok).toBe(true)
  expect(check(report, 'port.gone.example')).toMatchObject({
    status: 'skip',
    evidence: expect.stringContaining('which says nothing about the way out'),
  })
})

test('a domain that takes no mail is not knocked at', async () => {
  const { report, w } = await examined({
    written: { 'null.example': { mails: 2, mx: 'mx.null.test' } },
    dns: { 'null.example': { mx: ['0 .'] } },
  })
  const { rows } = await sql<{ null_mx: boolean }>`select null_mx from recipient_domain`.execute(w.database.db)
  expect(rows).toEqual([{ null_mx: true }])
  expect(check(report, 'port').status).toBe('skip')
})
