import { expect, test } from 'vitest'
import { Graph } from '../../../src/workflows/definition/graph.ts'
import { TRIGGERS } from '../../../src/workflows/definition/nodes/triggers.ts'
import { advance, begin, type Deps } from '../../../src/workflows/interpret/advance.ts'
import { retry } from '../../../src/workflows/interpret/moves.ts'
import { FLOW_STEPS } from '../../../src/workflows/steps/flow.ts'
import type { StepContext } from '../../../src/workflows/steps/step.ts'

test.each(TRIGGERS.map(({ type }) => type))('a run that could not leave %s leaves it when a person tries again', async (type) => {
  const nodes = { begin: { type, set: { n: '1 / 0' }, next: { out: 'next' } }, next: { type: 'end@1' } }
  const graph = Graph.parse({ schema: 'workflow/1', name: 'Begin', subject: 'none', nodes })
  let isMended = false
  const evaluate = () => {
    if (!isMended) throw new Error('divided by zero')
    return 1
  }
  const deps: Deps = { now: new Date(0), newId: () => 't1', evaluate }

  const begun = begin(graph, 'begin', {}, deps)
  expect(begun.state.tokens[0]).toMatchObject({ node: 'begin', state: 'held', trouble: { class: 'invalid' } })

  isMended = true
  const again = retry(begun.state, 't1', deps)
  const step = FLOW_STEPS.find((one) => one.type === type)
  const result = await step?.run({} as StepContext, {} as never)
  expect(result).toBeDefined()
  const left = advance(graph, again.state, 't1', result ?? { kind: 'break' }, deps)
  expect(left.state.tokens.map((token) => token.node)).toEqual(['next'])
})
