/** The engine of workflows in a process of its own, which a test may end in any way. Its steps leave one event each, and one of them ends the process. */
import { openDatabase } from '../../src/db/database.ts'
import { append } from '../../src/events/append.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { createFailpoints } from '../../src/lib/failpoint.ts'
import { createLog } from '../../src/log.ts'
import { createWorkflowEngine } from '../../src/workflows/engine/engine.ts'
import { FLOW_STEPS } from '../../src/workflows/steps/flow.ts'
import { LOGIC_STEPS } from '../../src/workflows/steps/logic.ts'
import { type Step, step } from '../../src/workflows/steps/step.ts'
import { WAIT_STEPS } from '../../src/workflows/steps/wait.ts'

const { connection, fail, connections } = JSON.parse(process.argv[2] ?? '{}')
const die = () => process.kill(process.pid, 'SIGKILL')
const database = openDatabase({ connection, maxConnections: connections, applicationName: 'test workflows' })

const effect = step<{ readonly values: { readonly key: string } }>({
  type: 'data.set@1',
  async run(context, { values }) {
    const { tx, run, now, key } = context
    const payload = { key, of: (run.cause.facts.key as string) ?? null, what: values.key }
    await append(tx, { type: 'event.received', workspaceId: run.workspaceId, data: { name: 'effect', payload } }, now)
    if (values.key === 'second' && run.cause.facts.key === 'poison') die()
    return { kind: 'go', port: 'out' }
  },
})

const steps = [...FLOW_STEPS, ...LOGIC_STEPS, ...WAIT_STEPS, effect as Step<never>]
const engine = createWorkflowEngine({
  database,
  clock: machineClock,
  log: createLog({ level: 'silent' }),
  tools: {
    steps: new Map(steps.map((one) => [one.type, one as unknown as Step])),
    readSubject: async () => ({}),
    text: async (template) => template,
  },
  random: Math.random,
  failpoints: createFailpoints(fail, die),
  host: 'this machine',
  pid: process.pid,
  isAlive(pid) {
    try {
      process.kill(pid, 0)
      return true
    } catch {
      return false
    }
  },
  mayClaim: () => true,
  atOnce: 4,
})
engine.start()
process.on('SIGTERM', () => void engine.stop().then(() => database.close()))
process.stdout.write('ready\n')
