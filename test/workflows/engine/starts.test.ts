import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { newId } from '../../../src/lib/ids.ts'
import { timesOf } from '../../../src/workflows/engine/schedules.ts'
import { type Step, step } from '../../../src/workflows/steps/step.ts'
import { testClock } from '../../support/clock.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

const onReply = (reentry: string, limits: object = {}) =>
  aGraph(
    {
      begin: { type: 'trigger.agent_replied@1', config: {}, next: { out: 'wait' } },
      wait: { type: 'wait.event@1', config: { name: 'go.on', after: { for: '1d' } }, next: { came: 'end', timeout: 'end' } },
      end: { type: 'end@1', config: {} },
    },
    { subject: 'conversation', reentry, limits },
  )
const replied = (subjectId: string) => ({ type: 'conversation.replied' as const, subjectId, actor: 'user:ann', data: {} })

test('ignore, restart, queue and allow: what becomes of a second start while a run of the same conversation goes on', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const ids = new Map<string, string>()
  for (const reentry of ['ignore', 'restart', 'queue', 'allow']) ids.set(reentry, (await work.publish(onReply(reentry))).id)
  const conversation = newId() as string
  await work.happens([replied(conversation), replied(conversation)])
  await work.settle()
  const statuses = async (reentry: string) =>
    (await work.runs(ids.get(reentry))).map(({ status, endReason }) => endReason ?? status)
  expect(await statuses('ignore')).toEqual(['running'])
  expect(await statuses('restart')).toEqual(['restarted', 'running'])
  expect(await statuses('queue')).toEqual(['running'])
  expect(await statuses('allow')).toEqual(['running', 'running'])
  expect(await work.verdicts()).toEqual(['already_running'])
  await work.told('go.on')
  await work.settle()
  expect(await statuses('ignore')).toEqual(['end'])
  // The next one's turn has come; what it waits for happened after what began it, and counts.
  expect(await statuses('queue')).toEqual(['end', 'end'])
  expect(await statuses('allow')).toEqual(['end', 'end'])
})

test('no more runs for one conversation than the workflow allows, and none for what its conditions do not meet', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const { id } = await work.publish(onReply('allow', { runsPerSubject: 2 }))
  const [one, other] = [newId() as string, newId() as string]
  await work.happens([replied(one), replied(one), replied(one), replied(other)])
  await work.settle()
  expect(await work.runs(id)).toHaveLength(3)
  expect(await work.verdicts()).toEqual(['enough'])
  const when = { field: 'event.payload.amount', op: 'at_least', value: 100 }
  const large = await work.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'paid', when }, next: { out: 'end' } },
      end: { type: 'end@1', config: {} },
    }),
  )
  await work.told('paid', 'a', { amount: 99 })
  await work.told('paid', 'b', { amount: 100 })
  await work.settle()
  expect(await work.runs(large.id)).toHaveLength(1)
  const { rows } = await sql<{ verdict: string; trace: unknown }>`
    select verdict, trace from workflow_verdict where workflow_id = ${large.id} order by verdict desc`.execute(all.database.db)
  expect(rows).toMatchObject([
    { verdict: 'conditions', trace: { holds: false, of: [{ seen: 99, wanted: 100 }] } },
    { verdict: 'began', trace: { holds: true } },
  ])
})

test('what a workflow does is no reason for it to begin again, and workflows that set off one another come to an end', async () => {
  const all = await world()
  // Answers in the conversation, in its own name.
  const answer = step({
    type: 'data.set@1',
    run: async ({ tx, run, actor, now }) => {
      const { append } = await import('../../../src/events/append.ts')
      const event = { ...replied(run.subject!.id), workspaceId: run.workspaceId, actor: `workflow:${actor.id}` }
      await append(tx, event, now)
      return { kind: 'go', port: 'out' }
    },
  }) as Step<never>
  const work = workflowWorld(all, { steps: [answer] })
  const graph = aGraph(
    {
      begin: { type: 'trigger.agent_replied@1', config: {}, next: { out: 'answer' } },
      answer: { type: 'data.set@1', config: { values: { x: 'x' } }, next: { out: 'end' } },
      end: { type: 'end@1', config: {} },
    },
    { subject: 'conversation', reentry: 'allow' },
  )
  const first = await work.publish(graph)
  await work.happens(replied(newId()))
  await work.settle()
  expect(await work.runs(first.id)).toHaveLength(1)
  expect(await work.verdicts()).toEqual(['own_doing'])

  await work.publish(graph)
  await work.happens(replied(newId()))
  await work.settle()
  expect(Math.max(...(await work.runs()).map(({ depth }) => depth))).toBe(5)
  expect(await work.verdicts()).toContain('too_deep')
  expect((await all.events('incident.opened')).map(({ data }) => data.kind)).toContain('workflow.circle')
})

test('a workflow that was switched off begins nothing; what goes on ends as it began', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const { id } = await work.publish(onReply('allow'))
  await work.happens(replied(newId()))
  await work.settle()
  const { setEnabled } = await import('../../../src/workflows/publish.ts')
  await all.inWorkspace((tx) => setEnabled(tx, all.workspaceId, id, false, null, all.clock.now()))
  await work.happens(replied(newId()))
  await work.settle()
  expect(await work.runs(id)).toHaveLength(1)
  await work.later(DAY)
  expect(await work.runs(id)).toMatchObject([{ status: 'completed' }])
})

test('by the clock: each planned time begins one run, whoever looks; what was missed is made up for once', async () => {
  const clock = testClock(new Date('2026-11-22T06:30:00Z'))
  const all = await world({ clock })
  const work = workflowWorld(all)
  const other = workflowWorld(all)
  const { id } = await work.publish(
    aGraph({
      begin: {
        type: 'trigger.schedule@1',
        config: { cron: '0 9 * * *', zone: 'Europe/Berlin', misfire: 'once' },
        next: { out: 'end' },
      },
      end: { type: 'end@1', config: { outputs: { planned: 'event.planned_at' } } },
    }),
  )
  await work.later(HOUR)
  expect(await work.runs(id)).toHaveLength(0)
  clock.advance(30 * MINUTE)
  await Promise.all([work.settle(), other.settle()])
  await work.settle()
  expect(await work.runs(id)).toMatchObject([{ outputs: { planned: '2026-11-22T08:00:00.000Z' } }])
  await work.later(3 * DAY)
  expect((await work.runs(id)).map(({ outputs }) => outputs.planned)).toEqual([
    '2026-11-22T08:00:00.000Z',
    '2026-11-25T08:00:00.000Z',
  ])
})

test('times that were missed: made up for not at all, once, or all', () => {
  const schedule = { cron: '0 * * * *', zone: 'UTC', nextAt: new Date('2026-11-22T01:00:00Z') }
  const now = new Date('2026-11-22T03:30:00Z')
  const hours = (misfire: 'skip' | 'once' | 'all', at = now) =>
    timesOf({ ...schedule, misfire }, at).planned.map((date) => date.getUTCHours())
  expect(hours('skip')).toEqual([])
  expect(hours('once')).toEqual([3])
  expect(hours('all')).toEqual([1, 2, 3])
  expect(hours('skip', new Date('2026-11-22T03:00:01Z'))).toEqual([3])
  expect(timesOf({ ...schedule, misfire: 'all' }, now).nextAt).toEqual(new Date('2026-11-22T04:00:00Z'))
})

test('a workflow that another one asked for begins in a lane of its own; its end is heard, and with the other one it ends', async () => {
  const all = await world()
  const child = await workflowWorld(all).publish(
    aGraph(
      {
        begin: { type: 'trigger.called@1', config: {}, next: { out: 'wait' } },
        wait: { type: 'wait.event@1', config: { name: 'child.done', after: null }, next: { came: 'end' } },
        end: { type: 'end@1', config: { outputs: { answer: 'vars.question + 1' } } },
      },
      { vars: [{ key: 'question', type: 'number' }], name: 'Child' },
    ),
  )
  const call = step({
    type: 'data.set@1',
    run: async ({ tx, run, now, actor, newId: idOf }) => {
      const { append } = await import('../../../src/events/append.ts')
      const runId = idOf() as string
      const data = { act: 'start', run_id: runId, parent_id: run.id, depth: run.depth + 1, inputs: { question: 41 } }
      const event = {
        type: 'workflow.asked' as const,
        workspaceId: run.workspaceId,
        subjectId: child.id,
        actor: `workflow:${actor.id}`,
        data,
      }
      await append(tx, event, now)
      return { kind: 'go', port: 'out', vars: { child: runId } }
    },
  }) as Step<never>
  const work = workflowWorld(all, { steps: [call] })
  const { id } = await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'call' } },
        call: { type: 'data.set@1', config: { values: { x: 'x' } }, next: { out: 'wait' } },
        wait: {
          type: 'wait.child@1',
          config: { run: 'vars.child', after: null },
          next: { completed: 'end' },
          set: { answer: 'result.outputs.answer' },
        },
        end: { type: 'end@1', config: { outputs: { answer: 'vars.answer' } } },
      },
      {
        vars: [
          { key: 'child', type: 'text' },
          { key: 'answer', type: 'number' },
        ],
      },
    ),
  )
  await work.told('go')
  await work.settle()
  const [parent] = await work.runs(id)
  expect(await work.runs(child.id)).toMatchObject([{ status: 'running', parentId: parent!.id, depth: 1 }])
  await work.told('child.done')
  await work.settle()
  expect(await work.runs(id)).toMatchObject([{ status: 'completed', outputs: { answer: 42 } }])

  await work.told('go')
  await work.settle()
  const { cancelRun } = await import('../../../src/workflows/engine/acts.ts')
  const last = (await work.runs(id)).at(-1)!
  const deps = { tools: work.tools, random: () => 0 }
  await all.inWorkspace((tx) =>
    cancelRun(tx, deps, { workspaceId: all.workspaceId, runId: last.id as never }, null, all.clock.now()),
  )
  await work.settle()
  expect((await work.runs(child.id)).at(-1)).toMatchObject({ status: 'cancelled', endReason: 'parent_ended' })
})
