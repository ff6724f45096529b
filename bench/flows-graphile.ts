/** The other peer: graphile-worker, jobs on PostgreSQL, behind a bare HTTP server. A job a step, each of which asks for the next: it has no waits, so an event is a job. */
import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { Pool } from 'pg'
import { INSTANT_STEPS, peerInput, serveParent, WAITING_STEPS } from './flows.ts'
import { listenFor } from './flows-http.ts'

const { url, connections } = peerInput()
let begun = 0
let passed = 0
let completed = 0
const latencies: number[] = []

interface Step {
  readonly key: string
  readonly nth: number
  readonly of: number
  readonly askedMs: number
}

const pool = new Pool({ connectionString: url, max: connections })
pool.on('error', () => {})
pool.on('connect', (client) => void client.on('error', () => {}))
const logger = new Logger(() => () => {})
const utils = await makeWorkerUtils({ pgPool: pool, logger })
await utils.migrate()
const runner = await run({
  pgPool: pool,
  logger,
  concurrency: 10,
  noHandleSignals: true,
  taskList: {
    async step(payload, { addJob }) {
      const { key, nth, of, askedMs } = payload as Step
      if (nth === 0) latencies.push(performance.now() - askedMs)
      if (nth + 1 < of) await addJob('step', { key, nth: nth + 1, of, askedMs })
      else completed += 1
    },
    async begin() {
      begun += 1
    },
    async came(payload) {
      passed += 1
      if ((payload as Step).nth + 1 === WAITING_STEPS) completed += 1
    },
  },
})

async function told({ name, key }: { name: string; key: string }): Promise<void> {
  if (name === 'flow.instant')
    await utils.addJob('step', { key, nth: 0, of: INSTANT_STEPS, askedMs: performance.now() } satisfies Step)
  else if (name === 'flow.waiting') await utils.addJob('begin', { key })
  else await utils.addJob('came', { key, nth: Number(name.at(-1)), of: 1, askedMs: 0 } satisfies Step)
}

const server = await listenFor(told)
serveParent({
  port: server.port,
  counts: async () => ({ passed, completed, waiting: begun - completed }),
  latencies: async () => latencies,
  async stop() {
    server.close()
    await runner.stop()
    await utils.release()
    await pool.end().catch(() => {})
  },
})
