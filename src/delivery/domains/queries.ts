import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { DkimAlgorithm } from '../../mail/dkim/key.ts'
import type { RouteKind } from '../routes/route.ts'
import type { ProviderWord } from './alignment.ts'
import type { DkimKey, DkimKeyState } from './dkim-key.ts'
import type { Domain, DomainId, DomainState } from './domain.ts'

interface DomainRow {
  workspace_id: string
  id: string
  name: string
  state: DomainState
  state_since: Date
  verified_at: Date | null
  return_path_host: string
  tracking_host: string
  created_at: Date
  checked_at: Date | null
  next_check_at: Date
}

const columns = sql.raw(
  'workspace_id, id, name, state, state_since, verified_at, return_path_host, tracking_host, created_at, checked_at, next_check_at',
)

function toDomain(row: DomainRow): Domain {
  return {
    workspaceId: row.workspace_id as WorkspaceId,
    id: row.id as DomainId,
    name: row.name,
    state: row.state,
    stateSince: row.state_since,
    verifiedAt: row.verified_at,
    returnPathHost: row.return_path_host,
    trackingHost: row.tracking_host,
    createdAt: row.created_at,
    checkedAt: row.checked_at,
    nextCheckAt: row.next_check_at,
  }
}

/** False when the workspace has a domain of that name. */
export async function insertDomain(tx: Tx, domain: Domain): Promise<boolean> {
  const result = await sql`
    insert into domain (workspace_id, id, name, state, state_since, return_path_host, tracking_host, created_at, next_check_at)
    values (${domain.workspaceId}, ${domain.id}, ${domain.name}, ${domain.state}, ${domain.stateSince}, ${domain.returnPathHost},
            ${domain.trackingHost}, ${domain.createdAt}, ${domain.nextCheckAt})
    on conflict on constraint domain_name_is_unique do nothing`.execute(tx)
  return result.numAffectedRows === 1n
}

export async function countDomains(tx: Tx, workspaceId: WorkspaceId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from domain where workspace_id = ${workspaceId}`.execute(tx)
  return rows[0]?.n ?? 0
}

export async function selectDomains(db: Db | Tx, workspaceId: WorkspaceId): Promise<Domain[]> {
  const { rows } = await sql<DomainRow>`
    select ${columns} from domain where workspace_id = ${workspaceId} order by name limit 1000`.execute(db)
  return rows.map(toDomain)
}

export async function selectDomain(db: Db | Tx, workspaceId: WorkspaceId, id: DomainId): Promise<Domain | null> {
  const { rows } = await sql<DomainRow>`
    select ${columns} from domain where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ? toDomain(rows[0]) : null
}

export async function lockDomain(tx: Tx, workspaceId: WorkspaceId, id: DomainId): Promise<Domain | null> {
  const { rows } = await sql<DomainRow>`
    select ${columns} from domain where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows[0] ? toDomain(rows[0]) : null
}

export async function updateDomain(tx: Tx, domain: Domain): Promise<void> {
  await sql`
    update domain
       set state = ${domain.state}, state_since = ${domain.stateSince}, verified_at = ${domain.verifiedAt}, checked_at = ${domain.checkedAt},
           next_check_at = ${domain.nextCheckAt}, revision = revision + 1
     where workspace_id = ${domain.workspaceId} and id = ${domain.id}`.execute(tx)
}

export async function updateHosts(tx: Tx, domain: Domain): Promise<void> {
  await sql`
    update domain set return_path_host = ${domain.returnPathHost}, tracking_host = ${domain.trackingHost}, next_check_at = ${domain.nextCheckAt},
           revision = revision + 1
     where workspace_id = ${domain.workspaceId} and id = ${domain.id}`.execute(tx)
}

export async function deleteDomain(tx: Tx, workspaceId: WorkspaceId, id: DomainId): Promise<void> {
  await sql`delete from domain where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/**
 * Domains whose time has come, taken until `leasedUntil`: several processes share them, and one that dies in the middle leaves them to be
 * found again.
 */
export async function takeDueDomains(tx: Tx, leasedUntil: Date, limit: number, now: Date): Promise<Domain[]> {
  const { rows } = await sql<DomainRow>`
    with due as (
      select workspace_id, id from domain where next_check_at <= ${now} order by next_check_at limit ${limit} for update skip locked
    )
    update domain set next_check_at = ${leasedUntil}
      from due
     where domain.workspace_id = due.workspace_id and domain.id = due.id
    returning domain.workspace_id, domain.id, name, state, state_since, verified_at, return_path_host, tracking_host, created_at, checked_at,
              next_check_at`.execute(tx)
  return rows.map(toDomain)
}

interface KeyRow {
  selector: string
  algorithm: DkimAlgorithm
  public_key: string
  state: DkimKeyState
  state_since: Date
  wrong_since: Date | null
  created_at: Date
}

function toKey(row: KeyRow): DkimKey {
  return {
    selector: row.selector,
    algorithm: row.algorithm,
    publicKey: row.public_key,
    state: row.state,
    since: row.state_since,
    wrongSince: row.wrong_since,
    createdAt: row.created_at,
  }
}

/** Of one domain, the newest first. Revoked ones are kept for the record; a hundred say enough. */
export async function selectKeys(db: Db | Tx, workspaceId: WorkspaceId, id: DomainId): Promise<DkimKey[]> {
  const { rows } = await sql<KeyRow>`
    select selector, algorithm, public_key, state, state_since, wrong_since, created_at
      from dkim_key
     where workspace_id = ${workspaceId} and domain_id = ${id}
     order by created_at desc, algorithm desc
     limit 100`.execute(db)
  return rows.map(toKey)
}

export async function insertKey(tx: Tx, domain: Domain, key: DkimKey, sealed: Buffer): Promise<void> {
  await sql`
    insert into dkim_key (workspace_id, domain_id, selector, algorithm, private_key, public_key, state, state_since, created_at)
    values (${domain.workspaceId}, ${domain.id}, ${key.selector}, ${key.algorithm}, ${sealed}, ${key.publicKey}, ${key.state}, ${key.since},
            ${key.createdAt})`.execute(tx)
}

/** A private key that signs no more is not kept. */
export async function updateKey(tx: Tx, domain: Domain, key: DkimKey): Promise<void> {
  await sql`
    update dkim_key
       set state = ${key.state}, state_since = ${key.since}, wrong_since = ${key.wrongSince},
           private_key = case when ${key.state}::text = 'revoked' then null else private_key end
     where workspace_id = ${domain.workspaceId} and domain_id = ${domain.id} and selector = ${key.selector}`.execute(tx)
}

export interface Revision {
  readonly workspaceId: WorkspaceId
  readonly id: DomainId
  readonly revision: number
}

/** Every domain of every workspace, to see which copies are old. */
export async function selectRevisions(db: Db): Promise<Revision[]> {
  const { rows } = await sql<Revision>`
    select workspace_id as "workspaceId", id, revision from domain limit 100000`.execute(db)
  return rows
}

export interface SealedKey {
  readonly selector: string
  readonly algorithm: DkimAlgorithm
  readonly sealed: Buffer
}

/** The keys that sign. */
export async function selectActiveKeys(db: Db | Tx, workspaceId: WorkspaceId, id: DomainId): Promise<SealedKey[]> {
  const { rows } = await sql<SealedKey>`
    select selector, algorithm, private_key as sealed
      from dkim_key
     where workspace_id = ${workspaceId} and domain_id = ${id} and state = 'active'
     order by algorithm desc`.execute(db)
  return rows
}

interface FactRow {
  workspaceId: WorkspaceId
  fromDomain: string
  routeId: RouteId
  kind: RouteKind
  state: DomainState | null
  spfCovers: boolean
  provider: ProviderWord
}

/**
 * Every pair of a route and a From domain that is managed or has mail. What a domain's SPF record says is what it said last, when it was
 * asked with success. A provider's word: SES verifies all below a domain, and single addresses too, so a domain that it does not list may
 * still be known there; Scaleway lists each.
 */
export async function selectAlignmentRows(db: Db | Tx, workspaceIds: readonly WorkspaceId[]): Promise<FactRow[]> {
  const { rows } = await sql<FactRow>`
    with named as (
      select workspace_id, name from domain where workspace_id = any(${plainArray(workspaceIds)}::uuid[])
      union
      select workspace_id, from_domain from lane where workspace_id = any(${plainArray(workspaceIds)}::uuid[])
    )
    select route.workspace_id as "workspaceId", named.name as "fromDomain", route.id as "routeId", route.kind, domain.state,
           coalesce(spf.answered_status = 'correct', false) as "spfCovers",
           case when told.state = 'verified' then 'verified'
                when told.state is not null or (route.kind = 'scaleway' and account.domains_at is not null) then 'unverified'
                else 'unknown' end as provider
      from named
      join route on route.workspace_id = named.workspace_id and route.removed_at is null and route.kind <> 'sandbox'
      left join domain on domain.workspace_id = named.workspace_id and domain.name = named.name
      left join domain_check as spf on spf.workspace_id = domain.workspace_id and spf.domain_id = domain.id and spf.subject = 'spf'
      left join route_account as account on account.workspace_id = route.workspace_id and account.route_id = route.id
      left join lateral (
        select route_domain.state from route_domain
         where route_domain.workspace_id = route.workspace_id and route_domain.route_id = route.id
           and (route_domain.domain = named.name or (route.kind = 'ses' and named.name like '%.' || route_domain.domain))
         order by route_domain.state = 'verified' desc
         limit 1
      ) as told on true
     limit 100000`.execute(db)
  return rows
}

/** The host of the links of a domain whose mail is signed, where that host was seen to lead to us when the DNS last answered. */
export async function selectTrackingHost(db: Db | Tx, workspaceId: WorkspaceId, name: string): Promise<string | null> {
  const { rows } = await sql<{ host: string }>`
    select tracking_host as host
      from domain
      join domain_check as seen on seen.workspace_id = domain.workspace_id and seen.domain_id = domain.id and seen.subject = 'tracking'
     where domain.workspace_id = ${workspaceId} and domain.name = ${name} and domain.state in ('verified', 'warning') and seen.answered_status = 'correct'`.execute(
    db,
  )
  return rows[0]?.host ?? null
}
