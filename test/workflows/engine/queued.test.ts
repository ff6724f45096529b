import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/lib/clock.ts'
import type { Failpoints } from '../../../src/lib/failpoint.ts'
import { newId } from '../../../src/lib/ids.ts'
import { CALL_STEPS } from '../../../src/workflows/steps/call.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const CONTACT = newId() as string
const queue = (rest: object = {}, config: object = {}) =>
  aGraph(
    {
      begin: { type: 'trigger.event@1', config: { name: 'go', ...config }, next: { out: 'wait' } },
      wait: {
        type: 'wait.event@1',
        config: { name: 'go.on', after: { for: '1d' } },
        next: { came: 'end', timeout: 'late' },
      },
      end: { type: 'end@1', config: { outputs: { n: 'event.payload.n' } } },
      late: { type: 'end@1', config: { outputs: { n: 'event.payload.n', late: 'true' } } },
    },
    { subject: 'contact', reentry: 'queue', ...rest },
  )
const go = (n: number) => ({
  type: 'event.received' as const,
  data: { name: 'go', contact_id: CONTACT, payload: { n } },
})
const ends = async (all: World) => (await all.events('workflow.run_ended')).map(({ data }) => data.outputs)
const waiting = async ({ database }: World) =>
  (await sql<{ n: number }>`select count(*)::int as n from workflow_box`.execute(database.db)).rows[0]?.n

test('a start that came in the moment in which the run before it ended has its turn', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(queue())
  await work.happens(go(1))
  await work.settle()
  all.clock.advance(DAY)
  await work.happens(go(2))
  await work.settle()
  expect(await ends(all)).toEqual([{ n: 1, late: true }])
  expect((await work.runs()).map(({ status }) => status)).toEqual(['completed', 'running'])
  await work.later(DAY)
  expect(await ends(all)).toEqual([
    { n: 1, late: true },
    { n: 2, late: true },
  ])
})

test('forty wait in their order, each with what began it; more are told why they do not, and none of those is lost', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(queue())
  await work.happens(go(0))
  await work.settle()
  // By ones and in crowds: what waits already counts.
  for (const n of [1, 2, 3]) {
    await work.happens(go(n))
    await work.settle()
  }
  await work.happens(Array.from({ length: 42 }, (_, nth) => go(nth + 4)))
  await work.settle()
  expect(await work.verdicts()).toEqual(Array.from({ length: 5 }, () => 'queue_full'))
  // What each of them waits for is counted from what began it.
  await work.told('go.on')
  await work.settle()
  expect(await ends(all)).toEqual(Array.from({ length: 41 }, (_, n) => ({ n })))
  expect(await work.verdicts()).toHaveLength(5)
  expect(await waiting(all)).toBe(0)
})

test('those that wait are judged in their turn, and what is refused then lets the next one have its own', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const { id } = await work.publish(queue({ limits: { runsPerSubject: 2 } }))
  await work.happens([go(1), go(2), go(3), go(4)])
  await work.settle()
  expect(await waiting(all)).toBe(3)
  await work.told('go.on')
  await work.settle()
  expect(await ends(all)).toEqual([{ n: 1 }, { n: 2 }])
  expect(await work.verdicts()).toEqual(['enough', 'enough'])
  expect(await waiting(all)).toBe(0)
  expect(await work.runs(id)).toHaveLength(2)
})

test('what breaks off while others wait loses none of them, and changes nothing of their order', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(queue())
  await work.happens([go(1), go(2), go(3)])
  await work.settle()
  await work.told('go.on')
  let left = 3
  const failpoints: Failpoints = {
    reach(name) {
      if (name !== 'workflow_before_commit' || left === 0) return
      left -= 1
      throw new Error('broken off')
    },
  }
  const broken = workflowWorld(all, { failpoints })
  await broken.settle()
  for (let nth = 0; nth < 5; nth++) await broken.later(2 * MINUTE)
  expect(left).toBe(0)
  expect(await ends(all)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
})

test('what another run asked for and waited for does not begin when that one has ended meanwhile', async () => {
  const all = await world()
  const work = workflowWorld(all, { steps: CALL_STEPS })
  const child = await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.called@1', config: {}, next: { out: 'wait' } },
        wait: { type: 'wait.event@1', config: { name: 'child.done', after: null }, next: { came: 'end' } },
        end: { type: 'end@1', config: {} },
      },
      { subject: 'contact', reentry: 'queue', name: 'Child' },
    ),
  )
  const next = { completed: 'end', cancelled: 'end', refused: 'end', timeout: 'end' }
  const parent = await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'call' } },
        call: { type: 'workflow.run@1', config: { workflow: child.id, inputs: {}, after: { for: '1d' } }, next },
        end: { type: 'end@1', config: {} },
      },
      { subject: 'contact', reentry: 'allow' },
    ),
  )
  await work.happens([go(1), go(2)])
  await work.settle()
  expect(await work.runs(child.id)).toMatchObject([{ status: 'running' }])
  // The one that was begun ends with whoever began it, and the other one does not begin any more.
  const parents = await work.runs(parent.id)
  await work.happens(
    parents.map(({ id }) => ({
      type: 'workflow.asked',
      subjectId: id,
      data: { act: 'cancel', run_id: id, reason: 'cancelled' },
    })),
  )
  await work.settle()
  expect(await work.runs(parent.id)).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }])
  expect(await work.runs(child.id)).toMatchObject([{ status: 'cancelled', endReason: 'parent_ended' }])
  expect(await work.verdicts()).toEqual(['not_awaited'])
  expect(await waiting(all)).toBe(0)
})
