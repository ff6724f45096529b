import { expect, onTestFinished, test } from 'vitest'
import { waitUntil } from '../../src/lib/wait.ts'
import { reconnectDelayMs } from '../../src/mailboxes/backoff.ts'
import { createBell } from '../../src/mailboxes/bell.ts'
import type { MailboxProblem } from '../../src/mailboxes/mailbox.ts'
import { createMailbox } from '../../src/mailboxes/mailboxes.ts'
import { type Listening, type WatchTiming, watchMailbox } from '../../src/mailboxes/watch-mailbox.ts'
import { fixedResolver } from '../support/dns.ts'
import { type ImapScript, imapServer } from '../support/imap-server.ts'
import { world } from '../support/world.ts'

const AT = new Date('2026-11-22T10:00:00.000Z')
const LIMIT = { limitMs: 30_000 }
const mail = (subject: string) => `From: a@example.com\r\nSubject: ${subject}\r\n\r\nHello\r\n`

/** A watch that takes what is new into a list, with a server at the far end; `tickMs` is long, so that only the server's word can be quick. */
async function watched(script: ImapScript = {}, timing: Partial<WatchTiming> = {}, folders: readonly string[] = ['INBOX']) {
  const w = await world()
  const imap = await imapServer(script)
  const settings = {
    protocol: 'imap',
    auth: { kind: 'password' },
    host: '127.0.0.1',
    port: imap.port,
    security: 'none',
    username: 'seed',
    allowPrivate: true,
  } as const
  const mailbox = await w.inWorkspace((tx) =>
    createMailbox(
      tx,
      w.secrets,
      w.workspaceId,
      { name: 'Support', address: 'a@example.com', settings, password: 'a password for tests' },
      AT,
    ),
  )
  const stop = new AbortController()
  const bell = createBell()
  const taken: string[] = []
  const heard: Listening[] = []
  const troubles: MailboxProblem[] = []
  const lastUids = new Map<string, number>()
  const deps = {
    ...w,
    resolver: fixedResolver(),
    allowPrivateNetworks: true,
    random: () => 0.5,
    timing: { tickMs: 60_000, delayMs: () => 20, ...timing },
  }
  const running = watchMailbox(mailbox, deps, {
    folders,
    bell,
    signal: stop.signal,
    onHeard: async (listening) => void heard.push(listening),
    onTrouble: async (problem) => void troubles.push(problem),
    onNews: async (reader) => {
      for (const folder of folders) {
        await reader.enter(folder)
        const taking = { lastUid: lastUids.get(folder) ?? 0, unseen: async () => [] }
        for (const arrival of await reader.arrivals(taking, 3)) {
          const found = await reader.fetch(arrival, 1_000)
          taken.push(`${folder}/${/Subject: (.*)\r/.exec(found?.raw.toString() ?? '')?.[1]}`)
          lastUids.set(folder, Number(arrival.key))
        }
      }
    },
  })
  onTestFinished(async () => {
    stop.abort()
    await running
    await imap.close()
  })
  return { imap, taken, heard, troubles, bell, stop, running, took: (n: number) => waitUntil(() => taken.length >= n, LIMIT) }
}

test('the server says that mail came, and it is taken at once; stopping ends it', async () => {
  const { imap, taken, heard, took, stop, running } = await watched()
  expect(await waitUntil(() => imap.said.includes('IDLE'), LIMIT)).toBe(true)
  imap.deliver(mail('one'), AT)
  expect(await took(1)).toBe(true)
  imap.deliver(mail('two'), AT)
  expect(await took(2)).toBe(true)
  expect(taken).toEqual(['INBOX/one', 'INBOX/two'])
  expect(heard).toEqual(['push'])
  stop.abort()
  await running
})

test('a server without IDLE is asked, and so are the other folders of one that has it', async () => {
  const quick = { tickMs: 30 }
  const polled = await watched({ capabilities: 'IMAP4rev1 UIDPLUS MOVE' }, quick)
  polled.imap.deliver(mail('one'), AT)
  expect(await polled.took(1)).toBe(true)
  expect([polled.heard[0], polled.imap.said.includes('IDLE')]).toEqual(['poll', false])
  const folders = await watched({ folders: { Sales: '' } }, quick, ['INBOX', 'Sales', 'Gone'].slice(0, 2))
  expect(await waitUntil(() => folders.imap.said.includes('IDLE'), LIMIT)).toBe(true)
  folders.imap.deliver(mail('two'), AT, 'Sales')
  expect(await folders.took(1)).toBe(true)
  expect(folders.taken).toEqual(['Sales/two'])
})

test('a connection that is cut is made anew, and nothing is taken twice', async () => {
  const { imap, taken, troubles, took } = await watched()
  for (let i = 0; i < 5; i++) imap.deliver(mail(`n${i}`), AT)
  expect(await took(3)).toBe(true)
  imap.cut()
  imap.deliver(mail('n5'), AT)
  expect(await took(6)).toBe(true)
  expect(taken.map((each) => each.slice(-2))).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5'])
  expect(troubles.every(({ cause }) => cause === 'connection')).toBe(true)
})

test('a session that does not answer any more is given up and begun anew', async () => {
  const { imap, troubles, took } = await watched({}, { tickMs: 30, answerMs: 200 })
  expect(await waitUntil(() => imap.said.includes('IDLE'), LIMIT)).toBe(true)
  imap.fault = { at: 'NOOP', do: 'silence' }
  expect(await waitUntil(() => troubles.length > 0, LIMIT)).toBe(true)
  expect(troubles[0]).toMatchObject({ cause: 'timeout' })
  imap.fault = null
  imap.deliver(mail('one'), AT)
  expect(await took(1)).toBe(true)
})

test('a server that never lets us in is given up, however it keeps us waiting', async () => {
  const { troubles } = await watched({ fault: { at: 'AUTHENTICATE', do: '* OK a moment' } }, { openMs: 200 })
  expect(await waitUntil(() => troubles.length >= 2, LIMIT)).toBe(true)
  expect(troubles[0]).toMatchObject({ cause: 'timeout', sentence: expect.stringContaining('did not let us in') })
})

test('a password that was changed is told, and the mailbox is read again when it is right', async () => {
  const { imap, troubles, took, bell } = await watched()
  expect(await waitUntil(() => imap.said.includes('IDLE'), LIMIT)).toBe(true)
  imap.setPassword('another')
  imap.cut()
  expect(await waitUntil(() => troubles.some(({ cause }) => cause === 'login'), LIMIT)).toBe(true)
  imap.setPassword('a password for tests')
  imap.deliver(mail('one'), AT)
  bell.ring()
  expect(await took(1)).toBe(true)
})

test('waits grow up to a limit, longer where trying again can lock an account, and not all at once', () => {
  const waits = [1, 2, 3, 20].map((failures) => reconnectDelayMs(failures, 'connection', 1))
  expect(waits).toEqual([2_000, 4_000, 8_000, 300_000])
  expect(reconnectDelayMs(1, 'connection', 0)).toBe(1_000)
  expect([1, 9].map((failures) => reconnectDelayMs(failures, 'login', 1))).toEqual([60_000, 900_000])
})
