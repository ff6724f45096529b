import { expect, test } from 'vitest'
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from '../../../../../src/delivery/providers/smtp/capabilities.ts'
import { connectTcp } from '../../../../../src/delivery/providers/smtp/dial.ts'
import { toEnvelope } from '../../../../../src/delivery/providers/smtp/flight/envelope.ts'
import { fixedResolver } from '../../../../support/dns.ts'
import { aHandoff, HELLO } from '../../../../support/handoff.ts'
import { providerTo } from '../../../../support/smtp-route.ts'
import { smtpServer } from '../../../../support/smtp-server.ts'

const EIGHT_BIT =
  'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n'

function offering(offered: Partial<Capabilities>): Capabilities {
  return { ...NO_CAPABILITIES, extended: true, ...offered }
}

test.each([
  [{}, {}, 'MAIL FROM:<ann@example.com>\r\n'],
  [{ size: 0 }, {}, `MAIL FROM:<ann@example.com> SIZE=${HELLO.length}\r\n`],
  [{ size: 1_000, eightBit: true }, { eightBit: true }, `MAIL FROM:<ann@example.com> SIZE=${HELLO.length} BODY=8BITMIME\r\n`],
  [{ internationalized: true }, { internationalized: true }, 'MAIL FROM:<ann@example.com> SMTPUTF8\r\n'],
  [{ internationalized: true }, { sender: 'änn@example.com' }, 'MAIL FROM:<Ã¤nn@example.com> SMTPUTF8\r\n'],
  [{ eightBit: true, internationalized: true, size: 0 }, { sender: '' }, `MAIL FROM:<> SIZE=${HELLO.length}\r\n`],
] as const)('a server that offers %j is told %j as it understands it', (offered, wanted, mail) => {
  expect(toEnvelope(aHandoff(wanted), offering(offered), 50)).toMatchObject({ mail })
})

test('a message larger than the server takes is not even begun', async () => {
  await using server = await smtpServer({ extensions: [`SIZE ${HELLO.length - 1}`] })
  await using provider = providerTo(server)
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'rejected', failure: { class: 'too_large', scope: 'message' } },
  ])
  expect(server.commands().filter((line) => line.startsWith('MAIL'))).toEqual([])
})

test('8-bit content is re-encoded where the hop lacks 8BITMIME', async () => {
  await using server = await smtpServer({ extensions: ['PIPELINING'] })
  await using provider = providerTo(server)
  expect((await provider.send(aHandoff({ content: EIGHT_BIT, eightBit: true }))).outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(server.messages[0]?.content).toContain('Content-Transfer-Encoding: quoted-printable')
  expect(server.messages[0]?.content).toContain('Gr=C3=BC=C3=9Fe')
  expect(server.messages[0]?.parameters).toEqual([])
})

test('8-bit content that cannot be re-encoded is refused with the reason', async () => {
  await using server = await smtpServer({ extensions: ['PIPELINING'] })
  await using provider = providerTo(server)
  const content = `Subject: Gr\xc3\xbc\xc3\x9fe\r\n\r\nHello\r\n`
  expect((await provider.send(aHandoff({ content, eightBit: true }))).outcomes).toMatchObject([
    { kind: 'rejected', failure: { class: 'eight_bit_unsupported' } },
  ])
})

test('an address that needs SMTPUTF8 is refused where the hop lacks it, and goes where it does not', async () => {
  const recipients = ['jürgen@example.org']
  await using old = await smtpServer({ extensions: ['PIPELINING', '8BITMIME'] })
  await using first = providerTo(old)
  expect((await first.send(aHandoff({ recipients }))).outcomes).toMatchObject([
    { kind: 'rejected', failure: { class: 'smtputf8_unsupported' } },
  ])
  await using modern = await smtpServer()
  await using second = providerTo(modern)
  expect((await second.send(aHandoff({ recipients }))).outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(modern.messages).toMatchObject([{ recipients: [Buffer.from('jürgen@example.org').toString('latin1')] }])
})

test.each(['\0', '\u010d\u010a.\u010d\u010a'])('%j in the content is refused before anything is said', async (what) => {
  await using server = await smtpServer()
  await using provider = providerTo(server)
  expect((await provider.send(aHandoff({ content: `${HELLO}${what}\r\n` }))).outcomes).toMatchObject([
    { kind: 'rejected', failure: { class: 'message_malformed', scope: 'message' } },
  ])
  expect(server.messages).toEqual([])
})

test('a name that leads to a private address is refused unless the route allows it, and nothing is dialled', async () => {
  const resolver = fixedResolver({ 'smtp.test': ['10.0.0.5', '127.0.0.1', '::ffff:192.168.1.1'] })
  let dialled = 0
  const connect: typeof connectTcp = (target) => {
    dialled += 1
    return connectTcp(target)
  }
  await using provider = providerTo({ port: 25 }, { host: 'smtp.test', allowPrivate: false }, { resolver, connect })
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { class: 'private_address_refused' } },
  ])
  expect(dialled).toBe(0)
})

test('of a name with public and private addresses only the public ones are dialled', async () => {
  await using server = await smtpServer()
  const resolver = fixedResolver({ 'smtp.test': ['10.0.0.5', '203.0.114.7'] })
  const dialled: string[] = []
  const connect: typeof connectTcp = (target) => {
    dialled.push(target.address)
    return connectTcp({ ...target, address: '127.0.0.1' })
  }
  await using provider = providerTo(server, { host: 'smtp.test', allowPrivate: false }, { resolver, connect })
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(dialled).toEqual(['203.0.114.7'])
})

test('of several addresses the first that answers is used, and the evidence names it', async () => {
  await using server = await smtpServer()
  const resolver = fixedResolver({ 'smtp.test': ['127.0.0.2', '127.0.0.1'] })
  await using provider = providerTo(server, { host: 'smtp.test' }, { resolver })
  const { outcomes, trace } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace).toMatchObject({ host: 'smtp.test', address: '127.0.0.1' })
})

test('when no address answers, each is named', async () => {
  const resolver = fixedResolver({ 'smtp.test': ['127.0.0.2', '127.0.0.3'] })
  await using server = await smtpServer()
  const { port } = server
  await server.close()
  await using provider = providerTo({ port }, { host: 'smtp.test' }, { resolver })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { class: 'tcp_refused' } }])
  const [outcome] = outcomes
  const sentence = outcome && 'failure' in outcome ? outcome.failure.sentence : ''
  expect(sentence).toContain('127.0.0.2')
})

test('capabilities are read whatever their case and order, and unknown ones are passed over', () => {
  const text =
    'mx.example.org at your service\nsize 35882577\n8bitmime\nAUTH=LOGIN PLAIN\nAUTH PLAIN XOAUTH2\nStartTLS\nPIPELINING\nCHUNKING\nSMTPUTF8\nXSTRANGE a b'
  expect(parseCapabilities(text)).toEqual({
    extended: true,
    pipelining: true,
    chunking: true,
    eightBit: true,
    internationalized: true,
    starttls: true,
    size: 35_882_577,
    auth: ['LOGIN', 'PLAIN', 'XOAUTH2'],
  })
  expect(parseCapabilities('PIPELINING')).toEqual({ ...NO_CAPABILITIES, extended: true })
  expect(parseCapabilities('hello\nSIZE')).toMatchObject({ size: 0 })
  expect(parseCapabilities('hello\nSIZE lots')).toMatchObject({ size: 0 })
})

test('a message that cannot be prepared at all ends alone, and the next one leaves on the same connection', async () => {
  await using server = await smtpServer({ extensions: ['PIPELINING'] })
  await using provider = providerTo(server, { limits: { maxConnections: 1 } })
  const impossible = { ...aHandoff(), content: null as never }
  const [bad, good] = await Promise.all([provider.send(impossible), provider.send(aHandoff())])
  expect(bad.outcomes).toMatchObject([{ kind: 'rejected', failure: { class: 'message_malformed', scope: 'message' } }])
  expect(good.outcomes).toMatchObject([{ kind: 'accepted' }])
})
