import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Suppression } from './suppression.ts'

export interface NewSuppression {
  readonly address: string
  readonly stream: Suppression['stream']
  readonly reason: Suppression['reason']
  readonly deliveryId: string | null
  readonly note: string
}

/** Returns those that are new: an address that is there already keeps its first reason. */
export async function insertSuppressions(
  tx: Tx,
  workspaceId: WorkspaceId,
  list: readonly NewSuppression[],
  now: Date,
): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    insert into suppression (workspace_id, address, stream, reason, delivery_id, note, created_at)
    select ${workspaceId}::uuid, lower(s.address), s.stream, s.reason, s."deliveryId", s.note, ${now}::timestamptz
      from json_to_recordset(${JSON.stringify(list)}::json) as s (address text, stream text, reason text, "deliveryId" uuid, note text)
    on conflict (workspace_id, address, stream) do nothing
    returning address`.execute(tx)
  return rows.map((row) => row.address)
}

export async function deleteSuppression(
  tx: Tx,
  workspaceId: WorkspaceId,
  address: string,
  stream: string | null,
): Promise<number> {
  const result = await sql`
    delete from suppression
     where workspace_id = ${workspaceId} and address = lower(${address}) and (${stream}::text is null or stream = ${stream})`.execute(
    tx,
  )
  return Number(result.numAffectedRows ?? 0)
}

export async function selectSuppressions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  page: {
    readonly after: { createdAt: Date; address: string } | null
    readonly limit: number
    readonly reason: string | null
    readonly search: string | null
  },
): Promise<Suppression[]> {
  const after = page.after
  const { rows } = await sql<Suppression>`
    select address, stream, reason, delivery_id as "deliveryId", note, created_at as "createdAt"
      from suppression
     where workspace_id = ${workspaceId}
       and (${page.reason}::text is null or reason = ${page.reason})
       and (${page.search}::text is null or starts_with(address, lower(${page.search})))
       and (${after?.createdAt ?? null}::timestamptz is null or (created_at, address) < (${after?.createdAt ?? null}::timestamptz, ${after?.address ?? null}::text))
     order by created_at desc, address desc
     limit ${page.limit}`.execute(db)
  return rows
}
