import { sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { json } from '../queries.ts'
import type { Draft, DraftContent, DraftId, DraftMode, Upload, UploadId } from './draft.ts'

const DRAFT = sql.raw(
  `d.workspace_id as "workspaceId", d.id, d.conversation_id as "conversationId", d.user_id as "userId", d.mode, d.version, d.content, d.preview,
   d.created_at as "createdAt", d.updated_at as "updatedAt"`,
)

export async function selectDrafts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  userId: UserId,
): Promise<Draft[]> {
  const { rows } = await sql<Draft>`
    select ${DRAFT} from conversation_draft as d
     where d.workspace_id = ${workspaceId} and d.conversation_id = ${conversationId} and d.user_id = ${userId}
     order by d.updated_at`.execute(db)
  return rows
}

export async function selectDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  key: { readonly conversationId: ConversationId; readonly userId: UserId; readonly mode: DraftMode } | { readonly id: DraftId },
): Promise<Draft | null> {
  const where =
    'id' in key
      ? sql`d.id = ${key.id}`
      : sql`d.conversation_id = ${key.conversationId} and d.user_id = ${key.userId} and d.mode = ${key.mode}`
  const { rows } = await sql<Draft>`
    select ${DRAFT} from conversation_draft as d where d.workspace_id = ${workspaceId} and ${where} for update`.execute(tx)
  return rows[0] ?? null
}

/** Moves what can move; gives what stays, since its writer has begun the same there. */
export async function moveOrSelectDrafts(
  tx: Tx,
  workspaceId: WorkspaceId,
  from: ConversationId,
  to: ConversationId,
): Promise<Draft[]> {
  await sql`
    update conversation_draft as d set conversation_id = ${to}
     where d.workspace_id = ${workspaceId} and d.conversation_id = ${from}
       and not exists (select from conversation_draft as o
                        where o.workspace_id = d.workspace_id and o.conversation_id = ${to} and o.user_id = d.user_id and o.mode = d.mode)`.execute(
    tx,
  )
  const { rows } = await sql<Draft>`
    select ${DRAFT} from conversation_draft as d where d.workspace_id = ${workspaceId} and d.conversation_id = ${from} order by d.id`.execute(
    tx,
  )
  return rows
}

/** Drafts of conversations that are not begun. */
export async function selectNewDrafts(db: Db | Tx, workspaceId: WorkspaceId, userId: UserId, limit: number): Promise<Draft[]> {
  const { rows } = await sql<Draft>`
    select ${DRAFT} from conversation_draft as d
     where d.workspace_id = ${workspaceId} and d.user_id = ${userId} and d.mode = 'new'
     order by d.updated_at desc limit ${limit}`.execute(db)
  return rows
}

/** False where somebody else made it in the same moment. */
export async function insertDraft(tx: Tx, d: Draft): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into conversation_draft (workspace_id, id, conversation_id, user_id, mode, version, content, preview, created_at, updated_at)
    values (${d.workspaceId}, ${d.id}, ${d.conversationId}, ${d.userId}, ${d.mode}, ${d.version}, ${json(d.content)}, ${d.preview}, ${d.createdAt}, ${d.updatedAt})
    on conflict do nothing`.execute(tx)
  return numAffectedRows === 1n
}

export async function updateDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: DraftId,
  { version, content, preview }: { readonly version: number; readonly content: DraftContent; readonly preview: string },
  now: Date,
): Promise<void> {
  await sql`
    update conversation_draft set version = ${version}, content = ${json(content)}, preview = ${preview}, updated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function deleteDraft(tx: Tx, workspaceId: WorkspaceId, id: DraftId): Promise<void> {
  await sql`delete from conversation_draft where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function insertUpload(
  tx: Tx,
  workspaceId: WorkspaceId,
  upload: Upload,
  userId: UserId | null,
  now: Date,
): Promise<void> {
  await sql`
    insert into upload (workspace_id, id, user_id, filename, content_type, size_bytes, hash, created_at)
    values (${workspaceId}, ${upload.id}, ${userId}, ${upload.filename}, ${upload.contentType}, ${upload.sizeBytes}, decode(${upload.hash}, 'hex'), ${now})`.execute(
    tx,
  )
}

/** In the order they were asked for. */
export async function selectUploads(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly UploadId[]): Promise<Upload[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Upload>`
    select u.id, u.filename, u.content_type as "contentType", u.size_bytes::float8 as "sizeBytes", encode(u.hash, 'hex') as hash
      from unnest(${textArray(ids)}::uuid[]) with ordinality as wanted(id, n)
      join upload as u on u.workspace_id = ${workspaceId} and u.id = wanted.id
     order by wanted.n`.execute(db)
  return rows
}

/** Uploads that nothing names any more. Their bytes stay as long as something that was sent has them. */
export async function deleteForgottenUploads(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from upload
     where (workspace_id, id) in (
       select u.workspace_id, u.id
         from upload as u
        where u.created_at < ${before}
          and not exists (select from saved_reply as s where s.workspace_id = u.workspace_id and u.id = any (s.uploads))
          and not exists (select from conversation_draft as d where d.workspace_id = u.workspace_id and d.content -> 'files' ? u.id::text)
          and not exists (select from conversation_draft as d where d.workspace_id = u.workspace_id and position(u.id::text in d.content ->> 'html') > 0)
        limit ${limit})`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}
