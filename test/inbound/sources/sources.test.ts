import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { changeSource, createSource, fetchNow, type SourceWanted } from '../../../src/inbound/sources/manage.ts'
import { createSourceWorker, type SourceWorker, type SourceWorkerDeps } from '../../../src/inbound/sources/source-worker.ts'
import { watchSources } from '../../../src/inbound/sources/watch-sources.ts'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import type { SourceId } from '../../../src/lib/ids.ts'
import { createLimiter } from '../../../src/lib/limiter.ts'
import { inTime, waitUntil } from '../../../src/lib/wait.ts'
import { createLog } from '../../../src/log.ts'
import type { MailboxSettings } from '../../../src/mailboxes/mailbox.ts'
import { fixedResolver } from '../../support/dns.ts'
import { type ImapScript, imapServer } from '../../support/imap-server.ts'
import { pop3Server } from '../../support/pop3-server.ts'
import { type World, world } from '../../support/world.ts'

const AT = new Date('2026-11-22T10:00:00.000Z')
const LIMIT = { limitMs: 30_000 }
const mail = (subject: string, body = 'Hello') =>
  `From: a@example.com\r\nMessage-ID: <${subject}@example.com>\r\nSubject: ${subject}\r\n\r\n${body}\r\n`

async function desk() {
  const w = await world()
  const workers: SourceWorker[] = []
  onTestFinished(async () => void (await Promise.all(workers.map((worker) => worker.stop()))))
  const rows = async () => {
    const { rows: found } = await sql<{
      folder: string
      uid: string
      generation: string | null
      isCut: boolean
      hash: string
      state: string
    }>`
      select folder, uid, uid_validity::text as generation, is_cut as "isCut", encode(hash, 'hex') as hash, state from inbound_mail order by id`.execute(
      w.database.db,
    )
    return found
  }
  const sources = async () => {
    const { rows: found } = await sql<{
      id: SourceId
      name: string
      state: string
      problem: { cause: string } | null
      counted: { folders: unknown[] } | null
      listening: string | null
    }>`
      select id, name, state, problem, counted, listening from inbound_source order by name`.execute(w.database.db)
    return found
  }
  return {
    ...w,
    rows,
    sources,
    worker(over: Partial<SourceWorkerDeps> = {}) {
      const worker = createSourceWorker({
        ...w,
        log: createLog({ level: 'silent' }),
        resolver: fixedResolver(),
        allowPrivateNetworks: true,
        random: () => 0.5,
        mayClaim: () => true,
        wake: () => {},
        largeMail: createLimiter({ concurrency: 1, waiting: 10 }),
        importFolder: join(w.blobFolder, 'import'),
        lookEveryMs: 20,
        timing: { tickMs: 60_000, delayMs: () => 20 },
        ...over,
      })
      workers.push(worker)
      return worker
    },
    source: (port: number, change: Partial<SourceWanted> = {}, settings: Partial<MailboxSettings> = {}) =>
      addSource(w, port, change, settings),
    has: (count: number) => waitUntil(async () => (await rows()).length >= count, LIMIT),
    /** What takes mail in has done its work. */
    settle: () =>
      sql`update inbound_mail set state = 'settled', outcome = 'ignored', reason = 'by_hand', due_at = null where state = 'received'`.execute(
        w.database.db,
      ),
  }
}

async function addSource(
  w: World,
  port: number,
  change: Partial<SourceWanted>,
  settings: Partial<MailboxSettings>,
): Promise<SourceId> {
  const wanted: SourceWanted = {
    name: 'Support',
    ses: null,
    mailbox: {
      address: 'support@example.com',
      settings: {
        protocol: 'imap',
        auth: { kind: 'password' },
        host: '127.0.0.1',
        port,
        security: 'none',
        username: 'seed',
        allowPrivate: true,
        ...settings,
      },
      password: 'a password for tests',
    },
    path: null,
    folders: ['INBOX'],
    inboxId: null,
    afterwards: 'leave',
    moveTo: null,
    beginWith: 'all',
    isEnabled: true,
    ...change,
  }
  const { source } = await w.inWorkspace((tx) =>
    createSource(tx, w.secrets, { workspaceId: w.workspaceId, actor: 'test' }, wanted, w.clock.now()),
  )
  return source.id
}

async function imapWith(script: ImapScript = {}, mails: readonly string[] = []) {
  const imap = await imapServer(script)
  onTestFinished(() => imap.close())
  for (const each of mails) imap.deliver(mail(each), AT)
  return imap
}

test('everything in several folders comes once, oldest first, read by others or not, and no flag is touched', async () => {
  const d = await desk()
  const subjects = Array.from({ length: 45 }, (_, i) => `m${i}`)
  const imap = await imapWith({ folders: { Sales: '' } }, subjects)
  // As old as a mail can be: what lay there through any outage comes all the same.
  imap.deliver(mail('sales'), new Date('1999-12-31T00:00:00.000Z'), 'Sales')
  imap.mails()[0]?.flags.add('\\Seen')
  await d.source(imap.port, { folders: ['INBOX', 'Sales'] })
  const first = d.worker()
  first.start()
  expect(await d.has(46)).toBe(true)
  await first.stop()
  imap.deliver(mail('while nobody looked'), AT)
  d.worker().start()
  expect(await d.has(47)).toBe(true)
  expect((await d.rows()).map(({ folder, uid }) => `${folder}/${uid}`)).toEqual([
    ...subjects.map((_, i) => `INBOX/${i + 1}`),
    'Sales/1',
    'INBOX/46',
  ])
  expect(imap.said.filter((command) => /STORE|MOVE|EXPUNGE|^SELECT/.test(command))).toEqual([])
  // No window of days, no flag as the queue, and no charset that some servers refuse.
  expect(imap.said.filter((command) => /SINCE|UNSEEN|CHARSET/.test(command))).toEqual([])
  expect(await waitUntil(async () => (await d.sources())[0]?.state === 'working', LIMIT)).toBe(true)
  expect((await d.sources())[0]).toMatchObject({ listening: 'push', problem: null })
})

test('a source that begins now leaves what is there, and a mail that is too large comes as its head', async () => {
  const d = await desk()
  const imap = await imapWith({}, ['old'])
  await d.source(imap.port, { beginWith: 'new' })
  d.worker().start()
  expect(await waitUntil(() => imap.said.includes('IDLE'), LIMIT)).toBe(true)
  imap.deliver(mail('large', 'x'.repeat(51 * 1024 * 1024)), AT)
  imap.deliver(mail('new'), AT)
  expect(await d.has(2)).toBe(true)
  expect((await d.rows()).map(({ uid, isCut }) => [uid, isCut])).toEqual([
    ['2', true],
    ['3', false],
  ])
})

test('when a folder gets new numbers it is read anew, and nothing comes twice', async () => {
  const d = await desk()
  const imap = await imapWith({}, ['a', 'b', 'c'])
  await d.source(imap.port)
  const first = d.worker()
  first.start()
  expect(await d.has(3)).toBe(true)
  await first.stop()
  imap.deliver(mail('d'), AT)
  imap.renumber()
  d.worker().start()
  expect(await d.has(4)).toBe(true)
  expect(await waitUntil(async () => (await d.rows()).every(({ generation }) => generation === '1100'), LIMIT)).toBe(true)
  expect((await d.rows()).map(({ uid }) => uid)).toEqual(['1', '2', '3', '4'])
})

test('one process fetches from a mailbox, and another goes on when it is gone', async () => {
  const d = await desk()
  const imap = await imapWith({}, ['a'])
  await d.source(imap.port)
  const one = d.worker()
  one.start()
  expect(await d.has(1)).toBe(true)
  const logins = imap.said.filter((command) => command === 'AUTHENTICATE').length
  const other = d.worker()
  other.start()
  imap.deliver(mail('b'), AT)
  expect(await d.has(2)).toBe(true)
  expect(imap.said.filter((command) => command === 'AUTHENTICATE')).toHaveLength(logins)
  await one.stop()
  imap.deliver(mail('c'), AT)
  expect(await d.has(3)).toBe(true)
  await expect(d.source(imap.port, { name: 'Twice' }, { username: 'SEED' })).rejects.toMatchObject({
    code: 'source_mailbox_taken',
  })
})

test('what was processed is moved by choice; what the server refuses is tried again and holds up nothing', async () => {
  const d = await desk()
  const imap = await imapWith({ folders: { Done: '' } }, ['a', 'b'])
  await d.source(imap.port, { afterwards: 'move', moveTo: 'Done' })
  imap.fault = { at: 'UID MOVE', do: '%t NO not now' }
  const first = d.worker({ timing: { tickMs: 50, sweepMs: 50, delayMs: () => 20 } })
  first.start()
  expect(await d.has(2)).toBe(true)
  expect(imap.said.some((command) => command.startsWith('UID MOVE'))).toBe(false)
  await d.settle()
  expect(await waitUntil(() => imap.said.some((command) => command.startsWith('UID MOVE')), LIMIT)).toBe(true)
  imap.deliver(mail('c'), AT)
  expect(await d.has(3)).toBe(true)
  imap.fault = null
  await d.settle()
  d.clock.advance(5 * MINUTE)
  expect(await waitUntil(() => imap.mails('Done').length === 3, LIMIT)).toBe(true)
  expect(imap.mails()).toHaveLength(0)
})

test('a mail at which every session ends holds up no other; the count shows it missing, and fetches it when it can be had', async () => {
  const d = await desk()
  const imap = await imapWith({}, ['a', 'bad', 'c', 'd'])
  const id = await d.source(imap.port)
  imap.fault = { at: 'UID FETCH 2', do: 'close' }
  d.worker().start()
  expect(await d.has(3)).toBe(true)
  expect((await d.rows()).map(({ uid }) => uid)).toEqual(['1', '3', '4'])
  imap.fault = null
  await d.inWorkspace((tx) => fetchNow(tx, d.workspaceId, id, true, d.clock.now()))
  expect(await d.has(4)).toBe(true)
  expect(await waitUntil(async () => (await d.sources())[0]?.counted !== null, LIMIT)).toBe(true)
  expect(
    await waitUntil(
      async () =>
        JSON.stringify((await d.sources())[0]?.counted?.folders) ===
        JSON.stringify([{ here: 4, path: 'INBOX', fetched: 1, on_server: 4 }]),
      LIMIT,
    ),
  ).toBe(true)
})

test('POP3: each mail once, removed only by choice and once it was processed', async () => {
  const d = await desk()
  const pop3 = await pop3Server()
  onTestFinished(() => pop3.close())
  for (const each of ['a', 'b', 'c']) pop3.deliver(mail(each))
  await d.source(pop3.port, { afterwards: 'delete' }, { protocol: 'pop3' })
  d.worker({ timing: { pollMs: 30, delayMs: () => 20 } }).start()
  expect(await d.has(3)).toBe(true)
  pop3.deliver(mail('d'))
  expect(await d.has(4)).toBe(true)
  expect(pop3.mails()).toHaveLength(4)
  await d.settle()
  expect(await waitUntil(() => pop3.mails().length === 0, LIMIT)).toBe(true)
  expect((await d.rows()).map(({ uid }) => uid)).toEqual(['id-1', 'id-2', 'id-3', 'id-4'])
})

test('files are taken and moved to done; a second file of a name is another mail, and a link is not followed', async () => {
  const d = await desk()
  const folder = join(d.blobFolder, 'import', d.workspaceId, 'drop')
  await mkdir(join(folder, 'new'), { recursive: true })
  const put = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    await utimes(join(folder, name), AT, AT)
  }
  await put('1.eml', mail('one'))
  await put('new/1234.host', mail('two'))
  await put('notes.txt', 'not a mail')
  await symlink(join(folder, 'notes.txt'), join(folder, 'link.eml'))
  const id = await d.source(0, { mailbox: null, path: 'drop' })
  const worker = d.worker()
  worker.start()
  expect(await d.has(2)).toBe(true)
  await put('1.eml', mail('another'))
  await d.inWorkspace((tx) => fetchNow(tx, d.workspaceId, id, false, d.clock.now()))
  expect(await d.has(3)).toBe(true)
  expect(await waitUntil(async () => (await readdir(join(folder, 'done'))).length === 3, LIMIT)).toBe(true)
  expect((await readdir(folder)).sort()).toEqual(['done', 'link.eml', 'new', 'notes.txt'])
  await expect(d.source(0, { name: 'Out', mailbox: null, path: '../../etc' })).rejects.toMatchObject({ code: 'invalid_request' })
})

test('a source that fails stops no other, is an incident after ten minutes, and none when it works again', async () => {
  const d = await desk()
  const [good, bad] = [await imapWith({}, ['a']), await imapWith({ password: 'another' })]
  await d.source(good.port, { name: 'Good', folders: ['INBOX', 'Gone'] })
  await d.source(bad.port, { name: 'Bad' }, { username: 'other' })
  d.worker({ timing: { tickMs: 50, sweepMs: 200, delayMs: () => 20, heardEveryMs: 0 } }).start()
  expect(await d.has(1)).toBe(true)
  // Where the machine is busy a try may end for another reason first: what is waited for is how it stands in the end.
  const POLL = { timeout: LIMIT.limitMs }
  // The next try is due a moment after the last one, on the clock of the test.
  const causes = async () => {
    d.clock.advance(50)
    return (await d.sources()).map(({ state, problem }) => `${state} ${problem?.cause ?? ''}`.trim())
  }
  await expect.poll(causes, POLL).toEqual(['failing login', 'failing folder'])
  const open = async () => {
    await watchSources(d.database, d.clock.now())
    return (await listOpenIncidents(d.database.db, d.workspaceId, 10)).map(({ title }) => title).sort()
  }
  expect(await open()).toEqual([])
  d.clock.advance(11 * MINUTE)
  await expect.poll(open, POLL).toEqual(['No mail is fetched from the source Bad', 'No mail is fetched from the source Good'])
  bad.setPassword('a password for tests')
  await sql`update mailbox set username = 'seed'`.execute(d.database.db)
  await sql`update inbound_source set leased_by = null, next_at = ${d.clock.now()} where name = 'Bad'`.execute(d.database.db)
  await expect.poll(causes, POLL).toEqual(['working', 'failing folder'])
  await expect.poll(open, POLL).toEqual(['No mail is fetched from the source Good'])
})

/** A look prolongs, asks whether it may lease, and leases: the first lease after `next` was set goes as that says. */
function atLease(d: Awaited<ReturnType<typeof desk>>) {
  type Lease = () => Promise<unknown>
  const at: { next: ((lease: Lease) => Promise<unknown>) | null } = { next: null }
  let now: typeof at.next = null
  const over: Partial<SourceWorkerDeps> = {
    mayClaim: () => {
      now = at.next
      at.next = null
      return true
    },
    database: {
      ...d.database,
      transaction: ((...args: Parameters<typeof d.database.transaction>) => {
        const act = now
        now = null
        const lease = () => d.database.transaction(...args)
        return act ? act(lease) : lease()
      }) as typeof d.database.transaction,
    },
  }
  return { at, over }
}

test('new settings that come in the middle of a look end the fetching by the old ones, and hold up neither the looks nor the stop', async () => {
  const d = await desk()
  const [bad, other] = [await imapWith({ password: 'another' }), await imapWith({}, ['a'])]
  const id = await d.source(bad.port, { name: 'Bad' })
  const { at, over } = atLease(d)
  const worker = d.worker(over)
  worker.start()
  const states = async () => {
    d.clock.advance(50)
    return (await d.sources()).map(({ state, problem }) => `${state} ${problem?.cause ?? ''}`.trim())
  }
  const POLL = { timeout: LIMIT.limitMs }
  await expect.poll(states, POLL).toEqual(['failing login'])
  const who = { workspaceId: d.workspaceId, actor: 'test', id }
  const settings = { port: other.port }
  at.next = async (lease) => {
    await d.inWorkspace((tx) => changeSource(tx, d.secrets, who, { mailbox: { settings } }, d.clock.now()))
    return await lease()
  }
  await expect.poll(states, POLL).toEqual(['working'])
  await worker.stop()
})

test('a lease of which nobody heard, since the answer was lost, ends by itself', async () => {
  const d = await desk()
  const imap = await imapWith({}, ['a'])
  await d.source(imap.port)
  const { at, over } = atLease(d)
  at.next = async (lease) => {
    await lease()
    throw new Error('Connection terminated unexpectedly')
  }
  d.worker(over).start()
  expect(
    await waitUntil(async () => {
      d.clock.advance(6_000)
      return (await d.rows()).length === 1
    }, LIMIT),
  ).toBe(true)
})

test('a POP3 server that says nothing does not hold up the stop', async () => {
  const d = await desk()
  const pop3 = await pop3Server({ fault: { at: 'RETR', do: 'silence' } })
  onTestFinished(() => pop3.close())
  pop3.deliver(mail('a'))
  await d.source(pop3.port, {}, { protocol: 'pop3' })
  const worker = d.worker()
  worker.start()
  expect(await waitUntil(() => pop3.said.some((command) => command.startsWith('RETR')), LIMIT)).toBe(true)
  // Far below the thirty seconds for which a server may be silent.
  expect(
    await inTime(
      worker.stop().then(() => 'stopped'),
      15_000,
    ),
  ).toBe('stopped')
})
