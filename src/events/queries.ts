import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { EventType, LoggedEvent, NewEvent } from './event.ts'

/** One statement for any number of events. Their data travels as text arrays; most have no more than two small values. */
export async function insertEvents(tx: Tx, events: readonly NewEvent[], now: Date): Promise<void> {
  await insertingEvents(events, now).execute(tx)
}

/** The same as a part of somebody's statement. `only`: a condition on rows `e`, where not all of them may have happened. */
export function insertingEvents(events: readonly NewEvent[], now: Date, only: RawBuilder<unknown> = sql``): RawBuilder<unknown> {
  return sql`
    insert into event (at, workspace_id, type, message_id, delivery_id, subject_id, actor, depth, data)
    select ${now}::timestamptz, e.*
      from unnest(${textArray(events.map((e) => e.workspaceId))}::uuid[], ${textArray(events.map((e) => e.type))}::text[],
                  ${textArray(events.map((e) => e.messageId ?? null))}::uuid[], ${textArray(events.map((e) => e.deliveryId ?? null))}::uuid[],
                  ${textArray(events.map((e) => e.subjectId ?? null))}::uuid[], ${textArray(events.map((e) => e.actor ?? null))}::text[],
                  ${plainArray(events.map((e) => e.depth ?? 0))}::smallint[], ${textArray(events.map((e) => JSON.stringify(e.data ?? {})))}::jsonb[])
        as e (workspace_id, type, message_id, delivery_id, subject_id, actor, depth, data) ${only}`
}

/** Where the events of `insertingEventsOf` come from: rows of the statement around it, and what in them is what. */
export interface EventSource {
  readonly type: EventType
  readonly workspaceId: string
  readonly from: RawBuilder<unknown>
  readonly messageId: RawBuilder<unknown>
  readonly deliveryId: RawBuilder<unknown>
  readonly data: RawBuilder<unknown>
}

/** One event a row of `from`, as a part of the statement that makes those rows: nothing has to travel that the database holds already. */
export function insertingEventsOf(source: EventSource, now: Date): RawBuilder<unknown> {
  return sql`
    insert into event (at, workspace_id, type, message_id, delivery_id, data)
    select ${now}::timestamptz, ${source.workspaceId}::uuid, ${source.type}, ${source.messageId}, ${source.deliveryId}, ${source.data} from ${source.from}`
}

interface EventRow {
  at: Date
  type: string
  message_id: string | null
  delivery_id: string | null
  subject_id: string | null
  actor: string | null
  data: Record<string, unknown>
}

/** The story of one message, oldest first. At most `limit`: a message with 10,000 recipients must not fill a page's memory. */
export async function eventsOfMessage(
  db: Db | Tx,
  workspaceId: string,
  messageId: string,
  limit: number,
  /** Only what is about this recipient, and about the message as a whole. */
  deliveryId: string | null = null,
): Promise<LoggedEvent[]> {
  const { rows } = await sql<EventRow>`
    select at, type, message_id, delivery_id, subject_id, actor, data
      from event
     where workspace_id = ${workspaceId} and message_id = ${messageId}
       and (${deliveryId}::uuid is null or delivery_id is null or delivery_id = ${deliveryId}::uuid)
     order by txid, seq
     limit ${limit}`.execute(db)
  return rows.map(toLogged)
}

function toLogged(row: EventRow): LoggedEvent {
  return {
    at: row.at,
    type: row.type as EventType,
    messageId: row.message_id,
    deliveryId: row.delivery_id,
    subjectId: row.subject_id,
    actor: row.actor,
    data: row.data,
  }
}

/** A place in the log: everything at or before it has been seen. Both parts as text, since they are 64 bits wide. */
export interface LogPosition {
  readonly txid: string
  readonly seq: string
}

export interface PositionedEvent extends LoggedEvent {
  readonly position: LogPosition
  readonly workspaceId: string
}

/**
 * The next events after `position`, in log order, only from transactions older than every one that may still append: none can appear behind
 * the reader any more. `workspaceId` null means all of them.
 */
export async function eventsAfter(
  db: Db | Tx,
  position: LogPosition,
  workspaceId: string | null,
  limit: number,
): Promise<PositionedEvent[]> {
  const { rows } = await sql<PositionedRow>`
    select at, type, message_id, delivery_id, subject_id, actor, data, workspace_id, txid::text as txid, seq::text as seq
      from event
     where (txid, seq) > (${position.txid}::xid8, ${position.seq}::bigint)
       and txid < (select oldest_writer())
       and (${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid)
     order by event.txid, event.seq
     limit ${limit}`.execute(db)
  return rows.map(toPositioned)
}

/**
 * A row with its place as text. Statements that give it order by `event.txid`, not by `txid`: the bare name would be the text's, and '10' comes
 * before '9'.
 */
type PositionedRow = EventRow & { txid: string; seq: string; workspace_id: string }

function toPositioned(row: PositionedRow): PositionedEvent {
  return { ...toLogged(row), workspaceId: row.workspace_id, position: { txid: row.txid, seq: row.seq } }
}

/** A stretch of the log, of these types, as a part of somebody's statement: what is only counted need not travel. */
export function stretchOfLog(from: LogPosition, to: LogPosition, types: readonly EventType[]): RawBuilder<unknown> {
  return sql`
    (select * from event
      where (txid, seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (txid, seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
        and type = any (${plainArray(types)}::text[]))`
}

/** Events of these types between two places of the log, in every workspace. */
export async function eventsOfTypes(
  tx: Tx,
  from: LogPosition,
  to: LogPosition,
  types: readonly EventType[],
): Promise<PositionedEvent[]> {
  const { rows } = await sql<PositionedRow>`
    select at, type, message_id, delivery_id, subject_id, actor, data, workspace_id, txid::text as txid, seq::text as seq
      from ${stretchOfLog(from, to, types)} as e order by e.txid, e.seq`.execute(tx)
  return rows.map(toPositioned)
}

export interface WantedEvents {
  readonly workspaceId: string
  /** Every event of these types. */
  readonly types: readonly EventType[]
  /** Those of these types that are about one of `ids`. */
  readonly typesOfIds: readonly EventType[]
  readonly ids: readonly string[]
}

/** Events between two places of the log, of what each workspace wants of it: what nobody looks at does not travel. */
export async function wantedEvents(
  tx: Tx,
  from: LogPosition,
  to: LogPosition,
  wanted: readonly WantedEvents[],
): Promise<PositionedEvent[]> {
  const flat = <T>(of: (one: WantedEvents) => readonly T[]) =>
    wanted.flatMap((one) => of(one).map((value) => [one.workspaceId, String(value)] as const))
  const [all, some, ids] = [flat((one) => one.types), flat((one) => one.typesOfIds), flat((one) => one.ids)]
  const table = (pairs: readonly (readonly [string, string])[]) =>
    sql`${plainArray(pairs.map((pair) => pair[0]))}::uuid[], ${plainArray(pairs.map((pair) => pair[1]))}`
  const { rows } = await sql<PositionedRow>`
    with whole (workspace_id, type) as materialized (select * from unnest(${table(all)}::text[])),
         narrow (workspace_id, type) as materialized (select * from unnest(${table(some)}::text[])),
         wanted (workspace_id, id) as materialized (select * from unnest(${table(ids)}::uuid[]))
    select at, type, message_id, delivery_id, subject_id, actor, data, workspace_id, txid::text as txid, seq::text as seq
      from event
     where (txid, seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (txid, seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
       and ((workspace_id, type) in (select * from whole)
            or ((workspace_id, type) in (select * from narrow)
                and ((workspace_id, subject_id) in (select * from wanted) or (workspace_id, message_id) in (select * from wanted)
                     or (workspace_id, delivery_id) in (select * from wanted))))
     order by event.txid, event.seq`.execute(tx)
  return rows.map(toPositioned)
}

/** A follower's place, as a part of somebody's statement: one row, or none before it ran. */
export function placeOfFollower(name: string): RawBuilder<unknown> {
  return sql`(select txid::text as txid, seq::text as seq from follower where name = ${name})`
}

/** What happened between two places of the log in these workspaces: for a follower that has to look at each event itself. */
export async function eventsBetween(
  tx: Tx,
  from: LogPosition,
  to: LogPosition,
  workspaceIds: readonly string[],
): Promise<PositionedEvent[]> {
  const { rows } = await sql<PositionedRow>`
    select at, type, message_id, delivery_id, subject_id, actor, data, workspace_id, txid::text as txid, seq::text as seq
      from event
     where (txid, seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (txid, seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
       and workspace_id = any (${plainArray(workspaceIds)}::uuid[])
     order by event.txid, event.seq`.execute(tx)
  return rows.map(toPositioned)
}

/**
 * What happened in a workspace in a stretch of time, after `after`, oldest first. Index: event_by_time. Only what no follower can still miss, as
 * everywhere.
 */
export async function eventsOfTime(
  db: Db | Tx,
  workspaceId: string,
  time: { readonly from: Date; readonly to: Date },
  after: LogPosition | null,
  limit: number,
): Promise<PositionedEvent[]> {
  const { rows } = await sql<PositionedRow>`
    select at, type, message_id, delivery_id, subject_id, actor, data, workspace_id, txid::text as txid, seq::text as seq
      from event
     where workspace_id = ${workspaceId} and at >= ${time.from} and at < ${time.to}
       and (txid, seq) > (${after?.txid ?? '0'}::xid8, ${after?.seq ?? '0'}::bigint)
       and txid < (select oldest_writer())
     order by event.txid, event.seq
     limit ${limit}`.execute(db)
  return rows.map(toPositioned)
}

/** The newest of these types in a stretch of time, newest first; `about`: only of one of these subjects, messages or deliveries. Index: event_by_time. */
export async function newestOfTypes(
  tx: Tx,
  workspaceId: string,
  types: readonly EventType[],
  { since, about }: { readonly since: Date; readonly about: readonly string[] | null },
  limit: number,
): Promise<PositionedEvent[]> {
  const ids = about && sql`${plainArray(about)}::uuid[]`
  const { rows } = await sql<PositionedRow>`
    select at, type, message_id, delivery_id, subject_id, actor, data, workspace_id, txid::text as txid, seq::text as seq
      from event
     where workspace_id = ${workspaceId} and at >= ${since} and type = any (${plainArray(types)}::text[])
       and ${ids ? sql`(subject_id = any (${ids}) or message_id = any (${ids}) or delivery_id = any (${ids}))` : sql`true`}
     order by event.txid desc, event.seq desc
     limit ${limit}`.execute(tx)
  return rows.map(toPositioned)
}

/** The place from which a reader that only wants what comes next starts. */
export async function endOfLog(db: Db | Tx): Promise<LogPosition> {
  const { rows } = await sql<{ txid: string }>`
    select (oldest_writer()::text::numeric - 1)::text as txid`.execute(db)
  return { txid: rows[0]?.txid ?? '0', seq: '9223372036854775807' }
}

/**
 * Whether any of these followers has something to read. A look without a lock and without a write, so that idle followers cost next to nothing;
 * one that never ran has everything to read. The order keeps the planner at the index of the log: it looks at one row of it.
 */
export async function hasNews(db: Db, names: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ news: boolean }>`
    select exists (
      select from (
        select coalesce(follower.txid, '0') as txid, coalesce(follower.seq, 0) as seq
          from unnest(${plainArray(names)}::text[]) as wanted (name)
          left join follower using (name)
         order by 1, 2
         limit 1
      ) as hindmost
      cross join lateral (
        select txid from event where (event.txid, event.seq) > (hindmost.txid, hindmost.seq) order by event.txid, event.seq limit 1
      ) as next
      where next.txid < (select oldest_writer())
    ) as news`.execute(db)
  return rows[0]?.news === true
}

/** What there is for one follower: something to read, something that cannot be read while somebody older still writes, or nothing. */
export async function newsFor(db: Db, name: string): Promise<'some' | 'to come' | 'none'> {
  const { rows } = await sql<{ readable: boolean }>`
    select next.txid < (select oldest_writer()) as readable
      from (select coalesce(follower.txid, '0') as txid, coalesce(follower.seq, 0) as seq
              from (values (${name}::text)) as wanted (name) left join follower using (name)) as place
     cross join lateral (
       select txid from event where (event.txid, event.seq) > (place.txid, place.seq) order by event.txid, event.seq limit 1
     ) as next`.execute(db)
  const [next] = rows
  if (!next) return 'none'
  return next.readable ? 'some' : 'to come'
}

/** Locks followers' cursors so that one process at a time moves each, those left out that another one holds. Always in the same order. */
export async function lockFollowers(tx: Tx, names: readonly string[], now: Date): Promise<{ name: string; at: LogPosition }[]> {
  const lock = async () => {
    const { rows } = await sql<LogPosition & { name: string }>`
      select name, txid::text as txid, seq::text as seq from follower where name = any (${plainArray(names)}::text[]) order by name for update skip locked`.execute(
      tx,
    )
    return rows.map(({ name, txid, seq }) => ({ name, at: { txid, seq } }))
  }
  const locked = await lock()
  if (locked.length === names.length) return locked
  // Some are held by another process, or have never run.
  const { numAffectedRows } = await sql`
    insert into follower (name, updated_at) select name, ${now}::timestamptz from unnest(${plainArray(names)}::text[]) as name
    on conflict do nothing`.execute(tx)
  return numAffectedRows ? await lock() : locked
}

/**
 * Both in one round trip, for one follower that has run before: its cursor, locked, and how far it may go. Null: it never ran, or another process has it.
 * Where the cursor moved while this statement began, the log is still seen as it was then: less of it is read, none is passed over.
 */
export async function lockAndReach(
  tx: Tx,
  name: string,
  limit: number,
): Promise<{ at: LogPosition; reach: { to: LogPosition; count: number } | null } | null> {
  const { rows } = await sql<LogPosition & { to_txid: string | null; to_seq: string | null; n: number }>`
    with locked as materialized (select txid, seq from follower where name = ${name} for update skip locked),
         next as (
           select e.txid, e.seq
             from locked
            cross join lateral (
              select txid, seq from event
               where (event.txid, event.seq) > (locked.txid, locked.seq) and event.txid < (select oldest_writer())
               order by event.txid, event.seq
               limit ${limit}
            ) as e
         )
    select locked.txid::text as txid, locked.seq::text as seq, furthest.txid::text as to_txid, furthest.seq::text as to_seq,
           (select count(*) from next) as n
      from locked
      left join (select txid, seq from next order by next.txid desc, next.seq desc limit 1) as furthest on true`.execute(tx)
  const [row] = rows
  if (!row) return null
  const { txid, seq, to_txid: toTxid, to_seq: toSeq, n: count } = row
  return { at: { txid, seq }, reach: toTxid === null || toSeq === null ? null : { to: { txid: toTxid, seq: toSeq }, count } }
}

/** The furthest place a follower may go now with at most `limit` events, and how many those are. Null when there is nothing new. */
export async function reachOf(tx: Tx, position: LogPosition, limit: number): Promise<{ to: LogPosition; count: number } | null> {
  const { rows } = await sql<LogPosition & { n: number }>`
    with next as (
      select txid, seq from event
       where (txid, seq) > (${position.txid}::xid8, ${position.seq}::bigint) and txid < (select oldest_writer())
       order by txid, seq
       limit ${limit}
    )
    select furthest.txid::text as txid, furthest.seq::text as seq, (select count(*) from next) as n
      from (select txid, seq from next order by txid desc, seq desc limit 1) as furthest`.execute(tx)
  const row = rows[0]
  return row ? { to: { txid: row.txid, seq: row.seq }, count: row.n } : null
}

/** Nobody moves this follower until the transaction ends: for what else only it may do. */
export async function waitForFollower(tx: Tx, name: string): Promise<void> {
  await sql`select from follower where name = ${name} for update`.execute(tx)
}

export async function moveFollowers(tx: Tx, names: readonly string[], to: LogPosition, now: Date): Promise<void> {
  await sql`
    update follower set txid = ${to.txid}::xid8, seq = ${to.seq}::bigint, updated_at = ${now} where name = any (${plainArray(names)}::text[])`.execute(
    tx,
  )
}

/**
 * Where a place of the log is after `rebaseLog`, in its transaction and only if it changed anything: the number that goes with `REBASED_TXID`. As a part
 * of the statement of whoever keeps places of their own.
 */
export function rebasedSeq(txid: RawBuilder<unknown>, seq: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`coalesce((select n from place where (place.txid, place.seq) <= (${txid}, ${seq}) order by place.txid desc, place.seq desc limit 1), 0)`
}
export const REBASED_TXID = '3'

/**
 * After a restore elsewhere: transaction ids begin again lower there, so restored events would lie in the future and no follower would see them
 * for a long time. Their order is kept by numbering them anew under one old id, and every cursor is moved to the same place in that order. The
 * new numbers begin behind all old ones: a log that was rebased before holds that id already, and no row may meet another on its way.
 */
export async function rebaseLog(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ ahead: boolean }>`
    select exists (select from event where txid >= pg_current_xact_id()) as ahead`.execute(tx)
  if (!rows[0]?.ahead) return false
  await sql`
    create temporary table place on commit drop as
    select txid, seq, at, row_number() over (order by txid, seq) + (select max(seq) from event) as n from event`.execute(tx)
  await sql`create index on place (txid, seq)`.execute(tx)
  await sql`
    update follower
       set txid = '3', seq = coalesce((select max(n) from place where (place.txid, place.seq) <= (follower.txid, follower.seq)), 0)`.execute(
    tx,
  )
  await sql`
    update event set txid = '3', seq = n from place
     where (event.txid, event.seq, event.at) = (place.txid, place.seq, place.at)`.execute(tx)
  await sql`select setval(pg_get_serial_sequence('event', 'seq'), (select coalesce(max(seq), 1) from event))`.execute(tx)
  return true
}
