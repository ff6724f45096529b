import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Actor } from '../../../src/accounts/actor.ts'
import { createFailpoints } from '../../../src/lib/failpoint.ts'
import { createLog } from '../../../src/log.ts'
import type { Json } from '../../../src/workflows/definition/graph.ts'
import { type JobWish, startJob } from '../../../src/workflows/jobs/jobs.ts'
import { moveRun } from '../../../src/workflows/jobs/move-run.ts'
import { planMove } from '../../../src/workflows/jobs/plan.ts'
import { workflowJobs } from '../../../src/workflows/jobs/work.ts'
import { changeWorkflow, publish } from '../../../src/workflows/manage.ts'
import type { RunId, VersionId, WorkflowId } from '../../../src/workflows/steps/step.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const DAY = 86_400_000
const waits = (name: string, length: string, next: object) => ({
  type: 'wait.event@1',
  config: { name, key: 'event.key', after: { for: length } },
  next,
})
const FIRST = aGraph({
  begin: { type: 'trigger.event@1', config: { name: 'order' }, next: { out: 'paid' } },
  paid: waits('paid', '3d', { came: 'end', timeout: 'late' }),
  late: { type: 'end@1', config: { outputs: { was: "'late'" } } },
  end: { type: 'end@1', config: { outputs: { was: "'first'" } } },
})
const SECOND = aGraph(
  {
    ...FIRST.nodes,
    paid: waits('paid', '9d', { came: 'more', timeout: 'late' }),
    more: waits('sent', '9d', { came: 'end', timeout: 'late' }),
    late: { type: 'end@1', config: { outputs: { was: "'late again'" } } },
    end: { type: 'end@1', config: { outputs: { was: "'second'" } } },
  },
  { name: 'Second' },
)

async function prepared(count: number, options: { before?: object } = {}) {
  const all = await world()
  const work = workflowWorld(all)
  const { id } = await work.publish(options.before ?? FIRST)
  await work.happens(
    Array.from({ length: count }, (_, nth) => ({
      type: 'event.received' as const,
      data: { name: 'order', key: `o${nth}`, payload: {} },
    })),
  )
  await work.settle()
  const next = async (graph: object): Promise<VersionId> =>
    await all.inWorkspace(async (tx) => {
      await changeWorkflow(tx, all.workspaceId, id, { draft: graph as unknown as Json }, null, all.clock.now())
      return (await publish(tx, all.workspaceId, id, {}, null, all.clock.now())).versionId
    })
  const actor: Actor = { kind: 'workflow', id: 'x', name: 'Test', workspaceId: all.workspaceId }
  const begin = (wish: JobWish) => all.inWorkspace((tx) => startJob(tx, actor, id, wish, all.clock.now()))
  return { all, work, id, next, begin, actor, go: (fail = '') => jobOf(all, fail).run(all.clock.now()) }
}

let kills = 0

function jobOf({ database, clock }: World, fail: string) {
  const failpoints = createFailpoints(fail, () => {
    kills += 1
    throw new Error('killed')
  })
  const tools = { readSubject: async () => ({}) }
  return workflowJobs({ database, clock, log: createLog({ level: 'silent' }), tools, failpoints, mayClaim: () => true })
}

async function jobs({ database }: World) {
  const { rows } = await sql<{ state: string; seen: number; done: number; leftOut: object }>`
    select state, seen, done, left_out as "leftOut" from workflow_job order by id`.execute(database.db)
  return rows
}

test('waiting runs move to the new version with their waits and their time-outs, and old ones that stay end by theirs', async () => {
  const { all, work, id, next, begin, go } = await prepared(4)
  const [first] = await work.runs()
  const versionId = await next(SECOND)
  const plan = await all.inWorkspace((tx) =>
    planMove(tx, all.workspaceId, { workflowId: id, after: SECOND, versionId, fromVersionId: null, mapping: {} }),
  )
  expect(plan).toMatchObject({ runs: 4, movable: 4, blocked: 0, isPartial: false, versions: [{ number: 1, runs: 4 }] })
  expect(plan.nodes).toEqual([{ node: 'paid', to: 'paid', waiting: 4, held: 0, blocker: null }])
  // One came in before anybody moves anything, and one is there but unread.
  await work.told('paid', 'o0')
  await work.settle()
  expect(await work.runs()).toContainEqual(expect.objectContaining({ id: first!.id, outputs: { was: 'first' } }))
  await work.told('paid', 'o1')
  await begin({ kind: 'move' })
  await go()
  expect(await jobs(all)).toEqual([{ state: 'done', seen: 3, done: 3, leftOut: {} }])
  await work.settle()
  await work.told('sent', 'o1')
  await work.told('paid', 'o2')
  await work.settle()
  await work.told('sent', 'o2')
  await work.settle()
  // The time-out is the one it began with.
  await work.later(3 * DAY + 1)
  const runs = await work.runs()
  expect(runs.map(({ outputs }) => outputs.was).sort()).toEqual(['first', 'late again', 'second', 'second'])
  expect(await work.story(runs[2]!.id)).toEqual([
    'begin done out',
    'paid waits',
    'paid moved',
    'paid hit came',
    'more waits',
    'more hit came',
    'end ended',
  ])
  expect((await all.events('workflow.job_ended')).map(({ data }) => data)).toMatchObject([{ kind: 'move', done: 3, left_out: 0 }])
})

test('what cannot go on there is left out and told; a mapping takes it along, and one run moves by itself', async () => {
  const { all, work, id, next, begin, go, actor } = await prepared(3)
  const { paid, ...others } = SECOND.nodes
  const renamed = aGraph({ ...others, begin: { ...FIRST.nodes.begin, next: { out: 'payment' } }, payment: paid })
  const versionId = await next(renamed)
  const wish = { workflowId: id, after: renamed, versionId, fromVersionId: null }
  const plan = await all.inWorkspace((tx) => planMove(tx, all.workspaceId, { ...wish, mapping: {} }))
  expect(plan).toMatchObject({ movable: 0, blocked: 3, nodes: [{ node: 'paid', waiting: 3, blocker: 'gone' }] })
  await begin({ kind: 'move' })
  await expect(begin({ kind: 'cancel' })).rejects.toMatchObject({ code: 'wrong_state' })
  await go()
  expect(await jobs(all)).toEqual([{ state: 'done', seen: 3, done: 0, leftOut: { gone: 3 } }])
  const [one] = await work.runs()
  const move = (mapping: object) =>
    all.inWorkspace((tx) =>
      moveRun(tx, actor, one!.id as RunId, { versionId, mapping: mapping as Record<string, string> }, all.clock.now()),
    )
  await expect(move({})).rejects.toMatchObject({ code: 'invalid_request' })
  await move({ paid: 'payment' })
  await expect(begin({ kind: 'move', mapping: { paid: 'nowhere' } })).rejects.toMatchObject({ code: 'invalid_request' })
  await begin({ kind: 'move', mapping: { paid: 'payment' } })
  await go()
  expect((await jobs(all))[1]).toEqual({ state: 'done', seen: 2, done: 2, leftOut: {} })
  for (const key of ['o0', 'o1', 'o2']) await work.told('paid', key)
  await work.settle()
  expect(await work.story(one!.id)).toEqual(['begin done out', 'paid waits', 'paid moved', 'payment hit came', 'more waits'])
})

test('killed at step after step, every run moves once and the count is right', async () => {
  const { all, work, next, begin, go } = await prepared(9)
  await next(SECOND)
  await begin({ kind: 'move' })
  // What broke off is tried again after a while; the third time it would be left out.
  for (const at of [1, 4, 2]) {
    await go(`workflow_job_before_commit:${at}`)
    all.clock.advance(20_000)
  }
  expect(kills).toBe(3)
  await go()
  expect(await jobs(all)).toEqual([{ state: 'done', seen: 9, done: 9, leftOut: {} }])
  const { rows } = await sql<{ n: number; runs: number }>`
    select count(*)::int as n, count(distinct run_id)::int as runs from workflow_step where what = 'moved'`.execute(
    all.database.db,
  )
  expect(rows).toEqual([{ n: 9, runs: 9 }])
  const keys = Array.from({ length: 9 }, (_, nth) => `o${nth}`)
  await work.happens(keys.map((key) => ({ type: 'event.received', data: { name: 'paid', key, payload: {} } })))
  await work.settle()
  await work.happens(keys.map((key) => ({ type: 'event.received', data: { name: 'sent', key, payload: {} } })))
  await work.settle()
  expect((await work.runs()).map(({ outputs }) => outputs.was)).toEqual(Array(9).fill('second'))
})

test('the runs of a version are cancelled at once, and those of others are not', async () => {
  const { all, work, id, next, begin, go } = await prepared(3)
  await next(SECOND)
  await work.told('order', 'new')
  await work.settle()
  await begin({ kind: 'cancel' })
  await go()
  await work.settle()
  expect((await work.runs(id as WorkflowId)).map(({ status, endReason }) => [status, endReason])).toEqual([
    ...Array(3).fill(['cancelled', 'cancelled']),
    ['running', null],
  ])
  expect(await jobs(all)).toEqual([{ state: 'done', seen: 3, done: 3, leftOut: {} }])
})

test('starts that waited for their turn go by the rule of the version to which the run before them moved', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const about = { subject: 'contact', reentry: 'queue' } as const
  const graph = (more: object) =>
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'wait' } },
        wait: { type: 'wait.event@1', config: { name: 'never' }, next: { came: 'end' } },
        end: { type: 'end@1' },
      },
      { ...about, ...more },
    )
  const { id } = await work.publish(graph({}))
  const data = { name: 'go', payload: {}, contact_id: '0193e0a0-aaaa-7abc-9def-0123456789ab' }
  await work.happens([
    { type: 'event.received', data },
    { type: 'event.received', data },
  ])
  await work.settle()
  expect(await work.runs(id)).toHaveLength(1)
  const actor: Actor = { kind: 'workflow', id: 'x', name: 'Test', workspaceId: all.workspaceId }
  await all.inWorkspace(async (tx) => {
    const draft = graph({ reentry: 'restart' }) as unknown as Json
    await changeWorkflow(tx, all.workspaceId, id, { draft }, null, all.clock.now())
    await publish(tx, all.workspaceId, id, {}, null, all.clock.now())
    await startJob(tx, actor, id, { kind: 'move' }, all.clock.now())
  })
  await jobOf(all, '').run(all.clock.now())
  await work.settle()
  expect(await work.runs(id)).toMatchObject([{ endReason: 'restarted' }, { status: 'running' }])
})
