/** Other workflows, and events by name. Nothing here enters another lane: what is asked is an event of the log, and whoever reads the log brings it. */

import { actorReference } from '../../accounts/actor.ts'
import { append } from '../../events/append.ts'
import { momentAfter } from '../calendars/calendars.ts'
import type { Json } from '../definition/graph.ts'
import type { Publish } from '../definition/nodes/data.ts'
import type { RunOther, StartOther, StopOther } from '../definition/nodes/people.ts'
import { MAX_DEPTH } from '../depth.ts'
import type { StepResult } from '../interpret/result.ts'
import type { Arm, Values } from '../interpret/state.ts'
import { MAX_PAYLOAD_CHARACTERS } from '../limits.ts'
import { selectWorkflow } from '../queries.ts'
import { selectRunsAbout } from './call-queries.ts'
import { go } from './conversation.ts'
import { type RunId, type Step, type StepContext, step, type WorkflowId } from './step.ts'

async function valuesOf(context: StepContext, expressions: Readonly<Record<string, string>>): Promise<Values> {
  const found: Record<string, Json> = {}
  for (const [key, expression] of Object.entries(expressions)) found[key] = await context.value(expression)
  return found
}

function about({ run }: StepContext): Values {
  const conversationId = run.subject?.kind === 'conversation' ? run.subject.id : run.cause.conversationId
  const contactId = run.subject?.kind === 'contact' ? run.subject.id : run.cause.contactId
  return { ...(conversationId && { conversation_id: conversationId }), ...(contactId && { contact_id: contactId }) }
}

function refusal(sentence: string): StepResult {
  return { kind: 'fail', class: 'refused', sentence, retryAt: null, port: 'refused' }
}

/** Asks for the run; a sentence where it can be told already that there will be none. */
async function ask(
  context: StepContext,
  config: StartOther,
  isAwaited: boolean,
): Promise<{ readonly runId: RunId } | { readonly why: string }> {
  const { tx, run, actor, now } = context
  const workflow = await selectWorkflow(tx, run.workspaceId, config.workflow as WorkflowId)
  if (!workflow || workflow.removedAt !== null) return { why: 'The workflow is not there any more.' }
  if (!workflow.isEnabled) return { why: `The workflow “${workflow.name}” is switched off.` }
  const depth = run.depth + 1
  if (depth > MAX_DEPTH) return { why: `More than ${MAX_DEPTH} workflows would have begun one another.` }
  const inputs = await valuesOf(context, config.inputs)
  if (JSON.stringify(inputs).length > MAX_PAYLOAD_CHARACTERS)
    return { why: `What it is given is longer than ${MAX_PAYLOAD_CHARACTERS} characters.` }
  const runId = context.newId<RunId>()
  const given = {
    act: 'start',
    run_id: runId,
    parent_id: run.id,
    depth,
    inputs,
    ...(run.isTest && { is_test: true }),
    ...(isAwaited && { is_awaited: true }),
  }
  const data = { ...given, ...(config.about === 'same' && about(context)) }
  const { workspaceId } = run
  const told = { type: 'workflow.asked', workspaceId, subjectId: workflow.id, actor: actorReference(actor), depth, data } as const
  await append(tx, told, now)
  return { runId }
}

const ENDS = { completed: 'completed', cancelled: 'cancelled', refused: 'refused' } as const

const runOther = step<RunOther>({
  type: 'workflow.run@1',
  async run(context, config) {
    const asked = await ask(context, config, true)
    if ('why' in asked) return refusal(asked.why)
    const { tx, run, now } = context
    const until = config.after === null ? null : await momentAfter(tx, run.workspaceId, config.after, now)
    const key = `run:${asked.runId}`
    const arms = Object.entries(ENDS).map(([port, status]): Arm => ({ port, on: 'run.ended', key, where: { status } }))
    return { kind: 'wait', arms, until, timeoutPort: until === null ? null : 'timeout', memo: { run: asked.runId } }
  },
  /** An end that is none that was wanted is a failure: where it leads nowhere, a person looks at it. */
  hit: (_, __, port, { facts }) => ({ kind: 'go', port, output: facts as Json }),
})

const startOther = step<StartOther>({
  type: 'workflow.start@1',
  async run(context, config) {
    const asked = await ask(context, config, false)
    return 'why' in asked ? refusal(asked.why) : go('out', { run_id: asked.runId })
  },
})

const stopOther = step<StopOther>({
  type: 'workflow.stop@1',
  async run(context, { workflow }) {
    const { tx, run, actor, now } = context
    if (run.subject === null) return go('out', { stopped: 0 })
    const found = await selectRunsAbout(tx, run.workspaceId, workflow as WorkflowId, run.subject.id)
    const others = found.filter((id) => id !== run.id)
    const events = others.map((id) => ({
      ...{ type: 'workflow.asked' as const, workspaceId: run.workspaceId, subjectId: id, actor: actorReference(actor) },
      data: { act: 'cancel', run_id: id, reason: 'stopped' },
    }))
    if (events.length > 0) await append(tx, events, now)
    return go('out', { stopped: others.length })
  },
})

const publish = step<Publish>({
  type: 'event.publish@1',
  async run(context, { name, key, payload }) {
    const { tx, run, actor, now } = context
    const said = await valuesOf(context, payload)
    if (JSON.stringify(said).length > MAX_PAYLOAD_CHARACTERS) {
      const sentence = `What the event says is longer than ${MAX_PAYLOAD_CHARACTERS} characters.`
      return { kind: 'fail', class: 'limit', sentence, retryAt: null, port: null }
    }
    const value = key === undefined ? null : await context.value(key)
    const data = { name, payload: said, ...(value !== null && value !== '' && { key: String(value) }), ...about(context) }
    const { workspaceId, depth } = run
    await append(tx, { type: 'event.received', workspaceId, actor: actorReference(actor), depth: depth + 1, data }, now)
    return go('out')
  },
})

export const CALL_STEPS = [runOther, startOther, stopOther, publish] as unknown as readonly Step<never>[]
