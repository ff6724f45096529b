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

export interface WantedKey {
  readonly key: string
  readonly requestHash: Buffer
  readonly reply: unknown
  readonly expiresAt: Date
}

/**
 * The same for many keys, each with its answer, in one statement. In the order of the keys, so that two transactions that want the same ones wait for
 * one another instead of both failing. Gives those that are ours.
 */
export async function takeKeys(tx: Tx, workspaceId: WorkspaceId, wanted: readonly WantedKey[], now: Date): Promise<Set<string>> {
  const wire = wanted.map(({ key, requestHash, reply, expiresAt }) => ({
    k: key,
    h: requestHash.toString('base64'),
    r: reply,
    e: expiresAt,
  }))
  const { rows } = await sql<{ key: string }>`
    insert into idempotency (workspace_id, key, request_hash, status, reply, created_at, expires_at)
    select ${workspaceId}::uuid, k, decode(h, 'base64'), 202, r, ${now}::timestamptz, e
      from json_to_recordset(${JSON.stringify(wire)}::json) as w (k text, h text, r jsonb, e timestamptz)
     order by k
    on conflict (workspace_id, key) do update
       set request_hash = excluded.request_hash, reply = excluded.reply, created_at = excluded.created_at, expires_at = excluded.expires_at
     where idempotency.expires_at <= ${now}
    returning key`.execute(tx)
  return new Set(rows.map(({ key }) => key))
}

export async function selectAnswers(tx: Tx, workspaceId: WorkspaceId, keys: readonly string[]): Promise<Map<string, KeptAnswer>> {
  const { rows } = await sql<KeptAnswer & { key: string }>`
    select key, request_hash as "requestHash", reply from idempotency
     where workspace_id = ${workspaceId} and key = any (${keys as string[]}::text[])`.execute(tx)
  return new Map(rows.map(({ key, ...answer }) => [key, answer]))
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
