import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { Arrival, MailReader } from '../../../src/mailboxes/open-mailbox.ts'
import { lineReader } from '../../../src/mailboxes/pop3/line-reader.ts'
import type { MailboxAccount } from '../../../src/mailboxes/reach.ts'
import { readMail } from '../../../src/mailboxes/read-mail.ts'
import { fixedResolver } from '../../support/dns.ts'
import { type Pop3Script, type Pop3Server, pop3Server } from '../../support/pop3-server.ts'
import { authority, wrongName } from '../../support/tls.ts'

const deps = { resolver: fixedResolver({ 'smtp.test': ['127.0.0.1'] }), allowPrivateNetworks: false, ca: authority }

async function server(script: Pop3Script = {}): Promise<Pop3Server> {
  const started = await pop3Server(script)
  onTestFinished(() => started.close())
  return started
}

function account({ port }: Pick<Pop3Server, 'port'>, change: Partial<MailboxAccount> = {}): MailboxAccount {
  return {
    protocol: 'pop3',
    auth: { kind: 'password' },
    host: 'smtp.test',
    port,
    security: 'none',
    username: 'seed',
    credential: { kind: 'password', password: 'a password for tests' },
    allowPrivate: true,
    ...change,
  }
}

const mail = (subject: string, body = 'Hello') => `From: a@example.com\r\nSubject: ${subject}\r\n\r\n${body}\r\n`
const seeing = (...seen: string[]) => ({
  lastUid: 0,
  unseen: async (uidls: readonly string[]) => uidls.filter((each) => !seen.includes(each)),
})
const readAll = async (reader: MailReader, maxBytes = 100_000) => {
  await reader.enter('INBOX')
  const found: string[] = []
  for (const arrival of await reader.arrivals(seeing(), 100))
    found.push((await reader.fetch(arrival, maxBytes))?.raw.toString('latin1') ?? '')
  return found
}

test.each(['none', 'starttls', 'tls'] as const)(
  'a POP3 mailbox is read with security %s, whatever pieces it comes in',
  async (security) => {
    const pop3 = await server({ security, pieceBytes: 7 })
    const mails = [mail('one'), mail('dots', '.\r\n..\r\n.x\r\nend.'), mail('bytes', 'caf\u00e9 \u0000')].map((text) =>
      Buffer.from(text, 'latin1'),
    )
    for (const raw of mails) pop3.deliver(raw)
    const session = await readMail(account(pop3, { security }), deps, (reader) => readAll(reader))
    expect(session).toEqual({ ok: true, value: mails.map((raw) => raw.toString('latin1')) })
    expect(pop3.said.some((line) => line.startsWith('DELE'))).toBe(false)
    expect(pop3.said.includes('STLS')).toBe(security === 'starttls')
  },
)

test('only what was not taken is new, in the order of the server; identical mails with one id are both mails', async () => {
  const pop3 = await server()
  for (const uidl of ['a', 'b', 'b', 'c']) pop3.deliver(mail(uidl), uidl)
  const session = await readMail(account(pop3), deps, async (reader) => {
    await reader.enter('INBOX')
    return (await reader.arrivals(seeing('a'), 10)).map(({ key }) => key)
  })
  expect(session).toEqual({ ok: true, value: ['b', 'b 2', 'c'] })
})

test.each([true, false])('of a mail that is too large the head comes (TOP: %s), and the next one whole', async (hasTop) => {
  const pop3 = await server({ hasTop })
  pop3.deliver(mail('large', 'x'.repeat(3_000)))
  pop3.deliver(mail('next'))
  const session = await readMail(account(pop3), deps, async (reader) => {
    await reader.enter('INBOX')
    const mails: (readonly [boolean, number])[] = []
    for (const arrival of await reader.arrivals(seeing(), 10)) {
      const found = await reader.fetch(arrival, 2_000)
      if (found) mails.push([found.isCut, found.sizeBytes])
    }
    return mails
  })
  expect(session).toEqual({
    ok: true,
    value: [
      [true, mail('large').length - 5 + 3_000],
      [false, mail('next').length],
    ],
  })
})

test('mail is removed only when it was asked for and the session ended well', async () => {
  const pop3 = await server()
  for (const uidl of ['a', 'b']) pop3.deliver(mail(uidl), uidl)
  const removing = (fails: boolean) => async (reader: MailReader) => {
    await reader.enter('INBOX')
    await reader.remove(['a'])
    if (fails) await reader.fetch({ key: 'b' } as Arrival, 100)
  }
  pop3.fault = { at: 'RETR', do: 'close' }
  expect((await readMail(account(pop3), deps, removing(true))).ok).toBe(false)
  expect(pop3.mails()).toHaveLength(2)
  pop3.fault = null
  expect((await readMail(account(pop3), deps, removing(false))).ok).toBe(true)
  expect(pop3.mails().map(({ uidl }) => uidl)).toEqual(['b'])
})

test('a token lets in by XOAUTH2, and a wrong one is refused in the server’s words', async () => {
  const pop3 = await server({ accessToken: () => 'granted' })
  pop3.deliver(mail('one'))
  const asking = (accessToken: string) =>
    readMail(
      account(pop3, { credential: { kind: 'token', accessToken } }),
      deps,
      async (reader) => (await reader.enter('INBOX')).exists,
    )
  expect(await asking('granted')).toEqual({ ok: true, value: 1 })
  expect(await asking('stale')).toMatchObject({
    ok: false,
    problem: { cause: 'login', sentence: expect.stringContaining('the token was refused') },
  })
})

test.each([
  ['a wrong password', {}, { credential: { kind: 'password', password: 'wrong' } }, 'login', /wrong user or password/],
  [
    'a certificate for another name',
    { security: 'tls', certificate: wrongName },
    { security: 'tls' },
    'encryption',
    /smtp\.test/,
  ],
  ['a server without STLS', {}, { security: 'starttls' }, 'encryption', /no TLS/],
  ['a mailbox that is open elsewhere', { fault: { at: 'PASS', do: '-ERR [IN-USE] locked' } }, {}, 'connection', /locked/],
  ['a server that hangs up', { fault: { at: 'UIDL', do: 'close' } }, {}, 'connection', /hung up/],
  ['something that is no POP3 server', { fault: { at: 'greeting', do: 'SSH-2.0-x' } }, {}, 'protocol', /a POP3 server/],
  ['a password with a line break', {}, { credential: { kind: 'password', password: 'x\r\nDELE 1' } }, 'login', /one line/],
  ['a name that nobody knows', {}, { host: 'nowhere.test' }, 'name', /nowhere/],
  ['a private address', {}, { allowPrivate: false }, 'private_address', /private network/],
] as const)('%s is told with its cause', async (_, script, change, cause, words) => {
  const pop3 = await server(script as Pop3Script)
  const session = await readMail(account(pop3, change as Partial<MailboxAccount>), deps, (reader) => readAll(reader))
  expect(session.ok).toBe(false)
  const told = session.ok ? null : session.problem
  expect(told?.cause).toBe(cause)
  expect(`${told?.sentence} ${told?.hint}`).toMatch(words)
})

test.each<[string, Record<string, string>, number, number | 'listing']>([
  ['an empty list', {}, 0, 0],
  ['UIDL refused, and STAT counts none', { UIDL: '-ERR no messages' }, 0, 0],
  ['UIDL and LIST refused in words of its own, and STAT counts none', { UIDL: '-ERR what?', LIST: '-ERR what?' }, 0, 0],
  ['everything refused, each with words for empty', { UIDL: '-ERR No messages', STAT: '-ERR Mailbox is empty' }, 0, 0],
  ['STAT refused alone', { STAT: '-ERR no messages' }, 0, 0],
  ['UIDL refused with words for empty, and STAT counts one', { UIDL: '-ERR no messages' }, 1, 'listing'],
  ['UIDL refused, and STAT with other words', { UIDL: '-ERR no messages', STAT: '-ERR try later' }, 0, 'listing'],
  ['UIDL not known, and STAT says it is empty', { UIDL: '-ERR unknown command', STAT: '-ERR mailbox is empty' }, 0, 'listing'],
  ['LIST refused where UIDL names a mail', { LIST: '-ERR no messages' }, 1, 'listing'],
  ['UIDL refused, and STAT counts in no number', { UIDL: '-ERR no messages', STAT: '+OK none' }, 0, 'listing'],
])('%s: empty only where that is certain, else a trouble in a sentence', async (_, answers, mails, expected) => {
  const pop3 = await server({ answers })
  for (let n = 0; n < mails; n++) pop3.deliver(mail(`${n}`))
  const session = await readMail(account(pop3), deps, async (reader) => (await readAll(reader)).length)
  if (expected === 'listing')
    expect(session).toMatchObject({
      ok: false,
      problem: {
        cause: 'listing',
        sentence: expect.stringMatching(/does not say which mails it holds: (UIDL|LIST) was answered/),
      },
    })
  else expect(session).toEqual({ ok: true, value: expected })
})

test('dots come off and the end is found wherever the network cuts the bytes', async () => {
  const peers: Socket[] = []
  const listening = createServer((socket) => peers.push(socket)).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const client = connect((listening.address() as { port: number }).port, '127.0.0.1')
  await once(client, 'connect')
  onTestFinished(() => {
    client.destroy()
    for (const peer of peers) peer.destroy()
    listening.close()
  })
  while (peers.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const reader = lineReader(client, 10_000)
  const line = fc.stringMatching(/^[.a\r]{0,4}$/).map((text) => text.replace(/\r$/, ''))
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 }),
      async (lines, cuts) => {
        const whole = lines.map((text) => `${text}\r\n`).join('')
        const sent = `${lines.map((text) => `${text.startsWith('.') ? '.' : ''}${text}\r\n`).join('')}.\r\n+OK next\r\n`
        for (let at = 0, i = 0; at < sent.length; i++) {
          const size = cuts[i % cuts.length] ?? 1
          peers[0]?.write(sent.slice(at, at + size))
          at += size
        }
        const { bytes, isCut } = await reader.multiline({ maxBytes: 1_000, dropBytes: 0 })
        expect([bytes.toString(), isCut, await reader.line()]).toEqual([whole, false, '+OK next'])
      },
    ),
    { numRuns: 200 },
  )
})
