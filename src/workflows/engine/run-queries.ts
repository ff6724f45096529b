/** Runs as rows and back: what `interpret/` calls a state. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, tableOf } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Json, Subject } from '../definition/graph.ts'
import type { Happening } from '../happening.ts'
import type { StepLine } from '../interpret/result.ts'
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

/** What stands in the way of a run for this subject. */
export async function selectObstacles(
  tx: Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  subjectId: string | null,
): Promise<{ enabled: boolean; running: RunId | null; runs: number }> {
  const { rows } = await sql<{ enabled: boolean; running: RunId | null; runs: number }>`
    select w.is_enabled and w.removed_at is null as enabled,
           (select id from workflow_run where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and subject_id = ${subjectId}::uuid
               and status = 'running' and sole) as running,
           (select count(*) from (select from workflow_run where workspace_id = ${workspaceId} and subject_id = ${subjectId}::uuid
               and workflow_id = ${workflowId} and not is_test limit 10000) as had) as runs
      from workflow as w
     where w.workspace_id = ${workspaceId} and w.id = ${workflowId}`.execute(tx)
  return rows[0] ?? { enabled: false, running: null, runs: 0 }
}

const json = (value: unknown) => JSON.stringify(value)

export function insertingRuns(rows: readonly RunRow[]): RawBuilder<unknown> {
  const table = tableOf('r', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', (one) => one.id],
    workflow_id: ['uuid', (one) => one.workflowId],
    version_id: ['uuid', (one) => one.versionId],
    lane_id: ['uuid', (one) => one.laneId],
    status: ['text', (one) => one.status],
    subject_kind: ['text', (one) => one.subjectKind],
    subject_id: ['uuid', (one) => one.subjectId],
    node: ['text', (one) => one.node],
    cause: ['jsonb', (one) => json(one.cause)],
    txid: ['text', (one) => one.txid],
    seq: ['bigint', (one) => one.seq],
    parent_id: ['uuid', (one) => one.parentId],
    depth: ['smallint', (one) => one.depth],
    sole: ['boolean', (one) => one.sole],
    is_test: ['boolean', (one) => one.isTest],
    inputs: ['jsonb', (one) => json(one.inputs)],
    vars: ['jsonb', (one) => json(one.vars)],
    outputs: ['jsonb', (one) => json(one.outputs)],
    steps: ['int', (one) => one.steps],
    visits: ['jsonb', (one) => json(one.visits)],
    lines: ['int', (one) => one.lines],
    held: ['int', (one) => one.held],
    started_at: ['timestamptz', (one) => one.startedAt],
    deadline_at: ['timestamptz', (one) => one.deadlineAt],
    ended_at: ['timestamptz', (one) => one.endedAt],
    end_reason: ['text', (one) => one.endReason],
  })
  return sql`
    insert into workflow_run (workspace_id, id, workflow_id, version_id, lane_id, status, subject_kind, subject_id, node, cause, txid, seq, parent_id,
      depth, sole, is_test, inputs, vars, outputs, steps, visits, lines, held, started_at, deadline_at, ended_at, end_reason)
    select r.workspace_id, r.id, r.workflow_id, r.version_id, r.lane_id, r.status, r.subject_kind, r.subject_id, r.node, r.cause, r.txid::xid8, r.seq,
      r.parent_id, r.depth, r.sole, r.is_test, r.inputs, r.vars, r.outputs, r.steps, r.visits, r.lines, r.held, r.started_at, r.deadline_at, r.ended_at,
      r.end_reason
      from ${table}`
}

export function updatingRuns(rows: readonly RunRow[]): RawBuilder<unknown> {
  const table = tableOf('r', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', (one) => one.id],
    version_id: ['uuid', (one) => one.versionId],
    status: ['text', (one) => one.status],
    vars: ['jsonb', (one) => json(one.vars)],
    outputs: ['jsonb', (one) => json(one.outputs)],
    steps: ['int', (one) => one.steps],
    visits: ['jsonb', (one) => json(one.visits)],
    lines: ['int', (one) => one.lines],
    held: ['int', (one) => one.held],
    ended_at: ['timestamptz', (one) => one.endedAt],
    end_reason: ['text', (one) => one.endReason],
  })
  return sql`
    update workflow_run as u
       set version_id = r.version_id, status = r.status, vars = r.vars, outputs = r.outputs, steps = r.steps, visits = r.visits, lines = r.lines,
           held = r.held, ended_at = r.ended_at, end_reason = r.end_reason
      from ${table} where u.workspace_id = r.workspace_id and u.id = r.id`
}

export interface NewLine {
  readonly workspaceId: string
  readonly runId: string
  readonly seq: number
  readonly line: StepLine
}

export function insertingLines(rows: readonly NewLine[]): RawBuilder<unknown> {
  const table = tableOf('l', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    run_id: ['uuid', (one) => one.runId],
    seq: ['int', (one) => one.seq],
    at: ['timestamptz', ({ line }) => line.at],
    node: ['text', ({ line }) => line.node],
    visit: ['int', ({ line }) => line.visit],
    what: ['text', ({ line }) => line.what],
    port: ['text', ({ line }) => line.port],
    detail: ['jsonb', ({ line }) => json(line.detail)],
  })
  return sql`insert into workflow_step (workspace_id, run_id, seq, at, node, visit, what, port, detail) select l.* from ${table}`
}

export interface NewToken {
  readonly workspaceId: string
  readonly runId: string
  readonly laneId: string
  readonly token: Token
  readonly place: LogPosition
}

/** New ones, and what became of those that were there. */
export function puttingTokens(rows: readonly NewToken[]): RawBuilder<unknown> {
  const table = tableOf('t', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', ({ token }) => token.id],
    run_id: ['uuid', (one) => one.runId],
    lane_id: ['uuid', (one) => one.laneId],
    node: ['text', ({ token }) => token.node],
    visit: ['int', ({ token }) => token.visit],
    state: ['text', ({ token }) => token.state],
    due_at: ['timestamptz', ({ token }) => token.dueAt],
    timeout_port: ['text', ({ token }) => token.timeoutPort],
    attempt: ['int', ({ token }) => token.attempt],
    frames: ['jsonb', ({ token }) => json(token.frames)],
    memo: ['jsonb', ({ token }) => json(token.memo)],
    txid: ['text', ({ place }) => place.txid],
    seq: ['bigint', ({ place }) => place.seq],
    arrived_at: ['timestamptz', ({ token }) => token.arrivedAt],
    trouble: ['jsonb', ({ token }) => (token.trouble === null ? null : json(token.trouble))],
  })
  return sql`
    insert into workflow_token as was (workspace_id, id, run_id, lane_id, node, visit, state, due_at, timeout_port, attempt, frames, memo, txid, seq,
      arrived_at, trouble)
    select t.workspace_id, t.id, t.run_id, t.lane_id, t.node, t.visit, t.state, t.due_at, t.timeout_port, t.attempt, t.frames, t.memo, t.txid::xid8,
      t.seq, t.arrived_at, t.trouble
      from ${table}
    on conflict (workspace_id, id) do update
       set node = excluded.node, visit = excluded.visit, state = excluded.state, due_at = excluded.due_at, timeout_port = excluded.timeout_port,
           attempt = excluded.attempt, frames = excluded.frames, memo = excluded.memo, txid = excluded.txid, seq = excluded.seq,
           arrived_at = excluded.arrived_at, trouble = excluded.trouble`
}

export function deletingTokens(workspaceId: string, ids: readonly string[]): RawBuilder<unknown> {
  return sql`delete from workflow_token where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`
}

export interface NewWait {
  readonly workspaceId: string
  readonly id: string
  readonly tokenId: string
  readonly laneId: string
  readonly arm: Arm
  readonly place: LogPosition
}

export function insertingWaits(rows: readonly NewWait[]): RawBuilder<unknown> {
  const table = tableOf('w', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', (one) => one.id],
    token_id: ['uuid', (one) => one.tokenId],
    lane_id: ['uuid', (one) => one.laneId],
    port: ['text', ({ arm }) => arm.port],
    happening: ['text', ({ arm }) => arm.on],
    key: ['text', ({ arm }) => arm.key],
    filter: ['jsonb', ({ arm }) => json(arm.where ?? {})],
    txid: ['text', ({ place }) => place.txid],
    seq: ['bigint', ({ place }) => place.seq],
  })
  return sql`
    insert into workflow_wait (workspace_id, id, token_id, lane_id, port, happening, key, filter, txid, seq)
    select w.workspace_id, w.id, w.token_id, w.lane_id, w.port, w.happening, w.key, w.filter, w.txid::xid8, w.seq from ${table}`
}

export function deletingWaits(workspaceId: string, tokenIds: readonly string[]): RawBuilder<unknown> {
  return sql`delete from workflow_wait where workspace_id = ${workspaceId} and token_id = any (${plainArray(tokenIds)}::uuid[])`
}

export function puttingForks(rows: readonly { workspaceId: string; runId: string; fork: Fork }[]): RawBuilder<unknown> {
  const table = tableOf('f', rows, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', ({ fork }) => fork.id],
    run_id: ['uuid', (one) => one.runId],
    node: ['text', ({ fork }) => fork.node],
    kind: ['text', ({ fork }) => fork.kind],
    total: ['int', ({ fork }) => fork.total],
    need: ['int', ({ fork }) => fork.need],
    arrived: ['int', ({ fork }) => fork.arrived],
    dead: ['int', ({ fork }) => fork.dead],
    join_node: ['text', ({ fork }) => fork.join],
    items: ['jsonb', ({ fork }) => json(fork.items)],
    at_once: ['int', ({ fork }) => fork.atOnce],
    begun: ['int', ({ fork }) => fork.begun],
    frames: ['jsonb', ({ fork }) => json(fork.frames)],
  })
  return sql`
    insert into workflow_fork as was (workspace_id, id, run_id, node, kind, total, need, arrived, dead, join_node, items, at_once, begun, frames)
    select f.* from ${table}
    on conflict (workspace_id, id) do update
       set node = excluded.node, arrived = excluded.arrived, dead = excluded.dead, join_node = excluded.join_node, begun = excluded.begun`
}

export function deletingForks(workspaceId: string, ids: readonly string[]): RawBuilder<unknown> {
  return sql`delete from workflow_fork where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`
}

/** One statement of many parts, each of which touches rows of its own. */
export async function writeAll(tx: Db | Tx, parts: readonly RawBuilder<unknown>[]): Promise<void> {
  const [last, ...others] = [...parts].reverse()
  if (!last) return
  const named = others.reverse().map((part, nth) => sql`${sql.raw(`p${nth}`)} as (${part})`)
  await (named.length === 0 ? last : sql`with ${sql.join(named)} ${last}`).execute(tx)
}

/**
 * The same for a letter whose lane is not locked: all of it is written if the letter is still there, and it is gone then. Where somebody was faster the
 * statement divides by nothing, and nothing is written.
 */
export async function writeAllFor(
  db: Db | Tx,
  letter: RawBuilder<unknown>,
  parts: readonly RawBuilder<unknown>[],
): Promise<void> {
  const named = parts.map((part, nth) => sql`${sql.raw(`p${nth}`)} as (${part})`)
  await sql`with letter as (${letter}), ${sql.join(named)} select 1 / count(*) as one from letter`.execute(db)
}
export const SOMEBODY_WAS_FASTER = ['22012', '23505']

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
