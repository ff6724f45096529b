import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Image, ImageId } from './image.ts'

const columns = sql.raw(
  `workspace_id as "workspaceId", id, token, name, alt, content_type as "contentType", width, height, encode(hash, 'hex') as hash,
   size_bytes::float8 as "sizeBytes", created_at as "createdAt", created_by as "createdBy"`,
)

/** Newest first. */
export async function selectImages(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { search, after, limit }: { readonly search: string | null; readonly after: string | null; readonly limit: number },
): Promise<Image[]> {
  const { rows } = await sql<Image>`
    select ${columns} from image
     where workspace_id = ${workspaceId} and (${after}::uuid is null or id < ${after}::uuid)
       and (${search}::text is null or position(lower(${search}::text) in lower(name || ' ' || alt)) > 0)
     order by id desc limit ${limit}`.execute(db)
  return rows
}

export async function selectImage(db: Db | Tx, workspaceId: WorkspaceId, id: ImageId): Promise<Image | null> {
  const { rows } = await sql<Image>`select ${columns} from image where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function selectImageByHash(tx: Tx, workspaceId: WorkspaceId, hash: string): Promise<Image | null> {
  const { rows } = await sql<Image>`
    select ${columns} from image where workspace_id = ${workspaceId} and hash = decode(${hash}, 'hex')`.execute(tx)
  return rows[0] ?? null
}

/** Of any workspace: whoever has the token may look. */
export async function selectImageByToken(db: Db, token: string): Promise<Image | null> {
  const { rows } = await sql<Image>`select ${columns} from image where token = ${token}`.execute(db)
  return rows[0] ?? null
}

export async function countImages(tx: Tx, workspaceId: WorkspaceId): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from image where workspace_id = ${workspaceId}`.execute(tx)
  return rows[0]?.n ?? 0
}

/** False: the same picture came in meanwhile. */
export async function insertImage(tx: Tx, i: Image): Promise<boolean> {
  const { rows } = await sql`
    insert into image (workspace_id, id, token, name, alt, content_type, width, height, hash, size_bytes, created_at, created_by)
    values (${i.workspaceId}, ${i.id}, ${i.token}, ${i.name}, ${i.alt}, ${i.contentType}, ${i.width}, ${i.height}, decode(${i.hash}, 'hex'), ${i.sizeBytes},
            ${i.createdAt}, ${i.createdBy})
    on conflict (workspace_id, hash) do nothing returning id`.execute(tx)
  return rows.length > 0
}

export async function updateImage(tx: Tx, i: Pick<Image, 'workspaceId' | 'id' | 'name' | 'alt'>): Promise<void> {
  await sql`update image set name = ${i.name}, alt = ${i.alt} where workspace_id = ${i.workspaceId} and id = ${i.id}`.execute(tx)
}

export async function deleteImage(tx: Tx, workspaceId: WorkspaceId, id: ImageId): Promise<void> {
  await sql`delete from image where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}
