import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'

export interface NodeCount {
  readonly node: string
  readonly waiting: number
  readonly held: number
}

/** Where runs stand, of the newest of those that go on. */
export async function selectStanding(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  tests: boolean,
  limit: number,
): Promise<{ runs: number; nodes: NodeCount[] }> {
  const { rows } = await sql<{ runs: number; nodes: NodeCount[] | null }>`
    with going as materialized (
      select r.id from workflow_version as v
        join workflow_run as r on r.workspace_id = v.workspace_id and r.version_id = v.id and r.status = 'running'
       where v.workspace_id = ${workspaceId} and v.workflow_id = ${workflowId} and (${tests} or not r.is_test)
       order by r.id desc limit ${limit}),
    standing as (
      select t.node, count(*) filter (where t.state <> 'held')::int as waiting, count(*) filter (where t.state = 'held')::int as held
        from going as g join workflow_token as t on t.workspace_id = ${workspaceId} and t.run_id = g.id
       group by t.node)
    select (select count(*)::int from going) as runs, (select json_agg(s) from standing as s) as nodes`.execute(db)
  return { runs: rows[0]?.runs ?? 0, nodes: rows[0]?.nodes ?? [] }
}

export interface Passed {
  readonly runs: number
  readonly completed: number
  readonly cancelled: number
  readonly nodes: readonly { readonly node: string; readonly arrivals: number }[]
}

/** How the newest runs since a time ended, and where they came by. */
export async function selectPassed(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  since: Date,
  tests: boolean,
  limit: number,
): Promise<Passed> {
  const { rows } = await sql<Omit<Passed, 'nodes'> & { nodes: Passed['nodes'] | null }>`
    with begun as materialized (
      select status, visits from workflow_run
       where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and started_at >= ${since} and (${tests} or not is_test)
       order by id desc limit ${limit}),
    ended as (
      select status, count(*)::int as n from (
        select status from workflow_run
         where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and ended_at >= ${since} and (${tests} or not is_test)
         order by id desc limit ${limit}) as e group by status),
    arrived as (
      select v.key as node, sum(v.value::int)::int as arrivals from begun, jsonb_each_text(visits) as v group by v.key)
    select (select count(*)::int from begun) as runs, coalesce((select n from ended where status = 'completed'), 0) as completed,
           coalesce((select n from ended where status = 'cancelled'), 0) as cancelled, (select json_agg(a) from arrived as a) as nodes`.execute(
    db,
  )
  const [row] = rows
  return row ? { ...row, nodes: row.nodes ?? [] } : { runs: 0, completed: 0, cancelled: 0, nodes: [] }
}

export async function selectHeldRuns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  tests: boolean,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from (
      select from workflow_run where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and held > 0 and (${tests} or not is_test)
       limit ${limit}) as r`.execute(db)
  return rows[0]?.n ?? 0
}
