import { expect, test } from 'vitest'
import { step } from '../../../src/workflows/steps/step.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

/** What is asked of the database from now on. */
function listen({ database }: World): string[] {
  const statements: string[] = []
  const heard = new WeakSet<object>()
  database.pool.on('acquire', (client) => {
    if (heard.has(client)) return
    heard.add(client)
    const query = client.query.bind(client) as (...given: unknown[]) => unknown
    Object.assign(client, {
      query: (...given: unknown[]) => {
        const [first] = given
        statements.push(typeof first === 'string' ? first : ((first as { text?: string }).text ?? ''))
        return query(...given)
      },
    })
  })
  return statements
}

const waits = (type: string) =>
  aGraph(
    {
      begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'first' } },
      first: {
        type: 'wait.event@1',
        config: { name: 'on', key: 'event.key', after: { for: '1d' } },
        next: { came: 'set', timeout: 'late' },
      },
      set: { type, config: { values: { seen: '{{ event.key }}' } }, next: { out: 'second' } },
      second: { type: 'wait.event@1', config: { name: 'last', after: { for: '1d' } }, next: { came: 'end', timeout: 'late' } },
      late: { type: 'end@1', config: {} },
      end: { type: 'end@1', config: {} },
    },
    { vars: [{ key: 'seen', type: 'text' }] },
  )
const KEYS = Array.from({ length: 24 }, (_, nth) => `k${nth}`)

test('runs about nobody that go on at the same moment go on in one transaction, by events and by the clock', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(waits('data.set@1'))
  for (const key of KEYS) await work.told('go', key)
  await work.settle()
  for (const key of KEYS) await work.told('on', key)
  const statements = listen(all)
  const taken = () => statements.filter((text) => text.includes('workflow_take')).length
  await work.settle()
  expect((await work.runs()).map(({ status, vars }) => [status, vars.seen])).toEqual(KEYS.map((key) => ['running', key]))
  expect(taken()).toBeLessThanOrEqual(3)
  await work.later(2 * 86_400_000)
  expect(taken()).toBeLessThanOrEqual(6)
  const ended = await work.runs()
  expect(ended.map(({ status }) => status)).toEqual(KEYS.map(() => 'completed'))
  expect(await work.story(ended[0]?.id ?? '')).toContain('late ended')
})

test('of many that go on together one breaks: that one is held, and nobody else is touched by it', async () => {
  const all = await world()
  const breaks = step({
    type: 'data.set@1',
    isPure: true,
    run: async ({ scope }) => {
      if (JSON.stringify(await scope()).includes('"k7"')) throw Object.assign(new Error('broken'), { code: 'XX000' })
      return { kind: 'go', port: 'out' }
    },
  })
  const work = workflowWorld(all, { steps: [breaks] })
  await work.publish(waits('data.set@1'))
  for (const key of KEYS) await work.told('go', key)
  await work.settle()
  for (const key of KEYS) await work.told('on', key)
  await work.settle()
  for (let nth = 0; nth < 6; nth++) {
    all.clock.elapse(5_000)
    await work.later(120_000)
  }
  await work.told('last')
  await work.settle()
  const runs = await work.runs()
  expect(runs.filter(({ status }) => status === 'completed')).toHaveLength(KEYS.length - 1)
  expect(runs.filter(({ held }) => held === 1)).toHaveLength(1)
})
