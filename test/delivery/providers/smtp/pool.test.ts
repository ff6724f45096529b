import { expect, test } from 'vitest'
import type { Handoff } from '../../../../src/delivery/providers/provider.ts'
import { delayProxy } from '../../../support/delay-proxy.ts'
import { gate } from '../../../support/gate.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { providerTo } from '../../../support/smtp-route.ts'
import { ALL_EXTENSIONS } from '../../../support/smtp-script.ts'
import { refusedPort, smtpServer } from '../../../support/smtp-server.ts'

const CHUNKING = [...ALL_EXTENSIONS, 'CHUNKING']

function handoffs(count: number): Handoff[] {
  return Array.from({ length: count }, (_, index) => aHandoff({ recipients: [`r${index}@example.org`] }))
}

async function sendAll(
  provider: { send(handoff: Handoff): Promise<{ outcomes: readonly { kind: string }[] }> },
  all: Handoff[],
): Promise<string[]> {
  const results = await Promise.all(all.map((handoff) => provider.send(handoff)))
  return results.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind))
}

function each(kind: string, count: number): string[] {
  return new Array(count).fill(kind)
}

test('a pool never holds more connections than it may, and uses each for many messages', async () => {
  await using server = await smtpServer()
  await using provider = providerTo(server, { limits: { maxConnections: 3 } })
  let most = 0
  const watching = server.when(({ open, messages }) => {
    most = Math.max(most, open)
    return messages.length === 200
  })
  expect(await sendAll(provider, handoffs(200))).toEqual(each('accepted', 200))
  await watching
  expect(most).toBeLessThanOrEqual(3)
  expect(server.received()).toHaveLength(200)
})

test.each([[ALL_EXTENSIONS], [CHUNKING], [[]]])(
  'a connection is left after as many messages as it may carry: %j',
  async (extensions) => {
    await using server = await smtpServer({ extensions })
    await using provider = providerTo(server, { limits: { maxConnections: 1, maxMessagesPerConnection: 4 } })
    expect(await sendAll(provider, handoffs(10))).toEqual(each('accepted', 10))
    const perConnection = server.connections.map(
      (_, number) => server.messages.filter(({ connection }) => connection === number).length,
    )
    expect(perConnection).toEqual([4, 4, 2])
    expect(server.connections[0]?.commands.at(-1)).toBe('QUIT')
  },
)

test.each([[ALL_EXTENSIONS], [CHUNKING], [[]]])(
  'a server that says 421 after some messages costs nobody anything: %j',
  async (extensions) => {
    await using server = await smtpServer({ extensions, messagesPerConnection: 3 })
    await using provider = providerTo(server, { limits: { maxConnections: 2 } })
    const all = handoffs(20)
    const kinds = await sendAll(provider, all)
    expect(kinds.filter((kind) => kind !== 'accepted' && kind !== 'unsent')).toEqual([])
    expect(server.received().toSorted()).toEqual(
      all.flatMap(({ recipients }, index) => (kinds[index] === 'accepted' ? recipients : [])).toSorted(),
    )
    expect(kinds.filter((kind) => kind === 'accepted').length).toBeGreaterThan(10)
  },
)

test('a connection that died in its pause is found out, and the message goes over a new one', async () => {
  for (const extensions of [ALL_EXTENSIONS, []]) {
    const door = gate()
    await using server = await smtpServer({ extensions, on: { MAIL: ['250 ok', { after: door, afterwards: 'reset' }] } })
    await using provider = providerTo(server, { limits: { maxConnections: 1 } })
    await provider.send(aHandoff())
    const second = provider.send(aHandoff({ recipients: ['cid@example.org'] }))
    await door.reached
    door.open()
    expect((await second).outcomes).toMatchObject([{ kind: 'accepted' }])
    expect(server.received()).toEqual(['bob@example.org', 'cid@example.org'])
    expect(server.connections).toHaveLength(2)
  }
})

test('a server that restarted between two messages is simply called again', async () => {
  await using server = await smtpServer()
  await using provider = providerTo(server)
  await provider.send(aHandoff())
  server.breakAll()
  await server.when(({ open }) => open === 0)
  expect(await sendAll(provider, handoffs(1))).toEqual(['accepted'])
})

test('after a long pause the server is asked before a message is entrusted to the connection', async () => {
  await using server = await smtpServer({ extensions: CHUNKING })
  await using provider = providerTo(server, { limits: { maxConnections: 1, probeAfterMs: 0 } })
  await provider.send(aHandoff())
  await provider.send(aHandoff())
  expect(server.connections).toHaveLength(1)
  expect(server.commands().filter((line) => line === 'RSET')).toHaveLength(2)
})

test('a connection that a firewall forgot is not trusted with a body that could then only be unknown', async () => {
  await using server = await smtpServer({ extensions: CHUNKING })
  await using proxy = await delayProxy({ to: server })
  await using provider = providerTo(proxy, { limits: { maxConnections: 1, probeAfterMs: 0 }, timeouts: { mail: 100 } })
  await provider.send(aHandoff())
  proxy.blackHole()
  const second = provider.send(aHandoff({ recipients: ['cid@example.org'] }))
  await proxy.whenSwallowing()
  proxy.heal()
  expect((await second).outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(server.received()).toEqual(['bob@example.org', 'cid@example.org'])
  expect(proxy.connections).toBe(2)
})

test('a refusing server sees one attempt, and everybody who waits gets its answer at once', async () => {
  await using server = await smtpServer({ on: { CONNECT: { reply: '421 4.3.2 too busy', afterwards: 'close' } } })
  await using provider = providerTo(server)
  expect(await sendAll(provider, handoffs(30))).toEqual(each('blocked', 30))
  expect(server.connections).toHaveLength(1)
})

test('a server that turns a new connection away at its first MAIL answers for everybody who waits', async () => {
  await using server = await smtpServer({ on: { MAIL: { reply: '421 4.3.2 shutting down', afterwards: 'close' } } })
  await using provider = providerTo(server)
  expect(await sendAll(provider, handoffs(30))).toEqual(each('blocked', 30))
  // Those that were being opened at that moment, and not one for each message.
  expect(server.connections.length).toBeLessThan(15)
})

test('a route that heals is used again', async () => {
  await using server = await smtpServer({ on: { CONNECT: ['554 5.3.2 not now', '554 5.3.2 not now'] } })
  await using provider = providerTo(server)
  const kinds: string[] = []
  for (let attempt = 0; attempt < 3; attempt += 1) kinds.push(...(await sendAll(provider, handoffs(1))))
  expect(kinds).toEqual(['blocked', 'blocked', 'accepted'])
})

test('a closed port answers for everybody at once', async () => {
  await using provider = providerTo({ port: await refusedPort() })
  expect(await sendAll(provider, handoffs(25))).toEqual(each('blocked', 25))
})

test('a server that takes only two connections is used with two, and no message suffers', async () => {
  await using server = await smtpServer({ connections: 2 })
  await using provider = providerTo(server, { limits: { maxConnections: 5 } })
  expect(await sendAll(provider, handoffs(60))).toEqual(each('accepted', 60))
  expect(new Set(server.messages.map(({ connection }) => connection)).size).toBeLessThanOrEqual(2)
})

test('an idle connection is closed politely', async () => {
  await using server = await smtpServer()
  await using provider = providerTo(server, { limits: { idleMs: 20 }, timeouts: { quit: 50 } })
  await provider.send(aHandoff())
  await server.when(({ open }) => open === 0)
  expect(server.commands().at(-1)).toBe('QUIT')
})

test('an old connection is replaced', async () => {
  await using server = await smtpServer()
  await using provider = providerTo(server, { limits: { maxConnections: 1, maxConnectionAgeMs: 0 } })
  expect(await sendAll(provider, handoffs(3))).toEqual(each('accepted', 3))
  expect(server.connections).toHaveLength(3)
})

test('closing lets what is under way end, and gives back what had not begun', async () => {
  const door = gate()
  await using server = await smtpServer({ on: { DOT: [{ reply: '250 2.0.0 taken', after: door }] } })
  const provider = providerTo(server, { limits: { maxConnections: 1 } })
  const sending = handoffs(5).map((handoff) => provider.send(handoff))
  await door.reached
  const closing = provider.close(10_000)
  door.open()
  await closing
  const kinds = (await Promise.all(sending)).map(({ outcomes }) => outcomes[0]?.kind)
  expect(kinds.slice(0, 1)).toEqual(['accepted'])
  expect(kinds.slice(2)).toEqual(['unsent', 'unsent', 'unsent'])
  await server.when(({ open }) => open === 0)
})

test('closing does not wait longer than it may: what has left without an answer is unknown', async () => {
  const door = gate()
  await using server = await smtpServer({ on: { DOT: [{ reply: '250 2.0.0 taken', after: door }] } })
  const provider = providerTo(server, { limits: { maxConnections: 1 } })
  const sending = provider.send(aHandoff())
  await door.reached
  await provider.close(20)
  expect((await sending).outcomes).toMatchObject([{ kind: 'unknown' }])
  door.open()
})

test('one message that waits ten minutes for its answer holds up no other connection', async () => {
  const door = gate()
  await using server = await smtpServer({ on: { DOT: [{ reply: '250 2.0.0 taken', after: door }] } })
  await using provider = providerTo(server, { limits: { maxConnections: 2 } })
  const slow = provider.send(aHandoff({ recipients: ['slow@example.org'] }))
  await door.reached
  expect(await sendAll(provider, handoffs(20))).toEqual(each('accepted', 20))
  door.open()
  expect((await slow).outcomes).toMatchObject([{ kind: 'accepted' }])
})

test('the first message on a connection carries how long its opening took, the next ones only their own stages', async () => {
  await using server = await smtpServer()
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  const first = await provider.send(aHandoff())
  const second = await provider.send(aHandoff())
  expect(Object.keys(first.trace.stagesMs)).toEqual(['dns', 'tcp', 'banner', 'ehlo', 'mail', 'rcpt', 'data', 'body', 'dot'])
  expect(Object.keys(second.trace.stagesMs)).toEqual(['mail', 'rcpt', 'data', 'body', 'dot'])
})
