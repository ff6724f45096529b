import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { cancelRun, retryStep, skipTo } from '../../../src/workflows/engine/acts.ts'
import { type RunId, type Step, step } from '../../../src/workflows/steps/step.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const CHARGE = aGraph(
  {
    begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'charge' } },
    charge: { type: 'data.set@1', config: { values: { x: 'x' } }, next: { out: 'end' } },
    end: { type: 'end@1', config: { outputs: { limit: 'vars.limit' } } },
  },
  { vars: [{ key: 'limit', type: 'number', default: 0 }] },
)

/** Works when the limit is high enough. */
const charge = step({
  type: 'data.set@1',
  run: ({ state }) =>
    Number(state.vars.limit) > 10
      ? { kind: 'go', port: 'out' }
      : { kind: 'fail', class: 'declined', sentence: 'The limit is too low.', retryAt: null, port: null },
}) as Step<never>

async function heldRun(all: World) {
  const work = workflowWorld(all, { steps: [charge] })
  const { id } = await work.publish(CHARGE)
  await work.told('go')
  await work.settle()
  const [run] = await work.runs()
  const { rows } = await sql<{ id: string }>`select id from workflow_token where state = 'held'`.execute(all.database.db)
  const runId = run!.id as RunId
  const of = { workspaceId: all.workspaceId, runId, tokenId: rows[0]!.id }
  const deps = { tools: work.tools, random: () => 0 }
  const openIncidents = async () =>
    (await sql<{ key: string }>`select key from incident where resolved_at is null`.execute(all.database.db)).rows.map(
      ({ key }) => key,
    )
  return { work, of, deps, id, openIncidents }
}

test('a held step is tried again with variables put right, and the incident ends', async () => {
  const all = await world()
  const { work, of, deps, id, openIncidents } = await heldRun(all)
  expect(await openIncidents()).toEqual([`workflow.held:${id}:charge:declined`])
  // Without anything put right it is held again.
  await all.inWorkspace((tx) => retryStep(tx, deps, of, 'user:ann', all.clock.now()))
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'running', held: 1 }])
  await all.inWorkspace((tx) => retryStep(tx, deps, { ...of, vars: { limit: 50 } }, 'user:ann', all.clock.now()))
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: { limit: 50 }, held: 0 }])
  expect(await openIncidents()).toEqual([])
  expect((await all.events('workflow.retried')).map(({ data }) => data)).toMatchObject([{ node: 'charge' }, { vars: ['limit'] }])
})

test('a held step is skipped to a port, and one that is not there is refused', async () => {
  const all = await world()
  const { work, of, deps } = await heldRun(all)
  await expect(all.inWorkspace((tx) => skipTo(tx, deps, { ...of, port: 'nowhere' }, null, all.clock.now()))).rejects.toThrow()
  await all.inWorkspace((tx) => skipTo(tx, deps, { ...of, port: 'out' }, 'user:ann', all.clock.now()))
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: { limit: 0 } }])
  await expect(all.inWorkspace((tx) => skipTo(tx, deps, { ...of, port: 'out' }, null, all.clock.now()))).rejects.toMatchObject({
    code: 'wrong_state',
  })
})

test('a run is cancelled with everything that is under way in it', async () => {
  const all = await world()
  const { work, of, deps, openIncidents } = await heldRun(all)
  await all.inWorkspace((tx) => cancelRun(tx, deps, of, 'user:ann', all.clock.now()))
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'cancelled', endReason: 'cancelled', held: 0 }])
  expect(await openIncidents()).toEqual([])
  expect((await all.events('workflow.run_ended')).map(({ data }) => data)).toMatchObject([{ status: 'cancelled' }])
})

test('a run whose definition this program cannot read is held, and does not come round for ever', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const graph = aGraph({
    begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'wait' } },
    wait: { type: 'wait.time@1', config: { for: { for: '1d' } }, next: { out: 'end' } },
    end: { type: 'end@1', config: {} },
  })
  const { id } = await work.publish(graph)
  await work.told('go')
  await work.settle()
  await sql`update workflow_version set graph = '{"schema":"workflow/9"}' where workflow_id = ${id}`.execute(all.database.db)
  // A process that has not read it before.
  const other = workflowWorld(all)
  await other.later(2 * 86_400_000)
  expect(await other.runs()).toMatchObject([{ status: 'running', held: 1 }])
})

test('who cancels one run of a contact leaves what has come for another one to be opened', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const go = { name: 'go', payload: {}, contact_id: '0193e0a0-aaaa-7abc-9def-0123456789ab' }
  const { id } = await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'wait' } },
        wait: { type: 'wait.event@1', config: { name: 'never' }, next: { came: 'end' } },
        end: { type: 'end@1' },
      },
      { subject: 'contact', reentry: 'allow' },
    ),
  )
  await work.happens([
    { type: 'event.received', data: go },
    { type: 'event.received', data: go },
  ])
  await work.settle()
  const [one, other] = (await work.runs(id)).map((run) => run.id as RunId)
  // Its lane broke off once: what is in its box was seen, and waits for the lane's time.
  await sql`
    insert into workflow_box (workspace_id, lane_id, fresh, what, body, txid, seq, at)
    select workspace_id, lane_id, false, 'act', jsonb_build_object('what', 'act', 'act', 'cancel', 'runId', id, 'reason', 'stopped'), '0', 0, ${all.clock.now()}
      from workflow_run where id = ${other}`.execute(all.database.db)
  await sql`update workflow_lane set crashes = 1, due_at = ${new Date(all.clock.now().getTime() + 16_000)}`.execute(
    all.database.db,
  )
  const deps = { tools: work.tools, random: () => 0 }
  await all.inWorkspace((tx) => cancelRun(tx, deps, { workspaceId: all.workspaceId, runId: one! }, 'user:ann', all.clock.now()))
  await work.later(20_000)
  expect(await work.runs(id)).toMatchObject([{ endReason: 'cancelled' }, { endReason: 'stopped' }])
})
