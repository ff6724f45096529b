import { afterEach, expect, test } from 'vitest'
import type { DkimKey } from '../../../../src/delivery/domains/dkim-key.ts'
import { createResolver, type Resolver } from '../../../../src/dns/resolver.ts'
import type { DomainExam, Ours, Reach, Seen } from '../../../../src/insight/doctor/domain/exam.ts'
import { examineDomain } from '../../../../src/insight/doctor/domain/examine-domain.ts'
import { formatDomainReport } from '../../../../src/insight/doctor/domain/format-domain.ts'
import { DOMAIN_CHECK_IDS, type DomainCheckId, type DomainCheckStatus } from '../../../../src/insight/doctor/domain/report.ts'
import { trialsOf } from '../../../../src/insight/reputation/blocklist-answer.ts'
import { BLOCKLISTS } from '../../../../src/insight/reputation/blocklists.ts'
import { generateDkimKey, toSigningKey } from '../../../../src/mail/dkim/key.ts'
import { formatKeyRecord } from '../../../../src/mail/dkim/key-record.ts'
import { type DnsRecords, type DnsScript, type DnsServer, dnsServer } from '../../../support/dns-server.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
const pair = await generateDkimKey('rsa')
const other = await generateDkimKey('rsa')
const key = (state: DkimKey['state'] = 'active'): DkimKey => ({
  ...pair,
  selector: 'wb1r',
  state,
  since: NOW,
  wrongSince: null,
  createdAt: NOW,
})
const signing = (privateKey = pair.privateKey) => [toSigningKey({ domain: 'example.org', selector: 'wb1r' }, 'rsa', privateKey)]

/** Every list lists its trial entry. */
const LISTS: DnsScript = Object.fromEntries(
  BLOCKLISTS.map((list) => [trialsOf(list).listed, [{ address: '127.0.0.2', ttlSeconds: 60 }]]),
)

const HEALTHY: Readonly<Record<string, DnsRecords>> = {
  'example.org': { txt: ['v=spf1 ip4:192.0.2.25 -all'], mx: ['10 mx.example.org'], ns: ['ns1.example.org', 'ns2.example.org'] },
  'wb1r._domainkey.example.org': { txt: [formatKeyRecord('rsa', pair.publicKey)] },
  '_dmarc.example.org': { txt: ['v=DMARC1; p=reject; rua=mailto:reports@example.org'] },
  'bounces.example.org': { mx: ['10 mail.waybill.example'], txt: ['v=spf1 ip4:192.0.2.25 -all'] },
  'links.example.org': { cname: 'web.waybill.example' },
  'mx.example.org': { addresses: [{ address: '192.0.2.10', ttlSeconds: 60 }] },
  'ns1.example.org': { addresses: [{ address: '192.0.2.1', ttlSeconds: 60 }] },
  'ns2.example.org': { addresses: [{ address: '192.0.2.2', ttlSeconds: 60 }] },
  '_mta-sts.example.org': { txt: ['v=STSv1; id=1'] },
  '_smtp._tls.example.org': { txt: ['v=TLSRPTv1; rua=mailto:reports@example.org'] },
  'default._bimi.example.org': { txt: ['v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/logo.pem'] },
  '25.2.0.192.in-addr.arpa': { ptr: ['mail.waybill.example'] },
  'mail.waybill.example': { addresses: [{ address: '192.0.2.25', ttlSeconds: 60 }] },
}
const BULK =
  'From: a@example.org\r\nList-Unsubscribe: <https://example.org/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHi\r\n'
const OURS: Ours = {
  publishing: { mailHost: 'mail.waybill.example', webHost: 'web.waybill.example', spf: ['ip4:192.0.2.25'] },
  keys: [key()],
  signing: signing(),
  returnPathHost: 'bounces.example.org',
  returnPathAddress: 'b+token@bounces.example.org',
  trackingHost: 'links.example.org',
  routes: [{ name: 'SES', kind: 'ses', aligned: true, reason: 'The provider has verified example.org.' }],
  bulkContent: BULK,
  receivers: [{ receiver: 'google', sent: 1_000, deferred: 10, bounced: 3, complained: 0 }],
}
const ok: Seen = { status: 'ok', evidence: 'It works.' }

let dns: DnsServer | null = null
afterEach(async () => {
  await dns?.[Symbol.asyncDispose]()
  dns = null
})

interface Wishes {
  readonly dns?: DnsScript
  readonly ours?: Partial<Ours> | null
  readonly reach?: Partial<Reach>
  readonly exam?: Partial<DomainExam>
}

async function examine({ dns: changes = {}, ours = {}, reach = {}, exam = {} }: Wishes = {}) {
  dns = await dnsServer({ ...HEALTHY, ...LISTS, ...changes })
  const resolver: Resolver = createResolver({
    servers: [dns.address],
    timeoutMs: 250,
    tries: 1,
    hostsFile: '/nowhere',
    askMachine: async () => [],
  })
  const usual: Reach = {
    policy: async () => 'version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 86400\n',
    trial: async () => ok,
    certificate: async () => ok,
    at: () => resolver,
  }
  return examineDomain({
    domain: 'example.org',
    resolver,
    reach: { ...usual, ...reach },
    ours: ours && { ...OURS, ...ours },
    selectors: [],
    addresses: ['192.0.2.25'],
    heloName: 'mail.waybill.example',
    needed: [],
    now: NOW,
    ...exam,
  })
}

const txt = (...texts: string[]): DnsRecords => ({ txt: texts })

test('a domain in order passes all fourteen checks, each with what was seen, why it matters and whom it is about', async () => {
  const report = await examine()
  expect(report.checks.map(({ id, status, evidence }) => [id, status, status === 'ok' ? '' : evidence])).toEqual(
    DOMAIN_CHECK_IDS.map((id) => [id, 'ok', '']),
  )
  expect(report.checks).toHaveLength(14)
  for (const check of report.checks)
    expect(
      [check.evidence, check.why, check.affected].every((text) => text.length > 10),
      check.id,
    ).toBe(true)
  expect(report).toMatchObject({ ok: true, summary: 'Nothing is wrong.' })
})

test.each<[DomainCheckId, DomainCheckStatus, RegExp, Wishes]>([
  [
    'spf',
    'fail',
    /no SPF record/,
    { dns: { 'example.org': { mx: ['10 mx.example.org'], ns: ['ns1.example.org', 'ns2.example.org'] } } },
  ],
  ['spf', 'warn', /leaves out/, { dns: { 'example.org': txt('v=spf1 -all') } }],
  ['spf', 'fail', /leaves out/, { dns: { 'example.org': txt('v=spf1 -all') }, ours: { keys: [key('new')] } }],
  ['spf', 'warn', /ptr/, { dns: { 'example.org': txt('v=spf1 ip4:192.0.2.25 ptr -all') } }],
  ['spf', 'error', /could not be asked/, { dns: { 'example.org': 'servfail' } }],
  ['dkim', 'fail', /no record/, { dns: { 'wb1r._domainkey.example.org': 'nxdomain' } }],
  ['dkim', 'fail', /another key/, { dns: { 'wb1r._domainkey.example.org': txt(formatKeyRecord('rsa', other.publicKey)) } }],
  ['dkim', 'fail', /trial signature/, { ours: { signing: signing(other.privateKey) } }],
  ['dkim', 'fail', /WAYBILL_SECRET/, { ours: { signing: null } }],
  ['dkim', 'warn', /no record/, { ours: { keys: [key(), { ...key('new'), selector: 'wb2r' }] } }],
  ['dkim', 'skip', /usual selector/, { ours: null }],
  ['dkim', 'ok', /wb1r/, { ours: null, exam: { selectors: ['wb1r'] } }],
  ['dkim', 'fail', /no key at s9/, { ours: null, exam: { selectors: ['s9'] } }],
  ['dmarc', 'fail', /Neither/, { dns: { '_dmarc.example.org': 'nxdomain' } }],
  ['dmarc', 'warn', /p=none/, { dns: { '_dmarc.example.org': txt('v=DMARC1; p=none') } }],
  ['dmarc', 'warn', /has not agreed/, { dns: { '_dmarc.example.org': txt('v=DMARC1; p=reject; rua=mailto:a@reports.example') } }],
  ['dmarc', 'warn', /no longer count/, { dns: { '_dmarc.example.org': txt('v=DMARC1; p=reject; pct=20') } }],
  ['dmarc', 'fail', /does not align/, { ours: { routes: [{ name: 'Direct', kind: 'mx', aligned: false, reason: 'no key' }] } }],
  ['return_path', 'warn', /nowhere/, { dns: { 'bounces.example.org': txt('x') } }],
  ['return_path', 'fail', /instead of here/, { dns: { 'bounces.example.org': { mx: ['10 mx.other.example'] } } }],
  ['return_path', 'warn', /no SPF/, { dns: { 'bounces.example.org': { mx: ['10 mail.waybill.example'] } } }],
  [
    'return_path',
    'fail',
    /refuses a bounce/,
    { reach: { trial: async () => ({ status: 'fail', evidence: 'It refuses a bounce.' }) } },
  ],
  ['mx', 'fail', /null MX/, { dns: { 'example.org': { mx: ['0 .'] } } }],
  ['mx', 'fail', /neither/, { dns: { 'example.org': txt('v=spf1 -all') } }],
  ['mx', 'warn', /no MX record/, { dns: { 'example.org': { addresses: [{ address: '192.0.2.9', ttlSeconds: 60 }] } } }],
  ['mx', 'fail', /None of its mail servers/, { dns: { 'mx.example.org': 'nxdomain' } }],
  ['return_path', 'skip', /WAYBILL_MAIL_HOST/, { ours: { publishing: { ...OURS.publishing, mailHost: 'localhost' } } }],
  ['tracking', 'skip', /WAYBILL_URL/, { ours: { publishing: { ...OURS.publishing, webHost: '127.0.0.1' } } }],
  ['tracking', 'skip', /not published/, { dns: { 'links.example.org': 'nxdomain' } }],
  ['tracking', 'fail', /alias of/, { dns: { 'links.example.org': { cname: 'other.example' } } }],
  ['tracking', 'warn', /expired/, { reach: { certificate: async () => ({ status: 'fail', evidence: 'It has expired.' }) } }],
  ['reverse_dns', 'skip', /route answer/, { exam: { addresses: [] } }],
  ['reverse_dns', 'fail', /no name/, { dns: { '25.2.0.192.in-addr.arpa': 'nxdomain' } }],
  ['reverse_dns', 'fail', /not lead back/, { dns: { '25.2.0.192.in-addr.arpa': { ptr: ['host.example'] } } }],
  ['reverse_dns', 'warn', /says smtp.example/, { exam: { heloName: 'smtp.example' } }],
  ['reverse_dns', 'error', /could not be asked/, { dns: { '25.2.0.192.in-addr.arpa': 'servfail' } }],
  ['blocklists', 'fail', /Spamhaus/, { dns: { '25.2.0.192.zen.spamhaus.org': [{ address: '127.0.0.2', ttlSeconds: 60 }] } }],
  [
    'blocklists',
    'ok',
    /did not answer/,
    { dns: { '25.2.0.192.zen.spamhaus.org': [{ address: '127.255.255.254', ttlSeconds: 60 }] } },
  ],
  ['blocklists', 'ok', /Spamhaus ZEN did not answer as a list has to/, { dns: { '2.0.0.127.zen.spamhaus.org': 'nxdomain' } }],
  [
    'blocklists',
    'error',
    /some deny everything/,
    { dns: Object.fromEntries(Object.keys(LISTS).map((name) => [name, 'nxdomain' as const])) },
  ],
  ['transport', 'warn', /no MTA-STS/, { dns: { '_mta-sts.example.org': 'nxdomain' } }],
  ['transport', 'fail', /no policy/, { reach: { policy: async () => null } }],
  [
    'transport',
    'fail',
    /leaves out mx.example.org/,
    { reach: { policy: async () => 'version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\n' } },
  ],
  ['transport', 'warn', /not asked for/, { dns: { '_smtp._tls.example.org': 'nxdomain' } }],
  ['bimi', 'skip', /No logo/, { dns: { 'default._bimi.example.org': 'nxdomain' } }],
  ['bimi', 'fail', /quarantine or reject/, { dns: { '_dmarc.example.org': txt('v=DMARC1; p=none') } }],
  ['bimi', 'warn', /certificate/, { dns: { 'default._bimi.example.org': txt('v=BIMI1; l=https://example.org/l.svg') } }],
  ['unsubscribe', 'skip', /No bulk mail/, { ours: { bulkContent: null } }],
  ['unsubscribe', 'fail', /no List-Unsubscribe/, { ours: { bulkContent: 'From: a@example.org\r\n\r\nHi\r\n' } }],
  ['unsubscribe', 'fail', /One-Click/, { ours: { bulkContent: BULK.replace(/List-Unsubscribe-Post.*\r\n/, '') } }],
  ['unsubscribe', 'fail', /no signature covers/, { ours: { keys: [key('new')] } }],
  ['name_servers', 'fail', /ns2.example.org does not answer/, { dns: { 'ns2.example.org': 'nxdomain' } }],
  ['name_servers', 'fail', /not delegated/, { dns: { 'example.org': 'nxdomain' } }],
  ['name_servers', 'warn', /one name server/, { dns: { 'example.org': { ns: ['ns1.example.org'], txt: ['v=spf1 -all'] } } }],
  ['provider', 'skip', /No route/, { ours: { routes: [] } }],
  [
    'provider',
    'fail',
    /not verified/,
    { ours: { routes: [{ name: 'SES', kind: 'ses', aligned: false, reason: 'It has not verified it.' }] } },
  ],
  [
    'acceptance',
    'skip',
    /Less than/,
    { ours: { receivers: [{ receiver: 'google', sent: 3, deferred: 0, bounced: 0, complained: 0 }] } },
  ],
  [
    'acceptance',
    'fail',
    /google refused/,
    { ours: { receivers: [{ receiver: 'google', sent: 90, deferred: 0, bounced: 10, complained: 0 }] } },
  ],
  [
    'acceptance',
    'fail',
    /yahoo/,
    { ours: { receivers: [{ receiver: 'yahoo', sent: 1_000, deferred: 0, bounced: 0, complained: 3 }] } },
  ],
  [
    'acceptance',
    'warn',
    /google put/,
    { ours: { receivers: [{ receiver: 'google', sent: 100, deferred: 60, bounced: 0, complained: 0 }] } },
  ],
])('%s: %s, saying %s', async (id, status, evidence, wishes) => {
  const report = await examine(wishes)
  const check = report.checks.find((each) => each.id === id)
  expect(check?.evidence).toMatch(evidence)
  expect(check?.status).toBe(status)
})

test('a record that has to be changed is shown as it has to be', async () => {
  const report = await examine({ dns: { 'example.org': txt('v=spf1 mx -all') } })
  expect(report.checks[0]?.record).toEqual({ type: 'TXT', name: 'example.org', value: 'v=spf1 mx ip4:192.0.2.25 -all' })
  expect(formatDomainReport(report)).toContain('Publish: example.org. IN TXT "v=spf1 mx ip4:192.0.2.25 -all"')
})

test('name servers that say different things are told', async () => {
  let asked = 0
  const at = (): Resolver => ({ ...createResolver({}), txt: async () => ({ ok: true, found: [`answer ${asked++}`] }) })
  const report = await examine({ reach: { at } })
  expect(report.checks.find(({ id }) => id === 'name_servers')).toMatchObject({ status: 'warn' })
})

test('name servers that answer nothing make no check fail: nothing is known, and it says so', async () => {
  const dark = Object.fromEntries(
    [...Object.keys(HEALTHY), 'org', '_dmarc.org', 'com', 'web.waybill.example'].map((name) => [name, 'servfail' as const]),
  )
  const report = await examine({ dns: dark })
  expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([])
  expect(report.checks.filter(({ status }) => status === 'error').length).toBeGreaterThanOrEqual(8)
})

test('a check that never ends, and one that breaks, are told as not made; the others stand', async () => {
  dns = await dnsServer(HEALTHY)
  const resolver = createResolver({
    servers: [dns.address],
    timeoutMs: 250,
    tries: 1,
    hostsFile: '/nowhere',
    askMachine: async () => [],
  })
  const reach: Reach = {
    policy: () => new Promise(() => {}),
    trial: async () => {
      throw new Error('a fault of ours')
    },
    certificate: async () => ok,
    at: () => resolver,
  }
  const exam: DomainExam = {
    domain: 'example.org',
    resolver,
    reach,
    ours: OURS,
    selectors: [],
    addresses: [],
    heloName: null,
    needed: [],
    now: NOW,
  }
  const report = await examineDomain(exam, () => {}, 1_000)
  const statusOf = (id: DomainCheckId) => report.checks.find((check) => check.id === id)?.status
  expect([statusOf('transport'), statusOf('return_path'), statusOf('spf')]).toEqual(['error', 'error', 'ok'])
})

test('nothing that a zone says can break a line of the terminal', async () => {
  const report = await examine({ dns: { '_dmarc.example.org': txt('v=DMARC1; p=\u001b[31mreject\u0007') } })
  expect(formatDomainReport(report)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
})
