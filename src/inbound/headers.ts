/** The header of a mail that came in, as it came: what rules may ask for by name. */
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Db, Tx } from '../db/database.ts'
import type { InboundMailId, WorkspaceId } from '../lib/ids.ts'
import { originalOf } from './original.ts'

const MAX_HEAD = 65_536
const MAX_FIELDS = 200
const MAX_VALUE = 2_000

/** By names in small letters; of those that stand there several times the first. Empty where the mail is not kept. */
export async function headersOfMail(
  db: Db | Tx,
  blobs: BlobStore,
  workspaceId: WorkspaceId,
  id: InboundMailId,
): Promise<Readonly<Record<string, string>>> {
  const hash = await originalOf(db, workspaceId, id)
  const text = hash === null ? undefined : (await blobs.read(db, workspaceId, [hash])).get(hash)
  return text === undefined ? {} : fieldsOf(text.slice(0, MAX_HEAD))
}

/** Lines that begin with white space go on with the one before (RFC 5322 §2.2.3). */
function fieldsOf(text: string): Record<string, string> {
  const head = text.split(/\r?\n\r?\n/, 1)[0] ?? ''
  const fields: Record<string, string> = {}
  for (const line of head
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .slice(0, MAX_FIELDS)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon < 1 || Object.hasOwn(fields, name)) continue
    fields[name] = line
      .slice(colon + 1)
      .trim()
      .slice(0, MAX_VALUE)
  }
  return fields
}
