import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'
import type { ConnectionParts } from '../../src/db/connection.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded/start.ts'
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from '../../src/db/embedded/supervisor.ts'
import { CHECKOUT } from './checkout.ts'
import { askSetup, copyData } from './prepared-data.ts'

export interface Logged {
  readonly level: 'info' | 'warn'
  readonly message: string
}

/** A folder that PostgreSQL's user can enter, gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(inject('runFolder'), 'embedded-'))
  await chmod(folder, 0o711)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Files of a database that has every migration already: where the first start is not what a test is about, it saves most of it. */
export async function preparedData(folder?: string): Promise<string> {
  const dataDir = join(folder ?? (await temporaryFolder()), 'data')
  await copyData(await askSetup<string>(inject('preparedSocket')), dataDir)
  return dataDir
}

/** Starts one in this process and stops it after the test. */
export async function startHere(
  dataDir: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres & { readonly logged: readonly Logged[]; readonly progress: readonly string[] }> {
  const logged: Logged[] = []
  const progress: string[] = []
  const log = {
    info: (_: object, message: string) => logged.push({ level: 'info', message }),
    warn: (_: object, message: string) => logged.push({ level: 'warn', message }),
  }
  const postgres = await startEmbeddedPostgres({ dataDir, log, progress: (line) => progress.push(line), ...options })
  onTestFinished(() => postgres.stop())
  return Object.assign(postgres, { logged, progress })
}

export interface StartedElsewhere {
  readonly child: ChildProcess
  /** Its last line, read as JSON: what `EmbeddedPostgres` said of itself, or `{ error }`. */
  readonly said: {
    connection: ConnectionParts
    pid: number
    folder: string
    tookOver: boolean
    progress: string[]
    error?: string
  }
  stop(): Promise<void>
}

/** Starts one in a process of its own, perhaps from another checkout or as another user. */
export async function startElsewhere(
  dataDir: string,
  { checkout = CHECKOUT, uid }: { checkout?: string; uid?: number } = {},
): Promise<StartedElsewhere> {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(join(checkout, 'src/db/embedded/start.ts'))}
    const progress = []
    const say = (what) => console.log(JSON.stringify(what))
    try {
      const log = { info() {}, warn() {} }
      const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log, progress: (line) => progress.push(line) })
      const { connection, pid, folder, tookOver } = postgres
      say({ connection, pid, folder, tookOver, progress })
      process.stdin.once('data', () => postgres.stop().then(() => process.exit(0)))
    } catch (error) { say({ error: error.message }) }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin' },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    child,
    said: JSON.parse(line) as StartedElsewhere['said'],
    async stop() {
      child.stdin.write('stop\n')
      await once(child, 'exit')
    },
  }
}

/** One statement on a connection of its own. */
export async function ask<Row extends pg.QueryResultRow>(connection: ConnectionParts, text: string): Promise<Row[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
