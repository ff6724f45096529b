import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll } from 'vitest'
import { ENGINE, openDatabase, type Tx } from '../../src/db/database.ts'
import type { Resolver } from '../../src/dns/resolver.ts'
import { append } from '../../src/events/append.ts'
import type { NewEvent } from '../../src/events/event.ts'
import { NO_FAILPOINTS } from '../../src/lib/failpoint.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { createLog } from '../../src/log.ts'
import { type ReadMail, webhookFollower } from '../../src/webhooks/announce.ts'
import type { WebhookEndpoint } from '../../src/webhooks/endpoint.ts'
import { createEndpoint, type WebhookSettings } from '../../src/webhooks/manage.ts'
import type { MailFacts } from '../../src/webhooks/payload.ts'
import { createWebhookSender, type WebhookSender, type WebhookSenderDeps } from '../../src/webhooks/sending/sender.ts'
import { caughtUp } from '../support/caught-up.ts'
import { testClock } from '../support/clock.ts'
import { testDatabase } from '../support/database.ts'
import { fixedResolver } from '../support/dns.ts'

export interface Heard {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A program that is told things: keeps what it heard, and answers as it is told to. */
export async function receiver() {
  const heard: Heard[] = []
  let answer = (_heard: Heard, response: ServerResponse): void => void response.writeHead(204).end()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') }
      heard.push(one)
      answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    heard,
    events: () => heard.map(({ body }) => JSON.parse(body)),
    answers(status: number, headers: Record<string, string> = {}, body = '') {
      answer = (_, response) => void response.writeHead(status, headers).end(body)
    },
    answersBy(by: (heard: Heard, response: ServerResponse) => void) {
      answer = by
    },
  }
}

const START = new Date('2026-11-22T10:00:00Z')

export async function webhookWorld() {
  const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 8, applicationName: 'test' })
  afterAll(() => database.close())
  const { db } = database
  const clock = testClock(START)
  const secrets = createSecrets('a secret that only these tests know of')
  const mails = new Map<string, MailFacts>()
  const readMail: ReadMail = async () => (event) => (event.messageId === null ? null : (mails.get(event.messageId) ?? null))
  const inTx = <T>(work: (tx: Tx) => Promise<T>) => database.transaction(ENGINE, work)

  async function workspace(): Promise<WorkspaceId> {
    const id = newId<WorkspaceId>()
    await sql`insert into workspace (id, name, created_at) values (${id}, 'Shop', now())`.execute(db)
    return id
  }

  async function endpoint(workspaceId: WorkspaceId, url: string, more: Partial<WebhookSettings> = {}) {
    const settings = { url, description: '', eventTypes: [], streams: [], tags: [], ordered: false, allowPrivate: true, ...more }
    return await inTx((tx) => createEndpoint(tx, secrets, workspaceId, settings, 'user:ann', clock.now()))
  }

  function sender(changes: Partial<WebhookSenderDeps> = {}): WebhookSender {
    return createWebhookSender({
      database,
      clock,
      secrets,
      log: createLog({ level: 'silent' }),
      resolver: fixedResolver(),
      failpoints: NO_FAILPOINTS,
      random: () => 0,
      allowPrivateNetworks: false,
      version: '1.2.3',
      ...changes,
    })
  }
  const follower = webhookFollower(readMail)

  return {
    database,
    db,
    clock,
    secrets,
    mails,
    readMail,
    inTx,
    workspace,
    endpoint,
    sender,
    /** Appends events. */
    async happens(events: NewEvent | readonly NewEvent[]): Promise<void> {
      await inTx((tx) => append(tx, events, clock.now()))
    },
    /** Moves the follower until it has seen everything. */
    async announce(): Promise<void> {
      await caughtUp(database, follower, clock.now())
    },
    async sendAll(by: WebhookSender = sender()): Promise<void> {
      while ((await by.sendDue()) > 0);
    },
    async rows(endpointId: WebhookEndpoint['id']) {
      const { rows } = await sql<{
        state: string
        tries: number
        attempt: number
        type: string
        due_at: Date | null
        last_status: number | null
        last_error: string | null
      }>`
        select state, tries, attempt, type, due_at, last_status, last_error from webhook_delivery where endpoint_id = ${endpointId} order by position`.execute(
        db,
      )
      return rows
    },
    resolverOf: (names: Record<string, string[]>): Resolver => fixedResolver(names),
  }
}

export function aMail(more: Partial<MailFacts> = {}): MailFacts {
  return {
    from: 'shop@example.com',
    subject: 'Your code',
    stream: 'transactional',
    tags: [],
    metadata: {},
    messageIdHeader: '<1@example.com>',
    recipient: 'bob@example.org',
    reason: null,
    ...more,
  }
}
