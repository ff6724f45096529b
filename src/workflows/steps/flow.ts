/** Branches, loops and ends: what they come to is the interpreter's. */
import type { Json } from '../definition/graph.ts'
import { TRIGGERS } from '../definition/nodes/triggers.ts'
import { type Step, step } from './step.ts'

const fork = step<{ readonly branches: readonly { readonly key: string }[]; readonly need: 'all' | 'any' | number }>({
  type: 'fork@1',
  isPure: true,
  run: (_, { branches, need }) => ({
    kind: 'fork',
    ports: branches.map(({ key }) => key),
    need: need === 'all' ? branches.length : need === 'any' ? 1 : need,
  }),
})

const join = step({ type: 'join@1', isPure: true, run: () => ({ kind: 'join' }) })

const each = step<{ readonly items: string; readonly at_once: number }>({
  type: 'each@1',
  isPure: true,
  async run(context, { items, at_once: atOnce }) {
    const found = await context.value(items)
    if (Array.isArray(found)) return { kind: 'each', items: found, atOnce }
    const sentence = `“${items}” gives no list to go through.`
    return { kind: 'fail', class: 'invalid', sentence, retryAt: null, port: null }
  },
})

const leaveLoop = step({ type: 'break@1', isPure: true, run: () => ({ kind: 'break' }) })

const end = step<{ readonly outputs: Readonly<Record<string, string>> }>({
  type: 'end@1',
  isPure: true,
  async run(context, { outputs }) {
    const found: Record<string, Json> = {}
    for (const [key, expression] of Object.entries(outputs)) found[key] = await context.value(expression)
    return { kind: 'end', outputs: found }
  },
})

/** A run stands on its trigger only where that could not be left, and a person lets it try again. */
const triggers = TRIGGERS.map(({ type }) => step({ type, isPure: true, run: () => ({ kind: 'go', port: 'out' }) }))

export const FLOW_STEPS = [...triggers, fork, join, each, leaveLoop, end] as readonly Step<never>[]
