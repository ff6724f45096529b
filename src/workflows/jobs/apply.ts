/** A workflow begins with what was there before it. What is asked for is a letter to the lane of each: there it is decided, as always. */
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { waitForFollower } from '../../events/follow.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import { typeOf } from '../definition/catalogue.ts'
import type { Graph } from '../definition/graph.ts'
import { laneKeyOf } from '../engine/lane.ts'
import { placeNow } from '../engine/lane-queries.ts'
import { ensureLanes, insertBox } from '../engine/route-queries.ts'
import { ROUTER } from '../engine/router.ts'
import type { Tools } from '../engine/tools.ts'
import { nameSubjects } from '../reading/subjects.ts'
import type { RunId, WorkflowId } from '../steps/step.ts'
import type { Job } from './job.ts'
import { ownTxid, type Progress } from './queries.ts'
import { type Scope, withinScope } from './scope.ts'
import { appliedTo, type ExistingSubject, fits, type Question, questionOf, subjectsBefore } from './subjects.ts'

/** The trigger that is meant: the one that is named, or the only one. */
export function triggerOf(graph: Graph, named: string | null, workflowId: WorkflowId): { node: string; question: Question } {
  const triggers = Object.keys(graph.nodes).filter((id) => typeOf(graph.nodes[id]?.type ?? '')?.kind === 'trigger')
  const fit = triggers.filter((id) => questionOf(graph, id, workflowId) !== null)
  const node = named ?? (fit.length === 1 ? fit[0] : undefined)
  if (node === undefined && fit.length > 1)
    throw new Refusal('invalid_request', { why: 'This workflow begins with several triggers: say which.', pointer: '/node' })
  const question = node === undefined ? null : questionOf(graph, node, workflowId)
  if (node === undefined || question === null)
    throw new Refusal('invalid_request', {
      why: 'None of what was there before can be asked for this: the workflow is to be about conversations or contacts, and its trigger about more than a moment.',
      pointer: '/node',
    })
  return { node, question }
}

export interface Preview {
  readonly lookedAt: number
  readonly matched: number
  /** There are more than were looked at. */
  readonly hasMore: boolean
  readonly items: readonly { readonly kind: ExistingSubject['kind']; readonly id: string; readonly label: string | null }[]
}

const PREVIEWED = 50
const LOOKED_AT_MAX = 2_000
const LOOKED_AT_ONCE = 100
const PREVIEW_MS = 3_000

/** Of the newest, as many as can be looked at in a moment. */
export async function previewApply(
  tx: Tx,
  tools: Pick<Tools, 'readSubject'>,
  workspaceId: WorkspaceId,
  { question, scope }: { readonly question: Question; readonly scope: Scope | null },
  now: Date,
  monotonicMs: () => number,
): Promise<Preview> {
  const endsMs = monotonicMs() + PREVIEW_MS
  const found: ExistingSubject[] = []
  let matched = 0
  let lookedAt = 0
  let before: string | null = null
  let hasMore = true
  while (hasMore && lookedAt < LOOKED_AT_MAX && monotonicMs() < endsMs) {
    const page: ExistingSubject[] = await subjectsBefore(tx, workspaceId, question.kind, { before, limit: LOOKED_AT_ONCE })
    hasMore = page.length === LOOKED_AT_ONCE
    const meant = new Set(await withinScope(tx, workspaceId, scope, page, now))
    for (const subject of page) {
      if (monotonicMs() >= endsMs) {
        hasMore = true
        break
      }
      lookedAt += 1
      before = subject.id
      if (!meant.has(subject)) continue
      if (!(await fits(tx, tools, workspaceId, subject, question, appliedTo(subject, question, null, now), now))) continue
      matched += 1
      if (found.length < PREVIEWED) found.push(subject)
    }
  }
  const label = await nameSubjects(tx, workspaceId, found)
  return { lookedAt, matched, hasMore, items: found.map(({ kind, id }) => ({ kind, id, label: label({ kind, id }) })) }
}

/** The next of them; null: there are no more. */
export async function applyStep(
  tx: Tx,
  tools: Pick<Tools, 'readSubject'>,
  job: Job,
  graph: Graph,
  limit: number,
  now: Date,
  /** The next of them broke off too often. */
  isPassed = false,
): Promise<Omit<Progress, 'dueAt'> | null> {
  const { workspaceId, workflowId, versionId, node, scope, place: before } = job
  const question = node === null ? null : questionOf(graph, node, workflowId)
  if (node === null || question === null) return null
  const page = await subjectsBefore(tx, workspaceId, question.kind, { before, limit })
  const last = page.at(-1)
  if (!last) return null
  if (isPassed) return { place: last.id, seen: page.length, done: 0, leftOut: { broken: page.length } }
  const met: { readonly subject: ExistingSubject; readonly happening: ReturnType<typeof appliedTo> }[] = []
  const meant = await withinScope(tx, workspaceId, scope, page, now)
  for (const subject of meant) {
    const happening = appliedTo(subject, question, job.createdBy, now)
    if (await fits(tx, tools, workspaceId, subject, question, happening, now)) met.push({ subject, happening })
  }
  if (met.length > 0) {
    // Whoever forgets lanes in which nothing goes on takes this lock as well.
    await waitForFollower(tx, ROUTER)
    const at = await placeNow(tx, ROUTER)
    // A restore begins transactions anew: the time tells them apart as well.
    const applied = { txid: await ownTxid(tx), seq: String(now.getTime()) }
    const keyOf = ({ kind, id }: ExistingSubject) => laneKeyOf(kind, id, '')
    const lanes = await ensureLanes(
      tx,
      met.map(({ subject }) => ({ workspaceId, id: newId(now.getTime()) as string, key: keyOf(subject), priority: 1 })),
    )
    await insertBox(
      tx,
      met.map(({ subject, happening }) => ({
        workspaceId,
        laneId: lanes.get(`${workspaceId} ${keyOf(subject)}`) as string,
        letter: {
          what: 'start',
          workflowId,
          versionId,
          node,
          happening,
          depth: 0,
          runId: newId<RunId>(now.getTime()),
          applied,
          jobId: job.id,
        },
        ...{ place: at, at: now },
      })),
    )
  }
  const leftOut = { others: page.length - meant.length, conditions: meant.length - met.length }
  return { place: last.id, seen: page.length, done: met.length, leftOut }
}
