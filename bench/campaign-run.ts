/** Our side: a campaign from "start" to the last answer, on the production path: everybody accounted for, every outcome a row, fsync on. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Actor } from '../src/accounts/actor.ts'
import type { CampaignId } from '../src/campaigns/campaign.ts'
import { pauseCampaign, resumeCampaign, startCampaign } from '../src/campaigns/life.ts'
import { createCampaign, findCampaign } from '../src/campaigns/manage.ts'
import { prepareStep } from '../src/campaigns/prepare/prepare.ts'
import { readProgress } from '../src/campaigns/progress.ts'
import type { ListId } from '../src/contacts/consent/change-consent.ts'
import { createList } from '../src/contacts/lists.ts'
import { ENGINE } from '../src/db/database.ts'
import { createResolver } from '../src/dns/resolver.ts'
import { startEngine } from '../src/engine.ts'
import { listOutcomes } from '../src/insight/campaigns/outcomes.ts'
import { newId, type UserId, type WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import { openStore, type Store } from '../src/store.ts'
import { createMjmlReader } from '../src/templates/mjml/mjml.ts'
import { createOwn } from '../src/tracking/personalise.ts'
import { newsletter } from './campaign-mail.ts'
import { answerParent, childInput } from './child.ts'
import { furnishBench, knownReceiver } from './furnish.ts'

export interface CampaignInput {
  readonly port: number
  readonly connections: number
  readonly people: number
  readonly sizeBytes: number
  /** Stop when everybody is looked at. */
  readonly freezeOnly: boolean
}

interface Times {
  readonly p50: number
  readonly max: number
}

export interface CampaignOutput {
  readonly seconds: number
  readonly residentMegabytes: number
  /** What the process itself took; PostgreSQL and the sink are others. */
  readonly processorMs: number
  /** Milliseconds that a page of it took while it ran, in the middle and at worst. */
  readonly pageMs: Times
  /** The same of a page of its recipients. */
  readonly listMs: Times
  /** From the pause until the last mail that left all the same: the campaign stood for a second, which is not counted. */
  readonly pauseMs: number
  readonly deliveries: Readonly<Record<string, number>>
}

/** So long it stands. */
const STANDS_MS = 1_500

const input = childInput<CampaignInput>()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
const log = createLog({ level: 'warn' })
const store = await openStore({ dataDir, databaseUrl: null, secret: 'bench'.repeat(8) }, { as: 'serve', log, progress: () => {} })
let output: CampaignOutput
try {
  const workspaceId = await furnishBench(store, input)
  await knownReceiver(store, 'example.org')
  const id = await begin(store, workspaceId)
  output = input.freezeOnly ? await freeze(store, workspaceId, id) : await send(store, workspaceId, id)
} finally {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
}
// Whoever asked ends this process then: PostgreSQL has to be gone.
answerParent(output)

/** A list of so many, all of whom want it, and a campaign to them that was just started. */
async function begin({ database, clock }: Store, workspaceId: WorkspaceId): Promise<CampaignId> {
  const now = clock.now()
  const actor = actorOf(workspaceId)
  const { id: list } = await database.transaction(ENGINE, (tx) => createList(tx, { name: 'Everybody' }, actor, now))
  await addPeople(list, workspaceId)
  const { subject, html, text } = newsletter(input.sizeBytes, (field) => `{{ contact.${field} }}`)
  return await database.transaction(ENGINE, async (tx) => {
    const content = { format: 'html' as const, subject, body: html, text, toName: '{{ contact.name }}', fields: [] }
    const audience = { kind: 'lists' as const, lists: [list] }
    const said = { name: 'News', content, sender: 'News <bench@example.com>', replyTo: null, audience, pace: null, tracking: {} }
    const { id } = await createCampaign(tx, said, actor, now)
    await startCampaign(tx, id, actor, now)
    return id
  })
}

async function addPeople(list: ListId, workspaceId: WorkspaceId): Promise<void> {
  const { db } = store.database
  await sql`set statement_timeout = 0`.execute(db)
  await store.database.transaction(
    ENGINE,
    async (tx) => {
      await sql`
        insert into contact (workspace_id, id, name, first_name, created_at, updated_at)
        select ${workspaceId}, md5(n::text)::uuid, 'Person ' || n, 'Person', now(), now() from generate_series(1, ${input.people}::int) as n`.execute(
        tx,
      )
      await sql`
        insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
        select ${workspaceId}, 'r' || n || '@example.org', md5(n::text)::uuid, true, now() from generate_series(1, ${input.people}::int) as n`.execute(
        tx,
      )
      await sql`
        insert into list_member (workspace_id, list_id, contact_id, status, source, since)
        select ${workspaceId}, ${list}, md5(n::text)::uuid, 'subscribed', 'import', now() from generate_series(1, ${input.people}::int) as n`.execute(
        tx,
      )
    },
    { statementTimeoutMs: 600_000 },
  )
  await sql`analyze contact, contact_address, list_member`.execute(db)
}

async function freeze(from: Store, workspaceId: WorkspaceId, id: CampaignId): Promise<CampaignOutput> {
  const { database, blobs, clock, secrets } = from
  const url = 'http://localhost'
  const deps = {
    database,
    blobs,
    tracking: { database, url },
    ownOf: createOwn({ secrets, url }),
    mjml: createMjmlReader(),
    takesMail: async () => false,
    replyInbox: async () => null,
  }
  const startedMs = performance.now()
  const processor = process.cpuUsage()
  for (;;) {
    const campaign = await findCampaign(database.db, workspaceId, id)
    if (campaign?.phase !== 'freezing') break
    await prepareStep(deps, campaign, clock.now())
  }
  const seconds = (performance.now() - startedMs) / 1_000
  const processorMs = millisecondsOf(process.cpuUsage(processor))
  const { candidates } = await readProgress(database.db, workspaceId, id, clock.now())
  if (candidates !== input.people) throw new Error(`${candidates} of ${input.people} were looked at`)
  const none = { p50: 0, max: 0 }
  return {
    seconds,
    processorMs,
    residentMegabytes: process.memoryUsage.rss() / 1_048_576,
    pageMs: none,
    listMs: none,
    pauseMs: 0,
    deliveries: {},
  }
}

async function send(from: Store, workspaceId: WorkspaceId, id: CampaignId): Promise<CampaignOutput> {
  const { database, clock } = from
  const startedMs = performance.now()
  const processor = process.cpuUsage()
  const engine = await startEngine(
    {
      roles: ['delivery', 'jobs'],
      failpoints: '',
      allowPrivateNetworks: false,
      publicAddresses: [],
      mailHost: 'localhost',
      url: 'http://localhost',
    },
    { store: from, resolver: createResolver(), heloName: 'bench.example.com', log },
  )
  let residentBytes = 0
  const [pages, lists]: [number[], number[]] = [[], []]
  let pause: { readonly ms: number; readonly stoodMs: number } | null = null
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    residentBytes = Math.max(residentBytes, process.memoryUsage.rss())
    const askedMs = performance.now()
    const { deliveries, preparing, campaign } = await readProgress(database.db, workspaceId, id, clock.now())
    pages.push(performance.now() - askedMs)
    const listedMs = performance.now()
    await listOutcomes(database.db, workspaceId, id, {}, { after: null, limit: 50 })
    lists.push(performance.now() - listedMs)
    if (pause === null && (deliveries.sent ?? 0) > input.people / 4) pause = await pauseFor(from, workspaceId, id)
    if (campaign.state === 'paused') throw new Error(campaign.reason?.sentence ?? 'it was paused')
    if (preparing > 0 || (deliveries.sent ?? 0) < input.people) continue
    const seconds = (performance.now() - startedMs - (pause?.stoodMs ?? 0)) / 1_000
    const processorMs = millisecondsOf(process.cpuUsage(processor))
    await engine.stop(10_000)
    return {
      ...{ seconds, processorMs, residentMegabytes: residentBytes / 1_048_576, pageMs: timesOf(pages), listMs: timesOf(lists) },
      ...{ pauseMs: pause?.ms ?? 0, deliveries: deliveries as Record<string, number> },
    }
  }
}

function millisecondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000
}

function timesOf(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b)
  return { p50: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 }
}

/** Pauses it, looks when the last mail was settled, and lets it go on. */
async function pauseFor(
  { database, clock }: Store,
  workspaceId: WorkspaceId,
  id: CampaignId,
): Promise<{ ms: number; stoodMs: number }> {
  const startedMs = performance.now()
  const asked = clock.now()
  await database.transaction(ENGINE, (tx) => pauseCampaign(tx, id, actorOf(workspaceId), asked))
  await new Promise((resolve) => setTimeout(resolve, STANDS_MS))
  const { rows } = await sql<{ last: Date | null }>`
    select max(d.settled_at) as last from delivery as d
      join campaign as c on c.workspace_id = d.workspace_id and c.mailing_id = d.mailing_id
     where d.workspace_id = ${workspaceId} and c.id = ${id}`.execute(database.db)
  await database.transaction(ENGINE, (tx) => resumeCampaign(tx, id, actorOf(workspaceId), clock.now()))
  return { ms: Math.max(0, (rows[0]?.last?.getTime() ?? 0) - asked.getTime()), stoodMs: performance.now() - startedMs }
}

function actorOf(workspaceId: WorkspaceId): Actor {
  return { kind: 'user', id: newId<UserId>(), name: 'Bench', workspaceId, role: 'owner' }
}
