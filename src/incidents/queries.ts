import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Incident, IncidentId, NewIncident } from './incident.ts'

const COLUMNS = sql`workspace_id as "workspaceId", id, key, kind, severity, title, sentence, hint, subject, evidence, opened_at as "openedAt",
  seen_at as "seenAt", times, acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy", resolved_at as "resolvedAt",
  resolved_by as "resolvedBy"`

/**
 * Opens the incident, or refreshes the open one of its key: one statement, so that two processes that see the same trouble make one row. One
 * that grew from a warning to critical asks anew: whoever took note of it took note of less.
 */
export async function upsertIncident(
  tx: Tx,
  id: IncidentId,
  incident: NewIncident,
  now: Date,
): Promise<{ id: IncidentId; opened: boolean }> {
  const { workspaceId, key, kind, severity, title, sentence, hint, subject, evidence } = incident
  const { rows } = await sql<{ id: IncidentId }>`
    insert into incident as was (workspace_id, id, key, kind, severity, title, sentence, hint, subject, evidence, opened_at, seen_at)
    values (${workspaceId}, ${id}, ${key}, ${kind}, ${severity}, ${title}, ${sentence}, ${hint}, ${json(subject)}, ${json(evidence)}, ${now}, ${now})
    on conflict (workspace_id, key) where resolved_at is null do update
       set severity = excluded.severity, title = excluded.title, sentence = excluded.sentence, hint = excluded.hint,
           subject = excluded.subject, evidence = excluded.evidence, seen_at = greatest(was.seen_at, excluded.seen_at),
           times = was.times + 1,
           acknowledged_at = case when was.severity = 'warning' and excluded.severity = 'critical' then null else was.acknowledged_at end,
           acknowledged_by = case when was.severity = 'warning' and excluded.severity = 'critical' then null else was.acknowledged_by end
    returning id`.execute(tx)
  const found = rows[0]?.id ?? id
  return { id: found, opened: found === id }
}

function json(value: unknown): RawBuilder<unknown> {
  return sql`${value === null ? null : JSON.stringify(value)}::jsonb`
}

/** Ends the open incident of a key. Null: there was none. */
export async function resolveByKey(tx: Tx, workspaceId: WorkspaceId, key: string, now: Date): Promise<Incident | null> {
  const { rows } = await sql<Incident>`
    update incident set resolved_at = greatest(${now}::timestamptz, opened_at)
     where workspace_id = ${workspaceId} and key = ${key} and resolved_at is null
    returning ${COLUMNS}`.execute(tx)
  return rows[0] ?? null
}

export async function resolveById(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: IncidentId,
  by: string,
  now: Date,
): Promise<Incident | null> {
  const { rows } = await sql<Incident>`
    update incident set resolved_at = greatest(${now}::timestamptz, opened_at), resolved_by = ${by}
     where workspace_id = ${workspaceId} and id = ${id} and resolved_at is null
    returning ${COLUMNS}`.execute(tx)
  return rows[0] ?? null
}

/** Keeps the first who took note. */
export async function markAcknowledged(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: IncidentId,
  by: string,
  now: Date,
): Promise<Incident | null> {
  const { rows } = await sql<Incident>`
    update incident set acknowledged_at = ${now}, acknowledged_by = ${by}
     where workspace_id = ${workspaceId} and id = ${id} and resolved_at is null and acknowledged_at is null
    returning ${COLUMNS}`.execute(tx)
  return rows[0] ?? null
}

export async function selectIncident(db: Db | Tx, workspaceId: WorkspaceId, id: IncidentId): Promise<Incident | null> {
  const { rows } = await sql<Incident>`
    select ${COLUMNS} from incident where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** What is open: what nobody took note of first, critical before warning, newest first. There are few; `limit` is for the day that there are not. */
export async function selectOpenIncidents(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Incident[]> {
  const { rows } = await sql<Incident>`
    select ${COLUMNS}
      from incident
     where workspace_id = ${workspaceId} and resolved_at is null
     order by acknowledged_at is not null, severity, id desc
     limit ${limit}`.execute(db)
  return rows
}

/** What nobody took note of yet, in one workspace or (null) in all. */
export async function selectUnnoticedIncidents(db: Db | Tx, workspaceId: WorkspaceId | null, limit: number): Promise<Incident[]> {
  const { rows } = await sql<Incident>`
    select ${COLUMNS}
      from incident
     where resolved_at is null and acknowledged_at is null and (${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid)
     order by severity, id desc
     limit ${limit}`.execute(db)
  return rows
}

export async function selectResolvedIncidents(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Incident[]> {
  const { rows } = await sql<Incident>`
    select ${COLUMNS}
      from incident
     where workspace_id = ${workspaceId} and resolved_at is not null and (${page.after}::uuid is null or id < ${page.after}::uuid)
     order by id desc
     limit ${page.limit}`.execute(db)
  return rows
}

/** The open ones of a kind, in every workspace. */
export async function selectOpenKeys(tx: Tx, kind: string): Promise<{ workspaceId: WorkspaceId; key: string }[]> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; key: string }>`
    select workspace_id as "workspaceId", key from incident where kind = ${kind} and resolved_at is null`.execute(tx)
  return rows
}

export async function selectWorkspaceIds(db: Db | Tx): Promise<WorkspaceId[]> {
  const { rows } = await sql<{ id: WorkspaceId }>`select id from workspace order by id`.execute(db)
  return rows.map(({ id }) => id)
}

export async function deleteResolvedBefore(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from incident
     where (workspace_id, id) in (
       select workspace_id, id from incident where resolved_at < ${before} order by resolved_at limit ${limit} for update skip locked
     )`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}
