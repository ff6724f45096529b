/** Runs and their stories, as parts of the one statement that ends a burst. */
import { type RawBuilder, sql } from 'kysely'
import { tableOf } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { StepLine } from '../interpret/result.ts'
import { EVERY, type Only } from './only-queries.ts'
import type { RunRow } from './run-queries.ts'

const json = (value: unknown) => JSON.stringify(value)

export function insertingRuns(rows: readonly RunRow[], only: Only = EVERY): RawBuilder<unknown> {
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
      from ${table} ${only({ run: 'r.id' })}`
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

export function insertingLines(rows: readonly NewLine[], only: Only = EVERY): RawBuilder<unknown> {
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
  return sql`
    insert into workflow_step (workspace_id, run_id, seq, at, node, visit, what, port, detail)
    select l.* from ${table} ${only({ run: 'l.run_id' })}`
}

/** One statement of many parts, each of which touches rows of its own. */
export async function writeAll(tx: Db | Tx, parts: readonly RawBuilder<unknown>[]): Promise<void> {
  const [last, ...others] = [...parts].reverse()
  if (!last) return
  const named = others.reverse().map((part, nth) => sql`${sql.raw(`p${nth}`)} as (${part})`)
  await (named.length === 0 ? last : sql`with ${sql.join(named)} ${last}`).execute(tx)
}
