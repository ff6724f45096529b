import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'

export interface BlobRow {
  readonly workspaceId: string
  readonly hash: Buffer
  readonly sizeBytes: number
  readonly bytes: Buffer | null
  readonly location: string | null
}

/** Content that is already there is left as it is: equal hashes are equal bytes. */
export async function insertBlobs(tx: Tx, blobs: readonly BlobRow[], now: Date): Promise<void> {
  const wire = blobs.map((blob) => ({
    w: blob.workspaceId,
    h: blob.hash.toString('base64'),
    s: blob.sizeBytes,
    b: blob.bytes?.toString('base64'),
    l: blob.location,
  }))
  await sql`
    insert into blob (workspace_id, hash, size_bytes, bytes, location, created_at)
    select w, decode(h, 'base64'), s, decode(b, 'base64'), l, ${now}::timestamptz
      from json_to_recordset(${JSON.stringify(wire)}::json) as blob (w uuid, h text, s bigint, b text, l text)
    on conflict (workspace_id, hash) do nothing`.execute(tx)
}

export interface StoredContent {
  readonly hash: string
  readonly content: string | null
  readonly location: string | null
}

/**
 * The content of many blobs as Latin-1 text, one character a byte. `convert_from` turns most mail, which is ASCII, into text without
 * growing it: half of what the driver's hexadecimal form of bytea would cost. Hashes come as hexadecimal.
 */
export async function selectContents(db: Db | Tx, workspaceId: string, hashes: readonly string[]): Promise<StoredContent[]> {
  const { rows } = await sql<StoredContent>`
    select encode(hash, 'hex') as hash, convert_from(bytes, 'LATIN1') as content, location
      from blob
     where workspace_id = ${workspaceId}
       and hash = any (select decode(h, 'hex') from unnest(${hashes as string[]}::text[]) as h)`.execute(db)
  return rows
}
