import { expect, test } from 'vitest'
import { delayProxy } from '../../../../support/delay-proxy.ts'
import { gate } from '../../../../support/gate.ts'
import { aHandoff, HELLO } from '../../../../support/handoff.ts'
import { providerTo } from '../../../../support/smtp-route.ts'
import { ALL_EXTENSIONS } from '../../../../support/smtp-script.ts'
import { smtpServer } from '../../../../support/smtp-server.ts'

const ROOMY = ['PIPELINING', 'SIZE 100000000']
const CHUNKING = [...ALL_EXTENSIONS, 'CHUNKING']

/** A connection on which one message has gone, so that everything after it is the work of a warm connection. */
function to(recipient: string): ReturnType<typeof aHandoff> {
  return aHandoff({ recipients: [recipient] })
}

test('with PIPELINING the next envelope is on its way before the last body is answered', async () => {
  const door = gate()
  await using server = await smtpServer({ on: { DOT: [{ reply: '250 2.0.0 taken', after: door }] } })
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  const first = provider.send(to('a@example.org'))
  const second = provider.send(to('b@example.org'))
  await door.reached
  // The server has read nothing since the dot; what it finds next has been written without its answer.
  door.open()
  expect((await first).outcomes[0]?.kind).toBe('accepted')
  expect((await second).outcomes[0]?.kind).toBe('accepted')
  expect(server.connections[0]?.commands).toEqual([
    'EHLO waybill.example.com',
    `MAIL FROM:<ann@example.com> SIZE=${HELLO.length}`,
    'RCPT TO:<a@example.org>',
    'DATA',
    `MAIL FROM:<ann@example.com> SIZE=${HELLO.length}`,
    'RCPT TO:<b@example.org>',
    'DATA',
  ])
})

test('a message that comes while another waits for its last answer does not wait for that', async () => {
  const door = gate()
  await using server = await smtpServer({ on: { DOT: [{ reply: '250 2.0.0 taken', after: door }] } })
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  const first = provider.send(to('a@example.org'))
  await door.reached
  const asked = gate()
  const second = provider.send(aHandoff({ recipients: ['b@example.org'], mayLeave: () => asked.arrive().then(() => true) }))
  door.open()
  await first
  await asked.reached
  asked.open()
  await second
  expect(server.received()).toEqual(['a@example.org', 'b@example.org'])
})

test('with CHUNKING several messages are under way before the first answer, each behind a reset', async () => {
  const door = gate()
  await using server = await smtpServer({ extensions: CHUNKING, on: { MAIL: [{ reply: '250 ok', after: door }] } })
  await using provider = providerTo(server, { limits: { maxConnections: 1, pipelineWindow: 3 } })
  const left: string[] = []
  const names = ['a', 'b', 'c', 'd']
  const sending = names.map((name) =>
    provider.send(aHandoff({ recipients: [`${name}@example.org`], bodyLeft: () => void left.push(name) })),
  )
  await door.reached
  expect(left).toEqual(['a', 'b', 'c'])
  door.open()
  const results = await Promise.all(sending)
  expect(results.map(({ outcomes }) => outcomes[0]?.kind)).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
  expect(server.connections[0]?.commands.slice(1, 8)).toEqual([
    `MAIL FROM:<ann@example.com> SIZE=${HELLO.length}`,
    'RCPT TO:<a@example.org>',
    `BDAT ${HELLO.length} LAST`,
    'RSET',
    `MAIL FROM:<ann@example.com> SIZE=${HELLO.length}`,
    'RCPT TO:<b@example.org>',
    `BDAT ${HELLO.length} LAST`,
  ])
})

test('with CHUNKING a refused message does not lend its envelope to the one behind it', async () => {
  const door = gate()
  await using server = await smtpServer({ extensions: CHUNKING, on: { MAIL: [{ reply: '250 ok', after: door }] } })
  server.answer('gone@example.org', '550 5.1.1 no such user').always()
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  const first = provider.send(aHandoff({ sender: 'first@example.com', recipients: ['gone@example.org'] }))
  const second = provider.send(aHandoff({ sender: 'second@example.com' }))
  await door.reached
  door.open()
  expect((await first).outcomes[0]?.kind).toBe('rejected')
  expect((await second).outcomes[0]?.kind).toBe('accepted')
  expect(server.messages).toMatchObject([{ sender: 'second@example.com', recipients: ['bob@example.org'] }])
})

test('with CHUNKING a server that says 421 and goes on is heard out: what it takes behind it is taken', async () => {
  const door = gate()
  await using server = await smtpServer({
    extensions: CHUNKING,
    on: { MAIL: ['250 ok', { reply: '421 4.3.2 closing', after: door }] },
  })
  await using provider = providerTo(server, { limits: { maxConnections: 1, pipelineWindow: 3 } })
  const sending = ['a', 'b', 'c'].map((name) => provider.send(to(`${name}@example.org`)))
  await door.reached
  door.open()
  const results = await Promise.all(sending)
  expect(results.map(({ outcomes }) => outcomes[0]?.kind)).toEqual(['accepted', 'accepted', 'accepted'])
  expect(server.received().toSorted()).toEqual(['a@example.org', 'b@example.org', 'c@example.org'])
})

test('with CHUNKING a server that says 421 and closes has taken nothing that came behind it', async () => {
  const door = gate()
  await using server = await smtpServer({
    extensions: CHUNKING,
    on: { MAIL: ['250 ok', { reply: '421 4.3.2 closing', after: door, afterwards: 'close' }] },
  })
  await using provider = providerTo(server, { limits: { maxConnections: 1, pipelineWindow: 3 } })
  const sending = ['a', 'b', 'c'].map((name) => provider.send(to(`${name}@example.org`)))
  await door.reached
  door.open()
  const results = await Promise.all(sending)
  expect(results.map(({ outcomes }) => outcomes[0]?.kind)).toEqual(['accepted', 'accepted', 'accepted'])
  expect(server.received()).toEqual(['a@example.org', 'b@example.org', 'c@example.org'])
  expect(server.connections).toHaveLength(2)
})

test('with CHUNKING a connection that breaks leaves every body that left unknown', async () => {
  const door = gate()
  await using server = await smtpServer({ extensions: CHUNKING, on: { MAIL: [{ after: door, afterwards: 'reset' }] } })
  await using provider = providerTo(server, { limits: { maxConnections: 1, pipelineWindow: 2 } })
  const sending = ['a', 'b', 'c'].map((name) => provider.send(to(`${name}@example.org`)))
  await door.reached
  door.open()
  const results = await Promise.all(sending)
  expect(results.map(({ outcomes }) => outcomes[0]?.kind)).toEqual(['unknown', 'unknown', 'accepted'])
  expect(server.received()).toEqual(['c@example.org'])
})

test('with CHUNKING a body goes as it is, without doubled dots', async () => {
  await using server = await smtpServer({ extensions: CHUNKING })
  await using provider = providerTo(server)
  const content = `${HELLO}.\r\n..\r\n`
  await provider.send(aHandoff({ content }))
  expect(server.messages.map((message) => message.content)).toEqual([content])
})

test.each([[ALL_EXTENSIONS], [CHUNKING], [['8BITMIME']]])('a message of five megabytes arrives whole: %j', async (extensions) => {
  await using server = await smtpServer({ extensions })
  await using provider = providerTo(server)
  const content = HELLO + `${'.'.repeat(70)}\r\n`.repeat(70_000)
  let left = 0
  const { outcomes } = await provider.send(aHandoff({ content, bodyLeft: () => void (left += 1) }))
  expect(outcomes[0]?.kind).toBe('accepted')
  expect(left).toBe(1)
  expect(server.messages[0]?.content === content).toBe(true)
})

test('a connection that breaks while a large body leaves is a certain failure: the final dot was never written', async () => {
  await using server = await smtpServer({ extensions: ROOMY, dropAtBodyByte: 100_000 })
  await using provider = providerTo(server)
  const content = HELLO + `${'x'.repeat(70)}\r\n`.repeat(400_000)
  const { outcomes } = await provider.send(aHandoff({ content }))
  expect(outcomes).toMatchObject([{ kind: 'deferred', failure: { stage: 'body', class: 'drop_before_dot' } }])
})

test('a server that stops reading in the middle of a large body costs the time of one block', async () => {
  await using server = await smtpServer({ extensions: ROOMY })
  await using proxy = await delayProxy({
    to: server,
    onBytes: ({ direction, passedBytes }) => (direction === 'up' && passedBytes > 100_000 ? 'stall' : 'pass'),
  })
  await using provider = providerTo(proxy, { timeouts: { body: 200 } })
  const content = HELLO + `${'x'.repeat(70)}\r\n`.repeat(400_000)
  const { outcomes } = await provider.send(aHandoff({ content }))
  expect(outcomes).toMatchObject([{ kind: 'deferred', failure: { stage: 'body', class: 'drop_before_dot' } }])
})

test('a refusal in the middle of a large body is its answer, and the connection is left', async () => {
  await using server = await smtpServer({
    extensions: ROOMY,
    refuseAtBodyByte: { bytes: 1_000_000, reply: '552 5.3.4 too big after all' },
  })
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  const content = HELLO + `${'x'.repeat(70)}\r\n`.repeat(400_000)
  const { outcomes } = await provider.send(aHandoff({ content }))
  expect(outcomes).toMatchObject([{ kind: 'rejected', failure: { stage: 'body', class: 'too_large', reply: { code: 552 } } }])
  server.script = { extensions: ROOMY }
  expect((await provider.send(aHandoff())).outcomes[0]?.kind).toBe('accepted')
  expect(server.connections).toHaveLength(2)
})

test('without PIPELINING every command waits for the answer to the last', async () => {
  const door = gate()
  await using server = await smtpServer({ extensions: [], on: { MAIL: [{ reply: '250 ok', after: door }] } })
  await using provider = providerTo(server)
  const sending = provider.send(aHandoff({ recipients: ['a@example.org', 'b@example.org'] }))
  await door.reached
  expect(server.commands()).toEqual(['EHLO waybill.example.com', 'MAIL FROM:<ann@example.com>'])
  door.open()
  expect((await sending).outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted'])
})

test('a server that knows only HELO gets mail too', async () => {
  await using server = await smtpServer({ on: { EHLO: '500 5.5.1 what?' } })
  await using provider = providerTo(server)
  expect((await provider.send(aHandoff())).outcomes[0]?.kind).toBe('accepted')
  expect(server.commands().slice(0, 3)).toEqual([
    'EHLO waybill.example.com',
    'HELO waybill.example.com',
    'MAIL FROM:<ann@example.com>',
  ])
})
