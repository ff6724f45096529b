import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId, OAuthProvider } from '../mailbox.ts'
import type { OAuthApp, StoredToken } from './token.ts'

const APP = sql.raw(
  'workspace_id as "workspaceId", provider, client_id as "clientId", secret as "sealedSecret", tenant, created_at as "createdAt", updated_at as "updatedAt"',
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
  { workspaceId, provider, clientId, sealedSecret, tenant, updatedAt }: OAuthApp,
): Promise<void> {
  await sql`
    insert into oauth_app (workspace_id, provider, client_id, secret, tenant, created_at, updated_at)
    values (${workspaceId}, ${provider}, ${clientId}, ${sealedSecret}, ${tenant}, ${updatedAt}, ${updatedAt})
    on conflict (workspace_id, provider) do update
       set client_id = excluded.client_id, secret = excluded.secret, tenant = excluded.tenant, updated_at = excluded.updated_at`.execute(
    tx,
  )
}

export async function deleteApp(tx: Tx, workspaceId: WorkspaceId, provider: OAuthProvider): Promise<boolean> {
  const result = await sql`delete from oauth_app where workspace_id = ${workspaceId} and provider = ${provider}`.execute(tx)
  return result.numAffectedRows === 1n
}

const TOKEN = sql.raw(
  `workspace_id as "workspaceId", mailbox_id as "mailboxId", access as "sealedAccess", refresh as "sealedRefresh", expires_at as "expiresAt",
   granted_at as "grantedAt", refreshed_at as "refreshedAt", problem, failing_since as "failingSince", refreshing, refreshing_until as "refreshingUntil"`,
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
  }: Omit<StoredToken, 'grantedAt' | 'refreshedAt' | 'problem' | 'failingSince' | 'refreshing' | 'refreshingUntil'>,
  now: Date,
): Promise<void> {
  await sql`
    insert into mailbox_token (workspace_id, mailbox_id, access, refresh, expires_at, granted_at, refreshed_at)
    values (${workspaceId}, ${mailboxId}, ${sealedAccess}, ${sealedRefresh}, ${expiresAt}, ${now}, ${now})
    on conflict (workspace_id, mailbox_id) do update
       set access = excluded.access, refresh = excluded.refresh, expires_at = excluded.expires_at, granted_at = excluded.granted_at,
           refreshed_at = excluded.refreshed_at, problem = null, failing_since = null, refreshing = null, refreshing_until = null`.execute(
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
  }: Pick<StoredToken, 'workspaceId' | 'mailboxId' | 'sealedAccess' | 'sealedRefresh' | 'expiresAt'>,
  owner: string,
  now: Date,
): Promise<void> {
  await sql`
    update mailbox_token
       set access = ${sealedAccess}, refresh = ${sealedRefresh}, expires_at = ${expiresAt}, refreshed_at = ${now}, problem = null, failing_since = null,
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
