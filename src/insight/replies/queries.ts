import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { CountedReply, HeardReply, UnknownReply } from './unknown-reply.ts'

/**
 * Unknown replies in a stretch of the log, equal ones in one row. A try's own reply stands with its attempt, which began before the event was
 * written; the day keeps the join to one or two partitions. What is told later carries its words in the event.
 */
export async function selectHeard(tx: Tx, from: LogPosition, to: LogPosition): Promise<HeardReply[]> {
  const { rows } = await sql<HeardReply>`
    select event.workspace_id as "workspaceId", attempt.code, coalesce(attempt.enhanced, substring(event.data ->> 'status' from '^[245]\.\d{1,3}\.\d{1,3}')) as enhanced,
           attempt.stage, left(coalesce(attempt.text, event.data ->> 'diagnostic'), 2000) as text,
           coalesce(attempt.host, '') as host, coalesce(event.data ->> 'receiver', 'other') as receiver,
           min(event.at) as "firstSeenAt", max(event.at) as "lastSeenAt", count(*)::int as n
      from event
      left join attempt on attempt.workspace_id = event.workspace_id and attempt.delivery_id = event.delivery_id
                       and attempt.attempt = (event.data ->> 'attempt')::int
                       and attempt.started_at > event.at - interval '1 day' and attempt.started_at <= event.at + interval '1 hour'
     where (event.txid, event.seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (event.txid, event.seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
       and event.delivery_id is not null and event.data ->> 'class' in ('unknown_temporary', 'unknown_permanent')
       and coalesce(attempt.text, event.data ->> 'diagnostic') is not null
     group by 1, 2, 3, 4, 5, 6, 7`.execute(tx)
  return rows
}

/** In one order for all processes, so that none waits for another in a circle. A reply that was looked at stays so. */
export async function addReplies(tx: Tx, replies: readonly CountedReply[]): Promise<void> {
  if (replies.length === 0) return
  const column = (of: (reply: CountedReply) => string | null) => textArray(replies.map(of))
  await sql`
    insert into reply_fingerprint as known (workspace_id, fingerprint, pattern, code, enhanced, stage, example, host, receiver, first_seen_at, last_seen_at, n)
    select *
      from unnest(${column((r) => r.workspaceId)}::uuid[], ${column((r) => r.fingerprint)}::text[], ${column((r) => r.pattern)}::text[],
                  ${plainArray(replies.map((r) => r.code))}::smallint[], ${column((r) => r.enhanced)}::text[], ${column((r) => r.stage)}::text[],
                  ${column((r) => r.example)}::text[], ${column((r) => r.host)}::text[], ${column((r) => r.receiver)}::text[],
                  ${column((r) => r.firstSeenAt.toISOString())}::timestamptz[], ${column((r) => r.lastSeenAt.toISOString())}::timestamptz[],
                  ${plainArray(replies.map((r) => r.n))}::bigint[]) as heard
     order by 1, 2
    on conflict (workspace_id, fingerprint) do update
      set n = known.n + excluded.n, last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)`.execute(tx)
}

const COLUMNS = sql.raw(
  'fingerprint, pattern, code, enhanced, stage, example, host, receiver, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt", n::float8 as n, reviewed_at as "reviewedAt", reviewed_by as "reviewedBy"',
)

export interface ReplyPage {
  readonly after: { readonly isReviewed: boolean; readonly n: number; readonly fingerprint: string } | null
  readonly limit: number
}

/** What nobody has looked at first, then what is said most. Read from the index reply_fingerprint_by_need. */
export async function selectReplies(db: Db | Tx, workspaceId: WorkspaceId, { after, limit }: ReplyPage): Promise<UnknownReply[]> {
  const beyond = after
    ? sql`and ((reviewed_at is not null) > ${after.isReviewed}
               or (reviewed_at is not null) = ${after.isReviewed} and (n < ${after.n} or n = ${after.n} and fingerprint > ${after.fingerprint}))`
    : sql``
  const { rows } = await sql<UnknownReply>`
    select ${COLUMNS} from reply_fingerprint
     where workspace_id = ${workspaceId} ${beyond}
     order by (reviewed_at is not null), n desc, fingerprint
     limit ${limit}`.execute(db)
  return rows
}

/** Null when there is no such reply. */
export async function updateReviewed(
  tx: Tx,
  workspaceId: WorkspaceId,
  fingerprint: string,
  reviewed: { readonly at: Date; readonly by: string } | null,
): Promise<UnknownReply | null> {
  const { rows } = await sql<UnknownReply>`
    update reply_fingerprint set reviewed_at = ${reviewed?.at ?? null}, reviewed_by = ${reviewed?.by ?? null}
     where workspace_id = ${workspaceId} and fingerprint = ${fingerprint}
    returning ${COLUMNS}`.execute(tx)
  return rows[0] ?? null
}

/** What was not said for long; and of a workspace with more than `max`, what was said least lately: words are a stranger's to choose. */
export async function deleteOldReplies(tx: Tx, before: Date, max: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from reply_fingerprint
     where (workspace_id, fingerprint) in (
       select workspace_id, fingerprint
         from (select workspace_id, fingerprint, last_seen_at, row_number() over (partition by workspace_id order by last_seen_at desc, fingerprint) as place
                 from reply_fingerprint) as ranked
        where last_seen_at < ${before} or place > ${max}
        limit ${limit})`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
