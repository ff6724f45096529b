/** Waiting: for a time, for what somebody does, for whatever comes first. */
import { momentAfter, nextWorkingMoment } from '../calendars/calendars.ts'
import { lengthMs } from '../definition/condition.ts'
import type { Json } from '../definition/graph.ts'
import type { After } from '../definition/nodes/after.ts'
import type { StepResult } from '../interpret/result.ts'
import type { Arm, Values } from '../interpret/state.ts'
import { type Step, type StepContext, step } from './step.ts'

const YEAR_MS = 365 * 86_400_000

function invalid(sentence: string, port: string | null = null): StepResult {
  return { kind: 'fail', class: 'invalid', sentence, retryAt: null, port }
}

/** Until one of the arms is hit; where there is a patience, no longer than that. */
async function waitFor(context: StepContext, arms: readonly Arm[], after: After | null, memo?: Values): Promise<StepResult> {
  const until = after === null ? null : await momentAfter(context.tx, context.run.workspaceId, after, context.now)
  return { kind: 'wait', arms, until, timeoutPort: until === null ? null : 'timeout', ...(memo && { memo }) }
}

function pause(until: Date, { now }: StepContext): StepResult {
  if (until <= now) return { kind: 'go', port: 'out' }
  return { kind: 'wait', arms: [], until, timeoutPort: 'out' }
}

const time = step<{ readonly for: After }>({
  type: 'wait.time@1',
  isPure: true,
  run: async (context, config) => pause(await momentAfter(context.tx, context.run.workspaceId, config.for, context.now), context),
})

const until = step<{ readonly at: string }>({
  type: 'wait.until@1',
  isPure: true,
  async run(context, { at }) {
    const value = await context.value(at)
    const moment = typeof value === 'string' ? new Date(value) : null
    if (moment === null || Number.isNaN(moment.getTime())) return invalid(`“${at}” gives no date.`, 'failed')
    if (moment.getTime() - context.now.getTime() > 10 * YEAR_MS) return invalid('That is more than ten years away.', 'failed')
    return pause(moment, context)
  },
})

const working = step<{ readonly calendar?: string | undefined }>({
  type: 'wait.working@1',
  isPure: true,
  run: async (context, { calendar }) =>
    pause(await nextWorkingMoment(context.tx, context.run.workspaceId, calendar, context.now), context),
})

function conversationOf({ run }: StepContext): string | null {
  return run.subject?.kind === 'conversation' ? run.subject.id : run.cause.conversationId
}

function contactOf({ run }: StepContext): string | null {
  return run.subject?.kind === 'contact' ? run.subject.id : run.cause.contactId
}

const WRITES = {
  customer: ['customer.replied'],
  agent: ['agent.replied'],
  anybody: ['customer.replied', 'agent.replied'],
} as const

const reply = step<{ readonly from: keyof typeof WRITES; readonly after: After | null }>({
  type: 'wait.reply@1',
  isPure: true,
  async run(context, { from, after }) {
    const conversation = conversationOf(context)
    if (conversation === null) return invalid('This run is about no conversation, so nobody can write in it.')
    const arms = WRITES[from].map((on) => ({ port: 'replied', on, key: `conversation:${conversation}` }))
    return await waitFor(context, arms, after)
  },
})

/** Every message begins the time anew; the patience does not. */
const quiet = step<{ readonly for: string; readonly after: After | null }>({
  type: 'wait.quiet@1',
  isPure: true,
  async run(context, config) {
    const { memo } = context.token
    const ends =
      typeof memo.ends === 'string'
        ? new Date(memo.ends)
        : config.after && (await momentAfter(context.tx, context.run.workspaceId, config.after, context.now))
    return quietFrom(context, config.for, ends)
  },
  hit(context, config) {
    const { ends } = context.token.memo
    return quietFrom(context, config.for, typeof ends === 'string' ? new Date(ends) : null)
  },
})

function quietFrom(context: StepContext, length: string, ends: Date | null): StepResult {
  const conversation = conversationOf(context)
  if (conversation === null) return invalid('This run is about no conversation, so nobody can write in it.')
  const still = new Date(context.now.getTime() + (lengthMs(length) ?? 0))
  const isLast = ends !== null && ends < still
  return {
    kind: 'wait',
    arms: WRITES.anybody.map((on) => ({ port: 'out', on, key: `conversation:${conversation}` })),
    until: isLast ? ends : still,
    timeoutPort: isLast ? 'timeout' : 'out',
    memo: ends === null ? {} : { ends: ends.toISOString() },
  }
}

interface AnyArm {
  readonly port: string
  readonly event: string
  readonly of: 'conversation' | 'contact' | 'last_mail' | 'value' | 'anything'
  readonly value?: string | undefined
  readonly where?: Values | undefined
}

/** Of which mail: what an expression gives, or the last that this run sent. */
export const LAST_MAIL = 'last_message'

async function messageKey(context: StepContext, message: string | undefined): Promise<string | null> {
  const id: Json = message === undefined ? (context.state.vars[LAST_MAIL] ?? null) : await context.value(message)
  return typeof id === 'string' && id !== '' ? `message:${id}` : null
}

async function keyOf(context: StepContext, { of, value }: AnyArm): Promise<string | null> {
  if (of === 'last_mail') return await messageKey(context, undefined)
  if (of === 'value') return value === undefined ? null : String((await context.value(value)) ?? '') || null
  if (of === 'anything') return ANYTHING
  const id = of === 'conversation' ? conversationOf(context) : contactOf(context)
  return id === null ? null : `${of}:${id}`
}

/** The key that every happening of a kind has. */
export const ANYTHING = 'any'

const any = step<{ readonly arms: readonly AnyArm[]; readonly after: After | null }>({
  type: 'wait.any@1',
  isPure: true,
  async run(context, { arms, after }) {
    const found: Arm[] = []
    for (const arm of arms) {
      const key = await keyOf(context, arm)
      if (key === null) return invalid(`There is nothing that “${arm.event}” could be waited for of.`)
      found.push({ port: arm.port, on: arm.event, key, ...(arm.where && { where: arm.where }) })
    }
    return await waitFor(context, found, after)
  },
})

const delivery = step<{ readonly message?: string | undefined; readonly after: After | null }>({
  type: 'wait.delivery@1',
  isPure: true,
  async run(context, { message, after }) {
    const key = await messageKey(context, message)
    if (key === null) return invalid('There is no mail whose end could be waited for.')
    const arms = ['delivered', 'bounced', 'complained'].map((port) => ({ port, on: `delivery.${port}`, key }))
    return await waitFor(context, arms, after)
  },
})

const click = step<{ readonly message?: string | undefined; readonly url?: string | undefined; readonly after: After | null }>({
  type: 'wait.click@1',
  isPure: true,
  async run(context, { message, url, after }) {
    const key = await messageKey(context, message)
    if (key === null) return invalid('There is no mail in which something could be clicked.')
    const arm = {
      port: 'clicked',
      on: 'message.clicked',
      key,
      ...(url !== undefined && { where: { url: await context.text(url) } }),
    }
    return await waitFor(context, [arm], after)
  },
})

const event = step<{ readonly name: string; readonly key?: string | undefined; readonly after: After | null }>({
  type: 'wait.event@1',
  isPure: true,
  async run(context, { name, key, after }) {
    const value = key === undefined ? null : await context.value(key)
    if (key !== undefined && (value === null || value === '')) return invalid(`“${key}” gives no key.`)
    const arm = { port: 'came', on: 'event.received', key: value === null ? `name:${name}` : `name:${name}:${String(value)}` }
    return await waitFor(context, [arm], after)
  },
})

const child = step<{ readonly run: string; readonly after: After | null }>({
  type: 'wait.child@1',
  isPure: true,
  async run(context, { run, after }) {
    const id = await context.value(run)
    if (typeof id !== 'string' || id === '') return invalid(`“${run}” gives no run.`)
    const key = `run:${id}`
    const ends = { completed: ['completed'], cancelled: ['cancelled', 'refused'] }
    const arms = Object.entries(ends).flatMap(([port, statuses]) =>
      statuses.map((status) => ({ port, on: 'run.ended', key, where: { status } })),
    )
    return await waitFor(context, arms, after)
  },
})

export const WAIT_STEPS = [time, until, working, quiet, any, reply, delivery, click, event, child] as readonly Step<never>[]
