import { sql } from 'kysely'
import { plainArray, tableOf } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Json } from './definition/graph.ts'
import type { VersionId, WorkflowId } from './steps/step.ts'

export interface Workflow {
  readonly workspaceId: WorkspaceId
  readonly id: WorkflowId
  readonly name: string
  readonly draft: Json
  readonly draftRevision: number
  readonly layout: Json
  readonly versionId: VersionId | null
  readonly isEnabled: boolean
  readonly place: number
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly updatedAt: Date
  readonly removedAt: Date | null
}

const WORKFLOW = sql`workspace_id as "workspaceId", id, name, draft, draft_revision as "draftRevision", layout, version_id as "versionId",
  is_enabled as "isEnabled", place, created_at as "createdAt", created_by as "createdBy", updated_at as "updatedAt", removed_at as "removedAt"`

export async function insertWorkflow(tx: Tx, row: Workflow): Promise<void> {
  await sql`
    insert into workflow (workspace_id, id, name, draft, layout, place, created_at, created_by, updated_at)
    values (${row.workspaceId}, ${row.id}, ${row.name}, ${JSON.stringify(row.draft)}::jsonb, ${JSON.stringify(row.layout)}::jsonb, ${row.place},
            ${row.createdAt}, ${row.createdBy}, ${row.createdAt})`.execute(tx)
}

export async function selectWorkflow(db: Db | Tx, workspaceId: WorkspaceId, id: WorkflowId): Promise<Workflow | null> {
  const { rows } = await sql<Workflow>`
    select ${WORKFLOW} from workflow where workspace_id = ${workspaceId} and id = ${id} and removed_at is null`.execute(db)
  return rows[0] ?? null
}

export async function lockWorkflow(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId): Promise<Workflow | null> {
  const { rows } = await sql<Workflow>`
    select ${WORKFLOW} from workflow where workspace_id = ${workspaceId} and id = ${id} and removed_at is null for update`.execute(
    tx,
  )
  return rows[0] ?? null
}

export async function selectWorkflows(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Workflow[]> {
  const { rows } = await sql<Workflow>`
    select ${WORKFLOW} from workflow where workspace_id = ${workspaceId} and removed_at is null order by place, name, id limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function updateWorkflow(tx: Tx, row: Workflow): Promise<void> {
  await sql`
    update workflow
       set name = ${row.name}, draft = ${JSON.stringify(row.draft)}::jsonb, draft_revision = ${row.draftRevision},
           layout = ${JSON.stringify(row.layout)}::jsonb, version_id = ${row.versionId}, is_enabled = ${row.isEnabled}, place = ${row.place},
           updated_at = ${row.updatedAt}, removed_at = ${row.removedAt}
     where workspace_id = ${row.workspaceId} and id = ${row.id}`.execute(tx)
}

export interface VersionRow {
  readonly workspaceId: WorkspaceId
  readonly id: VersionId
  readonly workflowId: WorkflowId
  readonly number: number
  readonly graph: Json
  readonly hash: Buffer
  readonly note: string
  readonly publishedAt: Date
  readonly publishedBy: string | null
}

const VERSION = sql`workspace_id as "workspaceId", id, workflow_id as "workflowId", number, graph, hash, note, published_at as "publishedAt",
  published_by as "publishedBy"`

/** The number is the next one of its workflow, whose row is locked. */
export async function insertVersion(tx: Tx, row: Omit<VersionRow, 'number'>): Promise<number> {
  const { rows } = await sql<{ number: number }>`
    insert into workflow_version (workspace_id, id, workflow_id, number, graph, hash, note, published_at, published_by)
    select ${row.workspaceId}, ${row.id}, ${row.workflowId},
           coalesce((select max(number) from workflow_version where workspace_id = ${row.workspaceId} and workflow_id = ${row.workflowId}), 0) + 1,
           ${JSON.stringify(row.graph)}::jsonb, ${row.hash}, ${row.note}, ${row.publishedAt}, ${row.publishedBy}
    returning number`.execute(tx)
  return rows[0]?.number ?? 0
}

export async function selectVersion(db: Db | Tx, workspaceId: WorkspaceId, id: VersionId): Promise<VersionRow | null> {
  const { rows } = await sql<VersionRow>`
    select ${VERSION} from workflow_version where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Newest first. */
export async function selectVersions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  limit: number,
  before: string | null = null,
): Promise<VersionRow[]> {
  const { rows } = await sql<VersionRow>`
    select ${VERSION} from workflow_version where workspace_id = ${workspaceId} and workflow_id = ${workflowId}
       and (${before}::uuid is null or id < ${before}::uuid)
     order by number desc limit ${limit}`.execute(db)
  return rows
}

export interface TriggerRow {
  readonly node: string
  readonly happening: string
  readonly key: string | null
}

/** In place of those that are there. What stays as it was listens on from when it began to. */
export async function replaceTriggers(
  tx: Tx,
  of: {
    readonly workspaceId: WorkspaceId
    readonly workflowId: WorkflowId
    readonly versionId: VersionId
    readonly subject: string
  },
  triggers: readonly TriggerRow[],
  now: Date,
): Promise<void> {
  const { workspaceId, workflowId, versionId, subject } = of
  const table = tableOf('t', triggers, {
    node: ['text', (one) => one.node],
    happening: ['text', (one) => one.happening],
    key: ['text', (one) => one.key],
  })
  await sql`
    delete from workflow_trigger where workspace_id = ${workspaceId} and workflow_id = ${workflowId}
       and (node, happening) not in (select t.node, t.happening from ${table})`.execute(tx)
  if (triggers.length === 0) return
  await sql`
    insert into workflow_trigger as was (workspace_id, workflow_id, node, happening, key, version_id, subject, since)
    select ${workspaceId}, ${workflowId}, t.node, t.happening, t.key, ${versionId}, ${subject}, ${now}::timestamptz from ${table}
    on conflict (workspace_id, workflow_id, node, happening) do update
       set key = excluded.key, version_id = excluded.version_id, subject = excluded.subject,
           since = case when was.key is not distinct from excluded.key then was.since else excluded.since end`.execute(tx)
}

export interface ScheduleRow {
  readonly node: string
  readonly cron: string
  readonly zone: string
  readonly misfire: string
  readonly nextAt: Date | null
}

/** What stays as it was keeps its next time: publishing neither skips nor repeats one. */
export async function replaceSchedules(
  tx: Tx,
  { workspaceId, workflowId }: { readonly workspaceId: WorkspaceId; readonly workflowId: WorkflowId },
  schedules: readonly ScheduleRow[],
): Promise<void> {
  const table = tableOf('s', schedules, {
    node: ['text', (one) => one.node],
    cron: ['text', (one) => one.cron],
    zone: ['text', (one) => one.zone],
    misfire: ['text', (one) => one.misfire],
    next_at: ['timestamptz', (one) => one.nextAt],
  })
  await sql`
    delete from workflow_schedule where workspace_id = ${workspaceId} and workflow_id = ${workflowId}
       and node not in (select s.node from ${table})`.execute(tx)
  if (schedules.length === 0) return
  await sql`
    insert into workflow_schedule as was (workspace_id, workflow_id, node, cron, zone, misfire, next_at)
    select ${workspaceId}, ${workflowId}, s.node, s.cron, s.zone, s.misfire, s.next_at from ${table}
    on conflict (workspace_id, workflow_id, node) do update
       set cron = excluded.cron, zone = excluded.zone, misfire = excluded.misfire,
           next_at = case when (was.cron, was.zone) = (excluded.cron, excluded.zone) then was.next_at else excluded.next_at end`.execute(
    tx,
  )
}

export async function selectWorkflowNames(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly string[],
): Promise<{ id: WorkflowId; name: string }[]> {
  const { rows } = await sql<{ id: WorkflowId; name: string }>`
    select id, name from workflow where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) and removed_at is null`.execute(
    db,
  )
  return rows
}

/** Which workflows those that were published run: the setting of a node that is called `workflow`. */
export async function selectCalls(db: Db | Tx, workspaceId: WorkspaceId): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ id: string; calls: string[] }>`
    select w.id, array(select distinct c #>> '{}' from jsonb_path_query(v.graph, '$.nodes.*.config.workflow') as c) as calls
      from workflow as w
      join workflow_version as v on v.workspace_id = w.workspace_id and v.id = w.version_id
     where w.workspace_id = ${workspaceId} and w.removed_at is null
       and v.graph @? '$.nodes.*.config.workflow'
     limit 1000`.execute(db)
  return new Map(rows.map(({ id, calls }) => [id, calls]))
}

export async function countWorkflows(db: Db | Tx, workspaceId: WorkspaceId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from workflow where workspace_id = ${workspaceId} and removed_at is null`.execute(db)
  return rows[0]?.n ?? 0
}

/** Those that are named, in this order, before all others as they were. */
export async function orderWorkflows(tx: Tx, workspaceId: WorkspaceId, ids: readonly WorkflowId[], now: Date): Promise<void> {
  await sql`
    update workflow as w set place = o.place, updated_at = ${now}
      from (select id, row_number() over (order by array_position(${plainArray(ids)}::uuid[], id), place, name, id)::int - 1 as place
              from workflow where workspace_id = ${workspaceId} and removed_at is null) as o
     where w.workspace_id = ${workspaceId} and w.id = o.id and w.place <> o.place`.execute(tx)
}
