/** How often something may happen: so many in a time, or once for somebody. */
import { sha256 } from '../../lib/secrets.ts'
import { lengthMs } from '../definition/condition.ts'
import type { Once, Throttle } from '../definition/nodes/flow.ts'
import { contactOf } from './contact.ts'
import { go } from './conversation.ts'
import { takeOnce, takeSlot } from './count-queries.ts'
import { type Step, type StepContext, step } from './step.ts'

const MAX_KEY = 200

/** Of whom it is counted; null where nobody is there. */
async function keyOf(context: StepContext, { per, value }: Pick<Once, 'per' | 'value'>): Promise<string | null> {
  const { run } = context
  switch (per) {
    case 'workflow':
      return ''
    case 'conversation':
      return run.subject?.kind === 'conversation' ? run.subject.id : run.cause.conversationId
    case 'contact':
      return (await contactOf(context))?.id ?? null
    case 'value': {
      const found = value === undefined ? null : await context.value(value)
      if (found === null || found === '') return null
      const text = typeof found === 'string' ? found : JSON.stringify(found)
      return text.length <= MAX_KEY ? text : sha256(text).toString('hex')
    }
  }
}

function nobody(per: string) {
  const sentence =
    per === 'value' ? 'What it is counted by came to nothing.' : `There is no ${per} here that it could be counted by.`
  return { kind: 'fail', class: 'invalid', sentence, retryAt: null, port: null } as const
}

const once = step<Once>({
  type: 'once@1',
  async run(context, config) {
    const key = await keyOf(context, config)
    if (key === null) return nobody(config.per)
    const { tx, run, nodeId, now } = context
    const of = { workspaceId: run.workspaceId, workflowId: run.workflowId, node: nodeId, key }
    const within = config.within === null ? null : (lengthMs(config.within) ?? 0)
    return go((await takeOnce(tx, of, within, now)) ? 'first' : 'again')
  },
})

/** Whoever comes too early is given the next slot that is free, at once: they pass in the order in which they came, and nobody asks again and again. */
const throttle = step<Throttle>({
  type: 'throttle@1',
  async run(context, config) {
    const key = await keyOf(context, config)
    if (key === null) return nobody(config.per)
    const { tx, run, nodeId, now } = context
    const of = { workspaceId: run.workspaceId, workflowId: run.workflowId, node: nodeId, key }
    const rule = { limit: config.limit, withinMs: lengthMs(config.within) ?? 0, mayWait: config.when_over === 'wait' }
    const at = await takeSlot(tx, of, rule, now)
    if (at === null) return go('over')
    return at <= now ? go('out') : { kind: 'wait', arms: [], until: at, timeoutPort: 'out' }
  },
})

export const COUNT_STEPS = [once, throttle] as unknown as readonly Step<never>[]
