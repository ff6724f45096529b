import type { z } from 'zod'
import type { NamedActor } from '../../accounts/names.ts'
import { configOf } from '../../workflows/definition/catalogue.ts'
import { Graph } from '../../workflows/definition/graph.ts'
import { orderOf, sentenceOf } from '../../workflows/definition/summary.ts'
import { VERDICTS, type VerdictCode } from '../../workflows/engine/verdict.ts'
import { choicesOf, type Template } from '../../workflows/gallery/template.ts'
import { BLOCKERS, type BlockerCode } from '../../workflows/interpret/carry.ts'
import { type Job, reasonInWords } from '../../workflows/jobs/job.ts'
import type { JobWish } from '../../workflows/jobs/jobs.ts'
import type * as endpoints from '../endpoints/workflow-jobs.ts'

type Name = (reference: string | null) => NamedActor

type Outcomes = (id: Job['id']) => readonly { readonly verdict: string; readonly count: number }[]

export function toJob(job: Job, name: Name, outcomesOf: Outcomes): endpoints.WorkflowJob {
  return {
    ...{ id: job.id, kind: job.kind, state: job.state, version_id: job.versionId, version: job.number },
    ...{ from_version_id: job.fromVersionId, among: amongOf(job.scope) },
    ...{ mapping: { ...job.mapping }, node: job.node, per_minute: job.perMinute, seen: job.seen, done: job.done },
    left_out: Object.entries(job.leftOut).map(([reason, count]) => ({ reason, sentence: reasonInWords(reason), count })),
    outcomes: outcomesOf(job.id).map(({ verdict, count }) => ({
      ...{ verdict, count },
      sentence: VERDICTS[verdict as VerdictCode] ?? verdict,
    })),
    created_at: job.createdAt,
    created_by: job.createdBy === null ? null : name(job.createdBy).name,
    ended_at: job.endedAt,
  }
}

function amongOf(scope: Job['scope']): endpoints.WorkflowJob['among'] {
  if (scope === null) return null
  return scope.kind === 'conversation' ? { conversations: scope.filter } : { contacts: scope.filter }
}

export function toBlocker(code: BlockerCode | null): { code: string; sentence: string } | null {
  return code === null ? null : { code, sentence: BLOCKERS[code] }
}

export function wishOf(body: z.output<typeof endpoints.startWorkflowJob.body>): JobWish {
  if (body.kind === 'apply')
    return {
      kind: body.kind,
      ...(body.node !== undefined && { node: body.node }),
      ...(body.among !== undefined && { among: body.among }),
      ...(body.per_minute !== undefined && { perMinute: body.per_minute }),
    }
  const from = body.from_version_id === undefined ? {} : { fromVersionId: body.from_version_id }
  if (body.kind === 'cancel') return { kind: body.kind, ...from }
  return {
    ...{ kind: body.kind, ...from },
    ...(body.version_id !== undefined && { versionId: body.version_id }),
    ...(body.mapping !== undefined && { mapping: body.mapping }),
  }
}

/** What has to be chosen stands in its sentences as an ellipsis. */
const NAMES = { of: (_: string, id: string) => id || '…' }

export function toTemplate(template: Template, now: Date): endpoints.WorkflowTemplate {
  const { key, title, about, graph: written } = template
  const graph = Graph.parse(written)
  const sentences = orderOf(graph).flatMap((id) => {
    const node = graph.nodes[id]
    if (!node || node.type === 'end@1') return []
    return [configOf(node) === null ? sentenceOf(withSomething(node), NAMES) : sentenceOf(node, NAMES)]
  })
  const choose = choicesOf(template, now).flatMap(({ node, field, sentence }) =>
    node === null ? [] : [{ node, field, sentence }],
  )
  return { key, title, about, subject: graph.subject, definition: { ...graph }, sentences, choose }
}

/** As if it were chosen: only its sentence is asked for. */
function withSomething(node: Graph['nodes'][string]): Graph['nodes'][string] {
  return { ...node, config: JSON.parse(JSON.stringify(node.config).replaceAll(':""', ':"…"')) }
}
