import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, Id, WorkspaceId } from '../../lib/ids.ts'

export type RequestKind = 'data' | 'erase'

export interface PersonRequest {
  readonly workspaceId: WorkspaceId
  readonly id: Id<'person_request'>
  readonly kind: RequestKind
  readonly contactId: ContactId
  readonly address: string
  readonly sourceId: string
  readonly at: Date
}

export async function insertRequest(tx: Tx, r: PersonRequest): Promise<void> {
  await sql`
    insert into person_request (workspace_id, id, kind, contact_id, address, source_id, at)
    values (${r.workspaceId}, ${r.id}, ${r.kind}, ${r.contactId}, ${r.address}, ${r.sourceId}, ${r.at})`.execute(tx)
}

/** When they last asked for it. The contact's row is locked by whoever is about to write. */
export async function lastAsked(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  contactId: ContactId,
  kind: RequestKind,
): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select max(at) as at from person_request where workspace_id = ${workspaceId} and contact_id = ${contactId} and kind = ${kind}`.execute(
    db,
  )
  return rows[0]?.at ?? null
}
