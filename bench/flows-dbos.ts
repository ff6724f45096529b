/** The peer: DBOS, durable functions on PostgreSQL, behind a bare HTTP server. */
import { DBOS } from '@dbos-inc/dbos-sdk'
import { Pool } from 'pg'
import { INSTANT_STEPS, peerInput, serveParent, WAITING_STEPS } from './flows.ts'
import { listenFor } from './flows-http.ts'

const { url, connections } = peerInput()
const WAIT_SECONDS = 3_600
let begun = 0
let passed = 0
/** From the moment the request was read to the end of the first step, which is kept right after. */
const latencies: number[] = []

const instant = DBOS.registerWorkflow(
  async (key: string, steps: number, askedMs: number) => {
    const values: string[] = []
    for (let nth = 0; nth < steps; nth++) {
      values.push(await DBOS.runStep(async () => `of ${key}`, { name: `s${nth}` }))
      if (nth === 0) latencies.push(performance.now() - askedMs)
    }
    return values.length
  },
  { name: 'instant' },
)
const waiting = DBOS.registerWorkflow(
  async (steps: number) => {
    begun += 1
    for (let nth = 0; nth < steps; nth++) {
      await DBOS.recv(`step${nth}`, WAIT_SECONDS)
      passed += 1
    }
    return steps
  },
  { name: 'waiting' },
)

const pool = new Pool({ connectionString: url, max: connections })
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, systemDatabasePool: pool, logLevel: 'error' })
await DBOS.launch()

async function told({ name, key }: { name: string; key: string }): Promise<void> {
  if (name === 'flow.instant') await DBOS.startWorkflow(instant)(key, INSTANT_STEPS, performance.now())
  else if (name === 'flow.waiting') await DBOS.startWorkflow(waiting, { workflowID: key })(WAITING_STEPS)
  else await DBOS.send(key, name, name.slice(name.lastIndexOf('.') + 1))
}

/** Twenty at a time, as it is asked over HTTP. */
async function each(flows: number, work: (nth: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const one = async () => {
    while (next < flows) await work(next++)
  }
  await Promise.all(Array.from({ length: connections }, one))
}

const server = await listenFor(told)
serveParent({
  port: server.port,
  async counts() {
    const { rows } = await pool.query<{ completed: string }>(
      `select count(*) as completed from dbos.workflow_status where status = 'SUCCESS'`,
    )
    const completed = Number(rows[0]?.completed ?? 0)
    return { passed, completed, waiting: begun - completed }
  },
  async fill(flows, steps) {
    if (steps === 1) await each(flows, (nth) => DBOS.startWorkflow(waiting, { workflowID: `k${nth}` })(1))
    else await each(flows, (nth) => DBOS.startWorkflow(instant)(`k${nth}`, steps, performance.now()))
  },
  async resume(flows) {
    await each(flows, (nth) => DBOS.send(`k${nth}`, 'go on', 'step0'))
  },
  async latencies() {
    return latencies
  },
  async stop() {
    server.close()
    await DBOS.shutdown()
    await pool.end().catch(() => {})
  },
})
