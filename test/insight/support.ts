import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll } from 'vitest'
import { createBlobStore } from '../../src/blobs/blob-store.ts'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import { Dispatcher } from '../../src/delivery/dispatch/dispatcher.ts'
import { outcomeOf, type SendOutcome } from '../../src/delivery/outcome.ts'
import type { Provider } from '../../src/delivery/providers/provider.ts'
import { createRoute, createSandboxRoute } from '../../src/delivery/routes/manage.ts'
import { STREAM_RULES, type Stream } from '../../src/delivery/stream.ts'
import { submit } from '../../src/delivery/submit.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { NO_FAILPOINTS } from '../../src/lib/failpoint.ts'
import { type MessageId, newId, type RouteId, type WorkspaceId } from '../../src/lib/ids.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { createLog } from '../../src/log.ts'
import { testDatabase } from '../support/database.ts'
import { receiverBook } from '../support/receiver-book.ts'

const PLACE = { mode: 'relay', host: 'relay.test', address: '10.0.0.5', port: 587, recipient: null } as const

/** What the far end makes of a recipient, by the first part of its name. */
function outcomeFor(recipient: string): SendOutcome {
  const name = recipient.split(/[-@]/, 1)[0]
  switch (name) {
    case 'bounce':
      return outcomeOf({
        ...PLACE,
        recipient,
        stage: 'rcpt',
        kind: 'reply',
        reply: { code: 550, enhanced: '5.1.1', text: 'no such user' },
      })
    case 'defer':
      return outcomeOf({
        ...PLACE,
        recipient,
        stage: 'rcpt',
        kind: 'reply',
        reply: { code: 450, enhanced: '4.2.0', text: 'greylisted' },
      })
    case 'unheard':
      return outcomeOf({ ...PLACE, stage: 'dot', kind: 'lost', code: 'CLOSED', message: 'closed', bodySent: true })
    case 'refused':
      return outcomeOf({ ...PLACE, stage: 'tcp', kind: 'lost', code: 'ECONNREFUSED', message: 'refused', bodySent: false })
    default:
      return { kind: 'accepted', reply: { code: 250, enhanced: '2.0.0', text: 'taken' } }
  }
}

const stubProvider: Provider = {
  kind: 'sandbox',
  capacity: 10,
  async send(handoff) {
    await handoff.mayLeave()
    handoff.bodyLeft()
    return {
      outcomes: handoff.recipients.map(outcomeFor),
      trace: { host: 'relay.test', address: '10.0.0.5', port: 587, tls: null, stagesMs: { dot: 1 }, transcript: null },
    }
  },
  close: async () => {},
}

/** A database of its own, a workspace with a default route, and the engine on a far end that does as its recipients are named. */
export async function world() {
  const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 6, applicationName: 'test' })
  const folder = await mkdtemp(join(tmpdir(), 'waybill-insight-'))
  afterAll(async () => {
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })
  const blobs = createBlobStore(folder)
  const { db } = database

  async function workspace(name = 'Shop'): Promise<{ id: WorkspaceId; routeId: RouteId }> {
    const id = newId<WorkspaceId>()
    const now = new Date()
    await sql`insert into workspace (id, name, created_at) values (${id}, ${name}, ${now})`.execute(db)
    return { id, routeId: (await database.transaction(ENGINE, (tx) => createSandboxRoute(tx, id, now))).id }
  }

  /** An SMTP route that is not the default. */
  function route(workspaceId: WorkspaceId, name: string) {
    const settings = {
      host: 'relay.test',
      port: 587,
      security: 'starttls',
      user: null,
      helo_name: null,
      allow_private: false,
      certificate_fingerprint: null,
      max_connections: 10,
      max_messages_per_connection: 100,
    } as const
    return database.transaction(ENGINE, (tx) =>
      createRoute(
        tx,
        createSecrets('a secret that is long enough for tests'),
        workspaceId,
        { name, way: { kind: 'smtp', settings }, secret: null, isDefault: false },
        null,
        new Date(),
      ),
    )
  }

  async function send(
    workspaceId: WorkspaceId,
    recipients: readonly string[],
    options: { stream?: Stream; bytes?: number; viaRoute?: RouteId; now?: Date } = {},
  ): Promise<MessageId> {
    const { stream = 'conversation', bytes = 200, viaRoute = null, now = new Date() } = options
    const id = newId<MessageId>(now.getTime())
    const content = await blobs.stage(
      workspaceId,
      Buffer.from(`Subject: ${id}\r\n\r\n`.padEnd(bytes - 2, 'x') + '\r\n', 'latin1'),
    )
    await database.transaction(ENGINE, (tx) =>
      submit(
        tx,
        blobs,
        [
          {
            id,
            workspaceId,
            stream,
            origin: { kind: 'test' },
            actor: null,
            envelopeSender: 'shop@example.com',
            sender: 'Shop <shop@example.com>',
            fromDomain: 'example.com',
            to: recipients,
            cc: [],
            bcc: [],
            subject: 'Hello',
            tags: [],
            metadata: {},
            rfcMessageId: `<${id}@example.com>`,
            content,
            eightBit: false,
            internationalized: false,
            recipients,
            scheduledAt: null,
            expiresAt: new Date(now.getTime() + STREAM_RULES[stream].lifetimeMs),
            resendOf: null,
            viaRoute,
          },
        ],
        now,
      ),
    )
    return id
  }

  /** Runs the engine until nothing is on its way any more and as much has been tried as there was. */
  async function dispatch(attempts: number): Promise<void> {
    const log = createLog({ level: 'silent' })
    const dispatcher = new Dispatcher({
      database,
      blobs,
      clock: machineClock,
      random: () => 0,
      log,
      failpoints: NO_FAILPOINTS,
      host: 'test',
      pid: process.pid,
      openProvider: () => stubProvider,
      mayClaim: () => true,
      receivers: receiverBook,
      finishing: null,
      personalise: (content) => content,
      ownOf: () => ({}),
    })
    dispatcher.start()
    const done = await waitUntil(() => dispatcher.status().settled >= attempts, { limitMs: 20_000 })
    await dispatcher.stop(1_000)
    if (!done) throw new Error(`only ${dispatcher.status().settled} of ${attempts} attempts were made`)
  }

  async function states(workspaceId: WorkspaceId): Promise<Record<string, string>> {
    const { rows } = await sql<{ recipient: string; state: string }>`
      select recipient, state from delivery where workspace_id = ${workspaceId} order by id`.execute(db)
    return Object.fromEntries(rows.map(({ recipient, state }) => [recipient, state]))
  }

  return { database, db, folder, workspace, route, send, dispatch, states }
}
