import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reverseName } from '../../src/dns/records.ts'
import { createResolver, type Resolver, type ResolverOptions } from '../../src/dns/resolver.ts'
import { type DnsScript, type DnsServer, dnsServer } from '../support/dns-server.ts'

interface World extends AsyncDisposable {
  readonly server: DnsServer
  readonly resolver: Resolver
}

async function world(script: DnsScript, options: ResolverOptions = {}): Promise<World> {
  const server = await dnsServer(script)
  const hostsFile = join(tmpdir(), 'no-such-hosts-file')
  const resolver = createResolver({
    servers: [server.address],
    hostsFile,
    askMachine: async () => [],
    timeoutMs: 100,
    tries: 1,
    ...options,
  })
  return { server, resolver, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('mail servers come with their preference, in lower case', async () => {
  await using w = await world({ 'example.test': { mx: ['20 b.mx.test', '10 A.MX.test'] } })
  expect(await w.resolver.mx('Example.Test.')).toEqual({
    ok: true,
    found: expect.arrayContaining([
      { host: 'b.mx.test', preference: 20 },
      { host: 'a.mx.test', preference: 10 },
    ]),
  })
})

test('a null MX is a mail server without a name', async () => {
  await using w = await world({ 'example.test': { mx: ['0 .'] } })
  expect(await w.resolver.mx('example.test')).toEqual({ ok: true, found: [{ host: '', preference: 0 }] })
})

test('a text of several strings is one text', async () => {
  const key = `v=DKIM1; p=${'A'.repeat(392)}`
  await using w = await world({ 's1._domainkey.example.test': { txt: [key, 'other'] } })
  expect(await w.resolver.txt('s1._domainkey.example.test')).toMatchObject({ found: expect.arrayContaining([key, 'other']) })
})

test('aliases, name servers and the names of an address are found', async () => {
  await using w = await world({
    'track.example.test': { cname: 'waybill.test' },
    'example.test': { ns: ['ns1.test', 'NS2.test'] },
    '7.2.0.192.in-addr.arpa': { ptr: ['mail.example.test'] },
  })
  expect(await w.resolver.cname('track.example.test')).toEqual({ ok: true, found: ['waybill.test'] })
  expect(await w.resolver.ns('example.test')).toMatchObject({ found: expect.arrayContaining(['ns1.test', 'ns2.test']) })
  expect(await w.resolver.ptr('192.0.2.7')).toEqual({ ok: true, found: ['mail.example.test'] })
  expect(await w.resolver.ptr('not an address')).toMatchObject({ ok: false, kind: 'nxdomain' })
})

test('one family can be asked for alone', async () => {
  await using w = await world({ '2.0.0.127.list.test': [{ address: '127.0.0.2', ttlSeconds: 60 }] })
  expect(await w.resolver.addressesOf('2.0.0.127.list.test', 4)).toMatchObject({ found: [{ address: '127.0.0.2', family: 4 }] })
  expect(await w.resolver.addressesOf('2.0.0.127.list.test', 6)).toMatchObject({ ok: false, kind: 'nodata' })
})

test('an answer that does not fit into a packet is fetched over TCP', async () => {
  const texts = Array.from({ length: 30 }, (_, i) => `text ${i} ${'x'.repeat(100)}`)
  await using w = await world({ 'example.test': { txt: texts, truncated: true } })
  const answer = await w.resolver.txt('example.test')
  expect(answer.ok && answer.found.toSorted()).toEqual(texts.toSorted())
  expect(w.server.questions).toContain('TXT example.test/tcp')
})

test.each([
  ['nxdomain', 'nxdomain'],
  ['servfail', 'servfail'],
  ['silence', 'timeout'],
  ['lie', 'timeout'],
] as const)('of a server that answers with %s every kind of question says %s', async (said, kind) => {
  await using w = await world({ 'example.test': said })
  const { resolver } = w
  const answers = await Promise.all([
    resolver.mx('example.test'),
    resolver.txt('example.test'),
    resolver.cname('example.test'),
    resolver.ns('example.test'),
    resolver.addressesOf('example.test', 4),
  ])
  expect(answers).toMatchObject(answers.map(() => ({ ok: false, kind, message: expect.stringContaining('example.test') })))
})

test('bytes that mean nothing never say that a name does not exist', async () => {
  await using w = await world({ 'example.test': 'junk' })
  const answer = await w.resolver.mx('example.test')
  expect(answer.ok ? 'ok' : answer.kind).toMatch(/^(servfail|timeout)$/)
})

test('a name without the record that was asked for exists all the same', async () => {
  await using w = await world({ 'example.test': { txt: ['something'] } })
  expect(await w.resolver.mx('example.test')).toMatchObject({
    ok: false,
    kind: 'nodata',
    message: expect.stringContaining('no MX'),
  })
})

test('records are asked for again when they are old, and failures at once', async () => {
  let nowMs = 0
  await using w = await world({ 'example.test': { mx: ['10 a.test'] } }, { monotonicMs: () => nowMs })
  await w.resolver.mx('example.test')
  w.server.script = { 'example.test': { mx: ['10 b.test'] } }
  nowMs = 299_000
  expect(await w.resolver.mx('example.test')).toMatchObject({ found: [{ host: 'a.test' }] })
  nowMs = 301_000
  expect(await w.resolver.mx('example.test')).toMatchObject({ found: [{ host: 'b.test' }] })

  w.server.script = { 'other.test': 'servfail' }
  expect(await w.resolver.mx('other.test')).toMatchObject({ ok: false })
  w.server.script = { 'other.test': { mx: ['10 c.test'] } }
  expect(await w.resolver.mx('other.test')).toMatchObject({ ok: true })
})

test('one name that hangs keeps no other waiting', async () => {
  const hung = Promise.withResolvers<void>()
  await using w = await world(
    { 'slow.test': { mx: ['10 a.test'], after: hung.promise }, 'fast.test': { mx: ['10 b.test'] } },
    { timeoutMs: 5_000 },
  )
  const slow = w.resolver.mx('slow.test')
  expect(await w.resolver.mx('fast.test')).toMatchObject({ ok: true })
  hung.resolve()
  expect(await slow).toMatchObject({ ok: true })
})

test.each([
  ['192.0.2.1', '1.2.0.192.in-addr.arpa'],
  ['::ffff:192.0.2.1', '1.2.0.192.in-addr.arpa'],
  ['2001:db8::1', '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
  ['mail.test', null],
])('the reverse name of %s is %s', (address, name) => {
  expect(reverseName(address)).toBe(name)
})
