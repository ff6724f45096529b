/** Runs as rows and back: what `interpret/` calls a state. */
import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Json, Subject } from '../definition/graph.ts'
import type { Happening } from '../happening.ts'
import type { Arm, Fork, Frame, RunStatus, Token, TokenState, Trouble, Values } from '../interpret/state.ts'
import type { RunId, VersionId, WorkflowId } from '../steps/step.ts'

export interface RunRow {
  readonly workspaceId: WorkspaceId
  readonly id: RunId
  readonly workflowId: WorkflowId
  readonly versionId: VersionId
  readonly laneId: string | null
  readonly status: RunStatus
  readonly subjectKind: Subject
  readonly subjectId: string | null
  readonly node: string
  readonly cause: Happening
  readonly txid: string
  readonly seq: string
  readonly parentId: RunId | null
  readonly depth: number
  readonly sole: boolean
  readonly isTest: boolean
  readonly inputs: Values
  readonly vars: Values
  readonly outputs: Values
  readonly steps: number
  readonly visits: Readonly<Record<string, number>>
  readonly lines: number
  readonly held: number
  readonly startedAt: Date
  readonly deadlineAt: Date
  readonly endedAt: Date | null
  readonly endReason: string | null
}

const RUN = sql`workspace_id as "workspaceId", id, workflow_id as "workflowId", version_id as "versionId", lane_id as "laneId", status,
  subject_kind as "subjectKind", subject_id as "subjectId", node, cause, txid::text as txid, seq::text as seq, parent_id as "parentId", depth, sole,
  is_test as "isTest", inputs, vars, outputs, steps, visits, lines, held, started_at as "startedAt", deadline_at as "deadlineAt",
  ended_at as "endedAt", end_reason as "endReason"`

export async function selectRuns(tx: Db | Tx, workspaceId: WorkspaceId, ids: readonly string[]): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`
    select ${RUN} from workflow_run where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
  return rows
}

export interface TokenRow {
  readonly runId: string
  readonly token: Omit<Token, 'arms'>
  readonly place: LogPosition
}

export async function selectTokens(tx: Db | Tx, workspaceId: WorkspaceId, runIds: readonly string[]): Promise<TokenRow[]> {
  interface Row {
    id: string
    runId: string
    node: string
    visit: number
    state: TokenState
    dueAt: Date | null
    timeoutPort: string | null
    attempt: number
    frames: readonly Frame[]
    memo: Values
    arrivedAt: Date
    trouble: (Omit<Trouble, 'at'> & { at: string }) | null
    txid: string
    seq: string
  }
  const { rows } = await sql<Row>`
    select id, run_id as "runId", node, visit, state, due_at as "dueAt", timeout_port as "timeoutPort", attempt, frames, memo,
           arrived_at as "arrivedAt", trouble, txid::text as txid, seq::text as seq
      from workflow_token where workspace_id = ${workspaceId} and run_id = any (${plainArray(runIds)}::uuid[])
     order by id`.execute(tx)
  return rows.map(({ runId, txid, seq, trouble, ...token }) => ({
    runId,
    token: { ...token, trouble: trouble && { ...trouble, at: new Date(trouble.at) } },
    place: { txid, seq },
  }))
}

export interface WaitRow {
  readonly id: string
  readonly tokenId: string
  readonly arm: Arm
}

export async function selectWaitsOf(tx: Db | Tx, workspaceId: WorkspaceId, tokenIds: readonly string[]): Promise<WaitRow[]> {
  interface Row {
    id: string
    tokenId: string
    port: string
    happening: string
    key: string
    filter: Values
  }
  const { rows } = await sql<Row>`
    select id, token_id as "tokenId", port, happening, key, filter from workflow_wait
     where workspace_id = ${workspaceId} and token_id = any (${plainArray(tokenIds)}::uuid[])
     order by id`.execute(tx)
  return rows.map(({ id, tokenId, port, happening, key, filter }) => ({
    id,
    tokenId,
    arm: { port, on: happening, key, ...(Object.keys(filter).length > 0 && { where: filter }) },
  }))
}

export async function selectForks(
  tx: Tx,
  workspaceId: WorkspaceId,
  runIds: readonly string[],
): Promise<(Fork & { runId: string })[]> {
  const { rows } = await sql<Fork & { runId: string }>`
    select id, run_id as "runId", node, kind, total, need, arrived, dead, join_node as "join", items, at_once as "atOnce", begun, frames
      from workflow_fork where workspace_id = ${workspaceId} and run_id = any (${plainArray(runIds)}::uuid[])
     order by id`.execute(tx)
  return rows
}

/** Holds what is due in runs whose version this program cannot read: another one may, and a person is told. */
export async function holdUnreadable(tx: Tx, workspaceId: WorkspaceId, runIds: readonly string[], now: Date): Promise<void> {
  const trouble = {
    class: 'invalid',
    sentence: 'This version of Waybill cannot read the workflow of this run.',
    at: now.toISOString(),
  }
  const ids = plainArray(runIds)
  await sql`
    with held as (
      update workflow_token set state = 'held', due_at = null, timeout_port = null, trouble = ${JSON.stringify(trouble)}::jsonb
       where workspace_id = ${workspaceId} and run_id = any (${ids}::uuid[]) and state <> 'held' and due_at is not null
      returning id, run_id
    ), unwaited as (
      delete from workflow_wait where workspace_id = ${workspaceId} and token_id in (select id from held)
    )
    update workflow_run as r set held = r.held + h.n
      from (select run_id, count(*)::int as n from held group by run_id) as h
     where r.workspace_id = ${workspaceId} and r.id = h.run_id`.execute(tx)
}

/**
 * Whether a token of the run that asked for this one stands where it waits for its end. Held until the commit: whoever ends that waiting meanwhile comes
 * after, and finds the run that it calls off.
 */
export async function isStillAwaited(tx: Tx, workspaceId: WorkspaceId, parentId: RunId, runId: RunId): Promise<boolean> {
  const { rows } = await sql`
    select from workflow_token
     where workspace_id = ${workspaceId} and run_id = ${parentId} and state = 'waiting' and memo ->> 'run' = ${runId} for share`.execute(
    tx,
  )
  return rows.length > 0
}

/** What stands in the way of a run for this subject. */
export async function selectObstacles(
  tx: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  /** Those that are one subject, and where it is asked: what goes on there comes before what goes on elsewhere. */
  { subjects, laneId }: { readonly subjects: readonly string[]; readonly laneId: string },
): Promise<{ enabled: boolean; running: RunId | null; runs: number }> {
  const about = sql`subject_id = any (${plainArray(subjects)}::uuid[])`
  const { rows } = await sql<{ enabled: boolean; running: RunId | null; runs: number }>`
    select w.is_enabled and w.removed_at is null as enabled,
           (select id from workflow_run where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and ${about}
               and status = 'running' and sole order by lane_id = ${laneId} desc, id limit 1) as running,
           (select count(*) from (select from workflow_run where workspace_id = ${workspaceId} and ${about}
               and workflow_id = ${workflowId} and not is_test limit 10000) as had) as runs
      from workflow as w
     where w.workspace_id = ${workspaceId} and w.id = ${workflowId}`.execute(tx)
  return rows[0] ?? { enabled: false, running: null, runs: 0 }
}

export async function selectGraph(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  versionId: VersionId,
): Promise<{ workflowId: WorkflowId; graph: Json } | null> {
  const { rows } = await sql<{ workflowId: WorkflowId; graph: Json }>`
    select workflow_id as "workflowId", graph from workflow_version where workspace_id = ${workspaceId} and id = ${versionId}`.execute(
    db,
  )
  return rows[0] ?? null
}
