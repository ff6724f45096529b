import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'

/** True for a proof that nobody used before. */
export async function insertChallenge(tx: Tx, workspaceId: WorkspaceId, hash: Buffer, expiresAt: Date): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into form_challenge (workspace_id, hash, expires_at) values (${workspaceId}, ${hash}, ${expiresAt}) on conflict do nothing`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

/** How many they are within the window that began at `since`, this one included. The row stays locked, so that those at the same time are counted one by one. */
export async function countTry(
  tx: Tx,
  workspaceId: WorkspaceId,
  { kind, subject, since, by }: { readonly kind: string; readonly subject: Buffer; readonly since: Date; readonly by: 0 | 1 },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    insert into form_try as t (workspace_id, kind, subject, since, n) values (${workspaceId}, ${kind}, ${subject}, ${since}, ${by})
    on conflict (workspace_id, kind, subject, since) do update set n = t.n + excluded.n
    returning n`.execute(tx)
  return rows[0]?.n ?? 0
}

export async function deleteUsed(tx: Tx, limit: number, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from form_challenge
     where (workspace_id, hash) in (select workspace_id, hash from form_challenge where expires_at < ${now} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

export async function deleteTries(tx: Tx, limit: number, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from form_try
     where (workspace_id, kind, subject, since) in (select workspace_id, kind, subject, since from form_try where since < ${before} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}
