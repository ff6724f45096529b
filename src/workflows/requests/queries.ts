import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { Id, WorkspaceId } from '../../lib/ids.ts'
import type { Retry } from '../definition/graph.ts'
import type { RunId, WorkflowId } from '../steps/step.ts'

export type RequestId = Id<'workflow_request'>

export interface NewRequest {
  readonly workspaceId: WorkspaceId
  readonly id: RequestId
  readonly workflowId: WorkflowId
  readonly workflow: string
  readonly runId: RunId
  readonly tokenId: string
  readonly node: string
  readonly visit: number
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly secret: string | null
  readonly secretHeader: string | null
  readonly body: string | null
  readonly bodyType: string | null
  readonly timeoutMs: number
  readonly expect: readonly number[] | null
  readonly keep: 'json' | 'text' | 'nothing'
  readonly retry: Retry | null
}

export async function insertRequest(tx: Tx, request: NewRequest, now: Date): Promise<void> {
  const { workspaceId, id, workflowId, workflow, runId, tokenId, node, visit, method, url, headers, expect, retry } = request
  await sql`
    insert into workflow_request (workspace_id, id, workflow_id, workflow, run_id, token_id, node, visit, method, url, headers, secret, secret_header, body,
                                  body_type, timeout_ms, expect, keep, retry, due_at, created_at)
    values (${workspaceId}, ${id}, ${workflowId}, ${workflow}, ${runId}, ${tokenId}, ${node}, ${visit}, ${method}, ${url}, ${JSON.stringify(headers)}::jsonb,
            ${request.secret}, ${request.secretHeader}, ${request.body}, ${request.bodyType}, ${request.timeoutMs},
            ${expect === null ? null : plainArray(expect.map(String))}::int[], ${request.keep}, ${retry && JSON.stringify(retry)}::jsonb, ${now}, ${now})`.execute(
    tx,
  )
}

/** A row that is ours to send until its lease ends. */
export interface Claimed extends NewRequest {
  /** Claims so far, this one included: fences late answers. */
  readonly attempt: number
  /** Tries before this one. */
  readonly tries: number
  readonly sealed: Buffer | null
}

const WORKSPACES_A_ROUND = 500

/** Leases what is due: of each workspace at most so many at a time, so that none waits for another one's. */
export async function claimDue(
  db: Db,
  { limit, atOnceEach }: { readonly limit: number; readonly atOnceEach: number },
  leaseExpiresAt: Date,
  now: Date,
): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    with whose as (
      select distinct workspace_id from workflow_request where state = 'queued' and due_at <= ${now} limit ${sql.lit(WORKSPACES_A_ROUND)}
    ), due as materialized (
      select r.workspace_id, r.id from whose
       cross join lateral (
         select workspace_id, id from workflow_request as one
          where one.workspace_id = whose.workspace_id and one.state = 'queued' and one.due_at <= ${now}
          order by one.due_at, one.id
          limit greatest(0, ${atOnceEach}::int - (select count(*) from workflow_request as s where s.workspace_id = whose.workspace_id and s.state = 'sending'))
            for update skip locked
       ) as r limit ${limit}
    )
    update workflow_request as r
       set state = 'sending', attempt = r.attempt + 1, due_at = null, lease_expires_at = ${leaseExpiresAt}
      from due
     where r.workspace_id = due.workspace_id and r.id = due.id
    returning r.workspace_id as "workspaceId", r.id, r.workflow_id as "workflowId", r.workflow, r.run_id as "runId", r.token_id as "tokenId", r.node, r.visit,
              r.method, r.url, r.headers, r.secret, r.secret_header as "secretHeader", r.body, r.body_type as "bodyType", r.timeout_ms as "timeoutMs",
              r.expect, r.keep, r.retry, r.attempt, r.tries,
              (select sealed from workflow_secret as s where s.workspace_id = r.workspace_id and s.name = r.secret) as sealed`.execute(
    db,
  )
  return rows
}

/** What a process held that is gone: sent again, under the same id. */
export async function requeueLost(db: Db, now: Date): Promise<number> {
  const result = await sql`
    update workflow_request set state = 'queued', due_at = ${now}, lease_expires_at = null
     where state = 'sending' and lease_expires_at <= ${now}`.execute(db)
  return Number(result.numAffectedRows ?? 0)
}

export interface Settlement {
  readonly state: 'queued' | 'done' | 'failed'
  readonly dueAt: Date | null
  readonly tries: number
  readonly status: number | null
  readonly error: string | null
}

/** False: it is not this attempt's any more, or nobody wants it. */
export async function settleRequest(tx: Tx, { workspaceId, id, attempt }: Claimed, to: Settlement, now: Date): Promise<boolean> {
  const result = await sql`
    update workflow_request
       set state = ${to.state}, due_at = ${to.dueAt}, lease_expires_at = null, tries = ${to.tries}, last_status = ${to.status}, last_error = ${to.error},
           ended_at = ${to.state === 'queued' ? null : now}
     where workspace_id = ${workspaceId} and id = ${id} and attempt = ${attempt} and state = 'sending'`.execute(tx)
  return Number(result.numAffectedRows ?? 0) > 0
}

/** Nobody waits for it any more. What is on its way arrives, and its answer is nobody's. */
export async function withdrawRequest(tx: Tx, workspaceId: WorkspaceId, id: RequestId, now: Date): Promise<void> {
  await sql`
    update workflow_request set state = 'withdrawn', due_at = null, lease_expires_at = null, ended_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id} and state in ('queued', 'sending')`.execute(tx)
}

export async function selectSecrets(db: Db | Tx, workspaceId: WorkspaceId): Promise<{ name: string; changedAt: Date }[]> {
  const { rows } = await sql<{ name: string; changedAt: Date }>`
    select name, changed_at as "changedAt" from workflow_secret where workspace_id = ${workspaceId} order by lower(name)`.execute(
    db,
  )
  return rows
}

export interface SecretUse {
  readonly secret: string
  readonly workflowId: WorkflowId
  readonly workflow: string
  readonly isRemoved: boolean
  /** In the draft, in what new runs begin with, and in older versions by which runs still go on. */
  readonly inDraft: boolean
  readonly inPublished: boolean
  readonly inOlder: boolean
}

/** Which workflows name which secrets, by name. */
export async function selectSecretUses(db: Db | Tx, workspaceId: WorkspaceId): Promise<SecretUse[]> {
  const named = (graph: RawBuilder<unknown>) => sql`jsonb_path_query(${graph}, 'lax $.nodes.*.config.secret') #>> '{}'`
  const { rows } = await sql<SecretUse>`
    select u.secret, w.id as "workflowId", w.name as workflow, w.removed_at is not null as "isRemoved", bool_or(u.place = 'draft') as "inDraft",
           bool_or(u.place = 'published') as "inPublished", bool_or(u.place = 'older') as "inOlder"
      from workflow as w
     cross join lateral (
        select ${named(sql`w.draft`)} as secret, 'draft' as place where w.removed_at is null
         union
        select ${named(sql`v.graph`)}, 'published' from workflow_version as v
         where v.workspace_id = w.workspace_id and v.id = w.version_id and w.removed_at is null
         union
        select ${named(sql`v.graph`)}, 'older' from workflow_version as v
         where v.workspace_id = w.workspace_id and v.workflow_id = w.id and (v.id is distinct from w.version_id or w.removed_at is not null)
           and exists (select from workflow_run as r where r.workspace_id = v.workspace_id and r.version_id = v.id and r.status = 'running')) as u
     where w.workspace_id = ${workspaceId}
     group by u.secret, w.workspace_id, w.id
     order by lower(w.name), w.id`.execute(db)
  return rows
}

export async function upsertSecret(tx: Tx, workspaceId: WorkspaceId, name: string, sealed: Buffer, now: Date): Promise<void> {
  await sql`
    insert into workflow_secret (workspace_id, name, sealed, changed_at) values (${workspaceId}, ${name}, ${sealed}, ${now})
    on conflict (workspace_id, name) do update set sealed = excluded.sealed, changed_at = excluded.changed_at`.execute(tx)
}

export async function deleteSecret(tx: Tx, workspaceId: WorkspaceId, name: string): Promise<number> {
  const result = await sql`delete from workflow_secret where workspace_id = ${workspaceId} and name = ${name}`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}
