import { expect, test } from 'vitest'
import { orderOf } from '../../../../src/delivery/providers/mx/host-order.ts'
import { MINUTE } from '../../../../src/lib/clock.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { mxWorld } from '../../../support/mx-world.ts'

test('mail goes to the preferred server', async () => {
  await using w = await mxWorld()
  const { outcomes, trace } = await w.provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace).toMatchObject({ host: 'mx1.test', address: '203.0.114.1', port: 25 })
  expect(w.dialled).toEqual(['mx1.test'])
})

test('when the first server is dead, the second gets the mail', async () => {
  await using w = await mxWorld({ servers: { 'mx1.test': 'refused', 'mx2.test': {} } })
  const { outcomes, trace } = await w.provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace.host).toBe('mx2.test')
})

test.each([
  ['421 4.3.2 not now', 'close'],
  ['554 5.7.1 no service here', 'close'],
] as const)('a server that greets with %s is passed over for the next', async (reply, afterwards) => {
  await using w = await mxWorld({ servers: { 'mx1.test': { on: { CONNECT: { reply, afterwards } } }, 'mx2.test': {} } })
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { host: 'mx2.test' } })
})

test('a server whose name leads nowhere is passed over for the next', async () => {
  await using w = await mxWorld({
    servers: { 'mx2.test': {} },
    dns: { 'example.org': { mx: ['10 gone.test', '20 mx2.test'] } },
  })
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { host: 'mx2.test' } })
})

test.each([
  ['recipient', { RCPT: '550 5.1.1 no such user' }, 'rejected'],
  ['sender', { MAIL: '451 4.3.0 try later' }, 'blocked'],
] as const)('what the first server says about a %s is its answer, and nobody else is asked', async (_, on, kind) => {
  await using w = await mxWorld({ servers: { 'mx1.test': { on }, 'mx2.test': {} } })
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([{ kind }])
  expect(w.dialled).toEqual(['mx1.test'])
})

test('after the body has left no other server is tried, whatever happens', async () => {
  await using w = await mxWorld({
    servers: { 'mx1.test': { on: { DOT: { afterwards: 'reset' } } }, 'mx2.test': {} },
  })
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'unknown' }])
  expect(w.dialled).toEqual(['mx1.test'])
})

test('when all servers are dead, the domain is blocked and the one that answered gives the reason', async () => {
  await using w = await mxWorld({
    servers: { 'mx1.test': 'silent', 'mx2.test': 'refused' },
    options: { timeouts: { tcp: 50 } },
  })
  const { outcomes } = await w.provider.send(aHandoff())
  expect(outcomes).toMatchObject([
    { kind: 'blocked', failure: { scope: 'domain', class: 'tcp_refused', sentence: expect.stringContaining('mx2.test') } },
  ])
})

test('a receiver whose servers all turn us away is blocked as a receiver', async () => {
  const busy = { on: { CONNECT: { reply: '421 4.7.0 busy', afterwards: 'close' } } } as const
  await using w = await mxWorld({ servers: { 'mx1.test': busy, 'mx2.test': busy } })
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { scope: 'receiver', reply: { code: 421 } } },
  ])
})

test('a server that was dead is left alone for a minute, then one mail finds out whether it is back', async () => {
  await using w = await mxWorld({ servers: { 'mx1.test': { on: { CONNECT: [{ afterwards: 'reset' }] } }, 'mx2.test': {} } })
  await w.provider.send(aHandoff())
  await w.provider.send(aHandoff())
  expect(w.server('mx1.test').connections).toHaveLength(1)
  w.clock.elapse(MINUTE)
  expect(await w.provider.send(aHandoff())).toMatchObject({ trace: { host: 'mx1.test' } })
  expect(await w.provider.send(aHandoff())).toMatchObject({ trace: { host: 'mx1.test' } })
})

test('servers of one preference are drawn by lot', () => {
  const records = ['a', 'b', 'c'].map((host) => ({ host, preference: 10 }))
  const lots = [0.9, 0.1, 0.5]
  let drawn = 0
  expect(orderOf([...records, { host: 'd', preference: 5 }], () => lots[drawn++] ?? 0)).toEqual(['d', 'b', 'c', 'a'])
})

test('a domain without MX records is its own mail server', async () => {
  await using w = await mxWorld({ servers: { 'example.org': {} }, dns: {} })
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { host: 'example.org' } })
})

test('a domain that says it takes no mail is believed at once', async () => {
  await using w = await mxWorld({
    dns: { 'example.org': { mx: ['0 .'], addresses: [{ address: '203.0.114.1', ttlSeconds: 60 }] } },
  })
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'rejected', failure: { class: 'dns_null_mx', permanent: true, suppress: false } },
  ])
  expect(w.dialled).toEqual([])
})

test.each([
  ['does not exist', 'nxdomain', 'domain_not_found'],
  ['has neither mail server nor address', { txt: ['something'] }, 'dns_no_mail_server'],
] as const)('a domain that %s is final when it was so three times', async (_, zone, found) => {
  await using w = await mxWorld({ dns: { 'example.org': zone } })
  for (const attempt of [1, 2]) {
    expect((await w.provider.send(aHandoff({ attempt }))).outcomes).toMatchObject([
      { kind: 'deferred', failure: { class: found, permanent: false } },
    ])
  }
  expect((await w.provider.send(aHandoff({ attempt: 3 }))).outcomes).toMatchObject([
    { kind: 'rejected', failure: { class: found, permanent: true } },
  ])
})

test.each(['servfail', 'silence', 'lie'] as const)('name servers that answer with %s never make a bounce', async (zone) => {
  await using w = await mxWorld({ dns: { 'example.org': zone } })
  expect((await w.provider.send(aHandoff({ attempt: 50 }))).outcomes).toMatchObject([
    { kind: 'blocked', failure: { class: 'dns_temporary', scope: 'domain', permanent: false } },
  ])
})

test('servers whose names cannot be looked up are no word about the domain', async () => {
  await using w = await mxWorld({
    servers: {},
    dns: { 'example.org': { mx: ['10 gone.test', '20 broken.test'] }, 'broken.test': 'servfail' },
  })
  expect((await w.provider.send(aHandoff({ attempt: 50 }))).outcomes).toMatchObject([
    { kind: 'blocked', failure: { scope: 'domain', permanent: false, stage: 'dns' } },
  ])
})

test('a mail server on this machine or a private network is not dialled, and the next one is', async () => {
  await using w = await mxWorld({
    servers: { 'mx2.test': {} },
    dns: {
      'example.org': { mx: ['10 inside.test', '20 mx2.test'] },
      'inside.test': [
        { address: '127.0.0.1', ttlSeconds: 60 },
        { address: '10.0.0.5', ttlSeconds: 60 },
      ],
    },
  })
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { host: 'mx2.test' } })
  expect(w.dialled).toEqual(['mx2.test'])
})

test('where all mail servers are private, the reason says so', async () => {
  await using w = await mxWorld({
    servers: {},
    dns: { 'example.org': { mx: ['10 inside.test'] }, 'inside.test': [{ address: '169.254.169.254', ttlSeconds: 60 }] },
  })
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { class: 'private_address_refused', scope: 'domain' } },
  ])
  expect(w.dialled).toEqual([])
})

test('a server that has both kinds of address is reached by the other when one leads nowhere', async () => {
  await using w = await mxWorld({
    servers: { 'mx1.test': {} },
    dns: {
      'example.org': { mx: ['10 both.test'] },
      'both.test': [
        { address: '2a00:1450::1', ttlSeconds: 60 },
        { address: '203.0.114.1', ttlSeconds: 60 },
      ],
    },
  })
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { address: '203.0.114.1' } })
})

test('mail leaves from the address of the same family that the route names, and not by the other family', async () => {
  await using w = await mxWorld({ options: { sourceAddresses: ['192.0.2.9'] } })
  await w.provider.send(aHandoff())
  expect(w.sources).toEqual(['192.0.2.9'])

  await using six = await mxWorld({ options: { sourceAddresses: ['2001:db8::9'] } })
  expect((await six.provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { class: 'tcp_unreachable', sentence: expect.stringContaining('IPv4 addresses only') } },
  ])
})

test.each([
  ['junk instead of a greeting', { raw: `${'x'.repeat(100_000)}` }],
  ['a greeting that ends before it says anything', { afterwards: 'close' }],
  ['a code that cannot be', { reply: '999 hello' }],
] as const)('a server that answers with %s is passed over for the next', async (_, CONNECT) => {
  await using w = await mxWorld({
    servers: { 'mx1.test': { on: { CONNECT } }, 'mx2.test': {} },
    options: { timeouts: { banner: 500 } },
  })
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { host: 'mx2.test' } })
})

test('of a domain with many servers the first five that may live are tried', async () => {
  const names = Array.from({ length: 7 }, (_, i) => `mx${i}.test`)
  await using w = await mxWorld({
    servers: Object.fromEntries(names.map((name, i) => [name, i < 6 ? ('refused' as const) : {}])),
    dns: { 'example.org': { mx: names.map((name, i) => `${i} ${name}`) } },
  })
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'blocked' }])
  expect(w.dialled).toEqual(names.slice(0, 5))
  expect(await w.provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { host: 'mx6.test' } })
})

test('an address in the place of a mail server is not dialled, and the reason says what is wrong', async () => {
  await using w = await mxWorld({ servers: { 'mx1.test': {} }, dns: { 'example.org': { mx: ['10 203.0.114.1'] } } })
  expect((await w.provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { scope: 'domain', permanent: false, stage: 'dns' } },
  ])
  expect(w.dialled).toEqual([])
})
