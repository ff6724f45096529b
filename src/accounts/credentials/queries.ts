import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { CredentialId, WorkspaceId } from '../../lib/ids.ts'
import type { Credential } from './credential.ts'

const columns = sql.raw(
  'id, name, username, secret_prefix as "secretPrefix", previous_until as "previousUntil", streams, from_domains as "fromDomains", networks, rate_per_minute as "ratePerMinute", sandbox, created_by as "createdBy", created_at as "createdAt", rotated_at as "rotatedAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", last_used_ip as "lastUsedIp"',
)

export async function insertCredential(
  tx: Tx,
  workspaceId: WorkspaceId,
  c: Credential & { readonly hash: Buffer },
): Promise<void> {
  await sql`
    insert into credential (workspace_id, id, name, username, secret_hash, secret_prefix, streams, from_domains, networks, rate_per_minute, sandbox,
                            created_by, created_at, expires_at)
    values (${workspaceId}, ${c.id}, ${c.name}, ${c.username}, ${c.hash}, ${c.secretPrefix}, ${c.streams as string[]}, ${c.fromDomains as string[]},
            ${c.networks as string[]}, ${c.ratePerMinute}, ${c.sandbox}, ${c.createdBy}, ${c.createdAt}, ${c.expiresAt})`.execute(
    tx,
  )
}

export async function selectCredentials(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Credential[]> {
  const { rows } = await sql<Credential>`
    select ${columns} from credential
     where workspace_id = ${workspaceId} and revoked_at is null
     order by created_at desc, id desc
     limit ${limit}`.execute(db)
  return rows
}

export async function countCredentials(db: Db | Tx, workspaceId: WorkspaceId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from credential where workspace_id = ${workspaceId} and revoked_at is null`.execute(db)
  return rows[0]?.n ?? 0
}

export async function markCredentialRevoked(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: CredentialId,
  now: Date,
): Promise<Credential | null> {
  const { rows } = await sql<Credential>`
    update credential set revoked_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id} and revoked_at is null
    returning ${columns}`.execute(tx)
  return rows[0] ?? null
}

/** The secret in force becomes the one before, until `previousUntil`; without such a time it is worth nothing from now on. */
export async function replaceSecret(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: CredentialId,
  next: { readonly hash: Buffer; readonly prefix: string; readonly previousUntil: Date | null },
  now: Date,
): Promise<Credential | null> {
  const { rows } = await sql<Credential>`
    update credential
       set previous_hash = case when ${next.previousUntil}::timestamptz is null then null else secret_hash end,
           previous_until = ${next.previousUntil}, secret_hash = ${next.hash}, secret_prefix = ${next.prefix}, rotated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id} and revoked_at is null
    returning ${columns}`.execute(tx)
  return rows[0] ?? null
}

export interface CredentialFound extends Credential {
  readonly workspaceId: WorkspaceId
  readonly hash: Buffer
  readonly previousHash: Buffer | null
}

export async function findCredential(db: Db, username: string, now: Date): Promise<CredentialFound | null> {
  const { rows } = await sql<CredentialFound>`
    select ${columns}, workspace_id as "workspaceId", secret_hash as hash,
           case when previous_until > ${now} then previous_hash end as "previousHash"
      from credential
     where username = ${username} and revoked_at is null and (expires_at is null or expires_at > ${now})`.execute(db)
  return rows[0] ?? null
}

export async function touchCredential(
  db: Db,
  { workspaceId, id }: Pick<CredentialFound, 'workspaceId' | 'id'>,
  ip: string,
  now: Date,
): Promise<void> {
  await sql`
    update credential set last_used_at = ${now}, last_used_ip = ${ip}
     where workspace_id = ${workspaceId} and id = ${id} and (last_used_at is null or last_used_at < ${now})`.execute(db)
}

export interface Pace {
  readonly id: CredentialId
  readonly ratePerMinute: number | null
  readonly pacedUntil: Date | null
}

/**
 * Those of the credentials that may still be used. Those with a pace are locked, in the order of their ids: what two processes accept at one time
 * is counted one after the other.
 */
export async function selectPaces(tx: Tx, workspaceId: WorkspaceId, ids: readonly string[], now: Date): Promise<Pace[]> {
  const { rows } = await sql<Pace>`
    select id, rate_per_minute as "ratePerMinute", paced_until as "pacedUntil" from credential
     where workspace_id = ${workspaceId} and id = any (${ids as string[]}::uuid[]) and revoked_at is null and (expires_at is null or expires_at > ${now})`.execute(
    tx,
  )
  if (rows.every(({ ratePerMinute }) => ratePerMinute === null)) return rows
  const { rows: locked } = await sql<Pace>`
    select id, rate_per_minute as "ratePerMinute", paced_until as "pacedUntil" from credential
     where workspace_id = ${workspaceId} and id = any (${rows.map(({ id }) => id) as string[]}::uuid[]) and rate_per_minute is not null and revoked_at is null
     order by id
       for update`.execute(tx)
  return [...rows.filter(({ ratePerMinute }) => ratePerMinute === null), ...locked]
}

export async function movePace(tx: Tx, workspaceId: WorkspaceId, id: CredentialId, until: Date): Promise<void> {
  await sql`update credential set paced_until = ${until} where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}
