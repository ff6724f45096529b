import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, inject, onTestFinished } from 'vitest'
import type { ConnectionParts } from '../../src/db/connection.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded/start.ts'
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from '../../src/db/embedded/supervisor.ts'
import { checkInvariants } from '../../src/insight/invariants.ts'
import { asAdministrator } from '../support/database.ts'
import { preparedData, startHere, temporaryFolder } from '../support/embedded-postgres.ts'
import { type Judgement, judge, type Promised, recordedIn } from '../support/ledgers.ts'
import { freePort, ServerProcess } from '../support/server-process.ts'
import type { SmtpScript } from '../support/smtp-script.ts'
import { type ScriptedSmtpServer, smtpServer } from '../support/smtp-server.ts'

export interface Scene {
  readonly postgres: Pick<EmbeddedPostgres, 'connection' | 'pid' | 'stop'>
  readonly database: Database
  readonly smtp: ScriptedSmtpServer
  readonly server: ServerProcess
  /** Resolves when every delivery is in one of these states. */
  untilAll(...states: readonly string[]): Promise<void>
  counts(): Promise<Record<string, number>>
  judge(promised: readonly Promised[]): Promise<Judgement>
  /** What is broken, by name. */
  invariants(): Promise<string[]>
}

/** How long a scenario may take to come to rest after its fault is healed. */
const REST_WITHIN_MS = 90_000

export function urlOf({ host, port, user, password, database }: ConnectionParts): string {
  if (host.startsWith('/')) return `postgresql:///${database}?${new URLSearchParams({ host, port: String(port), user })}`
  const name = password ? `${user}:${encodeURIComponent(password)}` : user
  return `postgresql://${name}@${host}:${port}/${database}`
}

let shared: { readonly folder: string; readonly postgres: Promise<EmbeddedPostgres> } | null = null

afterAll(async () => {
  const postgres = await shared?.postgres.catch(() => null)
  await postgres?.stop()
  if (shared) await rm(shared.folder, { recursive: true, force: true })
})

/** An empty database on one durable PostgreSQL for all tests of a file: to make a server takes longer than most scenarios. */
async function databaseOnSharedServer(): Promise<Pick<EmbeddedPostgres, 'connection' | 'pid' | 'stop'>> {
  if (shared === null) {
    const folder = await mkdtemp(join(inject('runFolder'), 'scenes-'))
    await chmod(folder, 0o711)
    const log = { info() {}, warn() {} }
    const start = async () => startEmbeddedPostgres({ dataDir: await preparedData(folder), log, progress: () => {} })
    shared = { folder, postgres: start() }
  }
  const server = await shared.postgres
  const database = `scene_${randomBytes(6).toString('hex')}`
  await asAdministrator(server.connection, (client) => client.query(`create database ${database} template waybill owner waybill`))
  const drop = () =>
    asAdministrator(server.connection, (client) => client.query(`drop database if exists ${database} with (force)`))
  onTestFinished(async () => void (await drop()))
  return { connection: { ...server.connection, database }, pid: server.pid, stop: async () => {} }
}

/**
 * A durable PostgreSQL, a mail server, and Waybill in a process of its own, not yet started. `reach` says where that process finds
 * the database, which may be behind a wire that breaks.
 */
export async function scene(
  options: {
    /** A PostgreSQL of its own, for tests that do something to it; without, a database on the one that the file shares. */
    postgres?: 'own' | Partial<EmbeddedPostgresOptions>
    databaseFolder?: string
    script?: SmtpScript
    env?: Record<string, string>
    reach?: (connection: ConnectionParts) => Promise<ConnectionParts>
  } = {},
): Promise<Scene> {
  const folder = await temporaryFolder()
  const how = options.postgres === 'own' ? {} : options.postgres
  // Prepared files were made for a socket: they know of no password, which TCP asks for.
  const files = async () => (how?.transport === 'tcp' ? join(folder, 'own') : await preparedData())
  const postgres = how ? await startHere(options.databaseFolder ?? (await files()), how) : await databaseOnSharedServer()
  const smtp = await smtpServer(options.script)
  const reached = (await options.reach?.(postgres.connection)) ?? postgres.connection
  const server = new ServerProcess({
    dataDir: `${folder}/data`,
    port: await freePort(),
    databaseUrl: urlOf(reached),
    smtpPort: smtp.port,
    ...(options.env && { env: options.env }),
  })
  const database = openDatabase({ connection: { ...postgres.connection }, maxConnections: 4, applicationName: 'test' })
  onTestFinished(async ({ task }) => {
    await server.kill()
    if (task.result?.state === 'fail') console.error(server.lastWords)
    await smtp.close()
    await database.close()
  })

  async function counts(): Promise<Record<string, number>> {
    const { rows } = await sql<{ state: string; n: number }>`select state, count(*) as n from delivery group by state`.execute(
      database.db,
    )
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]))
  }

  return {
    postgres,
    database,
    smtp,
    server,
    counts,
    async untilAll(...states) {
      const endsAt = performance.now() + REST_WITHIN_MS
      for (;;) {
        const now = await counts().catch(() => ({ unreachable: 1 }))
        if (Object.keys(now).every((state) => states.includes(state))) return
        if (performance.now() > endsAt) throw new Error(`not at rest: ${JSON.stringify(now)}`)
        await sleep(50)
      }
    },
    judge: async (promised) => judge(promised, smtp.messages, await recordedIn(database)),
    async invariants() {
      const now = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database.db)
      return (await checkInvariants(database, now.rows[0]!.now, { thorough: true })).map(
        ({ name, samples }) => `${name}: ${samples[0]}`,
      )
    },
  }
}

/** Random numbers that can be had again: a failing seed becomes a test. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function seedOfThisRun(): number {
  const seed = Number(process.env.WAYBILL_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.info(`WAYBILL_TEST_SEED=${seed}`)
  return seed
}
