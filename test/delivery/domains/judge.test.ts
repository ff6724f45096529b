import { afterEach, expect, test } from 'vitest'
import type { CheckStatus } from '../../../src/delivery/domains/check.ts'
import type { DkimKey } from '../../../src/delivery/domains/dkim-key.ts'
import { recordsOf, toZoneLine } from '../../../src/delivery/domains/records.ts'
import { walkSpf } from '../../../src/delivery/domains/spf-walk.ts'
import { surveyDomain } from '../../../src/delivery/domains/survey.ts'
import { createResolver, type Resolver } from '../../../src/dns/resolver.ts'
import { generateDkimKey } from '../../../src/mail/dkim/key.ts'
import { formatKeyRecord } from '../../../src/mail/dkim/key-record.ts'
import { type DnsRecords, type DnsScript, type DnsServer, dnsServer } from '../../support/dns-server.ts'

const NOW = new Date('2026-11-22T10:00:00Z')
const DOMAIN = { name: 'example.org', returnPathHost: 'bounces.example.org', trackingHost: 'links.example.org', createdAt: NOW }
const PUBLISHING = { mailHost: 'mail.waybill.example', webHost: 'web.waybill.example', spf: ['a:mail.waybill.example'] }
const pair = await generateDkimKey('rsa')
const other = await generateDkimKey('rsa')
const KEY: DkimKey = { ...pair, selector: 'wb1r', state: 'new', since: NOW, wrongSince: null, createdAt: NOW }
const KEY_NAME = 'wb1r._domainkey.example.org'

let open: DnsServer | null = null
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = null
})

async function asking(script: DnsScript): Promise<Resolver> {
  const hosts = {
    'mail.waybill.example': [{ address: '192.0.2.25', ttlSeconds: 60 }],
    'web.waybill.example': [{ address: '192.0.2.80', ttlSeconds: 60 }],
  }
  open = await dnsServer({ ...hosts, ...script })
  return createResolver({ servers: [open.address], timeoutMs: 250, tries: 1, hostsFile: '/nowhere', askMachine: async () => [] })
}

async function statuses(script: DnsScript, publishing = PUBLISHING): Promise<Record<string, CheckStatus>> {
  const results = await surveyDomain(await asking(script), DOMAIN, [KEY], publishing)
  return Object.fromEntries(results.map(({ subject, status }) => [subject, status]))
}

async function finding(subject: string, script: DnsScript, publishing = PUBLISHING) {
  const results = await surveyDomain(await asking(script), DOMAIN, [KEY], publishing)
  const found = results.find((result) => result.subject === subject)
  if (!found) throw new Error(`no ${subject}`)
  return found
}

const txt = (...texts: string[]): DnsRecords => ({ txt: texts })

test('a zone with exactly the records that are shown is correct throughout, but for the policy that only watches', async () => {
  const zone: Record<string, DnsRecords> = {}
  for (const { type, name, value } of recordsOf(DOMAIN, [KEY], PUBLISHING)) {
    const record = type === 'TXT' ? { txt: [value] } : type === 'MX' ? { mx: [value] } : { cname: value }
    zone[name] = { ...zone[name], ...record }
  }
  expect(await statuses(zone)).toEqual({
    'dkim:wb1r': 'correct',
    spf: 'correct',
    dmarc: 'insecure',
    return_path: 'correct',
    return_path_spf: 'correct',
    tracking: 'correct',
    mta_sts: 'correct',
    tls_rpt: 'correct',
  })
})

test('an empty zone misses everything', async () => {
  expect(new Set(Object.values(await statuses({})))).toEqual(new Set(['missing']))
})

test('name servers that fail or stay silent are an error, never a record that is missing', async () => {
  const names = [
    'example.org',
    'org',
    KEY_NAME,
    '_dmarc.example.org',
    '_dmarc.org',
    'bounces.example.org',
    'links.example.org',
    '_mta-sts.example.org',
    '_smtp._tls.example.org',
  ]
  for (const trouble of ['servfail', 'silence'] as const) {
    const found = await statuses(Object.fromEntries(names.map((name) => [name, trouble])))
    expect(new Set(Object.values(found)), trouble).toEqual(new Set(['error']))
    await open?.[Symbol.asyncDispose]()
  }
  open = null
})

test.each([
  ['correct', [`k=rsa; p=${pair.publicKey}; v=DKIM1`.replace('; v=DKIM1', '')]],
  ['correct', [`v=DKIM1; p=${pair.publicKey.replace(/(.{50})/g, '$1 ')};k=rsa; n=note`]],
  ['incorrect', [formatKeyRecord('rsa', other.publicKey)]],
  ['incorrect', ['v=DKIM1; k=rsa; p=']],
  ['insecure', [`v=DKIM1; k=rsa; t=y; p=${pair.publicKey}`]],
  ['invalid', [`v=DKIM1; k=rsa; p=${pair.publicKey.slice(0, 100)}`]],
  ['duplicate', [formatKeyRecord('rsa', pair.publicKey), formatKeyRecord('rsa', other.publicKey)]],
] as const)('a key record is %s: %j', async (status, texts) => {
  expect((await finding('dkim:wb1r', { [KEY_NAME]: txt(...texts) })).status).toBe(status)
})

test.each([
  ['correct', 'v=spf1 a:mail.waybill.example -all', {}],
  ['correct', 'v=spf1 ip4:192.0.2.0/24 -all', {}],
  ['correct', 'v=spf1 include:x.example -all', { 'x.example': txt('v=spf1 ip4:192.0.2.25 -all') }],
  ['correct', 'v=spf1 redirect=x.example', { 'x.example': txt('v=spf1 mx -all'), '-': {} }],
  ['incomplete', 'v=spf1 ip4:192.0.2.1 -all', {}],
  ['incomplete', 'v=spf1 -ip4:192.0.2.25 ip4:192.0.2.0/24 -all', {}],
  ['insecure', 'v=spf1 a:mail.waybill.example +all', {}],
  ['invalid', 'v=spf1 ipv4:192.0.2.25 -all', {}],
  ['invalid', 'v=spf1 include:none.example -all', {}],
  ['invalid', 'v=spf1 include:x.example -all', { 'x.example': txt('v=spf1 include:x.example') }],
  ['invalid', 'v=spf1 include:x.example -all', { 'x.example': txt('v=spf1 -all', 'v=spf1 -all') }],
  ['invalid', 'v=spf1 a:n1.example a:n2.example a:n3.example a:mail.waybill.example -all', {}],
  ['invalid', `v=spf1 ${Array.from({ length: 11 }, (_, n) => `exists:%{i}.${n}.example`).join(' ')} a:mail.waybill.example`, {}],
  ['error', 'v=spf1 include:x.example -all', { 'x.example': 'servfail' }],
] as const)('SPF is %s: %s', async (status, text, more) => {
  const script = {
    'example.org': txt('other text', text),
    ...more,
    ...(text.includes('redirect') && { 'x.example': { txt: ['v=spf1 mx -all'], mx: ['10 mail.waybill.example'] } }),
  }
  const { status: found, sentence } = await finding('spf', script)
  expect(found, sentence).toBe(status)
})

test('two SPF records are a duplicate; one that leaves us out is shown with what to add', async () => {
  expect((await finding('spf', { 'example.org': txt('v=spf1 -all', 'v=spf1 mx -all') })).status).toBe('duplicate')
  expect(
    (await finding('spf', { 'example.org': txt('v=spf1 include:a.example mx -all'), 'a.example': txt('v=spf1 -all') })).publish,
  ).toBe('v=spf1 include:a.example mx a:mail.waybill.example -all')
})

test('an include that a relay asks for counts when another include brings it', async () => {
  const publishing = { ...PUBLISHING, spf: ['include:_spf.relay.example'] }
  const zone = {
    'example.org': txt('v=spf1 include:ours.example -all'),
    'ours.example': txt('v=spf1 include:_spf.relay.example -all'),
    '_spf.relay.example': txt('v=spf1 ip4:192.0.2.0/24 -all'),
  }
  expect((await finding('spf', zone, publishing)).status).toBe('correct')
})

test('every question of a record counts, those of its includes too', async () => {
  const resolver = await asking({
    'example.org': txt('v=spf1 include:a.example mx a ~all'),
    'a.example': txt('v=spf1 include:b.example include:c.example -all'),
    'b.example': txt('v=spf1 a:gone.example -all'),
    'c.example': txt('v=spf1 ip6:2001:db8::/32 -all'),
  })
  expect(await walkSpf(resolver, 'example.org')).toMatchObject({ lookups: 6, voids: 3, faults: [] })
})

test.each([
  ['correct', { '_dmarc.example.org': txt('v=DMARC1; p=reject') }],
  ['correct', { '_dmarc.org': txt('v=DMARC1; p=none; sp=reject; psd=y') }],
  ['insecure', { '_dmarc.example.org': txt('v=DMARC1; p=none') }],
  ['insecure', { '_dmarc.example.org': txt('v=DMARC1; p=reject; t=y') }],
  ['invalid', { '_dmarc.example.org': txt('v=DMARC1; p=perhaps') }],
  ['duplicate', { '_dmarc.example.org': txt('v=DMARC1; p=reject', 'v=DMARC1; p=none') }],
  ['missing', { '_dmarc.example.org': txt('p=reject') }],
] as const)('DMARC is %s: %j', async (status, script) => {
  expect((await finding('dmarc', script)).status).toBe(status)
})

test.each([
  ['correct', { mx: ['10 mail.waybill.example'] }],
  ['correct', { cname: 'mail.waybill.example' }],
  ['incorrect', { mx: ['10 mx.elsewhere.example'] }],
  ['conflicting', { mx: ['10 mail.waybill.example', '20 mx.elsewhere.example'] }],
  ['conflicting', { cname: 'elsewhere.example' }],
  ['missing', { txt: ['x'] }],
] as const)('a return path is %s: %j', async (status, records) => {
  expect((await finding('return_path', { 'bounces.example.org': records })).status).toBe(status)
})

test.each([
  ['correct', { cname: 'web.waybill.example' }],
  ['correct', { addresses: [{ address: '192.0.2.80', ttlSeconds: 60 }] }],
  ['incorrect', { cname: 'elsewhere.example' }],
  ['conflicting', { addresses: [{ address: '192.0.2.81', ttlSeconds: 60 }] }],
] as const)('a tracking host is %s: %j', async (status, records) => {
  expect((await finding('tracking', { 'links.example.org': records })).status).toBe(status)
})

test.each([
  ['mta_sts', '_mta-sts.example.org', 'invalid', ['v=STSv1; id=']],
  ['mta_sts', '_mta-sts.example.org', 'duplicate', ['v=STSv1; id=1', 'v=STSv1; id=2']],
  ['tls_rpt', '_smtp._tls.example.org', 'invalid', ['v=TLSRPTv1; rua=tel:1']],
] as const)('%s at %s is %s', async (subject, name, status, texts) => {
  expect((await finding(subject, { [name]: txt(...texts) })).status).toBe(status)
})

test('a long text is cut into strings for a zone file', () => {
  const line = toZoneLine({ type: 'TXT', name: 'a.example', value: 'x'.repeat(300) })
  expect(line).toBe(`a.example. IN TXT "${'x'.repeat(255)}" "${'x'.repeat(45)}"`)
  expect(toZoneLine({ type: 'MX', name: 'a.example', value: '10 mail.example' })).toBe('a.example. IN MX 10 mail.example.')
})
