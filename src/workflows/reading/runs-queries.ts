import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import { DAY } from '../../lib/clock.ts'
import { idFloor, type WorkspaceId } from '../../lib/ids.ts'
import type { Json } from '../definition/graph.ts'
import type { RunRow } from '../engine/run-queries.ts'
import type { StepLine } from '../interpret/result.ts'
import type { RunStatus } from '../interpret/state.ts'
import type { RunId, VersionId, WorkflowId } from '../steps/step.ts'
import { MANY_RUNS } from './list-queries.ts'

export interface RunFilter {
  readonly workflowId?: WorkflowId
  readonly subjectIds?: readonly string[]
  readonly status?: RunStatus
  readonly held?: boolean
  readonly parentId?: RunId
  /** Of those that go on: where they stand. */
  readonly node?: string
  /** Where they came to, whether or not they stand there: of the newest, as they are counted. */
  readonly passed?: string
  /** Begun at this time or later. */
  readonly since?: Date
}

const LONGEST_TURN_MS = DAY

export interface RunPage {
  readonly after: string | null
  readonly limit: number
}

/** Newest first. */
export async function selectRunIds(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { workflowId, subjectIds, status, held, parentId, node, passed, since }: RunFilter,
  { after, limit }: RunPage,
): Promise<RunId[]> {
  const wanted: RawBuilder<unknown>[] = [sql`workspace_id = ${workspaceId}`]
  if (workflowId !== undefined) wanted.push(sql`workflow_id = ${workflowId}`)
  if (subjectIds !== undefined) wanted.push(sql`subject_id = any (${plainArray(subjectIds)}::uuid[])`)
  // Written out, so that the indexes of what goes on and of what was cancelled serve.
  if (status !== undefined) wanted.push(sql`status = ${sql.lit(status)}`)
  if (held !== undefined) wanted.push(held ? sql`held > 0` : sql`held = 0`)
  if (parentId !== undefined) wanted.push(sql`parent_id = ${parentId}`)
  if (node !== undefined)
    wanted.push(sql`status = 'running' and exists (
      select from workflow_token as t where t.workspace_id = workflow_run.workspace_id and t.run_id = workflow_run.id and t.node = ${node})`)
  if (passed !== undefined)
    wanted.push(sql`visits ? ${passed} and id in (
      select r.id from workflow_run as r
       where r.workspace_id = ${workspaceId} ${workflowId === undefined ? sql`` : sql`and r.workflow_id = ${workflowId}`}
       order by r.id desc limit ${MANY_RUNS})`)
  // The ids of runs grow with time, so that the order of the list is nearly its bound: a start may have waited for its turn.
  if (since !== undefined)
    wanted.push(sql`started_at >= ${since} and id >= ${idFloor(new Date(since.getTime() - LONGEST_TURN_MS))}::uuid`)
  if (after !== null) wanted.push(sql`id < ${after}`)
  const { rows } = await sql<{ id: RunId }>`
    select id from workflow_run where ${sql.join(wanted, sql` and `)} order by id desc limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

export interface VersionOfRun {
  readonly id: VersionId
  readonly workflowId: WorkflowId
  readonly workflow: string
  readonly isRemoved: boolean
  /** What new runs begin with; null: it was never published, which is none of those that run. */
  readonly newestId: VersionId | null
  readonly newest: number | null
  readonly number: number
  readonly graph: Json
}

export async function selectVersionsOfRuns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly VersionId[],
): Promise<VersionOfRun[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<VersionOfRun>`
    select v.id, v.workflow_id as "workflowId", w.name as workflow, w.removed_at is not null as "isRemoved", n.id as "newestId",
           n.number as newest, v.number, v.graph
      from workflow_version as v
      join workflow as w on w.workspace_id = v.workspace_id and w.id = v.workflow_id
      left join workflow_version as n on n.workspace_id = w.workspace_id and n.id = w.version_id
     where v.workspace_id = ${workspaceId} and v.id = any (${plainArray([...new Set(ids)])}::uuid[])`.execute(db)
  return rows
}

export interface StoryLine extends StepLine {
  readonly seq: number
}

export async function selectStory(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  runId: RunId,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<StoryLine[]> {
  const { rows } = await sql<StoryLine>`
    select seq, at, node, visit, what, port, detail from workflow_step
     where workspace_id = ${workspaceId} and run_id = ${runId} and seq > ${after}
     order by seq limit ${limit}`.execute(db)
  return rows
}

export interface HeldToken {
  readonly runId: RunId
  readonly tokenId: string
}

/** What is held at one step of a workflow for one class of failure: what one incident is about. */
export async function selectHeldAt(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  at: { readonly workflowId: WorkflowId; readonly node: string; readonly class: string },
  limit: number,
): Promise<HeldToken[]> {
  const { rows } = await sql<HeldToken>`
    select r.id as "runId", t.id as "tokenId"
      from workflow_run as r
      join workflow_token as t on t.workspace_id = r.workspace_id and t.run_id = r.id and t.state = 'held'
     where r.workspace_id = ${workspaceId} and r.workflow_id = ${at.workflowId} and r.held > 0 and t.node = ${at.node}
       and t.trouble ->> 'class' = ${at.class}
     order by t.id limit ${limit}`.execute(db)
  return rows
}

export interface VerdictRow {
  readonly id: string
  readonly workflowId: WorkflowId
  readonly workflow: string
  readonly runId: RunId | null
  readonly verdict: string
  readonly trace: Json
  readonly at: Date
}

/** Newest first. */
export async function selectVerdicts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  of: { readonly subjectIds?: readonly string[]; readonly workflowId?: WorkflowId },
  { after, limit }: RunPage,
): Promise<VerdictRow[]> {
  const wanted: RawBuilder<unknown>[] = [sql`v.workspace_id = ${workspaceId}`]
  if (of.subjectIds) wanted.push(sql`v.subject_id = any (${plainArray(of.subjectIds)}::uuid[])`)
  if (of.workflowId) wanted.push(sql`v.workflow_id = ${of.workflowId}`)
  if (after !== null) wanted.push(sql`v.id < ${after}`)
  const { rows } = await sql<VerdictRow>`
    select v.id, v.workflow_id as "workflowId", w.name as workflow, v.run_id as "runId", v.verdict, v.trace, v.at
      from workflow_verdict as v
      join workflow as w on w.workspace_id = v.workspace_id and w.id = v.workflow_id
     where ${sql.join(wanted, sql` and `)}
     order by v.id desc limit ${limit}`.execute(db)
  return rows
}

/** Why a run that was asked for did not begin: its verdict has the id that the run would have had. */
export async function selectWhyNotBegun(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: RunId,
): Promise<{ readonly verdict: string; readonly subjectId: string | null; readonly at: Date } | null> {
  const { rows } = await sql<{ verdict: string; subjectId: string | null; at: Date }>`
    select verdict, subject_id as "subjectId", at from workflow_verdict
     where workspace_id = ${workspaceId} and id = ${id} and run_id is null`.execute(db)
  return rows[0] ?? null
}

/**
 * Why a run began. Runs need no index of their own for what is looked at one by one: among those of its subject it is found at once, and where there is
 * none, its row was written with the run, so that the time at which it began bounds where it can stand.
 */
export async function selectVerdictOfRun(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { id, workflowId, subjectId, startedAt }: Pick<RunRow, 'id' | 'workflowId' | 'subjectId' | 'startedAt'>,
): Promise<VerdictRow | null> {
  const [from, to] = [-AROUND_MS, AROUND_MS].map((ms) => idFloor(new Date(startedAt.getTime() + ms)))
  const near = subjectId === null ? sql`v.id between ${from}::uuid and ${to}::uuid` : sql`v.subject_id = ${subjectId}`
  const { rows } = await sql<VerdictRow>`
    select v.id, v.workflow_id as "workflowId", w.name as workflow, v.run_id as "runId", v.verdict, v.trace, v.at
      from workflow_verdict as v
      join workflow as w on w.workspace_id = v.workspace_id and w.id = v.workflow_id
     where v.workspace_id = ${workspaceId} and v.workflow_id = ${workflowId} and ${near} and v.run_id = ${id}
     limit 1`.execute(db)
  return rows[0] ?? null
}

/** Ids of one process grow even where its clock does not: many at once are a little ahead of it. */
const AROUND_MS = 2_000
