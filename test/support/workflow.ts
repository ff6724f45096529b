import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import { ENGINE } from '../../src/db/database.ts'
import { append } from '../../src/events/append.ts'
import type { NewEvent } from '../../src/events/event.ts'
import { createFailpoints, type Failpoints } from '../../src/lib/failpoint.ts'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { createLog } from '../../src/log.ts'
import { Graph, type Json } from '../../src/workflows/definition/graph.ts'
import { createWorkflowEngine, type WorkflowEngine } from '../../src/workflows/engine/engine.ts'
import type { Tools } from '../../src/workflows/engine/tools.ts'
import { renderText } from '../../src/workflows/facts/text.ts'
import { createWorkflow, publish, type Workflow } from '../../src/workflows/manage.ts'
import { FLOW_STEPS } from '../../src/workflows/steps/flow.ts'
import { LOGIC_STEPS } from '../../src/workflows/steps/logic.ts'
import type { Step } from '../../src/workflows/steps/step.ts'
import { WAIT_STEPS } from '../../src/workflows/steps/wait.ts'
import type { TestClock } from './clock.ts'

export interface Surroundings {
  readonly database: Database
  readonly clock: TestClock
  readonly workspaceId: WorkspaceId
}

export interface RunSeen {
  readonly id: string
  readonly status: string
  readonly endReason: string | null
  readonly vars: Readonly<Record<string, unknown>>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly held: number
  readonly subjectId: string | null
  readonly depth: number
  readonly parentId: string | null
}

/** Makes workflows, lets things happen, and does what there is to do at this moment of the test's clock. */
export interface WorkflowWorld {
  readonly engine: WorkflowEngine
  readonly tools: Tools
  /** Writes a workflow and publishes it. */
  publish(graph: (Partial<Graph> & Pick<Graph, 'nodes'>) | object, workspaceId?: WorkspaceId): Promise<Workflow>
  /** An event of the log, as if something had happened. */
  happens(event: Omit<NewEvent, 'workspaceId'> | readonly Omit<NewEvent, 'workspaceId'>[]): Promise<void>
  /** The named event of the API. */
  told(name: string, key?: string, payload?: object): Promise<void>
  /** Reads the log and works, until there is nothing to do at this moment. */
  settle(): Promise<void>
  /** The clock goes on, and what is due then is done. */
  later(ms: number): Promise<void>
  runs(workflowId?: string): Promise<RunSeen[]>
  /** 'node what port' of each line of a run, in order. */
  story(runId: string): Promise<string[]>
  verdicts(): Promise<string[]>
}

export interface WorkflowOptions {
  /** What runs may look at of what they are about; absent: nothing. */
  readonly readSubject?: Tools['readSubject']
  readonly steps?: readonly Step<never>[]
  readonly failpoints?: Failpoints
  readonly atOnce?: number
  readonly pid?: number
  readonly isAlive?: (pid: number) => boolean
}

export const CONTROL_STEPS = [...FLOW_STEPS, ...LOGIC_STEPS, ...WAIT_STEPS]

/** A graph with what nearly all of them have. */
export function aGraph(nodes: object, rest: object = {}): Graph {
  return Graph.parse({ schema: 'workflow/1', name: 'Test', subject: 'none', nodes, ...rest })
}

export function toolsOf(
  { clock }: Pick<Surroundings, 'clock'>,
  { steps = [], readSubject = async () => ({}) }: Pick<WorkflowOptions, 'steps' | 'readSubject'> = {},
): Tools {
  return {
    steps: new Map([...CONTROL_STEPS, ...steps].map((one) => [one.type, one as unknown as Step])),
    readSubject,
    text: async (template, scope) => renderText(template, scope, 'plain', clock.now()),
  }
}

export function engineOf(
  { database, clock }: Pick<Surroundings, 'database' | 'clock'>,
  options: WorkflowOptions = {},
): WorkflowEngine {
  const { failpoints = createFailpoints('', () => {}), atOnce = 2, pid = process.pid, isAlive = () => true } = options
  return createWorkflowEngine({
    ...{ database, clock, failpoints, atOnce, pid, isAlive },
    log: createLog({ level: 'silent' }),
    tools: toolsOf({ clock }, options),
    random: () => 0,
    host: 'this machine',
    mayClaim: () => true,
  })
}

export function workflowWorld(where: Surroundings, options: WorkflowOptions = {}): WorkflowWorld {
  const { database, clock, workspaceId } = where
  const engine = engineOf(where, options)
  let broken = 0
  /** What broke off although nobody wanted it to, on a machine that is slow, is tried again in a second: of a clock that stands still. */
  const hasBrokenOff = async (): Promise<boolean> => {
    const isNew = options.failpoints === undefined && engine.counts().broken > broken
    broken = engine.counts().broken
    if (!isNew) return false
    await sql`update workflow_lane set due_at = ${clock.now()} where crashes > 0`.execute(database.db)
    clock.elapse(1_000)
    return true
  }
  const settle = async () => {
    await engine.settle()
    // Somebody older may still write into this database, PostgreSQL's autovacuum too: what was committed is read only then. A number of rounds is no
    // measure of how long that takes, and whoever gave up early would find runs where they stood before.
    const isThrough = async () => {
      if (!(await isBehind(database)) && !(await hasBrokenOff())) return true
      await engine.settle()
      return false
    }
    if (!(await waitUntil(isThrough, { limitMs: 60_000 })))
      throw new Error('somebody has been writing into this database for a minute')
  }
  const happens: WorkflowWorld['happens'] = (event) =>
    database.transaction(ENGINE, (tx) =>
      append(
        tx,
        [event].flat().map((one) => ({ ...one, workspaceId }) as NewEvent),
        clock.now(),
      ),
    )
  return {
    ...{ engine, settle, happens, tools: toolsOf(where, options) },
    async publish(graph, of = workspaceId) {
      return await database.transaction(ENGINE, async (tx) => {
        const draft = graph as unknown as Json
        const made = await createWorkflow(tx, of, { name: (graph as Graph).name ?? 'Test', draft }, null, clock.now())
        await publish(tx, of, made.id, {}, null, clock.now())
        return made
      })
    },
    told: (name, key, payload = {}) =>
      happens({ type: 'event.received', data: { name, ...(key !== undefined && { key }), payload } }),
    async later(ms) {
      clock.advance(ms)
      // Whoever measures how long ago they looked finds the same.
      clock.elapse(ms)
      await settle()
    },
    async runs(workflowId) {
      const { rows } = await sql<RunSeen>`
        select id, status, end_reason as "endReason", vars, outputs, held, subject_id as "subjectId", depth, parent_id as "parentId"
          from workflow_run where workspace_id = ${workspaceId} and (${workflowId ?? null}::uuid is null or workflow_id = ${workflowId ?? null}::uuid)
         order by txid, seq, id`.execute(database.db)
      return rows
    },
    async story(runId) {
      const { rows } = await sql<{ node: string; what: string; port: string | null }>`
        select node, what, port from workflow_step where run_id = ${runId} order by seq`.execute(database.db)
      return rows.map(({ node, what, port }) => [node, what, port].filter((part) => part !== null).join(' '))
    },
    async verdicts() {
      const { rows } = await sql<{ verdict: string }>`
        select verdict from workflow_verdict where workspace_id = ${workspaceId} order by id`.execute(database.db)
      return rows.map(({ verdict }) => verdict)
    },
  }
}

async function isBehind(database: Database): Promise<boolean> {
  const { rows } = await sql<{ behind: boolean }>`
    select exists (
      select from event where not exists (
        select from follower where name = 'workflows' and (follower.txid, follower.seq) >= (event.txid, event.seq)
      )
    ) or exists (select from workflow_wait where state = 'new') as behind`.execute(database.db)
  return rows[0]?.behind === true
}
