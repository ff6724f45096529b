import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import type { ListId } from './consent/queries.ts'
import type { ContactList } from './lists.ts'

const LIST = sql.raw(
  `l.id, l.name, l.slug, l.description, l.visibility, l.opt_in as "optIn", l.archived_at as "archivedAt", l.created_at as "createdAt", l.updated_at as "updatedAt"`,
)

export async function selectLists(db: Db | Tx, workspaceId: WorkspaceId): Promise<ContactList[]> {
  const { rows } = await sql<ContactList>`
    select ${LIST} from contact_list as l where l.workspace_id = ${workspaceId} order by l.archived_at is not null, lower(l.name), l.id limit 1000`.execute(
    db,
  )
  return rows
}

export async function selectList(db: Db | Tx, workspaceId: WorkspaceId, id: ListId): Promise<ContactList | null> {
  const { rows } =
    await sql<ContactList>`select ${LIST} from contact_list as l where l.workspace_id = ${workspaceId} and l.id = ${id}`.execute(
      db,
    )
  return rows[0] ?? null
}

/** Whoever puts somebody on it meanwhile waits: a member names its list. */
export async function lockList(tx: Tx, workspaceId: WorkspaceId, id: ListId): Promise<ContactList | null> {
  const { rows } = await sql<ContactList>`
    select ${LIST} from contact_list as l where l.workspace_id = ${workspaceId} and l.id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

/** With what was said about it. */
export async function deleteList(tx: Tx, workspaceId: WorkspaceId, id: ListId): Promise<void> {
  await sql`delete from contact_list where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function selectListBySlug(db: Db | Tx, workspaceId: WorkspaceId, slug: string): Promise<ContactList | null> {
  const { rows } = await sql<ContactList>`
    select ${LIST} from contact_list as l where l.workspace_id = ${workspaceId} and l.slug = ${slug}`.execute(db)
  return rows[0] ?? null
}

export async function upsertList(tx: Tx, workspaceId: WorkspaceId, l: ContactList): Promise<void> {
  await sql`
    insert into contact_list (workspace_id, id, name, slug, description, visibility, opt_in, archived_at, created_at, updated_at)
    values (${workspaceId}, ${l.id}, ${l.name}, ${l.slug}, ${l.description}, ${l.visibility}, ${l.optIn}, ${l.archivedAt}, ${l.createdAt}, ${l.updatedAt})
    on conflict (workspace_id, id) do update
      set name = excluded.name, slug = excluded.slug, description = excluded.description, visibility = excluded.visibility, opt_in = excluded.opt_in,
          archived_at = excluded.archived_at, updated_at = excluded.updated_at`.execute(tx)
}

export interface MemberCount {
  readonly listId: ListId
  readonly status: 'pending' | 'subscribed' | 'unsubscribed'
  readonly n: number
}

/** Index: list_member_by_status. */
export async function countMembers(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly ListId[]): Promise<MemberCount[]> {
  const { rows } = await sql<MemberCount>`
    select list_id as "listId", status, count(*) as n from list_member
     where workspace_id = ${workspaceId} and list_id = any (${plainArray(ids)}::uuid[]) group by 1, 2`.execute(db)
  return rows
}

/** By id, newest contact first. */
export async function selectMembers(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  listId: ListId,
  { status, after, limit }: { readonly status: string | null; readonly after: string | null; readonly limit: number },
): Promise<{ contactId: ContactId; status: 'pending' | 'subscribed' | 'unsubscribed'; since: Date }[]> {
  const { rows } = await sql<{ contactId: ContactId; status: 'pending' | 'subscribed' | 'unsubscribed'; since: Date }>`
    select contact_id as "contactId", status, since from list_member
     where workspace_id = ${workspaceId} and list_id = ${listId} and (${status}::text is null or status = ${status})
       and (${after}::uuid is null or contact_id < ${after}::uuid)
     order by contact_id desc limit ${limit}`.execute(db)
  return rows
}
