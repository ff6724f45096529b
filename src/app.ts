import { join } from 'node:path'
import packageFile from '../package.json' with { type: 'json' }
import { createPasswords, type Passwords } from './accounts/password.ts'
import { isSetUp, setupCode } from './accounts/set-up.ts'
import { setUpUnattended } from './accounts/set-up-unattended.ts'
import { findFirstWorkspace } from './accounts/workspaces.ts'
import type { DomainWatch, ServerDeps } from './api/deps.ts'
import { createServer, type Server } from './api/server.ts'
import type { Config } from './config.ts'
import { ENGINE, type Tx } from './db/database.ts'
import { knownSchemaVersion } from './db/migrate.ts'
import { hostsOf } from './delivery/domains/hosts.ts'
import { examineAccount } from './delivery/provider-accounts/examine.ts'
import { ensureConfiguredRoute } from './delivery/routes/configured-route.ts'
import { createSandboxRoute } from './delivery/routes/manage.ts'
import { createResolver, type Resolver } from './dns/resolver.ts'
import { type Engine, startEngine } from './engine.ts'
import { checkConnection } from './insight/doctor/connection.ts'
import { examineDirect } from './insight/doctor/direct/examine-direct.ts'
import { examineFromOutside, examineOurs } from './insight/doctor/domain/domain-doctor.ts'
import { createInsight, type Insight } from './insight/insight.ts'
import { Explained } from './lib/explained.ts'
import type { WorkspaceId } from './lib/ids.ts'
import type { Progress } from './lib/progress.ts'
import { inTime } from './lib/wait.ts'
import type { Log } from './log.ts'
import { sourceAddress } from './net/source-address.ts'
import type { SmtpPorts } from './smtp/smtp-ports.ts'
import { startSmtp } from './smtp/start-smtp.ts'
import { openStore, type Store, type StoreOptions } from './store.ts'
import { heloName, isInContainer } from './surroundings.ts'
import { createMjmlReader } from './templates/mjml/mjml.ts'
import { workflowParts } from './workflow-parts.ts'
import { createTools } from './workflows/workflows.ts'

/** The running server. */
export interface App {
  readonly store: Store
  readonly engine: Engine
  readonly server: Server | null
  /** Where people reach it, with the port it really has. */
  readonly url: string
  /** What to tell the person who started it. */
  readonly greeting: readonly string[]
  stop(graceMs: number): Promise<void>
}

const VERSION = packageFile.version
/** A look at the records may read for long and changes nothing: it need not be seen to its end. */
const LOOK_ENDS_MS = 1_000
const UI_FOLDER = join(import.meta.dirname, '..', 'web', 'dist')

/**
 * Makes every long-lived object once, in the order of their needs, and starts what the roles of this process ask for. The address is taken before
 * any mail is: a start that fails, and fails again, sends nothing. Whatever fails, everything that was started before it is stopped.
 */
export async function startApp(
  config: Config,
  log: Log,
  progress: Progress,
  time: Pick<StoreOptions, 'clockBy'> = {},
): Promise<App> {
  const started: ((graceMs: number) => Promise<unknown>)[] = []
  const stop = async (graceMs: number) => {
    const failures: unknown[] = []
    for (const end of started.splice(0).reverse()) await end(graceMs).catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
  try {
    const store = await openStore(config, { as: 'serve', log, progress, ...time })
    started.push(() => store.close())
    const [passwords, resolver] = [createPasswords(), createResolver()]
    await setUpAccounts(config, store, passwords)
    let engine: Engine | null = null
    let smtp: SmtpPorts | null = null
    const insight = createInsight({
      ...store,
      log,
      version: VERSION,
      dataFolder: config.dataDir,
      blobFolder: store.blobs.folder,
      knownSchema: await knownSchemaVersion(),
      dispatcherStatus: () => engine?.dispatcherStatus() ?? null,
      portTroubles: () => smtp?.troubles() ?? [],
    })
    started.push(() => inTime(insight.stop(), LOOK_ENDS_MS))
    const server = config.roles.includes('web')
      ? await createServer(serverDeps(config, { store, passwords, resolver, insight, log }))
      : null
    started.push((graceMs) => Promise.all([server?.close(graceMs), smtp?.close(graceMs), engine?.stop(graceMs)]))
    const port = server ? await listen(server, config) : config.port
    engine = await startEngine(config, { store, resolver, heloName: heloName(), log })
    if (config.roles.includes('smtp'))
      smtp = await startSmtp(config, { ...store, log, hostname: heloName(), wake: () => store.notifier.hint() })
    insight.start()
    const url = config.port === port ? config.url : config.url.replace(/:0$/, `:${port}`)
    return { store, engine, server, url, greeting: await greetingOf(store, server ? url : null), stop }
  } catch (error) {
    await stop(0).catch(() => {})
    throw error
  }
}

async function listen(server: Server, { host, port }: Config): Promise<number> {
  try {
    return await server.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new Explained(
        `Another program listens on ${host}:${port} already. Stop it, or choose another port with WAYBILL_PORT.`,
      )
    }
    if (code === 'EACCES') {
      throw new Explained(
        `This user may not listen on port ${port}; ports below 1024 are root's. Choose another with WAYBILL_PORT.`,
      )
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new Explained(`${host} is not an address of this machine. Set WAYBILL_HOST to one, or to 0.0.0.0 for all of them.`)
    }
    throw error
  }
}

async function setUpAccounts(config: Config, store: Store, passwords: Passwords): Promise<void> {
  const { database, clock, secrets } = store
  const furnish = furnishWorkspace(config, store)
  await setUpUnattended({ database, passwords, furnish }, { administrator: config.admin, apiKey: config.apiKey }, clock.now())
  const { smtp } = config
  if (!smtp) return
  const first = await findFirstWorkspace(database.db)
  if (first) await database.transaction(ENGINE, (tx) => ensureConfiguredRoute(tx, secrets, first.id, smtp, clock.now()))
}

/** What every new workspace begins with: a sandbox, and the route of WAYBILL_SMTP_URL if there is one. */
function furnishWorkspace({ smtp }: Config, { secrets }: Store) {
  return async (tx: Tx, workspaceId: WorkspaceId, now: Date): Promise<void> => {
    await createSandboxRoute(tx, workspaceId, now)
    if (smtp) await ensureConfiguredRoute(tx, secrets, workspaceId, smtp, now)
  }
}

interface Parts {
  readonly store: Store
  readonly passwords: Passwords
  readonly resolver: Resolver
  readonly insight: Insight
  readonly log: Log
}

function serverDeps(config: Config, { store, passwords, resolver, insight, log }: Parts): ServerDeps {
  return {
    ...store,
    passwords,
    log,
    resolver,
    url: config.url,
    trustedProxies: config.trustedProxies,
    allowPrivateNetworks: config.allowPrivateNetworks,
    uiFolder: UI_FOLDER,
    furnish: furnishWorkspace(config, store),
    health: insight,
    wake: (...work) => store.notifier.hint(...work),
    examineAccount: (route) => examineAccount(route, { ...store, resolver, allowPrivateNetworks: config.allowPrivateNetworks }),
    examineDirect: (route, askedBy) => {
      const { allowPrivateNetworks: allowPrivate, publicAddresses } = config
      const machine = { heloName: heloName(), publicAddresses, sourceAddress, random: Math.random }
      return examineDirect(route, askedBy, { ...store, ...machine, resolver, allowPrivate })
    },
    domains: domainWatch(config, store, resolver),
    smtp: smtpPlaceOf(config),
    workflows: createTools(workflowParts(config, store, createMjmlReader())),
    examine: (input, signal) =>
      checkConnection(input, {
        resolver,
        clock: store.clock,
        heloName: heloName(),
        inContainer: isInContainer(),
        allowPrivate: config.allowPrivateNetworks,
        signal,
      }),
  }
}

function domainWatch(config: Config, store: Store, resolver: Resolver): DomainWatch {
  const hosts = hostsOf(config)
  const { allowPrivateNetworks: allowPrivate, publicAddresses } = config
  const doctor = { ...store, resolver, hosts, heloName: heloName(), allowPrivate, publicAddresses }
  return {
    hosts,
    checking: { ...doctor, random: Math.random },
    examineOurs: (domain, signal) => examineOurs(doctor, domain, signal),
    examineAny: (domain, hints, signal) => examineFromOutside(doctor, domain, hints, signal),
  }
}

/** As applications elsewhere reach it, whichever process listens there. */
function smtpPlaceOf({ url, submissionPort, submissionTlsPort, inboundPort, mailHost, tls }: Config): ServerDeps['smtp'] {
  return {
    host: new URL(url).hostname,
    starttls_port: submissionPort || null,
    tls_port: submissionTlsPort || null,
    mail_host: mailHost,
    inbound_port: inboundPort || null,
    certificate: tls ? 'configured' : 'self_made',
  }
}

async function greetingOf({ database, secrets }: Store, url: string | null): Promise<string[]> {
  if (url === null) return ['Waybill is running (without the web role).']
  if (await isSetUp(database.db)) return [`Waybill is running: ${url}`]
  return [`Waybill is running. Open this address to set it up (three minutes):`, `  ${url}/setup?code=${setupCode(secrets)}`]
}
