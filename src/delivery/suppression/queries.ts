import { type RawBuilder, sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Stream } from '../stream.ts'
import type { ListScope, Suppression, SuppressionReason, SuppressionSource } from './suppression.ts'

export interface NewSuppression {
  readonly address: string
  readonly stream: Suppression['stream'] | ListScope
  readonly reason: SuppressionReason
  readonly deliveryId: string | null
  readonly note: string
  readonly reply?: string
  readonly source?: SuppressionSource
  readonly expiresAt?: Date | null
}

const COLUMNS = sql.raw(
  'address, stream, reason, source, delivery_id as "deliveryId", note, reply, created_at as "createdAt", expires_at as "expiresAt"',
)

/**
 * Returns those that are new. An address that is there already keeps its first reason, unless that has ended or would end sooner (the law of
 * `replaces`). In the order of addresses, so that two transactions with the same ones never wait for one another.
 */
export async function insertSuppressions(
  tx: Tx,
  workspaceId: WorkspaceId,
  list: readonly NewSuppression[],
  now: Date,
): Promise<{ address: string; stream: string }[]> {
  const { rows } = await sql<{ address: string; stream: string }>`
    insert into suppression as was (workspace_id, address, stream, reason, source, delivery_id, note, reply, created_at, expires_at)
    select distinct on (lower(s.address), s.stream)
           ${workspaceId}::uuid, lower(s.address), s.stream, s.reason, coalesce(s.source, 'person'), s."deliveryId", s.note, coalesce(s.reply, ''),
           ${now}::timestamptz, s."expiresAt"
      from json_to_recordset(${JSON.stringify(list)}::json)
           as s (address text, stream text, reason text, source text, "deliveryId" uuid, note text, reply text, "expiresAt" timestamptz)
     order by lower(s.address), s.stream, s."expiresAt" desc nulls first
    on conflict (workspace_id, address, stream) do update
       set reason = excluded.reason, source = excluded.source, delivery_id = excluded.delivery_id, note = excluded.note, reply = excluded.reply,
           created_at = excluded.created_at, expires_at = excluded.expires_at
     where was.expires_at is not null and (was.expires_at <= ${now} or excluded.expires_at is null or excluded.expires_at > was.expires_at)
    returning address, stream`.execute(tx)
  return rows
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

export async function deleteMadeAt(
  tx: Tx,
  workspaceId: WorkspaceId,
  made: readonly { readonly address: string; readonly stream: string; readonly at: Date }[],
): Promise<{ address: string; stream: string }[]> {
  const { rows } = await sql<{ address: string; stream: string }>`
    delete from suppression as s
     using json_to_recordset(${JSON.stringify(made)}::json) as m (address text, stream text, at timestamptz)
     where s.workspace_id = ${workspaceId} and s.address = lower(m.address) and s.stream = m.stream and s.created_at = m.at
    returning s.address, s.stream`.execute(tx)
  return rows
}

/** Which suppressions: what is left out does not matter. */
export interface SuppressionFilter {
  readonly reason: SuppressionReason | null
  readonly stream: string | null
  readonly source: SuppressionSource | null
  /** The beginning of the address. */
  readonly search: string | null
  /** Of this recipient domain. */
  readonly domain: string | null
  /** Put on the list in this time. */
  readonly from: Date | null
  readonly to: Date | null
  /** In what the receiver said or in the note, in any case. */
  readonly text: string | null
}

export const EVERYTHING: SuppressionFilter = {
  reason: null,
  stream: null,
  source: null,
  search: null,
  domain: null,
  from: null,
  to: null,
  text: null,
}

function matching(workspaceId: WorkspaceId, filter: SuppressionFilter): RawBuilder<unknown> {
  const { reason, stream, source, search, domain, from, to, text } = filter
  return sql`workspace_id = ${workspaceId} and not starts_with(stream, 'list:')
       and (${reason}::text is null or reason = ${reason})
       and (${stream}::text is null or stream = ${stream})
       and (${source}::text is null or source = ${source})
       and (${search}::text is null or starts_with(address, lower(${search})))
       and (${domain}::text is null or right(address, length(${domain}::text) + 1) = '@' || lower(${domain}))
       and (${from}::timestamptz is null or created_at >= ${from}::timestamptz)
       and (${to}::timestamptz is null or created_at < ${to}::timestamptz)
       and (${text}::text is null or position(lower(${text}) in lower(reply)) > 0 or position(lower(${text}) in lower(note)) > 0)`
}

/** Newest first. What has ended is not on the list any more, whenever its row is cleared away. Index: suppression_by_time. */
export async function selectSuppressions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  page: SuppressionFilter & {
    readonly after: { createdAt: Date; address: string; stream: string } | null
    readonly limit: number
  },
  now: Date,
): Promise<Suppression[]> {
  const after = page.after
  const { rows } = await sql<Suppression>`
    select ${COLUMNS}
      from suppression
     where ${matching(workspaceId, page)}
       and (expires_at is null or expires_at > ${now})
       and (${after?.createdAt ?? null}::timestamptz is null
            or (created_at, address, stream) < (${after?.createdAt ?? null}::timestamptz, ${after?.address ?? null}::text, ${after?.stream ?? null}::text))
     order by created_at desc, address desc, stream desc
     limit ${page.limit}`.execute(db)
  return rows
}

/** Of some addresses, in lower case: what keeps mail from them now. */
export async function selectSuppressionsOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  addresses: readonly string[],
  now: Date,
): Promise<Suppression[]> {
  const { rows } = await sql<Suppression>`
    select ${COLUMNS}
      from suppression
     where workspace_id = ${workspaceId} and address = any (${textArray(addresses)}::text[]) and not starts_with(stream, 'list:')
       and (expires_at is null or expires_at > ${now})
     order by address, stream`.execute(db)
  return rows
}

/** Counted to `most` at the highest: a preview must not read a million rows. */
export async function countSuppressions(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: SuppressionFilter,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (select from suppression where ${matching(workspaceId, filter)} limit ${most}) as found`.execute(db)
  return rows[0]?.n ?? 0
}

export async function deleteSuppressions(
  tx: Tx,
  workspaceId: WorkspaceId,
  filter: SuppressionFilter,
  limit: number,
): Promise<{ address: string; stream: string; reason: string }[]> {
  const { rows } = await sql<{ address: string; stream: string; reason: string }>`
    delete from suppression
     where (workspace_id, address, stream) in (
       select workspace_id, address, stream from suppression where ${matching(workspaceId, filter)} order by address, stream limit ${limit} for update
     )
    returning address, stream, reason`.execute(tx)
  return rows
}

/** Rows that have ended. */
export async function deleteEnded(
  tx: Tx,
  limit: number,
  now: Date,
): Promise<{ workspaceId: WorkspaceId; address: string; stream: string; reason: string }[]> {
  const { rows } = await sql<{ workspaceId: WorkspaceId; address: string; stream: string; reason: string }>`
    delete from suppression
     where (workspace_id, address, stream) in (
       select workspace_id, address, stream from suppression where expires_at <= ${now} order by expires_at limit ${limit} for update skip locked
     )
    returning workspace_id as "workspaceId", address, stream, reason`.execute(tx)
  return rows
}

/** Whether mail of this stream ever went to the address. Index: delivery_address's key. */
export async function hasGot(tx: Tx, workspaceId: WorkspaceId, address: string, stream: Stream): Promise<boolean> {
  const { rows } = await sql`
    select from delivery_address as a
      join delivery as d on d.workspace_id = a.workspace_id and d.id = a.delivery_id
     where a.workspace_id = ${workspaceId} and a.address = lower(${address}) and d.stream = ${stream} limit 1`.execute(tx)
  return rows.length === 1
}

/** Whether an address of a statement is suppressed for these now: for statements of others that look at many addresses at once. */
export function isSuppressedIn(
  workspaceId: WorkspaceId,
  address: RawBuilder<unknown>,
  streams: readonly (Suppression['stream'] | ListScope)[],
  now: Date,
): RawBuilder<unknown> {
  return sql`exists (select from suppression as s
                      where s.workspace_id = ${workspaceId} and s.address = ${address} and s.stream = any (${textArray(streams)}::text[])
                        and (s.expires_at is null or s.expires_at > ${now}))`
}
