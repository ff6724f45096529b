import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createContact } from '../../../src/contacts/contacts.ts'
import { DAY, HOUR } from '../../../src/lib/clock.ts'
import { CALL_STEPS } from '../../../src/workflows/steps/call.ts'
import { COUNT_STEPS } from '../../../src/workflows/steps/count.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const flowsOf = (w: World) => workflowWorld(w, { steps: [...CALL_STEPS, ...COUNT_STEPS] })
const ends = (outputs: object) => ({ type: 'end@1', config: { outputs } })

test('another workflow is run with what it is given; each end of it is a way of its own, and what cannot begin is one too', async () => {
  const w = await world()
  const flows = flowsOf(w)
  const child = await flows.publish(
    aGraph(
      {
        begin: { type: 'trigger.called@1', config: {}, next: { out: 'wait' } },
        wait: { type: 'wait.event@1', config: { name: 'go.on', after: null }, next: { came: 'end' } },
        end: ends({ double: 'vars.n * 2.0' }),
      },
      { name: 'Child', vars: [{ key: 'n', type: 'number' }] },
    ),
  )
  const calls = (more: object, config: object = { after: { for: '2d' } }) => ({
    type: 'workflow.run@1',
    config: { workflow: child.id, inputs: { n: 'event.payload.n' }, ...config },
    next: { completed: 'done', cancelled: 'cancelled', refused: 'refused', timeout: 'late' },
    ...more,
  })
  const { id } = await flows.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'call' }, next: { out: 'call' } },
        call: calls({ set: { double: 'has(result.outputs) && has(result.outputs.double) ? result.outputs.double : 0.0' } }),
        done: ends({ how: '"done"', double: 'vars.double' }),
        cancelled: ends({ how: '"cancelled"' }),
        refused: ends({ how: '"refused"' }),
        late: ends({ how: '"late"' }),
      },
      { vars: [{ key: 'double', type: 'number' }] },
    ),
  )
  const call = async () => {
    await flows.told('call', undefined, { n: 21 })
    await flows.settle()
  }
  const how = async () => (await flows.runs(id)).at(-1)?.outputs
  await call()
  expect(await flows.runs(child.id)).toMatchObject([{ status: 'running', depth: 1, parentId: (await flows.runs(id))[0]!.id }])
  await flows.told('go.on')
  await flows.settle()
  expect(await how()).toEqual({ how: 'done', double: 42 })

  await call()
  const last = (await flows.runs(child.id)).at(-1)!
  await flows.happens({ type: 'workflow.asked', subjectId: last.id, data: { act: 'cancel', run_id: last.id } })
  await flows.settle()
  expect(await how()).toEqual({ how: 'cancelled' })

  await call()
  await flows.later(2 * DAY + HOUR)
  expect(await how()).toMatchObject({ how: expect.stringMatching(/late/) })

  await sql`update workflow set is_enabled = false where id = ${child.id}`.execute(w.database.db)
  await call()
  expect(await how()).toEqual({ how: 'refused' })
})

test('one workflow starts another and goes on, stops a third about the same person, and tells an event that a fourth waits for', async () => {
  const w = await world()
  const flows = flowsOf(w)
  const actor = { kind: 'workflow', id: w.workspaceId, name: 'Test', workspaceId: w.workspaceId } as const
  const [ann, bob] = await Promise.all(
    ['Ann', 'Bob'].map((name) => w.inWorkspace((tx) => createContact(tx, { name }, actor, w.clock.now()))),
  )
  const about = { subject: 'contact' }
  const called = await flows.publish(
    aGraph({ begin: { type: 'trigger.called@1', config: {}, next: { out: 'end' } }, end: ends({}) }, about),
  )
  const waits = await flows.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'join' }, next: { out: 'wait' } },
        wait: { type: 'wait.time@1', config: { for: { for: '9d' } }, next: { out: 'end' } },
        end: ends({}),
      },
      about,
    ),
  )
  const hears = await flows.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'left' }, next: { out: 'end' } },
      end: ends({ key: 'event.key', why: 'event.payload.why' }),
    }),
  )
  const { id } = await flows.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'leave' }, next: { out: 'start' } },
        start: {
          type: 'workflow.start@1',
          config: { workflow: called.id },
          next: { out: 'stop' },
          set: { other: 'result.run_id' },
        },
        stop: { type: 'workflow.stop@1', config: { workflow: waits.id }, next: { out: 'tell' } },
        tell: {
          type: 'event.publish@1',
          config: { name: 'left', key: '"k1"', payload: { why: '"over"' } },
          next: { out: 'end' },
        },
        end: ends({ other: 'vars.other' }),
      },
      { ...about, vars: [{ key: 'other', type: 'text' }] },
    ),
  )
  for (const one of [ann, bob]) await flows.happens({ type: 'event.received', data: { name: 'join', contact_id: one!.id } })
  await flows.settle()
  await flows.happens({ type: 'event.received', data: { name: 'leave', contact_id: ann!.id } })
  await flows.settle()
  const [began] = await flows.runs(called.id)
  expect(began).toMatchObject({ status: 'completed', subjectId: ann!.id })
  expect(await flows.runs(id)).toMatchObject([{ outputs: { other: began!.id } }])
  expect(await flows.runs(hears.id)).toMatchObject([{ outputs: { key: 'k1', why: 'over' }, depth: 1 }])
  const stopped = (await flows.runs(waits.id)).map(({ subjectId, status, endReason }) => [subjectId, status, endReason])
  expect(stopped).toContainEqual([ann!.id, 'cancelled', 'stopped'])
  expect(stopped).toContainEqual([bob!.id, 'running', null])
})

test('once for each value within a time; and no more than so many in a time, the others in their order', async () => {
  const w = await world()
  const flows = flowsOf(w)
  const once = await flows.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'order' }, next: { out: 'once' } },
      once: {
        type: 'once@1',
        config: { per: 'value', value: 'event.key', within: '7d' },
        next: { first: 'first', again: 'again' },
      },
      first: ends({ way: '"first"' }),
      again: ends({ way: '"again"' }),
    }),
  )
  const order = async (key: string) => {
    await flows.told('order', key)
    await flows.settle()
    return (await flows.runs(once.id)).at(-1)?.outputs.way
  }
  expect([await order('A'), await order('A'), await order('B')]).toEqual(['first', 'again', 'first'])
  await flows.later(7 * DAY)
  expect([await order('A'), await order('A')]).toEqual(['first', 'again'])

  const slow = await flows.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'many' }, next: { out: 'slow' } },
      slow: {
        type: 'throttle@1',
        config: { limit: 2, within: '1h', per: 'workflow', when_over: 'wait' },
        next: { out: 'end' },
      },
      end: ends({}),
    }),
  )
  for (let i = 0; i < 5; i++) await flows.told('many')
  await flows.settle()
  const through = async () => (await flows.runs(slow.id)).filter(({ status }) => status === 'completed').length
  const counts = [await through()]
  for (let i = 0; i < 3; i++) {
    await flows.later(HOUR)
    counts.push(await through())
  }
  expect(counts).toEqual([2, 4, 5, 5])
})
