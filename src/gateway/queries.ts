import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'

export interface KeptAnswer {
  readonly requestHash: Buffer
  readonly reply: unknown
}

/**
 * Takes a key for this transaction. Of several at once one gets it; the others wait here for its commit and then find its answer. True: it is
 * ours, nothing was sent under it before.
 */
export async function takeKey(
  tx: Tx,
  key: { workspaceId: WorkspaceId; key: string; requestHash: Buffer; expiresAt: Date },
  now: Date,
): Promise<boolean> {
  const result = await sql`
    insert into idempotency (workspace_id, key, request_hash, status, reply, created_at, expires_at)
    values (${key.workspaceId}, ${key.key}, ${key.requestHash}, 202, '{}', ${now}, ${key.expiresAt})
    on conflict (workspace_id, key) do update
       set request_hash = excluded.request_hash, reply = '{}', created_at = excluded.created_at, expires_at = excluded.expires_at
     where idempotency.expires_at <= ${now}`.execute(tx)
  return result.numAffectedRows === 1n
}

export async function selectAnswer(tx: Tx, workspaceId: WorkspaceId, key: string): Promise<KeptAnswer | null> {
  const { rows } = await sql<KeptAnswer>`
    select request_hash as "requestHash", reply from idempotency where workspace_id = ${workspaceId} and key = ${key}`.execute(tx)
  return rows[0] ?? null
}

export async function keepAnswer(tx: Tx, workspaceId: WorkspaceId, key: string, reply: unknown): Promise<void> {
  await sql`update idempotency set reply = ${JSON.stringify(reply)}::jsonb where workspace_id = ${workspaceId} and key = ${key}`.execute(
    tx,
  )
}

/** Answers how many went. Index: idempotency_by_end. */
export async function deleteOldKeys(tx: Tx, limit: number, now: Date): Promise<number> {
  const result = await sql`
    delete from idempotency
     where (workspace_id, key) in (select workspace_id, key from idempotency where expires_at <= ${now} limit ${limit})`.execute(
    tx,
  )
  return Number(result.numAffectedRows ?? 0)
}
