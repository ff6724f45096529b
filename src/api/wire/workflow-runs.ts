import type { Graph, Json } from '../../workflows/definition/graph.ts'
import { VERDICTS, type VerdictCode } from '../../workflows/engine/verdict.ts'
import type { Token } from '../../workflows/interpret/state.ts'
import type { Automations } from '../../workflows/reading/automations.ts'
import type { MailObstacle } from '../../workflows/reading/mail-obstacle.ts'
import type { RunStory, ShownRun, ShownToken } from '../../workflows/reading/runs.ts'
import type * as endpoints from '../endpoints/workflow-runs.ts'
import { objectOf } from './workflows.ts'

export function toRunSummary({ row, workflow, number, subject, sentence }: ShownRun): endpoints.WorkflowRunSummary {
  return {
    ...{
      id: row.id,
      workflow: { id: workflow.id, name: workflow.name, is_removed: workflow.isRemoved },
      version: number,
      status: row.status,
      is_test: row.isTest,
    },
    ...{ subject: subject && { ...subject }, trigger: row.node, held: row.held, sentence },
    ...{ started_at: row.startedAt, ended_at: row.endedAt, end_reason: row.endReason },
  }
}

export function toRun(story: RunStory): endpoints.WorkflowRun {
  const { row, newer, graph, names, tokens, lines, hasMore, deliveries, parent, children, verdict } = story
  return {
    ...toRunSummary(story),
    ...{ version_id: row.versionId, definition: graph && objectOf(graph as unknown as Json), names: [...names] },
    cause: { happening: row.cause.kind, facts: { ...row.cause.facts } },
    ...{ inputs: { ...row.inputs }, vars: { ...row.vars }, outputs: { ...row.outputs }, steps: row.steps },
    ...{ visits: { ...row.visits }, deadline_at: row.deadlineAt, has_more: hasMore },
    tokens: tokens.map(toToken),
    lines: lines.map(({ seq, at, node, visit, what, port, sentence, detail }) => ({
      ...{ seq, at, node, visit, what, port, sentence, detail: { ...detail } },
    })),
    messages: deliveries.map(({ id, messageId, recipient, state, reason }) => ({
      ...{ message_id: messageId, delivery_id: id, recipient, state },
      reason: reason?.sentence ?? null,
    })),
    newer_version: newer,
    verdict: verdict && toVerdict(verdict),
    parent: parent && toRunSummary(parent),
    children: children.map(toRunSummary),
  }
}

function toToken({ token, step, waitsFor, waits, ports, inTheWay }: ShownToken): endpoints.WorkflowRun['tokens'][number] {
  const { id, node, visit, state, dueAt, timeoutPort, attempt, frames, arrivedAt, trouble } = token
  return {
    ...{ id, node, visit, state, step, waits_for: waitsFor, until: dueAt, timeout_port: timeoutPort, attempt },
    waits: waits.map(({ arm, sentence }) => ({ port: arm.port, happening: arm.on, key: arm.key, sentence })),
    branch: frames.map(({ branch, item }) => ({ branch, ...(item !== undefined && { item }) })),
    arrived_at: arrivedAt,
    trouble: trouble && { class: trouble.class, sentence: trouble.sentence, port: trouble.port ?? null, at: trouble.at },
    ports: ports.map(({ key, label, isFailure = false }) => ({ key, label, is_failure: isFailure })),
    in_the_way: inTheWay && toObstacle(inTheWay),
    acts: actsOf(token, ports.length > 0),
  }
}

function toObstacle({ messageId, deliveryId, recipient, route, sentence, hint, since, nextTryAt, tries }: MailObstacle) {
  return {
    message_id: messageId,
    delivery_id: deliveryId,
    recipient,
    route,
    sentence,
    hint,
    since,
    next_try_at: nextTryAt,
    tries,
  }
}

function actsOf({ state, timeoutPort }: Token, hasPorts: boolean): ('retry' | 'skip' | 'continue')[] {
  if (state === 'held') return hasPorts ? ['retry', 'skip'] : ['retry']
  if (state === 'ready') return ['continue']
  return [...(hasPorts ? (['skip'] as const) : []), ...(timeoutPort === null ? [] : (['continue'] as const))]
}

export function toVerdict({ id, at, workflowId, workflow, runId, verdict, trace }: Automations['verdicts'][number]) {
  const sentence = VERDICTS[verdict as VerdictCode] ?? verdict
  return { id, at, workflow: { id: workflowId, name: workflow }, run_id: runId, verdict, sentence, trace }
}

export function toButton({ workflowId, workflow, node, label, inputs }: Automations['buttons'][number]) {
  return { workflow: { id: workflowId, name: workflow }, node, label, inputs: toInputs(inputs) }
}

function toInputs(inputs: Graph['inputs']) {
  return inputs.map(({ key, type, label = null, default: value = null }) => ({ key, type, label, default: value }))
}
