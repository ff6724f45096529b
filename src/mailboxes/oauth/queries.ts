import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId, OAuthProvider } from '../mailbox.ts'
import type { OAuthApp, StoredToken } from './token.ts'

const APP = sql.raw(
  `workspace_id as "workspaceId", provider, client_id as "clientId", secret as "sealedSecret", tenant,
   to_char(secret_ends_on, 'YYYY-MM-DD') as "secretEndsOn", in_testing as "inTesting", created_at as "createdAt", updated_at as "updatedAt"`,
)

export async function selectApps(db: Db | Tx, workspaceId: WorkspaceId): Promise<OAuthApp[]> {
  const { rows } = await sql<OAuthApp>`
    select ${APP} from oauth_app where workspace_id = ${workspaceId} order by provider limit 10`.execute(db)
  return rows
}

export async function selectApp(db: Db | Tx, workspaceId: WorkspaceId, provider: OAuthProvider): Promise<OAuthApp | null> {
  const { rows } = await sql<OAuthApp>`
    select ${APP} from oauth_app where workspace_id = ${workspaceId} and provider = ${provider}`.execute(db)
  return rows[0] ?? null
}

export async function upsertApp(
  tx: Tx,
  { workspaceId, provider, clientId, sealedSecret, tenant, secretEndsOn, inTesting, updatedAt }: OAuthApp,
): Promise<void> {
  await sql`
    insert into oauth_app (workspace_id, provider, client_id, secret, tenant, secret_ends_on, in_testing, created_at, updated_at)
    values (${workspaceId}, ${provider}, ${clientId}, ${sealedSecret}, ${tenant}, ${secretEndsOn}::date, ${inTesting}, ${updatedAt}, ${updatedAt})
    on conflict (workspace_id, provider) do update
       set client_id = excluded.client_id, secret = excluded.secret, tenant = excluded.tenant, secret_ends_on = excluded.secret_ends_on,
           in_testing = excluded.in_testing, updated_at = excluded.updated_at`.execute(tx)
}

export async function deleteApp(tx: Tx, workspaceId: WorkspaceId, provider: OAuthProvider): Promise<boolean> {
  const result = await sql`delete from oauth_app where workspace_id = ${workspaceId} and provider = ${provider}`.execute(tx)
  return result.numAffectedRows === 1n
}

const TOKEN = sql.raw(
  `workspace_id as "workspaceId", mailbox_id as "mailboxId", access as "sealedAccess", refresh as "sealedRefresh", expires_at as "expiresAt",
   granted_at as "grantedAt", refreshed_at as "refreshedAt", refresh_ends_at as "refreshEndsAt", problem, failing_since as "failingSince", refreshing, refreshing_until as "refreshingUntil"`,
)

export async function selectToken(db: Db | Tx, workspaceId: WorkspaceId, mailboxId: MailboxId): Promise<StoredToken | null> {
  const { rows } = await sql<StoredToken>`
    select ${TOKEN} from mailbox_token where workspace_id = ${workspaceId} and mailbox_id = ${mailboxId}`.execute(db)
  return rows[0] ?? null
}

export async function selectTokens(db: Db | Tx, workspaceId: WorkspaceId): Promise<StoredToken[]> {
  const { rows } = await sql<StoredToken>`
    select ${TOKEN} from mailbox_token where workspace_id = ${workspaceId} order by mailbox_id limit 1000`.execute(db)
  return rows
}

/** One process at a time gets the lease: the row's lock decides, and is gone before the provider is asked. Null: somebody else has it. */
export async function leaseRefresh(
  tx: Tx,
  { workspaceId, mailboxId }: Pick<StoredToken, 'workspaceId' | 'mailboxId'>,
  { owner, until }: { readonly owner: string; readonly until: Date },
  now: Date,
): Promise<StoredToken | null> {
  const { rows } = await sql<StoredToken>`
    update mailbox_token set refreshing = ${owner}, refreshing_until = ${until}
     where workspace_id = ${workspaceId} and mailbox_id = ${mailboxId} and (refreshing is null or refreshing_until <= ${now})
    returning ${TOKEN}`.execute(tx)
  return rows[0] ?? null
}

/** What a person granted just now takes the place of whatever was there, and nobody else's refresh counts any more. */
export async function replaceToken(
  tx: Tx,
  {
    workspaceId,
    mailboxId,
    sealedAccess,
    sealedRefresh,
    expiresAt,
    refreshEndsAt,
  }: Omit<StoredToken, 'grantedAt' | 'refreshedAt' | 'problem' | 'failingSince' | 'refreshing' | 'refreshingUntil'>,
  now: Date,
): Promise<void> {
  await sql`
    insert into mailbox_token (workspace_id, mailbox_id, access, refresh, expires_at, refresh_ends_at, granted_at, refreshed_at)
    values (${workspaceId}, ${mailboxId}, ${sealedAccess}, ${sealedRefresh}, ${expiresAt}, ${refreshEndsAt}, ${now}, ${now})
    on conflict (workspace_id, mailbox_id) do update
       set access = excluded.access, refresh = excluded.refresh, expires_at = excluded.expires_at, granted_at = excluded.granted_at,
           refreshed_at = excluded.refreshed_at, refresh_ends_at = excluded.refresh_ends_at, problem = null, failing_since = null, refreshing = null, refreshing_until = null`.execute(
    tx,
  )
}

/** Only by the holder of the lease: a slow answer must not overwrite what was granted meanwhile. */
export async function saveRefreshed(
  tx: Tx,
  {
    workspaceId,
    mailboxId,
    sealedAccess,
    sealedRefresh,
    expiresAt,
    refreshEndsAt,
  }: Pick<StoredToken, 'workspaceId' | 'mailboxId' | 'sealedAccess' | 'sealedRefresh' | 'expiresAt' | 'refreshEndsAt'>,
  owner: string,
  now: Date,
): Promise<void> {
  await sql`
    update mailbox_token
       set access = ${sealedAccess}, refresh = ${sealedRefresh}, expires_at = ${expiresAt}, refresh_ends_at = ${refreshEndsAt},
           refreshed_at = ${now}, problem = null, failing_since = null,
           refreshing = null, refreshing_until = null
     where workspace_id = ${workspaceId} and mailbox_id = ${mailboxId} and refreshing = ${owner}`.execute(tx)
}

export async function saveRefusal(
  tx: Tx,
  { workspaceId, mailboxId, problem }: Pick<StoredToken, 'workspaceId' | 'mailboxId' | 'problem'>,
  owner: string,
  now: Date,
): Promise<void> {
  await sql`
    update mailbox_token
       set problem = ${problem}, failing_since = coalesce(failing_since, ${now}), refreshing = null, refreshing_until = null
     where workspace_id = ${workspaceId} and mailbox_id = ${mailboxId} and refreshing = ${owner}`.execute(tx)
}

/** The mailbox's server does not take it, whatever its end: the next session asks for another, or hears why there is none. */
export async function endToken(
  db: Db | Tx,
  { workspaceId, mailboxId }: Pick<StoredToken, 'workspaceId' | 'mailboxId'>,
  now: Date,
): Promise<void> {
  await sql`
    update mailbox_token set expires_at = least(expires_at, ${now}) where workspace_id = ${workspaceId} and mailbox_id = ${mailboxId}`.execute(
    db,
  )
}

/** A new registration may mend what was refused with the old one. */
export async function forgetRefusals(tx: Tx, workspaceId: WorkspaceId, provider: OAuthProvider): Promise<void> {
  await sql`
    update mailbox_token set problem = null
      from mailbox
     where mailbox_token.workspace_id = ${workspaceId} and mailbox.workspace_id = mailbox_token.workspace_id
       and mailbox.id = mailbox_token.mailbox_id and mailbox.oauth_provider = ${provider}`.execute(tx)
}

export async function isProviderUsed(tx: Tx, workspaceId: WorkspaceId, provider: OAuthProvider): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (select from mailbox where workspace_id = ${workspaceId} and oauth_provider = ${provider}) as is`.execute(tx)
  return rows[0]?.is ?? false
}

export interface EndingApp extends Pick<OAuthApp, 'workspaceId' | 'provider' | 'clientId'> {
  readonly secretEndsOn: string
  /** Mailboxes that are read through it. */
  readonly mailboxes: number
}

/** Applications in all workspaces whose secret ends by that day, and through which something is read. */
export async function selectEndingApps(db: Db | Tx, lastDay: string, limit: number): Promise<EndingApp[]> {
  const { rows } = await sql<EndingApp>`
    select a.workspace_id as "workspaceId", a.provider, a.client_id as "clientId", to_char(a.secret_ends_on, 'YYYY-MM-DD') as "secretEndsOn",
           count(*)::int as mailboxes
      from oauth_app as a join mailbox as m on m.workspace_id = a.workspace_id and m.oauth_provider = a.provider
     where a.secret_ends_on <= ${lastDay}::date
     group by a.workspace_id, a.provider
     order by a.workspace_id, a.provider
     limit ${limit}`.execute(db)
  return rows
}

export interface Grant extends Pick<StoredToken, 'workspaceId' | 'mailboxId' | 'grantedAt' | 'refreshedAt' | 'refreshEndsAt'> {
  readonly provider: OAuthProvider
  readonly inTesting: boolean
}

/** Everything granted in all workspaces that nobody withdrew yet. */
export async function selectGrants(db: Db | Tx, limit: number): Promise<Grant[]> {
  const { rows } = await sql<Grant>`
    select t.workspace_id as "workspaceId", t.mailbox_id as "mailboxId", t.granted_at as "grantedAt", t.refreshed_at as "refreshedAt",
           t.refresh_ends_at as "refreshEndsAt", a.provider, a.in_testing as "inTesting"
      from mailbox_token as t
      join mailbox as m on m.workspace_id = t.workspace_id and m.id = t.mailbox_id
      join oauth_app as a on a.workspace_id = m.workspace_id and a.provider = m.oauth_provider
     where t.problem is null
     order by t.mailbox_id
     limit ${limit}`.execute(db)
  return rows
}
