import { expect, onTestFinished, test } from 'vitest'
import { lookAround } from '../../src/mailboxes/check-mailbox.ts'
import { withMailbox } from '../../src/mailboxes/imap.ts'
import type { OpenMailbox } from '../../src/mailboxes/open-mailbox.ts'
import type { MailboxAccount } from '../../src/mailboxes/reach.ts'
import { fixedResolver } from '../support/dns.ts'
import { type ImapScript, type ImapServer, imapServer } from '../support/imap-server.ts'
import { authority, expired, selfSigned, wrongName } from '../support/tls.ts'

const AT = new Date('2026-11-22T10:00:00.000Z')
const deps = { resolver: fixedResolver({ 'smtp.test': ['127.0.0.1'] }), allowPrivateNetworks: false, ca: authority }

async function server(script: ImapScript = {}): Promise<ImapServer> {
  const started = await imapServer(script)
  onTestFinished(() => started.close())
  return started
}

function account({ port }: Pick<ImapServer, 'port'>, change: Partial<MailboxAccount> = {}): MailboxAccount {
  return {
    protocol: 'imap',
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

test.each(['none', 'starttls', 'tls'] as const)('a mailbox is read with security %s', async (security) => {
  const imap = await server({ security })
  imap.deliver(mail('one'), AT)
  imap.deliver(mail('two'), AT)
  const session = await withMailbox(account(imap, { security }), deps, async (open) => {
    const { uidNext } = await open.open('INBOX')
    const uids = await open.uidsAfter(0, 10)
    return { uidNext, uids, one: await open.fetch(1, 10_000) }
  })
  expect(session).toMatchObject({ ok: true, value: { uidNext: 3, uids: [1, 2], one: { uid: 1, receivedAt: AT, isCut: false } } })
  expect(session.ok && session.value.one?.raw.toString()).toBe(mail('one'))
  expect(imap.said.filter((command) => command.startsWith('STARTTLS'))).toHaveLength(security === 'starttls' ? 1 : 0)
})

test('looking around changes nothing and finds where spam is put', async () => {
  const imap = await server({ folders: { Sent: '\\Sent', 'Junk Mail': '\\Junk', Junk: '' } })
  imap.deliver(mail('one'), AT)
  const session = await withMailbox(account(imap), deps, lookAround)
  expect(session).toMatchObject({ ok: true, value: { inboxMails: 1, junkPath: 'Junk Mail' } })
  expect(imap.said.filter((command) => /^(SELECT|UID STORE|EXPUNGE)/.test(command))).toEqual([])
})

test('what is above a UID is found, the newest only, and not the last mail again', async () => {
  const imap = await server()
  for (let i = 0; i < 8; i++) imap.deliver(mail(`n${i}`), AT)
  const session = await withMailbox(account(imap), deps, async (open) => {
    await open.open('INBOX')
    return [await open.uidsAfter(2, 3), await open.uidsAfter(8, 3), (await open.heads([1, 8], 20)).map(({ raw }) => raw.length)]
  })
  expect(session).toEqual({ ok: true, value: [[6, 7, 8], [], [20, 20]] })
})

test('a mail larger than asked for comes cut, and says so', async () => {
  const imap = await server()
  imap.deliver(mail('large', 'x'.repeat(50_000)), AT)
  const session = await withMailbox(account(imap), deps, async (open) => {
    await open.open('INBOX')
    return await open.fetch(1, 1_000)
  })
  expect(session.ok && [session.value?.raw.length, session.value?.isCut, session.value?.sizeBytes]).toEqual([
    1_000,
    true,
    mail('large').length - 5 + 50_000,
  ])
})

test('mail is marked, moved and removed by its UID', async () => {
  const imap = await server()
  for (let i = 0; i < 3; i++) imap.deliver(mail(`n${i}`), AT)
  const change = async (open: OpenMailbox) => {
    await open.open('INBOX', 'write')
    await open.markSeen([1])
    await open.move([2], 'Junk')
    await open.remove([3])
    return await open.fetch(3, 100)
  }
  expect(await withMailbox(account(imap), deps, change)).toEqual({ ok: true, value: null })
  expect(imap.mails().map(({ uid, flags }) => [uid, [...flags]])).toEqual([[1, ['\\Seen']]])
  expect(imap.mails('Junk')).toHaveLength(1)
})

test.each([
  [
    'a wrong password',
    {},
    { credential: { kind: 'password', password: 'wrong' } },
    'login',
    /refused the log-in: Invalid credentials/,
  ],
  [
    'a certificate for another name',
    { security: 'tls', certificate: wrongName },
    { security: 'tls' },
    'encryption',
    /smtp\.test/,
  ],
  [
    'a certificate of its own making',
    { security: 'tls', certificate: selfSigned },
    { security: 'tls' },
    'encryption',
    /self-signed/,
  ],
  ['a certificate that has ended', { security: 'tls', certificate: expired }, { security: 'tls' }, 'encryption', /expired/],
  ['a server without STARTTLS', {}, { security: 'starttls' }, 'encryption', /STARTTLS/],
  ['a server that hangs up', { fault: { at: 'LIST', do: 'close' } }, {}, 'connection', /hung up/],
  ['a greeting that refuses', { fault: { at: 'greeting', do: '* BYE overloaded' } }, {}, 'connection', /overloaded|hung up/],
  ['a folder that is gone', { fault: { at: 'EXAMINE', do: '%t NO [NONEXISTENT] no INBOX' } }, {}, 'folder', /no INBOX/],
  ['a name that does not exist', {}, { host: 'nowhere.test' }, 'name', /nxdomain/],
] as const)('%s is told as what it is', async (_, script, change, cause, words) => {
  const imap = await server(script as ImapScript)
  const session = await withMailbox(account(imap, change), deps, lookAround)
  expect(session).toMatchObject({ ok: false, problem: { cause } })
  expect(!session.ok && session.problem.sentence).toMatch(words)
  expect(!session.ok && session.problem.hint).not.toBe('')
})

test('an address of a private network is not dialled unless that was allowed', async () => {
  const imap = await server()
  for (const host of ['smtp.test', '127.0.0.1', '[::1]', '169.254.169.254']) {
    const session = await withMailbox(account(imap, { host, allowPrivate: false }), deps, lookAround)
    expect(session).toMatchObject({ ok: false, problem: { cause: 'private_address' } })
  }
  expect(imap.said).toEqual([])
})

test('a server that stops answering costs the time that was granted, and no more', async () => {
  const imap = await server({ fault: { at: 'LIST', do: 'silence' } })
  const session = await withMailbox(account(imap), deps, lookAround, 300)
  expect(session).toMatchObject({ ok: false, problem: { cause: 'timeout' } })
})

test('a literal larger than anything a mail may be is refused before it comes', async () => {
  const imap = await server({ fault: { at: 'UID FETCH', do: '* 1 FETCH (UID 1 BODY[]<0> {99999999999}' } })
  imap.deliver(mail('one'), AT)
  const session = await withMailbox(account(imap), deps, async (open) => {
    await open.open('INBOX')
    return await open.fetch(1, 100)
  })
  expect(session).toMatchObject({ ok: false, problem: { cause: 'too_large' } })
})

test('a fault of our own is thrown, not told as the server’s', async () => {
  const imap = await server()
  const work = async () => {
    throw new TypeError('a bug')
  }
  await expect(withMailbox(account(imap), deps, work)).rejects.toThrow('a bug')
})
