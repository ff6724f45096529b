/** Which way a run goes, and what it remembers: nothing but what it is given is looked at. */
import { type Condition, judge } from '../definition/condition.ts'
import type { Json } from '../definition/graph.ts'
import type { Values } from '../interpret/state.ts'
import { readField } from './read-field.ts'
import { type Step, type StepContext, step } from './step.ts'

/** The trace is kept: it says why. */
async function judged(context: StepContext, condition: Condition): Promise<{ readonly holds: boolean; readonly trace: Json }> {
  const scope = await context.scope()
  const trace = judge(condition, (field) => readField(scope, field), context.now)
  return { holds: trace.holds, trace: trace as unknown as Json }
}

const branch = step<{ readonly when: Condition }>({
  type: 'if@1',
  isPure: true,
  async run(context, { when }) {
    const { holds, trace } = await judged(context, when)
    return { kind: 'go', port: holds ? 'yes' : 'no', output: { trace } }
  },
})

const choice = step<{ readonly cases: readonly { readonly key: string; readonly when: Condition }[] }>({
  type: 'switch@1',
  isPure: true,
  async run(context, { cases }) {
    const traces: Record<string, Json> = {}
    for (const { key, when } of cases) {
      const { holds, trace } = await judged(context, when)
      traces[key] = trace
      if (holds) return { kind: 'go', port: key, output: { traces } }
    }
    return { kind: 'go', port: 'else', output: { traces } }
  },
})

type Given = { readonly values: Readonly<Record<string, string>> }

async function valuesOf({ values }: Given, of: (source: string) => Promise<Json>): Promise<Values> {
  const found: Record<string, Json> = {}
  for (const [key, source] of Object.entries(values)) found[key] = await of(source)
  return found
}

const texts = step<Given>({
  type: 'data.set@1',
  isPure: true,
  run: async (context, config) => ({ kind: 'go', port: 'out', vars: await valuesOf(config, (source) => context.text(source)) }),
})

const compute = step<Given>({
  type: 'data.compute@1',
  isPure: true,
  run: async (context, config) => ({ kind: 'go', port: 'out', vars: await valuesOf(config, (source) => context.value(source)) }),
})

export const LOGIC_STEPS = [branch, choice, texts, compute] as readonly Step<never>[]
