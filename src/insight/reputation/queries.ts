import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import type { Finding, ReputationState, SubjectKind } from './finding.ts'

export interface KnownFinding extends Finding {
  readonly since: Date
  readonly checkedAt: Date
}

const columns = sql.raw(
  'workspace_id as "workspaceId", subject_kind as "subjectKind", subject, check_id as "checkId", route_id as "routeId", state, sentence, hint, evidence, since, checked_at as "checkedAt"',
)

export async function selectFindings(db: Db | Tx, workspaceId: WorkspaceId): Promise<KnownFinding[]> {
  const { rows } = await sql<KnownFinding>`
    select ${columns} from reputation where workspace_id = ${workspaceId} order by subject_kind, subject, check_id limit 5000`.execute(
    db,
  )
  return rows
}

export async function lockFinding(tx: Tx, { workspaceId, subjectKind, subject, checkId }: Finding): Promise<KnownFinding | null> {
  const { rows } = await sql<KnownFinding>`
    select ${columns} from reputation
     where workspace_id = ${workspaceId} and subject_kind = ${subjectKind} and subject = ${subject} and check_id = ${checkId}
       for update`.execute(tx)
  return rows[0] ?? null
}

export async function saveFinding(tx: Tx, finding: KnownFinding): Promise<void> {
  const { workspaceId, subjectKind, subject, checkId, routeId, state, sentence, hint, evidence, since, checkedAt } = finding
  await sql`
    insert into reputation (workspace_id, subject_kind, subject, check_id, route_id, state, sentence, hint, evidence, since, checked_at)
    values (${workspaceId}, ${subjectKind}, ${subject}, ${checkId}, ${routeId}, ${state}, ${sentence}, ${hint}, ${JSON.stringify(evidence)}::jsonb, ${since}, ${checkedAt})
    on conflict (workspace_id, subject_kind, subject, check_id) do update
       set route_id = excluded.route_id, state = excluded.state, sentence = excluded.sentence, hint = excluded.hint, evidence = excluded.evidence,
           since = excluded.since, checked_at = excluded.checked_at`.execute(tx)
}

export async function insertChange(
  tx: Tx,
  { workspaceId, subjectKind, subject, checkId, state, sentence }: Finding,
  now: Date,
): Promise<void> {
  await sql`
    insert into reputation_change (workspace_id, id, subject_kind, subject, check_id, state, sentence, at)
    values (${workspaceId}, ${newId(now.getTime())}, ${subjectKind}, ${subject}, ${checkId}, ${state}, ${sentence}, ${now})`.execute(
    tx,
  )
}

export interface ReputationChange {
  readonly subjectKind: SubjectKind
  readonly subject: string
  readonly checkId: string
  readonly state: ReputationState
  readonly sentence: string
  readonly at: Date
}

export async function selectChanges(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<ReputationChange[]> {
  const { rows } = await sql<ReputationChange>`
    select subject_kind as "subjectKind", subject, check_id as "checkId", state, sentence, at
      from reputation_change where workspace_id = ${workspaceId} order by id desc limit ${limit}`.execute(db)
  return rows
}

/** What nobody looks at any more: its route, domain or address is gone. */
export async function takeStale(tx: Tx, before: Date, limit: number): Promise<KnownFinding[]> {
  const { rows } = await sql<KnownFinding>`
    delete from reputation where ctid in (select ctid from reputation where checked_at < ${before} limit ${limit} for update skip locked)
    returning ${columns}`.execute(tx)
  return rows
}

export async function deleteChanges(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from reputation_change where ctid in (select ctid from reputation_change where at < ${before} order by at limit ${limit})`.execute(
    tx,
  )
  return Number(result.numAffectedRows ?? 0)
}

/** Complaints and mail of each receiver, over all routes. */
export async function selectComplaints(
  db: Db | Tx,
  since: Date,
): Promise<{ workspaceId: WorkspaceId; receiver: string; sent: number; complained: number }[]> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; receiver: string; sent: number; complained: number }>`
    select workspace_id as "workspaceId", receiver, sum(sent)::float8 as sent, sum(complained)::float8 as complained
      from receiver_slot
     where at >= ${since}
     group by 1, 2
    having sum(complained) > 0 or sum(sent) >= 100
     order by 1, sum(sent) desc
     limit 5000`.execute(db)
  return rows
}

export async function selectWorkspaceIds(db: Db | Tx): Promise<WorkspaceId[]> {
  const { rows } = await sql<{ id: WorkspaceId }>`select id from workspace order by id`.execute(db)
  return rows.map(({ id }) => id)
}
