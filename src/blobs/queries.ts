import { sql } from 'kysely'
import { type Columns, tableOf } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'

export interface BlobRow {
  readonly workspaceId: string
  readonly hash: Buffer
  readonly sizeBytes: number
  readonly ascii: string | null
  readonly bytes: Buffer | null
  readonly location: string | null
}

/** Of 256 KiB at most each, a statement far below its gigabyte. */
const ROWS_A_STATEMENT = 500

/**
 * Content that is already there is left as it is: equal hashes are equal bytes. What is text goes first, in the order given, then bytes: which of
 * them a content is depends on it alone, so that two who store the same ones never wait for one another in a circle.
 */
export async function insertBlobs(tx: Tx, blobs: readonly BlobRow[], now: Date): Promise<void> {
  const isBytes = ({ bytes }: BlobRow) => bytes !== null
  for (const rows of pages(blobs.filter((blob) => !isBytes(blob))))
    await sql`
      insert into blob (workspace_id, hash, size_bytes, ascii, location, created_at)
      select n.*, ${now}::timestamptz from ${tableOf('n', rows, TEXT_COLUMNS)}
      on conflict (workspace_id, hash) do nothing`.execute(tx)
  // As parameters of their own: in an array they would be twice as long.
  for (const rows of pages(blobs.filter(isBytes)))
    await sql`
      insert into blob (workspace_id, hash, size_bytes, bytes, created_at)
      values ${sql.join(rows.map((b) => sql`(${b.workspaceId}::uuid, ${b.hash}::bytea, ${b.sizeBytes}::bigint, ${b.bytes}::bytea, ${now}::timestamptz)`))}
      on conflict (workspace_id, hash) do nothing`.execute(tx)
}

const TEXT_COLUMNS: Columns<BlobRow> = {
  workspace_id: ['uuid', (b) => b.workspaceId],
  hash: ['bytea', (b) => b.hash],
  size_bytes: ['bigint', (b) => b.sizeBytes],
  ascii: ['text', (b) => b.ascii],
  location: ['text', (b) => b.location],
}

function* pages(rows: readonly BlobRow[]): Generator<readonly BlobRow[]> {
  for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) yield rows.slice(at, at + ROWS_A_STATEMENT)
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

/** Those of these hashes that have a row. */
export async function selectKnown(db: Db | Tx, workspaceId: string, hashes: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ hash: string }>`
    select encode(hash, 'hex') as hash from blob
     where workspace_id = ${workspaceId} and hash = any (${`{${hashes.map((hash) => `"\\\\x${hash}"`).join(',')}}`}::bytea[])`.execute(
    db,
  )
  return new Set(rows.map(({ hash }) => hash))
}

type HeldBlob = Pick<BlobRow, 'workspaceId' | 'hash' | 'location'>

/** Takes the place of its row, so that nobody else does before this transaction ends. False where there is one. */
export async function holdBlob(tx: Tx, { workspaceId, hash, location }: HeldBlob): Promise<boolean> {
  const { rows } = await sql`
    insert into blob (workspace_id, hash, size_bytes, location, created_at) values (${workspaceId}, ${hash}, 0, ${location}, now())
    on conflict (workspace_id, hash) do nothing returning 1`.execute(tx)
  return rows.length === 1
}

export async function dropHeldBlob(tx: Tx, { workspaceId, hash }: HeldBlob): Promise<void> {
  await sql`delete from blob where workspace_id = ${workspaceId} and hash = ${hash}`.execute(tx)
}

export function isWorkspaceMissing(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  return code === '23503' && constraint === 'blob_workspace_id_fkey'
}
