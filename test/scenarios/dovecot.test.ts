import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { createSource } from '../../src/inbound/sources/manage.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { dovecotPrograms, startDovecot } from '../support/dovecot.ts'
import { type World, world } from '../support/world.ts'

const PASSWORD = 'a password for tests'
/** As the world's. */
const SECRET = 'a secret for tests, long enough'
const LIMIT = { limitMs: 40_000, everyMs: 50 }

const programs = await dovecotPrograms()
if (typeof programs === 'string') console.warn(`\n!!! The scenario with a real Dovecot is SKIPPED: ${programs}\n`)
const dovecot = typeof programs === 'string' ? null : await startDovecot(programs, PASSWORD)
afterAll(() => dovecot?.stop())

const mailsOf = (name: string, count: number) =>
  Array.from(
    { length: count },
    (_, i) => `From: a@example.com\nMessage-ID: <${name}-${i}@example.com>\nSubject: ${name} ${i}\n\nHello ${i}\n`,
  )

function fetching(w: World): ChildProcess {
  const argument = JSON.stringify({ connection: w.connection, blobFolder: w.blobFolder, secret: SECRET })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fetch-from.ts'), argument], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function killed(w: World, child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
  // Its lease ends a minute later; the test does not wait that long.
  await sql`update inbound_source set leased_until = now()`.execute(w.database.db)
}

async function counts(w: World): Promise<{ rows: number; different: number }> {
  const { rows } = await sql<{ rows: number; different: number }>`
    select count(*)::int as rows, count(distinct hash)::int as different from inbound_mail`.execute(w.database.db)
  return rows[0] ?? { rows: 0, different: 0 }
}

const reaches = (w: World, count: number) => waitUntil(async () => (await counts(w)).rows >= count, LIMIT)
const stateOf = async (w: World) =>
  (
    await sql<{ state: string; cause: string | null }>`select state, problem ->> 'cause' as cause from inbound_source`.execute(
      w.database.db,
    )
  ).rows[0]

async function sourceOf(w: World, protocol: 'imap' | 'pop3', port: number, folders: readonly string[]): Promise<void> {
  const settings = {
    protocol,
    auth: { kind: 'password' },
    host: '127.0.0.1',
    port,
    security: 'none',
    username: 'support',
    allowPrivate: true,
  } as const
  const wanted = {
    name: protocol,
    mailbox: { address: 'support@example.com', settings, password: PASSWORD },
    path: null,
    folders,
    inboxId: null,
  }
  await w.inWorkspace((tx) =>
    createSource(
      tx,
      w.secrets,
      { workspaceId: w.workspaceId, actor: 'test' },
      { ...wanted, ses: null, afterwards: 'leave', moveTo: null, beginWith: 'all', isEnabled: true },
      w.clock.now(),
    ),
  )
}

test.skipIf(!dovecot)(
  'a real Dovecot, by IMAP: cut, killed, renumbered, a folder gone, the password changed, and none lost, none twice',
  async () => {
    if (!dovecot) return
    const w = await world({ endsWell: false })
    await dovecot.makeFolder('Sales')
    await dovecot.deliver(mailsOf('first', 1_000))
    await dovecot.deliver(mailsOf('sales', 20), 'Sales')
    await sourceOf(w, 'imap', dovecot.imapPort, ['INBOX', 'Sales'])
    const first = fetching(w)
    expect(await reaches(w, 150)).toBe(true)
    await killed(w, first)
    let child = fetching(w)
    expect(await reaches(w, 500)).toBe(true)
    await dovecot.cut()
    expect(await reaches(w, 1_020)).toBe(true)
    expect(await counts(w)).toEqual({ rows: 1_020, different: 1_020 })

    // Heard of by IDLE.
    await dovecot.deliver(mailsOf('live', 5))
    expect(await reaches(w, 1_025)).toBe(true)

    // Other numbers, and one new mail among the old.
    await killed(w, child)
    await dovecot.renumber()
    await dovecot.deliver(mailsOf('renumbered', 1))
    child = fetching(w)
    expect(await reaches(w, 1_026)).toBe(true)

    // A folder that goes stops none of the others; when it comes back it is read.
    await dovecot.removeFolder('Sales')
    expect(await waitUntil(async () => (await stateOf(w))?.cause === 'folder', LIMIT)).toBe(true)
    await dovecot.deliver(mailsOf('meanwhile', 1))
    expect(await reaches(w, 1_027)).toBe(true)
    await dovecot.makeFolder('Sales')
    await dovecot.deliver(mailsOf('back', 1), 'Sales')
    expect(await reaches(w, 1_028)).toBe(true)

    // Another password: told, and read again when it is right.
    await dovecot.setPassword('another')
    await dovecot.cut()
    expect(await waitUntil(async () => (await stateOf(w))?.cause === 'login', LIMIT)).toBe(true)
    await dovecot.deliver(mailsOf('locked out', 1))
    await dovecot.setPassword(PASSWORD)
    expect(await reaches(w, 1_029)).toBe(true)
    expect(await waitUntil(async () => (await stateOf(w))?.state === 'working', LIMIT)).toBe(true)
    expect(await counts(w)).toEqual({ rows: 1_029, different: 1_029 })
    await killed(w, child)
  },
  90_000,
)

test.skipIf(!dovecot)(
  'the same Dovecot by POP3: killed and cut, each mail once',
  async () => {
    if (!dovecot) return
    const w = await world({ endsWell: false })
    const there = await dovecot.count()
    await sourceOf(w, 'pop3', dovecot.pop3Port, ['INBOX'])
    const first = fetching(w)
    expect(await reaches(w, 100)).toBe(true)
    await killed(w, first)
    const child = fetching(w)
    expect(await reaches(w, 300)).toBe(true)
    await dovecot.cut()
    expect(await reaches(w, there)).toBe(true)
    await dovecot.deliver(mailsOf('by pop', 3))
    expect(await reaches(w, there + 3)).toBe(true)
    expect(await counts(w)).toEqual({ rows: there + 3, different: there + 3 })
    expect(await dovecot.count()).toBe(there + 3)
    await killed(w, child)
  },
  90_000,
)
