import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished } from 'vitest'
import { type BlobStore, createBlobStore } from '../../src/blobs/blob-store.ts'
import type { ConnectionParts } from '../../src/db/connection.ts'
import { type Database, ENGINE, openDatabase, type Tx } from '../../src/db/database.ts'
import { Dispatcher, type DispatcherDeps } from '../../src/delivery/dispatch/dispatcher.ts'
import { selectLanes, type WaitingLane } from '../../src/delivery/dispatch/queries.ts'
import { deliveryJobs } from '../../src/delivery/maintenance.ts'
import { openProvider, type ProviderDeps, toSmtpOptions } from '../../src/delivery/providers/open-provider.ts'
import type { Provider } from '../../src/delivery/providers/provider.ts'
import type { SmtpLimits, SmtpTimeouts } from '../../src/delivery/providers/smtp/options.ts'
import { createSmtpProvider } from '../../src/delivery/providers/smtp/smtp-provider.ts'
import { recoverLost } from '../../src/delivery/recover.ts'
import { createRoute, createSandboxRoute, sealOf } from '../../src/delivery/routes/manage.ts'
import { type Route, SmtpSettings } from '../../src/delivery/routes/route.ts'
import { waysOf } from '../../src/delivery/routing/choose.ts'
import { isUnsorted, type Picture } from '../../src/delivery/routing/picture.ts'
import { readPictures } from '../../src/delivery/routing/read-picture.ts'
import { submit } from '../../src/delivery/submit.ts'
import { type Receipt, send } from '../../src/gateway/send.ts'
import { checkInvariants, type Violation } from '../../src/insight/invariants.ts'
import { NO_FAILPOINTS } from '../../src/lib/failpoint.ts'
import { newId, type RouteId, type WorkspaceId } from '../../src/lib/ids.ts'
import { createSecrets, type Secrets } from '../../src/lib/secrets.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { createLog } from '../../src/log.ts'
import { createOwn, createPersonalise } from '../../src/tracking/personalise.ts'
import { type AMessage, toSubmission } from './a-message.ts'
import { type TestClock, testClock } from './clock.ts'
import { cloneDatabase } from './database.ts'
import { fixedResolver } from './dns.ts'
import { receiverBook } from './receiver-book.ts'
import type { SmtpScript } from './smtp-script.ts'
import { type ScriptedSmtpServer, smtpServer } from './smtp-server.ts'
import { authority } from './tls.ts'
import { type WorldReads, worldReads } from './world-reads.ts'

export { type AMessage, aMessage } from './a-message.ts'

export interface WorldOptions {
  /** What the mail server at the far end does. */
  readonly script?: SmtpScript
  /** Settings of the default route, or the sandbox in its place. */
  readonly route?: Partial<SmtpSettings> | 'sandbox'
  readonly password?: string
  /** What a route's row cannot say: how wide and how patient its provider is. */
  readonly limits?: Partial<SmtpLimits>
  readonly timeouts?: Partial<SmtpTimeouts>
  readonly clock?: TestClock
  /** Connections to the database. */
  readonly connections?: number
  /** False for a test that leaves something broken behind on purpose. */
  readonly endsWell?: boolean
}

/** A workspace on a database of its own, a mail server, a clock, and the engine in between. Every test ends with a look at all invariants. */
export interface World extends WorldReads {
  readonly connection: ConnectionParts
  readonly database: Database
  readonly blobs: BlobStore
  readonly blobFolder: string
  readonly secrets: Secrets
  readonly clock: TestClock
  readonly smtp: ScriptedSmtpServer
  readonly workspaceId: WorkspaceId
  /** The default route. */
  readonly routeId: RouteId
  /** Another route of the workspace; to the same server unless told otherwise. */
  addRoute(name: string, settings?: Partial<SmtpSettings>): Promise<Route>
  addWorkspace(
    name: string,
    settings?: Partial<SmtpSettings>,
  ): Promise<WorldReads & { workspaceId: WorkspaceId; routeId: RouteId }>
  submit(message: AMessage, options?: { key?: string; workspaceId?: WorkspaceId; database?: Database }): Promise<Receipt>
  /** Many messages in one transaction. */
  submitAll(messages: readonly AMessage[], workspaceId?: WorkspaceId): Promise<void>
  /** As in production, but that the authority of these tests is trusted and `limits` and `timeouts` hold. */
  openProvider(route: Route, receiver?: string | null): Provider | Promise<Provider>
  /** A dispatcher that the test starts itself. */
  dispatcher(overrides?: Partial<DispatcherDeps>): Dispatcher
  /** Sends until nothing is due and everything is settled. */
  dispatch(overrides?: Partial<DispatcherDeps>): Promise<void>
  /** Resolves when nothing is being sent and nothing could be claimed. */
  quiet(): Promise<void>
  /** Does once what is done now and then. */
  jobs(): Promise<void>
  /** Takes back what dispatchers left behind: those of processes of this machine that are gone, and those whose lease has ended. */
  recover(isAlive?: (pid: number) => boolean): Promise<{ requeued: number; unknown: number }>
  /** As the API does it: in a transaction of the workspace. */
  inWorkspace<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  invariants(): Promise<Violation[]>
}

export const HOST = 'this machine'
const QUIET_WITHIN_MS = 25_000

export async function world(options: WorldOptions = {}): Promise<World> {
  const { connection, drop } = await cloneDatabase()
  const database = openDatabase({
    connection: { ...connection },
    maxConnections: options.connections ?? 8,
    applicationName: 'test',
  })
  const blobFolder = await mkdtemp(join(tmpdir(), 'waybill-world-'))
  const smtp = await smtpServer(options.script)
  const clock = options.clock ?? testClock()
  const dispatchers: Dispatcher[] = []
  const invariants = () => checkInvariants(database, clock.now(), { thorough: true, blobFolder })
  onTestFinished(async ({ task }) => {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop(1_000)))
    try {
      if (options.endsWell !== false && task.result?.state !== 'fail') expect(await invariants()).toEqual([])
    } finally {
      await smtp.close()
      await database.close()
      await drop()
      await rm(blobFolder, { recursive: true, force: true })
    }
  })

  const blobs = createBlobStore(blobFolder)
  const secrets = createSecrets('a secret for tests, long enough')
  const { db } = database
  const log = createLog({ level: 'silent' })
  const providerDeps: ProviderDeps = {
    database,
    clock,
    secrets,
    resolver: fixedResolver({ 'smtp.test': ['127.0.0.1'] }),
    heloName: 'waybill.example.com',
    allowPrivateNetworks: false,
    policies: { policyOf: async () => null },
    random: () => 0,
  }

  function newRoute(id: WorkspaceId, name: string, settings: Partial<SmtpSettings>, isDefault: boolean): Promise<Route> {
    const whole = SmtpSettings.parse({ host: '127.0.0.1', port: smtp.port, security: 'none', allow_private: true, ...settings })
    const wanted = { name, way: { kind: 'smtp' as const, settings: whole }, secret: options.password ?? null, isDefault }
    return database.transaction(ENGINE, (tx) => createRoute(tx, secrets, id, wanted, null, clock.now()))
  }

  async function newWorkspace(name: string, route: Partial<SmtpSettings> | 'sandbox') {
    const id = newId<WorkspaceId>()
    await sql`insert into workspace (id, name, created_at) values (${id}, ${name}, ${clock.now()})`.execute(db)
    const sandbox = await database.transaction(ENGINE, (tx) => createSandboxRoute(tx, id, clock.now()))
    const { id: routeId } = route === 'sandbox' ? sandbox : await newRoute(id, 'relay', route, true)
    return { workspaceId: id, routeId, ...worldReads(database, id, routeId, () => clock.now()) }
  }
  const shop = await newWorkspace('Shop', options.route ?? {})

  function openRoute(route: Route, receiver: string | null = null): Provider | Promise<Provider> {
    if (route.way.kind !== 'smtp') return openProvider(route, receiver, providerDeps)
    const { settings, sealedSecret } = route.way
    const usual = toSmtpOptions(route.name, settings, sealedSecret && secrets.open(sealedSecret, sealOf(route.id)), providerDeps)
    const trusted = { ...usual, tls: { ...usual.tls, ca: authority } }
    return createSmtpProvider(
      { ...trusted, limits: { ...usual.limits, ...options.limits }, timeouts: { ...usual.timeouts, ...options.timeouts } },
      providerDeps,
    )
  }

  function dispatcher(overrides: Partial<DispatcherDeps> = {}): Dispatcher {
    const usual = {
      database,
      blobs,
      clock,
      log,
      random: () => 0,
      failpoints: NO_FAILPOINTS,
      host: HOST,
      pid: process.pid,
      receivers: receiverBook,
      finishing: null,
      personalise: createPersonalise(secrets),
      ownOf: createOwn({ secrets, url: 'https://waybill.example.com' }),
    }
    const made = new Dispatcher({ ...usual, mayClaim: () => true, openProvider: openRoute, ...overrides })
    dispatchers.push(made)
    return made
  }

  async function quiet(): Promise<void> {
    const isQuiet = await waitUntil(async () => !(await isBusy(database, clock.now())), { limitMs: QUIET_WITHIN_MS })
    if (!isQuiet)
      throw new Error(`still busy after ${QUIET_WITHIN_MS / 1_000} s: ${JSON.stringify(await shop.states()).slice(0, 500)}`)
  }

  return {
    ...shop,
    connection,
    database,
    blobs,
    blobFolder,
    secrets,
    clock,
    smtp,
    addRoute: (name, settings = {}) => newRoute(shop.workspaceId, name, settings, false),
    addWorkspace: (name, settings = {}) => newWorkspace(name, settings),
    async submit(message, { key, workspaceId = shop.workspaceId, database: by = database } = {}) {
      const now = clock.now()
      const submission = await toSubmission(blobs, workspaceId, message, now)
      // What stands for the request here is everything that a test says of it.
      const prepared = { submission, requestHash: Buffer.from(JSON.stringify(message)) }
      return (await by.transaction({ as: 'api', workspaceId }, (tx) => send(tx, blobs, prepared, key ?? null, now))).receipt
    },
    async submitAll(messages, workspaceId = shop.workspaceId) {
      const now = clock.now()
      const submissions = await Promise.all(messages.map((message) => toSubmission(blobs, workspaceId, message, now)))
      await database.transaction({ as: 'api', workspaceId }, (tx) => submit(tx, blobs, submissions, now))
    },
    openProvider: openRoute,
    dispatcher,
    async dispatch(overrides) {
      const running = dispatcher(overrides)
      running.start()
      await quiet()
      await running.stop(1_000)
    },
    quiet,
    async jobs() {
      for (const job of deliveryJobs(database)) await job.run(clock.now())
    },
    recover: (isAlive = () => true) => recoverLost(database, { host: HOST, pid: -1, owns: () => false, isAlive }, clock.now()),
    inWorkspace: (work) => database.transaction({ as: 'api', workspaceId: shop.workspaceId }, work),
    invariants,
  }
}

/** One snapshot for all of it: between two looks a delivery could hide from both. */
function isBusy(database: Database, now: Date): Promise<boolean> {
  return database.transaction(ENGINE, async (tx) => {
    await sql`set transaction isolation level repeatable read`.execute(tx)
    const { rows } = await sql<{ busy: boolean }>`select exists (select from delivery where state = 'sending') as busy`.execute(
      tx,
    )
    if (rows[0]?.busy) return true
    const due = (await selectLanes(tx)).filter((lane) => lane.nextDueAt <= now)
    const pictures = await readPictures(tx, new Set(due.map((lane) => lane.workspaceId)))
    return due.some((lane) => mayBeServed(lane, pictures.get(lane.workspaceId), now))
  })
}

function mayBeServed(lane: WaitingLane, picture: Picture | undefined, now: Date): boolean {
  if (!picture || isUnsorted(lane, picture)) return true
  if (lane.viaRoute && !picture.routes.some((route) => route.id === lane.viaRoute)) return true
  const ways = waysOf(picture, lane, now)
  return ways.open.length > 0 || ways.probes.length > 0
}
