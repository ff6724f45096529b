import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type {
  Mailbox,
  MailboxId,
  MailboxProblem,
  MailboxProtocol,
  MailboxSecurity,
  MailboxState,
  OAuthProvider,
} from './mailbox.ts'

interface MailboxRow {
  workspace_id: string
  id: string
  name: string
  address: string
  protocol: MailboxProtocol
  oauth_provider: OAuthProvider | null
  host: string
  port: number
  security: MailboxSecurity
  username: string
  secret: Buffer | null
  allow_private: boolean
  state: MailboxState['state']
  problem: MailboxProblem | null
  state_since: Date
  last_seen_at: Date | null
  failures: number
  created_at: Date
  updated_at: Date
}

const columns = sql.raw(
  `workspace_id, id, name, address, protocol, oauth_provider, host, port, security, username, secret, allow_private, state, problem, state_since,
   last_seen_at, failures, created_at, updated_at`,
)

function toMailbox(row: MailboxRow): Mailbox {
  return {
    workspaceId: row.workspace_id as WorkspaceId,
    id: row.id as MailboxId,
    name: row.name,
    address: row.address,
    settings: {
      protocol: row.protocol,
      auth: row.oauth_provider === null ? { kind: 'password' } : { kind: 'oauth', provider: row.oauth_provider },
      host: row.host,
      port: row.port,
      security: row.security,
      username: row.username,
      allowPrivate: row.allow_private,
    },
    sealedSecret: row.secret,
    health: toState(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toState(row: MailboxRow): MailboxState {
  const since = row.state_since
  if (row.problem !== null)
    return { state: 'failing', since, problem: row.problem, failures: row.failures, lastSeenAt: row.last_seen_at }
  return row.last_seen_at === null ? { state: 'untried', since } : { state: 'working', since, lastSeenAt: row.last_seen_at }
}

export async function selectMailboxes(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Mailbox[]> {
  const { rows } = await sql<MailboxRow>`
    select ${columns} from mailbox where workspace_id = ${workspaceId} order by lower(name), id limit ${limit}`.execute(db)
  return rows.map(toMailbox)
}

export async function selectMailbox(db: Db | Tx, workspaceId: WorkspaceId, id: MailboxId): Promise<Mailbox | null> {
  const { rows } = await sql<MailboxRow>`
    select ${columns} from mailbox where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ? toMailbox(rows[0]) : null
}

export async function lockMailbox(tx: Tx, workspaceId: WorkspaceId, id: MailboxId): Promise<Mailbox | null> {
  const { rows } = await sql<MailboxRow>`
    select ${columns} from mailbox where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows[0] ? toMailbox(rows[0]) : null
}

/** All of a mailbox but how it fares: that is `updateHealth`'s. New settings make it untried. */
export async function saveMailbox(tx: Tx, mailbox: Mailbox): Promise<void> {
  const { workspaceId, id, name, address, settings, sealedSecret, createdAt, updatedAt } = mailbox
  const { protocol, auth, host, port, security, username, allowPrivate } = settings
  const provider = auth.kind === 'oauth' ? auth.provider : null
  await sql`
    insert into mailbox (workspace_id, id, name, address, protocol, oauth_provider, host, port, security, username, secret, allow_private, state_since,
                         created_at, updated_at)
    values (${workspaceId}, ${id}, ${name}, ${address}, ${protocol}, ${provider}, ${host}, ${port}, ${security}, ${username}, ${sealedSecret},
            ${allowPrivate}, ${updatedAt}, ${createdAt}, ${updatedAt})
    on conflict (workspace_id, id) do update
       set name = excluded.name, address = excluded.address, protocol = excluded.protocol, oauth_provider = excluded.oauth_provider,
           host = excluded.host, port = excluded.port, security = excluded.security,
           username = excluded.username, secret = excluded.secret, allow_private = excluded.allow_private, updated_at = excluded.updated_at,
           state = 'untried', problem = null, state_since = excluded.updated_at, last_seen_at = null, failures = 0`.execute(tx)
}

/** Only while the settings are those that were tried: what older ones showed, late, says nothing. False: they changed meanwhile. */
export async function updateHealth(tx: Tx, mailbox: Mailbox, health: MailboxState): Promise<boolean> {
  const problem = health.state === 'failing' ? JSON.stringify(health.problem) : null
  const result = await sql`
    update mailbox
       set state = ${health.state}, problem = ${problem}::jsonb, state_since = ${health.since},
           last_seen_at = ${health.state === 'untried' ? null : health.lastSeenAt}, failures = ${health.state === 'failing' ? health.failures : 0}
     where workspace_id = ${mailbox.workspaceId} and id = ${mailbox.id} and updated_at = ${mailbox.updatedAt}`.execute(tx)
  return result.numAffectedRows === 1n
}

export async function deleteMailbox(tx: Tx, workspaceId: WorkspaceId, id: MailboxId): Promise<void> {
  await sql`delete from mailbox where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** How far a folder has been read. */
export interface FolderPlace {
  readonly path: string
  readonly uidValidity: bigint
  readonly lastUid: number
}

export async function selectPlaces(
  db: Db | Tx,
  { workspaceId, id }: Pick<Mailbox, 'workspaceId' | 'id'>,
): Promise<FolderPlace[]> {
  const { rows } = await sql<{ path: string; uidValidity: string; lastUid: string }>`
    select path, uid_validity::text as "uidValidity", last_uid::text as "lastUid"
      from mailbox_folder
     where workspace_id = ${workspaceId} and mailbox_id = ${id}
     order by path
     limit 1000`.execute(db)
  return rows.map(({ path, uidValidity, lastUid }) => ({ path, uidValidity: BigInt(uidValidity), lastUid: Number(lastUid) }))
}

/** Forward only, but for a folder whose UIDs are new ones. */
export async function savePlace(
  tx: Tx,
  { workspaceId, id }: Pick<Mailbox, 'workspaceId' | 'id'>,
  { path, uidValidity, lastUid }: FolderPlace,
  now: Date,
): Promise<void> {
  await sql`
    insert into mailbox_folder as was (workspace_id, mailbox_id, path, uid_validity, last_uid, updated_at)
    values (${workspaceId}, ${id}, ${path}, ${uidValidity.toString()}::bigint, ${lastUid}, ${now})
    on conflict (workspace_id, mailbox_id, path) do update
       set uid_validity = excluded.uid_validity, updated_at = excluded.updated_at,
           last_uid = case when was.uid_validity = excluded.uid_validity then greatest(was.last_uid, excluded.last_uid) else excluded.last_uid end`.execute(
    tx,
  )
}

/** Those of `uidls` that were not taken yet, in their order. */
export async function selectUnseenUidls(
  db: Db | Tx,
  { workspaceId, id }: Pick<Mailbox, 'workspaceId' | 'id'>,
  uidls: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ uidl: string }>`
    select given.uidl
      from unnest(${uidls as string[]}::text[]) with ordinality as given (uidl, place)
     where not exists (
       select from mailbox_uidl as taken
        where taken.workspace_id = ${workspaceId} and taken.mailbox_id = ${id} and taken.uidl = given.uidl collate "C"
     )
     order by given.place`.execute(db)
  return rows.map(({ uidl }) => uidl)
}

/** Remembers these as taken. */
export async function insertUidls(
  tx: Tx,
  { workspaceId, id }: Pick<Mailbox, 'workspaceId' | 'id'>,
  uidls: readonly string[],
  now: Date,
): Promise<void> {
  await sql`
    insert into mailbox_uidl (workspace_id, mailbox_id, uidl, taken_at)
    select ${workspaceId}, ${id}, uidl, ${now}::timestamptz from unnest(${uidls as string[]}::text[]) as uidl
    on conflict do nothing`.execute(tx)
}

/** Forgets what the server does not have any more. */
export async function deleteUidlsBut(
  tx: Tx,
  { workspaceId, id }: Pick<Mailbox, 'workspaceId' | 'id'>,
  present: readonly string[],
  takenBefore: Date,
): Promise<void> {
  await sql`
    delete from mailbox_uidl
     where workspace_id = ${workspaceId} and mailbox_id = ${id} and taken_at < ${takenBefore}
       and not exists (select from unnest(${present as string[]}::text[]) as given (uidl) where given.uidl collate "C" = mailbox_uidl.uidl)`.execute(
    tx,
  )
}
