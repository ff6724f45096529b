/** One PostgreSQL for all that are measured, each with a database of its own. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../src/db/embedded/start.ts'
import { createLog } from '../src/log.ts'
import { timeOfFamily } from './flows.ts'

export interface FlowsServer {
  /** Makes it, if it is not there. */
  urlOf(database: string): Promise<string>
  /** Of all its processes since it started, in microseconds; null where the system does not say. */
  processorTime(): Promise<number | null>
  stop(): Promise<void>
}

export async function startFlowsServer(): Promise<FlowsServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
  const options = { dataDir, log: createLog({ level: 'warn' }), progress: () => {} }
  const first = await startEmbeddedPostgres(options)
  // So that the database itself says when something was committed. Read at its start.
  await appendFile(join(first.folder, 'data', 'local.conf'), 'track_commit_timestamp = on\n')
  await first.stop()
  const server = await startEmbeddedPostgres(options)
  const { host, port, user: owner } = server.connection
  const urlOf = (database: string, user = owner) =>
    `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
  const asSuperuser = async (run: (client: Client) => Promise<unknown>) => {
    const client = new Client({ connectionString: urlOf('postgres', 'postgres') })
    await client.connect()
    await run(client).finally(() => client.end())
  }
  return {
    async urlOf(database) {
      await asSuperuser(async (client) => {
        const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
        if (rowCount === 0) await client.query(`create database ${database} owner ${owner}`)
      })
      return urlOf(database)
    },
    processorTime: () => timeOfFamily(server.pid),
    async stop() {
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
