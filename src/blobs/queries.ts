import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'

export interface BlobRow {
  readonly workspaceId: string
  readonly hash: Buffer
  readonly sizeBytes: number
  readonly ascii: string | null
  readonly bytes: Buffer | null
  readonly location: string | null
}

/** Rows of one statement: four parameters each, far below the protocol's 65,535. */
const ROWS_A_STATEMENT = 500

/** Content that is already there is left as it is: equal hashes are equal bytes. */
export async function insertBlobs(tx: Tx, blobs: readonly BlobRow[], now: Date): Promise<void> {
  for (let at = 0; at < blobs.length; at += ROWS_A_STATEMENT) {
    const rows = blobs
      .slice(at, at + ROWS_A_STATEMENT)
      .map(
        (b) =>
          sql`(${b.workspaceId}::uuid, ${b.hash}::bytea, ${b.sizeBytes}::bigint, ${b.ascii}::text, ${b.bytes}::bytea, ${b.location}::text, ${now}::timestamptz)`,
      )
    await sql`
      insert into blob (workspace_id, hash, size_bytes, ascii, bytes, location, created_at)
      values ${sql.join(rows)}
      on conflict (workspace_id, hash) do nothing`.execute(tx)
  }
}

export interface StoredContent {
  readonly hash: string
  readonly content: string | null
  readonly location: string | null
}

/** The content of many blobs as Latin-1 text, one character a byte. Hashes come as hexadecimal. */
export async function selectContents(db: Db | Tx, workspaceId: string, hashes: readonly string[]): Promise<StoredContent[]> {
  const { rows } = await sql<StoredContent>`
    select encode(hash, 'hex') as hash, coalesce(ascii, convert_from(bytes, 'LATIN1')) as content, location
      from blob
     where workspace_id = ${workspaceId} and hash = any (${`{${hashes.map((hash) => `"\\\\x${hash}"`).join(',')}}`}::bytea[])`.execute(
    db,
  )
  return rows
}
