/** The road that arriving mail takes, as the server has it: bytes are stored, claimed, read, decided and written, on a real database. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { furnishBench } from '../bench/furnish.ts'
import type { Actor } from '../src/accounts/actor.ts'
import { ENGINE } from '../src/db/database.ts'
import type { Inbox } from '../src/helpdesk/inbox.ts'
import { createInbox, type NewInbox } from '../src/helpdesk/inboxes/manage.ts'
import { createNumbers } from '../src/helpdesk/numbers.ts'
import { createInbound } from '../src/inbound/inbound.ts'
import type { OutcomeKind } from '../src/inbound/inbound-mail.ts'
import { receive } from '../src/inbound/receive.ts'
import { type ApiKeyId, type InboundMailId, newId, type WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import type { AuthenticationDns } from '../src/mail/authentication.ts'
import { openStore } from '../src/store.ts'
import { collectThrown } from './thrown.ts'

export interface MailIn {
  readonly content: Buffer
  /** Only the beginning of one that is larger than may be. */
  readonly isCut?: boolean
  /** 'answers': to an inbox that starts no conversations by mail, and says so. */
  readonly to?: 'support' | 'answers'
}

export interface Taken {
  /** Null: nothing became of it within a minute, which must not be. */
  readonly outcome: OutcomeKind | null
  readonly reason: string | null
  readonly detail: string | null
  /** Whatever was thrown while it was taken in. */
  readonly thrown: readonly string[]
}

export interface Pipeline {
  /** Takes these in, side by side as the server does, and waits until each has its outcome. */
  take(mails: readonly MailIn[]): Promise<readonly Taken[]>
  /** How many came in, and how many times one was ended: the counts grow with each ending, in its transaction. */
  settledTimes(): Promise<{ readonly mails: number; readonly outcomes: number }>
  close(): Promise<void>
}

const WAIT_MS = 60_000
const LOOK_EVERY_MS = 100

const SAID = { subject: 'We have it', html: '<p>Thank you, {{ contact.name }}.</p>' }
const INBOXES: Readonly<Record<'support' | 'answers', NewInbox>> = {
  support: { name: 'Support', address: 'support@example.com', autoReply: SAID },
  answers: { name: 'Answers', address: 'answers@example.com', noMatch: 'ignore', noMatchAnswer: SAID },
}

/** A world of its own: a PostgreSQL in a temporary folder, which goes when it is closed. Nothing leaves it, and the DNS is not asked. */
export async function openPipeline(): Promise<Pipeline> {
  const thrown = collectThrown()
  const log = createLog({ level: 'error', target: thrown })
  const dataDir = await mkdtemp(join(tmpdir(), 'waybill-corpus-'))
  const store = await openStore(
    { dataDir, databaseUrl: null, secret: 'corpus'.repeat(8) },
    { as: 'serve', log, progress: () => {} },
  ).catch(async (error: unknown) => {
    await rm(dataDir, { recursive: true, force: true })
    throw error
  })
  const { database, clock } = store
  const workspaceId = await furnishBench(store, { port: 1, connections: 1 })
  const inboxes = { support: await made(INBOXES.support), answers: await made(INBOXES.answers) }
  const inbound = createInbound({
    ...store,
    log,
    url: 'https://mail.example.com',
    dns: SILENT,
    mayClaim: () => true,
    numbers: createNumbers(database, clock),
  })

  function made(wanted: NewInbox): Promise<Inbox> {
    const actor: Actor = { kind: 'key', id: newId<ApiKeyId>(), name: 'corpus', workspaceId, scopes: ['full'] }
    return database.transaction(ENGINE, (tx) => createInbox(tx, wanted, actor, clock.now()))
  }

  function arrivalAt({ to = 'support', isCut = false }: MailIn) {
    const receivedAt = clock.now()
    const known = { workspaceId, channel: 'folder' as const, place: null, inboxId: inboxes[to].id, receivedAt, isCut }
    return { ...known, envelopeSender: null, envelopeRecipients: [], remoteIp: null, helo: null }
  }

  async function rowsOf(ids: readonly InboundMailId[]) {
    const rows = await database.db
      .selectFrom('inbound_mail')
      .select(['id', 'state', 'outcome', 'reason', 'detail'])
      .where('workspace_id', '=', workspaceId as WorkspaceId)
      .where('id', 'in', [...ids])
      .execute()
    return new Map(rows.map((row) => [row.id as InboundMailId, row]))
  }

  async function settledRows(ids: readonly InboundMailId[]) {
    for (const startedMs = performance.now(); ; ) {
      await inbound.drain()
      const rows = await rowsOf(ids)
      const isDone = [...rows.values()].every(({ state }) => state !== 'received')
      if (isDone || performance.now() - startedMs > WAIT_MS) return rows
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }

  return {
    async take(mails) {
      const received = mails.map((mail) => ({ arrivals: [arrivalAt(mail)], content: mail.content }))
      const ids = await receive({ ...store, wake: () => {} }, received, clock.now())
      const rows = await settledRows(ids)
      const astray = thrown.takeAstray()
      return ids.map((id) => {
        const { outcome = null, reason = null, detail = null } = rows.get(id) ?? {}
        return { outcome: outcome as OutcomeKind | null, reason, detail, thrown: [...thrown.take(id), ...astray] }
      })
    },
    async settledTimes() {
      const { rows } = await sql<{ mails: number; outcomes: number }>`
        select (select count(*) from inbound_mail) as mails, (select coalesce(sum(n), 0) from inbound_count) as outcomes`.execute(
        database.db,
      )
      return rows[0] ?? { mails: 0, outcomes: 0 }
    },
    async close() {
      thrown.end()
      await inbound.stop()
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const NOBODY = async () => ({ ok: false, kind: 'nxdomain', message: 'The DNS is not asked here.' }) as const
const SILENT: AuthenticationDns = { txt: NOBODY, mx: NOBODY, addressesOf: NOBODY, ptr: NOBODY }
