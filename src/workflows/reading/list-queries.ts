import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Json } from '../definition/graph.ts'
import type { VersionId, WorkflowId } from '../steps/step.ts'

/** More than these are not counted. */
export const MANY_RUNS = 10_000

export interface RunCounts {
  readonly running: number
  readonly held: number
}

export async function selectRunCounts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly WorkflowId[],
): Promise<Map<string, RunCounts>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string } & RunCounts>`
    select w.id,
           (select count(*)::int from (
              select from workflow_version as v
                join workflow_run as r on r.workspace_id = v.workspace_id and r.version_id = v.id and r.status = 'running'
               where v.workspace_id = w.workspace_id and v.workflow_id = w.id limit ${MANY_RUNS}) as going) as running,
           (select count(*)::int from (
              select from workflow_run as r
               where r.workspace_id = w.workspace_id and r.workflow_id = w.id and r.held > 0 limit ${MANY_RUNS}) as stuck) as held
      from workflow as w
     where w.workspace_id = ${workspaceId} and w.id = any (${plainArray(ids)}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, ...counts }) => [id, counts]))
}

export interface ActiveVersion {
  readonly id: VersionId
  readonly number: number
  readonly publishedAt: Date
  readonly graph: Json
}

/** What new runs begin with, by workflow. */
export async function selectActiveVersions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly VersionId[],
): Promise<Map<string, ActiveVersion>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<ActiveVersion>`
    select id, number, published_at as "publishedAt", graph from workflow_version
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}
