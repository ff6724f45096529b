import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { RunId, VersionId, WorkflowId } from '../steps/step.ts'
import type { Job, JobId } from './job.ts'

const JOB = sql`workspace_id as "workspaceId", id, workflow_id as "workflowId", kind, version_id as "versionId",
  (select number from workflow_version as v where v.workspace_id = workflow_job.workspace_id and v.id = workflow_job.version_id) as number, from_version_id as "fromVersionId",
  mapping, node, scope, per_minute as "perMinute", place, state, due_at as "dueAt", seen, done, left_out as "leftOut", tries, created_at as "createdAt",
  created_by as "createdBy", ended_at as "endedAt"`

export async function insertJob(tx: Tx, job: Job): Promise<void> {
  await sql`
    insert into workflow_job (workspace_id, id, workflow_id, kind, version_id, from_version_id, mapping, node, scope, per_minute, due_at, created_at,
                              created_by)
    values (${job.workspaceId}, ${job.id}, ${job.workflowId}, ${job.kind}, ${job.versionId}, ${job.fromVersionId},
            ${JSON.stringify(job.mapping)}::jsonb, ${job.node}, ${job.scope && JSON.stringify(job.scope)}::jsonb, ${job.perMinute}, ${job.dueAt}, ${job.createdAt}, ${job.createdBy})`.execute(
    tx,
  )
}

export async function selectJob(db: Db | Tx, workspaceId: WorkspaceId, id: JobId): Promise<Job | null> {
  const { rows } = await sql<Job>`select ${JOB} from workflow_job where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Newest first. */
export async function selectJobs(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Job[]> {
  const { rows } = await sql<Job>`
    select ${JOB} from workflow_job where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and (${after}::uuid is null or id < ${after}::uuid)
     order by id desc limit ${limit}`.execute(db)
  return rows
}

export async function selectGoing(db: Db | Tx, workspaceId: WorkspaceId, workflowId: WorkflowId): Promise<Job | null> {
  const { rows } = await sql<Job>`
    select ${JOB} from workflow_job where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and state = 'going'`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function selectDueJob(db: Db, now: Date): Promise<Job | null> {
  const { rows } = await sql<Job>`
    select ${JOB} from workflow_job where state = 'going' and due_at <= ${now} order by due_at, id limit 1`.execute(db)
  return rows[0] ?? null
}

/** Null: it is over, or somebody else is at it. */
export async function lockGoing(tx: Tx, { workspaceId, id }: Pick<Job, 'workspaceId' | 'id'>): Promise<Job | null> {
  const { rows } = await sql<Job>`
    select ${JOB} from workflow_job where workspace_id = ${workspaceId} and id = ${id} and state = 'going' for update skip locked`.execute(
    tx,
  )
  return rows[0] ?? null
}

export interface Progress {
  readonly place: string
  readonly seen: number
  readonly done: number
  /** Why → how many more. */
  readonly leftOut: Readonly<Record<string, number>>
  readonly dueAt: Date
}

export async function saveProgress(tx: Tx, job: Job, { place, seen, done, leftOut, dueAt }: Progress): Promise<void> {
  const sum = { ...job.leftOut }
  for (const [why, n] of Object.entries(leftOut)) if (n > 0) sum[why] = (sum[why] ?? 0) + n
  await sql`
    update workflow_job
       set place = ${place}, seen = seen + ${seen}, done = done + ${done}, left_out = ${JSON.stringify(sum)}::jsonb, due_at = ${dueAt}, tries = 0
     where workspace_id = ${job.workspaceId} and id = ${job.id}`.execute(tx)
}

/** What comes next broke off: it is tried again after a while. */
export async function countTry(db: Db, { workspaceId, id }: Pick<Job, 'workspaceId' | 'id'>, dueAt: Date): Promise<void> {
  await sql`
    update workflow_job set tries = tries + 1, due_at = ${dueAt} where workspace_id = ${workspaceId} and id = ${id} and state = 'going'`.execute(
    db,
  )
}

/** False: it is over already. */
export async function endJob(
  tx: Tx,
  { workspaceId, id }: Pick<Job, 'workspaceId' | 'id'>,
  state: 'done' | 'stopped',
  now: Date,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update workflow_job set state = ${state}, due_at = null, ended_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id} and state = 'going'`.execute(tx)
  return Number(numAffectedRows ?? 0) > 0
}

/** Runs that go on by the versions a job is about, in the order in which they began, behind its place. */
export async function selectNextRuns(
  db: Db | Tx,
  { workspaceId, workflowId, kind, versionId, fromVersionId, place }: Job,
  limit: number,
): Promise<RunId[]> {
  // What is cancelled is of the versions that are named; what moves is of any other than where it goes.
  const isOf = fromVersionId === null ? sql`version_id <> ${versionId}` : sql`version_id = ${fromVersionId}`
  const isElsewhere = kind === 'move' ? sql`version_id <> ${versionId}` : sql`true`
  const { rows } = await sql<{ id: RunId }>`
    select id from workflow_run
     where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and status = 'running' and ${isOf} and ${isElsewhere}
       and (${place}::uuid is null or id > ${place}::uuid)
     order by id limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Lets runs end in their lanes, which are not touched. */
export async function askToEnd(tx: Tx, workspaceId: WorkspaceId, ids: readonly RunId[], now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into workflow_box (workspace_id, lane_id, what, body, txid, seq, at)
    select workspace_id, lane_id, 'act', jsonb_build_object('what', 'act', 'act', 'cancel', 'runId', id, 'reason', 'cancelled'), '0', 0, ${now}
      from workflow_run
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) and status = 'running' and lane_id is not null
     order by id`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

export interface StandingRuns {
  readonly versionId: VersionId
  /** Where each of these runs stands, as JSON. */
  readonly places: readonly {
    readonly node: string
    readonly state: 'ready' | 'waiting' | 'held'
    readonly ports: readonly string[]
    readonly forks: readonly string[]
    readonly joins: readonly string[]
  }[]
  readonly runs: number
}

/** Where runs stand, those that stand alike together; of the newest of them. */
export async function selectStandingRuns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  of: { readonly workflowId: WorkflowId; readonly notVersionId: VersionId | null; readonly fromVersionId: VersionId | null },
  limit: number,
): Promise<StandingRuns[]> {
  const { workflowId, notVersionId, fromVersionId } = of
  const { rows } = await sql<{ versionId: VersionId; places: string; runs: number }>`
    with going as materialized (
      select r.id, r.version_id
        from workflow_version as v
        join workflow_run as r on r.workspace_id = v.workspace_id and r.version_id = v.id and r.status = 'running'
       where v.workspace_id = ${workspaceId} and v.workflow_id = ${workflowId} and v.id is distinct from ${notVersionId}::uuid
         and (${fromVersionId}::uuid is null or v.id = ${fromVersionId}::uuid)
       order by r.id desc limit ${limit}
    ), standing as (
      select g.id, g.version_id, json_build_object('node', t.node, 'state', t.state,
               'ports', (select coalesce(json_agg(distinct p.port), '[]') from (
                  select port from workflow_wait as w where w.workspace_id = ${workspaceId} and w.token_id = t.id
                   union select t.timeout_port where t.timeout_port is not null) as p),
               'forks', (select coalesce(json_agg(f.node order by x.nth), '[]') from jsonb_array_elements(t.frames) with ordinality as x (frame, nth)
                          join workflow_fork as f on f.workspace_id = ${workspaceId} and f.id = (x.frame ->> 'fork')::uuid),
               'joins', (select coalesce(json_agg(f.join_node order by x.nth), '[]') from jsonb_array_elements(t.frames) with ordinality as x (frame, nth)
                          join workflow_fork as f on f.workspace_id = ${workspaceId} and f.id = (x.frame ->> 'fork')::uuid
                         where f.join_node is not null))::text as place
        from going as g
        join workflow_token as t on t.workspace_id = ${workspaceId} and t.run_id = g.id
    )
    select "versionId", '[' || places || ']' as places, count(*)::int as runs
      from (select version_id as "versionId", string_agg(place, ',' order by place) as places from standing group by version_id, id) as alike
     group by "versionId", places
     order by runs desc`.execute(db)
  return rows.map(({ places, ...one }) => ({ ...one, places: JSON.parse(places) }))
}

/** Starts that wait for this lane's run to end go by the other version's rule from now on. */
export async function unparkFor(
  tx: Tx,
  workspaceId: WorkspaceId,
  laneId: string,
  { workflowId, versionId }: { readonly workflowId: WorkflowId; readonly versionId: VersionId },
): Promise<void> {
  await sql`
    update workflow_box set parked = false, fresh = true, body = jsonb_set(body, '{versionId}', to_jsonb(${versionId}::text))
     where workspace_id = ${workspaceId} and lane_id = ${laneId} and parked and body ->> 'workflowId' = ${workflowId}`.execute(tx)
}

/** Of this transaction: what no other has. */
export async function ownTxid(tx: Tx): Promise<string> {
  const { rows } = await sql<{ txid: string }>`select pg_current_xact_id()::text as txid`.execute(tx)
  return rows[0]?.txid ?? '0'
}

/** What came of the starts that jobs asked for, by verdict; of those that are decided, as long as it is kept why. */
export async function selectOutcomes(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly JobId[],
): Promise<readonly { readonly jobId: JobId; readonly verdict: string; readonly count: number }[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<{ jobId: JobId; verdict: string; count: number }>`
    select job_id as "jobId", verdict, count(*)::int as count from workflow_verdict
     where workspace_id = ${workspaceId} and job_id = any (${plainArray(ids)}::uuid[])
     group by job_id, verdict order by job_id, count desc, verdict`.execute(db)
  return rows
}
