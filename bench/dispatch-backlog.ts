/** A million newsletters over 20 routes and 200 receivers: what a claim costs beside them, and how long a sign-in code behind them waits. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { ENGINE } from '../src/db/database.ts'
import { expiredReason, suppressedReason } from '../src/delivery/delivery.ts'
import { claimDue, selectLanes } from '../src/delivery/dispatch/queries.ts'
import { createRoute } from '../src/delivery/routes/manage.ts'
import { SmtpSettings } from '../src/delivery/routes/route.ts'
import { createRule } from '../src/delivery/routing/manage.ts'
import { readPictures } from '../src/delivery/routing/read-picture.ts'
import { submit } from '../src/delivery/submit.ts'
import { createResolver } from '../src/dns/resolver.ts'
import { startEngine } from '../src/engine.ts'
import { DAY } from '../src/lib/clock.ts'
import { type DispatcherId, type MessageId, newId, type RouteId, type WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import { openStore, type Store } from '../src/store.ts'
import { answerParent, childInput } from './child.ts'
import { furnishBench } from './furnish.ts'
import { rawMessage } from './message.ts'

export interface BacklogInput {
  readonly port: number
  readonly queued: number
  readonly routes: number
  readonly receivers: number
  readonly codes: number
}

export interface BacklogOutput {
  readonly claimMs: Percentiles
  readonly lookMs: Percentiles
  readonly codeMs: Percentiles
  readonly bulkPerSecond: number
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

const CLAIM_ROWS = 100
const CLAIMS = 300
const CHUNK = 10_000

/** Ends a transaction without leaving anything of it. */
class Undo extends Error {}

const input = childInput<BacklogInput>()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
const log = createLog({ level: 'warn' })
const store = await openStore({ dataDir, databaseUrl: null, secret: 'bench'.repeat(8) }, { as: 'serve', log, progress: () => {} })
let output: Partial<BacklogOutput> = {}
try {
  const workspaceId = await furnishBench(store, { port: input.port, connections: 2 })
  await addRoutes(store, workspaceId)
  await fillQueue(store, workspaceId)
  const looked = await measureClaims(store, workspaceId)
  output = { ...looked, ...(await measureCodes(store, workspaceId)) }
} finally {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
}
answerParent(output)

/** Each route takes the mail of its own part of the receivers. */
async function addRoutes({ database, secrets, clock }: Store, workspaceId: WorkspaceId): Promise<void> {
  const settings = SmtpSettings.parse({
    host: '127.0.0.1',
    port: input.port,
    security: 'none',
    allow_private: true,
    max_connections: 2,
    max_messages_per_connection: 10_000,
  })
  const share = Math.ceil(input.receivers / input.routes)
  for (let i = 0; i < input.routes; i++) {
    await database.transaction(ENGINE, async (tx) => {
      const wanted = { name: `route ${i}`, way: { kind: 'smtp' as const, settings }, secret: null, isDefault: false }
      const route = await createRoute(tx, secrets, workspaceId, wanted, null, clock.now())
      const receivers = Array.from({ length: share }, (_, j) => `receiver-${i * share + j}`)
      const targets = [{ route_id: route.id, weight: 1 }]
      await createRule(
        tx,
        workspaceId,
        { name: `rule ${i}`, enabled: true, conditions: { receivers }, targets, trip: null },
        null,
        clock.now(),
      )
    })
  }
}

/** As submit would have left it, but without a million calls of it: what is measured is behind it. */
async function fillQueue({ database, blobs, clock }: Store, workspaceId: WorkspaceId): Promise<void> {
  const { db } = database
  const blob = await blobs.stage(workspaceId, Buffer.from(rawMessage(0, 4_096), 'latin1'))
  await database.transaction(ENGINE, (tx) => blobs.put(tx, [blob], clock.now()))
  const now = clock.now()
  await sql`
    insert into lane (workspace_id, stream, from_domain, receiver)
    select ${workspaceId}, 'bulk', 'example.com', 'receiver-' || n from generate_series(0, ${input.receivers - 1}) as n`.execute(
    db,
  )
  const until = new Date(now.getTime() + DAY)
  for (let from = 1; from <= input.queued; from += CHUNK) {
    await sql`
      with written as (
        insert into message (workspace_id, id, stream, created_at, origin, envelope_sender, sender, from_domain, to_addresses, subject, rfc_message_id,
                             content_hash, size_bytes, eight_bit, internationalized, expires_at, first_delivery, last_delivery)
        select ${workspaceId}, uuidv7(), 'bulk', ${now}, '{}', 'news@example.com', 'news@example.com', 'example.com', '{}', 'News', '<' || n || '@example.com>',
               ${blob.hash}, ${blob.sizeBytes}, false, false, ${until}, uuidv7(), uuidv7()
          from generate_series(${from}::int, ${from + CHUNK - 1}::int) as n
        returning id
      )
      insert into delivery (workspace_id, id, message_id, recipient, stream, state, due_at, expires_at, lane_id, created_at)
      select ${workspaceId}, uuidv7(), m.id, 'r' || m.n || '@example.org', 'bulk', 'queued', ${now}, ${until}, lane.id, ${now}
        from (select id, row_number() over () as n from written) as m
        join (select id, row_number() over (order by id) - 1 as k from lane) as lane on lane.k = m.n % ${input.receivers}::int`.execute(
      db,
    )
  }
  await sql`
    insert into delivery_count (workspace_id, stream, state, n) values (${workspaceId}, 'bulk', 'queued', ${input.queued})`.execute(
    db,
  )
  // Who receives for the domain of the codes is known, as it is for every domain that was written to before.
  await sql`
    insert into recipient_domain (domain, receiver, lane_receiver, resolved_at, expires_at)
    values ('example.net', 'example.net', 'other', ${now}, ${new Date(now.getTime() + DAY)})`.execute(db)
  await sql`analyze`.execute(db)
}

async function measureClaims(
  { database, clock }: Store,
  workspaceId: WorkspaceId,
): Promise<Pick<BacklogOutput, 'claimMs' | 'lookMs'>> {
  const claims: number[] = []
  const looks: number[] = []
  const lanes = await selectLanes(database.db)
  const now = clock.now()
  const reasons = { suppressed: suppressedReason('', now), expired: expiredReason(null, null, now) }
  const dispatcherId = newId<DispatcherId>(now.getTime())
  const routeId = newId<RouteId>(now.getTime())
  for (let i = 0; i < CLAIMS; i++) {
    const lookedMs = performance.now()
    await selectLanes(database.db)
    await readPictures(database.db, new Set([workspaceId]))
    looks.push(performance.now() - lookedMs)
    const lane = lanes[(i * 7) % lanes.length]
    if (!lane) break
    await database
      .transaction(ENGINE, async (tx) => {
        const startedMs = performance.now()
        const rows = await claimDue(
          tx,
          { lane, routeId, dispatcherId, afterPosition: 0, limit: CLAIM_ROWS },
          reasons,
          clock.now(),
        )
        claims.push(performance.now() - startedMs)
        if (rows.length !== CLAIM_ROWS) throw new Error(`claimed ${rows.length}`)
        throw new Undo()
      })
      .catch((error: Error) => {
        if (!(error instanceof Undo)) throw error
      })
  }
  return { claimMs: percentiles(claims), lookMs: percentiles(looks) }
}

/** Codes go in one by one while the backlog drains; how long each took is read from its own rows. */
async function measureCodes(store: Store, workspaceId: WorkspaceId): Promise<Pick<BacklogOutput, 'codeMs' | 'bulkPerSecond'>> {
  const { database, blobs, clock } = store
  const engine = await startEngine(
    {
      roles: ['delivery', 'jobs'],
      failpoints: '',
      allowPrivateNetworks: false,
      mailHost: 'localhost',
      url: 'http://localhost',
      publicAddresses: [],
    },
    { store, resolver: createResolver(), heloName: 'bench.example.com', log },
  )
  const startedMs = performance.now()
  for (let i = 0; i < input.codes; i++) {
    const now = clock.now()
    const content = await blobs.stage(workspaceId, Buffer.from(rawMessage(i, 2_048), 'latin1'))
    const recipients = [`code${i}@example.net`]
    const code = {
      id: newId<MessageId>(now.getTime()),
      workspaceId,
      stream: 'transactional' as const,
      origin: { kind: 'bench' },
      actor: null,
      envelopeSender: 'codes@example.com',
      sender: 'codes@example.com',
      fromDomain: 'example.com',
      to: recipients,
      cc: [],
      bcc: [],
      subject: 'Your sign-in code',
      tags: [],
      metadata: {},
      rfcMessageId: `<code-${i}@example.com>`,
      content,
      eightBit: false,
      internationalized: false,
      recipients,
      scheduledAt: null,
      expiresAt: new Date(now.getTime() + DAY),
      resendOf: null,
      viaRoute: null,
    }
    await database.transaction({ as: 'api', workspaceId }, (tx) => submit(tx, blobs, [code], now))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const seconds = (performance.now() - startedMs) / 1_000
  const settled = engine.dispatcherStatus()?.settled ?? 0
  for (let tries = 0; tries < 120 && (await waitingCodes(store)) > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 500))
  await engine.stop(10_000)
  const { rows } = await sql<{ ms: number }>`
    select extract(epoch from a.started_at - d.created_at)::float8 * 1000 + a.duration_ms as ms
      from delivery as d
      join attempt as a on a.workspace_id = d.workspace_id and a.delivery_id = d.id and a.outcome = 'accepted'
     where d.stream = 'transactional'`.execute(database.db)
  if (rows.length !== input.codes) throw new Error(`${rows.length} of ${input.codes} codes left`)
  return { codeMs: percentiles(rows.map(({ ms }) => ms)), bulkPerSecond: (settled - input.codes) / seconds }
}

async function waitingCodes({ database }: Store): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from delivery where stream = 'transactional' and state in ('queued', 'sending')`.execute(database.db)
  return rows[0]?.n ?? 0
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99) }
}
