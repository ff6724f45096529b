import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { AccountExamination, RouteDomain } from './account.ts'

interface RouteKey {
  readonly workspaceId: WorkspaceId
  readonly id: RouteId
}

/** What was learnt at once: domains that are no longer there go, unless they could not be read. */
export async function replaceExamination(
  tx: Tx,
  { workspaceId, id }: RouteKey,
  { domains, ...rest }: AccountExamination,
  now: Date,
): Promise<void> {
  await sql`
    insert into route_account (workspace_id, route_id, examined_at, examination, domains_at)
    values (${workspaceId}, ${id}, ${now}, ${JSON.stringify(rest)}::jsonb, ${domains ? now : null})
        on conflict (workspace_id, route_id) do update
       set examined_at = excluded.examined_at, examination = excluded.examination,
           domains_at = coalesce(excluded.domains_at, route_account.domains_at)`.execute(tx)
  if (!domains) return
  const names = domains.map(({ domain }) => domain)
  await sql`
    delete from route_domain where workspace_id = ${workspaceId} and route_id = ${id} and domain <> all(${names}::text[])`.execute(
    tx,
  )
  await sql`
    insert into route_domain (workspace_id, route_id, domain, state, detail, checked_at)
    select ${workspaceId}, ${id}, domain, state, detail, ${now}
      from unnest(${names}::text[], ${domains.map(({ state }) => state)}::text[], ${domains.map(({ detail }) => detail)}::text[]) as given (domain, state, detail)
        on conflict (workspace_id, route_id, domain) do update
       set state = excluded.state, detail = excluded.detail, checked_at = excluded.checked_at`.execute(tx)
}

export interface DomainRow extends RouteDomain {
  readonly checkedAt: Date
}

/** At most so many: an account has a handful, an agency a few hundred. */
const MAX_DOMAINS = 10_000

export async function selectRouteDomains(db: Db | Tx, { workspaceId, id }: RouteKey): Promise<DomainRow[]> {
  const { rows } = await sql<{ domain: string; state: RouteDomain['state']; detail: string | null; checked_at: Date }>`
    select domain, state, detail, checked_at
      from route_domain
     where workspace_id = ${workspaceId} and route_id = ${id}
     order by domain
     limit ${MAX_DOMAINS}`.execute(db)
  return rows.map(({ checked_at: checkedAt, ...domain }) => ({ ...domain, checkedAt }))
}

export interface AccountRow extends Pick<AccountExamination, 'checks' | 'quota'> {
  readonly examinedAt: Date
  readonly domainsAt: Date | null
}

export async function selectAccount(db: Db | Tx, { workspaceId, id }: RouteKey): Promise<AccountRow | null> {
  const { rows } = await sql<{
    examined_at: Date
    domains_at: Date | null
    examination: Pick<AccountExamination, 'checks' | 'quota'>
  }>`
    select examined_at, domains_at, examination from route_account where workspace_id = ${workspaceId} and route_id = ${id}`.execute(
    db,
  )
  const [row] = rows
  return row ? { ...row.examination, examinedAt: row.examined_at, domainsAt: row.domains_at } : null
}

/** Routes to an API that nobody has asked since `before`, the longest ago first. A change of its settings asks anew. */
export async function selectUnexamined(db: Db | Tx, before: Date, limit: number): Promise<RouteKey[]> {
  const { rows } = await sql<{ workspace_id: WorkspaceId; id: RouteId }>`
    select route.workspace_id, route.id
      from route
      left join route_account as account on account.workspace_id = route.workspace_id and account.route_id = route.id
     where route.kind in ('ses', 'scaleway') and route.removed_at is null
       and (account.examined_at is null or account.examined_at < ${before} or account.examined_at < route.updated_at)
     order by account.examined_at nulls first
     limit ${limit}`.execute(db)
  return rows.map((row) => ({ workspaceId: row.workspace_id, id: row.id }))
}
