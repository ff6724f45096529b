import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createResolver, type Resolver, type ResolverOptions } from '../../src/dns/resolver.ts'
import { type DnsScript, type DnsServer, dnsServer } from '../support/dns-server.ts'

const NOWHERE = join(tmpdir(), 'no-such-hosts-file')

interface World extends AsyncDisposable {
  readonly server: DnsServer
  readonly resolver: Resolver
}

async function world(script: DnsScript, options: ResolverOptions = {}): Promise<World> {
  const server = await dnsServer(script)
  const resolver = createResolver({
    servers: [server.address],
    hostsFile: NOWHERE,
    askMachine: async () => [],
    timeoutMs: 100,
    tries: 1,
    ...options,
  })
  return { server, resolver, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a name gives its addresses of both families, each with its time to live', async () => {
  await using w = await world({
    'mail.test': [
      { address: '192.0.2.1', ttlSeconds: 60 },
      { address: '2001:db8::5', ttlSeconds: 90 },
    ],
  })
  expect(await w.resolver.addresses('Mail.Test.')).toEqual({
    ok: true,
    found: [
      { address: '2001:db8::5', family: 6, ttlSeconds: 90 },
      { address: '192.0.2.1', family: 4, ttlSeconds: 60 },
    ],
  })
})

test.each(['192.0.2.7', '2001:db8::7'])('the address %s is returned as it is, and nobody is asked', async (address) => {
  await using w = await world({})
  expect(await w.resolver.addresses(address)).toMatchObject({ ok: true, found: [{ address }] })
  expect(w.server.questions).toEqual([])
})

test.each([
  ['nxdomain', 'nxdomain'],
  ['servfail', 'servfail'],
  ['silence', 'timeout'],
] as const)('a server that answers %s means %s', async (said, kind) => {
  await using w = await world({ 'mail.test': said })
  expect(await w.resolver.addresses('mail.test')).toMatchObject({
    ok: false,
    kind,
    message: expect.stringContaining('mail.test'),
  })
})

test('a name without addresses exists all the same', async () => {
  await using w = await world({ 'mail.test': [] })
  expect(await w.resolver.addresses('mail.test')).toMatchObject({ ok: false, kind: 'nodata' })
})

test('a name that cannot exist is said not to', async () => {
  await using w = await world({})
  expect(await w.resolver.addresses(`${'x'.repeat(70)}.test`)).toMatchObject({ ok: false, kind: 'nxdomain' })
})

test('an answer is kept as long as it lives, and asked again afterwards', async () => {
  let nowMs = 0
  await using w = await world({ 'mail.test': [{ address: '192.0.2.1', ttlSeconds: 60 }] }, { monotonicMs: () => nowMs })
  await w.resolver.addresses('mail.test')
  const asked = w.server.questions.length
  nowMs = 59_000
  await w.resolver.addresses('mail.test')
  expect(w.server.questions).toHaveLength(asked)
  nowMs = 61_000
  await w.resolver.addresses('mail.test')
  expect(w.server.questions).toHaveLength(2 * asked)
})

test('a server that could not answer is asked again at once', async () => {
  await using w = await world({ 'mail.test': 'servfail' })
  expect(await w.resolver.addresses('mail.test')).toMatchObject({ ok: false })
  w.server.script = { 'mail.test': [{ address: '192.0.2.1', ttlSeconds: 60 }] }
  expect(await w.resolver.addresses('mail.test')).toMatchObject({ ok: true })
})

test('ten who ask at the same time ask once', async () => {
  await using w = await world({ 'mail.test': [{ address: '192.0.2.1', ttlSeconds: 60 }] })
  const answers = await Promise.all(Array.from({ length: 10 }, () => w.resolver.addresses('mail.test')))
  expect(answers.every(({ ok }) => ok)).toBe(true)
  expect(w.server.questions.toSorted()).toEqual(['A mail.test', 'AAAA mail.test'])
})

test('the hosts file comes first, comments and several names a line included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hosts-'))
  try {
    const hostsFile = join(folder, 'hosts')
    await writeFile(hostsFile, '# ours\n192.0.2.9\trelay.test Relay # the office\n2001:db8::9 relay.test\nnonsense relay.test\n')
    await using w = await world({ 'relay.test': [{ address: '192.0.2.1', ttlSeconds: 60 }] }, { hostsFile })
    expect(await w.resolver.addresses('relay.test')).toMatchObject({
      found: [{ address: '192.0.2.9' }, { address: '2001:db8::9' }],
    })
    expect(await w.resolver.addresses('relay')).toMatchObject({ found: [{ address: '192.0.2.9' }] })
    expect(w.server.questions).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('localhost is this machine even where no file says so', async () => {
  await using w = await world({})
  expect(await w.resolver.addresses('localhost')).toMatchObject({ found: [{ address: '127.0.0.1' }, { address: '::1' }] })
  expect(w.server.questions).toEqual([])
})

test('the machine is asked for what the servers do not know, and not when they did not answer', async () => {
  const asked: string[] = []
  const askMachine = async (name: string): Promise<string[]> => {
    asked.push(name)
    return ['192.0.2.8']
  }
  await using w = await world({ 'slow.test': 'servfail' }, { askMachine })
  expect(await w.resolver.addresses('printer.local')).toMatchObject({ ok: true, found: [{ address: '192.0.2.8' }] })
  expect(await w.resolver.addresses('slow.test')).toMatchObject({ ok: false, kind: 'servfail' })
  expect(asked).toEqual(['printer.local'])
})
