import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ApiKeyId, UserId, WorkspaceId } from '../lib/ids.ts'
import type { KeyScope, Role } from './actor.ts'
import type { ApiKey } from './api-key.ts'
import type { Member, User } from './member.ts'
import type { Session, SessionId } from './session.ts'
import type { ThrottleKind } from './throttle.ts'
import type { Workspace } from './workspace.ts'

// Workspaces

export async function insertWorkspace(tx: Tx, workspace: Workspace, now: Date): Promise<void> {
  await sql`insert into workspace (id, name, created_at) values (${workspace.id}, ${workspace.name}, ${now})`.execute(tx)
}

export async function firstWorkspace(db: Db | Tx): Promise<Workspace | null> {
  const { rows } = await sql<Workspace>`select id, name from workspace order by created_at, id limit 1`.execute(db)
  return rows[0] ?? null
}

export async function renameWorkspace(tx: Tx, workspace: Workspace): Promise<void> {
  await sql`update workspace set name = ${workspace.name} where id = ${workspace.id}`.execute(tx)
}

/** Makes this transaction the only one that may make the first account: two set-ups at one time become one and a refusal. */
export async function lockAccounts(tx: Tx): Promise<void> {
  await sql`lock table user_account in share row exclusive mode`.execute(tx)
}

export async function hasUsers(db: Db | Tx): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select exists (select from user_account) as found`.execute(db)
  return rows[0]?.found === true
}

// People

export async function insertUser(tx: Tx, user: User & { passwordHash: string }, now: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into user_account (id, email, name, password_hash, password_changed_at, created_at)
    values (${user.id}, ${user.email}, ${user.name}, ${user.passwordHash}, ${now}, ${now})
        on conflict (lower(email)) do nothing`.execute(tx)
  return numAffectedRows === 1n
}

export async function findUserByEmail(db: Db | Tx, email: string): Promise<(User & { passwordHash: string }) | null> {
  const { rows } = await sql<User & { passwordHash: string }>`
    select id, email, name, password_hash as "passwordHash" from user_account where lower(email) = lower(${email})`.execute(db)
  return rows[0] ?? null
}

export async function passwordHashOf(db: Db | Tx, userId: UserId): Promise<string | null> {
  const { rows } = await sql<{ hash: string }>`select password_hash as hash from user_account where id = ${userId}`.execute(db)
  return rows[0]?.hash ?? null
}

/** Only while the password is still the one that was checked: two changes at a time do not both succeed. */
export async function replacePasswordHash(tx: Tx, userId: UserId, from: string, to: string, now: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update user_account set password_hash = ${to}, password_changed_at = ${now}
     where id = ${userId} and password_hash = ${from}`.execute(tx)
  return numAffectedRows === 1n
}

// Members

export async function insertMember(tx: Tx, workspaceId: WorkspaceId, userId: UserId, role: Role, now: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into membership (workspace_id, user_id, role, joined_at) values (${workspaceId}, ${userId}, ${role}, ${now})
        on conflict do nothing`.execute(tx)
  return numAffectedRows === 1n
}

/** At most `limit`, oldest first: a workspace has tens of members, and no page of them is ever skipped silently. */
export async function membersOf(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Member[]> {
  const { rows } = await sql<Member>`
    select u.id, u.email, u.name, m.role, m.joined_at as "joinedAt", m.last_seen_at as "lastSeenAt"
      from membership m join user_account u on u.id = m.user_id
     where m.workspace_id = ${workspaceId}
     order by m.joined_at, m.user_id
     limit ${limit}`.execute(db)
  return rows
}

/**
 * A member and how many owners there are, with all owners and the member locked, always in the same order: two owners who remove each
 * other at one time wait for one another instead of leaving none.
 */
export async function lockMember(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
): Promise<{ member: Member; owners: number } | null> {
  const { rows: locked } = await sql<{ userId: UserId; role: Role }>`
    select user_id as "userId", role from membership
     where workspace_id = ${workspaceId} and (role = 'owner' or user_id = ${userId})
     order by user_id
       for update`.execute(tx)
  if (!locked.some((row) => row.userId === userId)) return null
  const { rows } = await sql<Member>`
    select u.id, u.email, u.name, m.role, m.joined_at as "joinedAt", m.last_seen_at as "lastSeenAt"
      from membership m join user_account u on u.id = m.user_id
     where m.workspace_id = ${workspaceId} and m.user_id = ${userId}`.execute(tx)
  const member = rows[0]
  return member ? { member, owners: locked.filter((row) => row.role === 'owner').length } : null
}

export async function updateRole(tx: Tx, workspaceId: WorkspaceId, userId: UserId, role: Role): Promise<void> {
  await sql`update membership set role = ${role} where workspace_id = ${workspaceId} and user_id = ${userId}`.execute(tx)
}

/** Their sessions in this workspace go with the row (foreign key, on delete cascade). */
export async function deleteMember(tx: Tx, workspaceId: WorkspaceId, userId: UserId): Promise<void> {
  await sql`delete from membership where workspace_id = ${workspaceId} and user_id = ${userId}`.execute(tx)
}

/** The workspace a person was seen in last: where a new session begins. */
export async function homeOf(db: Db | Tx, userId: UserId): Promise<{ workspace: Workspace; role: Role } | null> {
  const { rows } = await sql<{ id: WorkspaceId; name: string; role: Role }>`
    select w.id, w.name, m.role
      from membership m join workspace w on w.id = m.workspace_id
     where m.user_id = ${userId}
     order by m.last_seen_at desc nulls last, m.joined_at, w.id
     limit 1`.execute(db)
  const row = rows[0]
  return row ? { workspace: { id: row.id, name: row.name }, role: row.role } : null
}

// Sessions

export interface NewSession extends Session {
  readonly tokenHash: Buffer
  readonly userId: UserId
  readonly workspaceId: WorkspaceId
}

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  await sql`
    insert into session (id, token_hash, workspace_id, user_id, created_at, last_seen_at, expires_at, user_agent, ip)
    values (${session.id}, ${session.tokenHash}, ${session.workspaceId}, ${session.userId}, ${session.createdAt}, ${session.lastSeenAt},
            ${session.expiresAt}, ${session.userAgent}, ${session.ip})`.execute(tx)
}

export interface SessionFound {
  readonly session: Session
  readonly user: User
  readonly workspace: Workspace
  readonly role: Role
}

interface SessionRow extends Session {
  readonly userId: UserId
  readonly email: string
  readonly name: string
  readonly workspaceId: WorkspaceId
  readonly workspaceName: string
  readonly role: Role
}

/** One look-up by the unique hash gives everything a request needs to know about who asks. */
export async function findSession(db: Db | Tx, tokenHash: Buffer, idleSince: Date, now: Date): Promise<SessionFound | null> {
  const { rows } = await sql<SessionRow>`
    select s.id, s.created_at as "createdAt", s.last_seen_at as "lastSeenAt", s.expires_at as "expiresAt", s.user_agent as "userAgent", s.ip,
           u.id as "userId", u.email, u.name, w.id as "workspaceId", w.name as "workspaceName", m.role
      from session s
      join membership m on m.workspace_id = s.workspace_id and m.user_id = s.user_id
      join user_account u on u.id = s.user_id
      join workspace w on w.id = s.workspace_id
     where s.token_hash = ${tokenHash} and s.expires_at > ${now} and s.last_seen_at > ${idleSince}`.execute(db)
  const row = rows[0]
  if (!row) return null
  return {
    session: toSession(row),
    user: { id: row.userId, email: row.email, name: row.name },
    workspace: { id: row.workspaceId, name: row.workspaceName },
    role: row.role,
  }
}

function toSession({ id, createdAt, lastSeenAt, expiresAt, userAgent, ip }: Session): Session {
  return { id, createdAt, lastSeenAt, expiresAt, userAgent, ip }
}

export async function touchSession(db: Db, found: SessionFound, now: Date): Promise<void> {
  await sql`
    with seen as (update session set last_seen_at = ${now} where id = ${found.session.id} and last_seen_at < ${now})
    update membership set last_seen_at = ${now} where workspace_id = ${found.workspace.id} and user_id = ${found.user.id}`.execute(
    db,
  )
}

export async function sessionsOf(db: Db | Tx, userId: UserId, idleSince: Date, now: Date, limit: number): Promise<Session[]> {
  const { rows } = await sql<Session>`
    select id, created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt", user_agent as "userAgent", ip
      from session
     where user_id = ${userId} and expires_at > ${now} and last_seen_at > ${idleSince}
     order by last_seen_at desc, id desc
     limit ${limit}`.execute(db)
  return rows
}

export async function deleteSession(tx: Tx, userId: UserId, id: SessionId): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from session where user_id = ${userId} and id = ${id}`.execute(tx)
  return numAffectedRows === 1n
}

export async function deleteSessionByToken(
  tx: Tx,
  tokenHash: Buffer,
): Promise<{ userId: UserId; workspaceId: WorkspaceId } | null> {
  const { rows } = await sql<{ userId: UserId; workspaceId: WorkspaceId }>`
    delete from session where token_hash = ${tokenHash} returning user_id as "userId", workspace_id as "workspaceId"`.execute(tx)
  return rows[0] ?? null
}

export async function deleteSessionsOf(tx: Tx, userId: UserId): Promise<void> {
  await sql`delete from session where user_id = ${userId}`.execute(tx)
}

/** Keeps the newest `keep` of a person's sessions. */
export async function trimSessions(tx: Tx, userId: UserId, keep: number): Promise<void> {
  await sql`
    delete from session
     where id in (select id from session where user_id = ${userId} order by created_at desc, id desc offset ${keep})`.execute(tx)
}

// API keys

const keyColumns = sql`id, name, prefix, scopes, created_by as "createdBy", created_at as "createdAt", last_used_at as "lastUsedAt",
                       expires_at as "expiresAt"`

export interface NewApiKey extends ApiKey {
  readonly workspaceId: WorkspaceId
  readonly hash: Buffer
  readonly source: 'person' | 'configuration'
}

/** False when a key with this hash exists already. */
export async function insertApiKey(tx: Tx, key: NewApiKey): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into api_key (workspace_id, id, name, prefix, hash, scopes, source, created_by, created_at, expires_at)
    values (${key.workspaceId}, ${key.id}, ${key.name}, ${key.prefix}, ${key.hash}, ${key.scopes as string[]}, ${key.source}, ${key.createdBy},
            ${key.createdAt}, ${key.expiresAt})
        on conflict do nothing`.execute(tx)
  return numAffectedRows === 1n
}

export async function apiKeysOf(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<ApiKey[]> {
  const { rows } = await sql<ApiKey>`
    select ${keyColumns} from api_key
     where workspace_id = ${workspaceId} and revoked_at is null
     order by created_at desc, id desc
     limit ${limit}`.execute(db)
  return rows
}

export async function countApiKeys(db: Db | Tx, workspaceId: WorkspaceId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from api_key where workspace_id = ${workspaceId} and revoked_at is null`.execute(db)
  return rows[0]?.n ?? 0
}

export async function markRevoked(tx: Tx, workspaceId: WorkspaceId, id: ApiKeyId, now: Date): Promise<ApiKey | null> {
  const { rows } = await sql<ApiKey>`
    update api_key set revoked_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id} and revoked_at is null
    returning ${keyColumns}`.execute(tx)
  return rows[0] ?? null
}

/** A key of the configuration is replaced by its successor, not joined by it. */
export async function revokeConfiguredKeysExcept(tx: Tx, workspaceId: WorkspaceId, hash: Buffer, now: Date): Promise<ApiKey[]> {
  const { rows } = await sql<ApiKey>`
    update api_key set revoked_at = ${now}
     where workspace_id = ${workspaceId} and source = 'configuration' and hash <> ${hash} and revoked_at is null
    returning ${keyColumns}`.execute(tx)
  return rows
}

export interface KeyFound {
  readonly id: ApiKeyId
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly lastUsedAt: Date | null
  readonly workspace: Workspace
}

type KeyRow = Omit<KeyFound, 'workspace'> & { hash: Buffer; workspaceId: WorkspaceId; workspaceName: string }

/** Those of these keys that open anything, by their hashes in base64. */
export async function findApiKeys(db: Db | Tx, hashes: readonly Buffer[], now: Date): Promise<Map<string, KeyFound>> {
  const wanted = plainArray(hashes.map((hash) => hash.toString('base64')))
  const { rows } = await sql<KeyRow>`
    select k.hash, k.id, k.name, k.scopes, k.last_used_at as "lastUsedAt", w.id as "workspaceId", w.name as "workspaceName"
      from unnest(${wanted}::text[]) as wanted (hash)
      join api_key k on k.hash = decode(wanted.hash, 'base64')
      join workspace w on w.id = k.workspace_id
     where k.revoked_at is null and (k.expires_at is null or k.expires_at > ${now})`.execute(db)
  return new Map(
    rows.map(({ hash, workspaceId, workspaceName, ...key }) => [
      hash.toString('base64'),
      { ...key, workspace: { id: workspaceId, name: workspaceName } },
    ]),
  )
}

export async function touchApiKey(db: Db, key: KeyFound, now: Date): Promise<void> {
  await sql`
    update api_key set last_used_at = ${now}
     where workspace_id = ${key.workspace.id} and id = ${key.id} and (last_used_at is null or last_used_at < ${now})`.execute(db)
}

// The throttle

export interface Throttled {
  readonly kind: ThrottleKind
  readonly failures: number
  readonly blockedUntil: Date
}

/**
 * Counts one try, unless the subject has to wait; its row is locked until the transaction ends, so parallel tries count one after the
 * other. A subject without a failure since `forgottenBefore` starts over.
 */
export async function countTry(
  tx: Tx,
  kind: ThrottleKind,
  subject: Buffer,
  forgottenBefore: Date,
  now: Date,
): Promise<Throttled> {
  const { rows } = await sql<Throttled>`
    insert into sign_in_throttle as t (kind, subject, failures, last_failed_at, blocked_until)
    values (${kind}, ${subject}, 1, ${now}, ${now})
        on conflict (kind, subject) do update
       set failures       = case when t.blocked_until > ${now} then t.failures
                                 when t.last_failed_at < ${forgottenBefore} then 1
                                 else t.failures + 1 end,
           last_failed_at = case when t.blocked_until > ${now} then t.last_failed_at else ${now} end
    returning kind, failures, blocked_until as "blockedUntil"`.execute(tx)
  return rows[0] as Throttled
}

export async function blockUntil(tx: Tx, kind: ThrottleKind, subject: Buffer, until: Date): Promise<void> {
  await sql`update sign_in_throttle set blocked_until = ${until} where kind = ${kind} and subject = ${subject}`.execute(tx)
}

export async function forgetTries(tx: Tx, kind: ThrottleKind, subject: Buffer): Promise<void> {
  await sql`delete from sign_in_throttle where kind = ${kind} and subject = ${subject}`.execute(tx)
}

/** Takes one try back: it was not a failure. */
export async function takeBackTry(tx: Tx, kind: ThrottleKind, subject: Buffer): Promise<void> {
  await sql`update sign_in_throttle set failures = greatest(failures - 1, 0) where kind = ${kind} and subject = ${subject}`.execute(
    tx,
  )
}

// Housekeeping

/** Forgets what has ended: sessions past their end, tries of long ago. Bounded, so that it never holds a long transaction. */
export async function deleteEnded(tx: Tx, idleSince: Date, forgottenBefore: Date, now: Date, limit: number): Promise<number> {
  const sessions = await sql`
    delete from session where id in (select id from session where expires_at <= ${now} or last_seen_at <= ${idleSince} limit ${limit})`.execute(
    tx,
  )
  const tries = await sql`
    delete from sign_in_throttle
     where (kind, subject) in (
       select kind, subject from sign_in_throttle where last_failed_at < ${forgottenBefore} and blocked_until < ${now} limit ${limit})`.execute(
    tx,
  )
  return Number((sessions.numAffectedRows ?? 0n) + (tries.numAffectedRows ?? 0n))
}

// Names

/** Members of the workspace, its keys and its credentials, revoked ones too. */
export async function namesOfActors(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: { readonly users: readonly string[]; readonly keys: readonly string[]; readonly credentials: readonly string[] },
): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select u.id, u.name
      from membership m join user_account u on u.id = m.user_id
     where m.workspace_id = ${workspaceId} and m.user_id = any (${ids.users as string[]}::uuid[])
     union all
    select id, name from api_key where workspace_id = ${workspaceId} and id = any (${ids.keys as string[]}::uuid[])
     union all
    select id, name from credential where workspace_id = ${workspaceId} and id = any (${ids.credentials as string[]}::uuid[])`.execute(
    db,
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
