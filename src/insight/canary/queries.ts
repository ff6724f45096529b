import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryId, MessageId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId } from '../../mailboxes/mailbox.ts'
import type { Canary, CanaryId, CanaryRun, CanaryRunId, SeenAuthentication } from './canary.ts'

const canaryColumns = sql.raw(
  'c.workspace_id as "workspaceId", c.id, c.name, c.kind, c.mailbox_id as "mailboxId", c.receiver, c.sender, c.route_ids as "routeIds", c.interval_ms as "intervalMs", c.timeout_ms as "timeoutMs", c.enabled, c.next_at as "nextAt", c.created_at as "createdAt", c.updated_at as "updatedAt"',
)
const runColumns = sql.raw(
  'r.id, r.canary_id as "canaryId", r.route_id as "routeId", r.message_id as "messageId", r.delivery_id as "deliveryId", r.sent_at as "sentAt", r.give_up_at as "giveUpAt", r.state, r.ended_at as "endedAt", r.folder, r.took_ms as "tookMs", r.results, r.reason',
)

export async function selectCanaries(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Canary[]> {
  const { rows } = await sql<Canary>`
    select ${canaryColumns} from canary as c where c.workspace_id = ${workspaceId} order by c.receiver, lower(c.name), c.id limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function selectCanary(db: Db | Tx, workspaceId: WorkspaceId, id: CanaryId): Promise<Canary | null> {
  const { rows } =
    await sql<Canary>`select ${canaryColumns} from canary as c where c.workspace_id = ${workspaceId} and c.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function lockCanary(tx: Tx, workspaceId: WorkspaceId, id: CanaryId): Promise<Canary | null> {
  const { rows } = await sql<Canary>`
    select ${canaryColumns} from canary as c where c.workspace_id = ${workspaceId} and c.id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

export async function isMailboxWatched(db: Db | Tx, workspaceId: WorkspaceId, id: MailboxId): Promise<boolean> {
  const { rows } = await sql<{ watched: boolean }>`
    select exists (select from canary where workspace_id = ${workspaceId} and mailbox_id = ${id}) as watched`.execute(db)
  return rows[0]?.watched === true
}

export async function saveCanary(tx: Tx, canary: Canary): Promise<void> {
  const {
    workspaceId,
    id,
    name,
    kind,
    mailboxId,
    receiver,
    sender,
    routeIds,
    intervalMs,
    timeoutMs,
    enabled,
    nextAt,
    createdAt,
    updatedAt,
  } = canary
  await sql`
    insert into canary (workspace_id, id, name, kind, mailbox_id, receiver, sender, route_ids, interval_ms, timeout_ms, enabled, next_at, created_at, updated_at)
    values (${workspaceId}, ${id}, ${name}, ${kind}, ${mailboxId}, ${receiver}, ${sender}, ${routeIds as RouteId[]}::uuid[], ${intervalMs}, ${timeoutMs}, ${enabled}, ${nextAt}, ${createdAt}, ${updatedAt})
    on conflict (workspace_id, id) do update
       set name = excluded.name, receiver = excluded.receiver, sender = excluded.sender, route_ids = excluded.route_ids,
           interval_ms = excluded.interval_ms, timeout_ms = excluded.timeout_ms, enabled = excluded.enabled, next_at = excluded.next_at,
           updated_at = excluded.updated_at`.execute(tx)
}

export async function deleteCanary(tx: Tx, workspaceId: WorkspaceId, id: CanaryId): Promise<void> {
  await sql`delete from canary where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Takes canaries whose time has come and sets their next one, in one statement: no two processes send for the same. */
export async function takeDueCanaries(tx: Tx, limit: number, now: Date): Promise<Canary[]> {
  const { rows } = await sql<Canary>`
    with due as (
      select workspace_id, id from canary where enabled and next_at <= ${now} order by next_at limit ${limit} for update skip locked
    )
    update canary as c set next_at = ${now}::timestamptz + c.interval_ms * interval '1 ms'
      from due
     where c.workspace_id = due.workspace_id and c.id = due.id
    returning ${canaryColumns}`.execute(tx)
  return rows
}

export interface NewRun
  extends Pick<CanaryRun, 'id' | 'canaryId' | 'routeId' | 'messageId' | 'deliveryId' | 'sentAt' | 'giveUpAt'> {
  readonly workspaceId: WorkspaceId
  readonly token: string
}

export async function insertRun(tx: Tx, run: NewRun): Promise<void> {
  await sql`
    insert into canary_run (workspace_id, id, canary_id, route_id, token, message_id, delivery_id, sent_at, give_up_at)
    values (${run.workspaceId}, ${run.id}, ${run.canaryId}, ${run.routeId}, ${run.token}, ${run.messageId}, ${run.deliveryId}, ${run.sentAt}, ${run.giveUpAt})`.execute(
    tx,
  )
}

export interface OpenRun extends CanaryRun {
  readonly workspaceId: WorkspaceId
  readonly token: string
  readonly mailboxId: MailboxId | null
}

/** What is looked for: what is under way, and what was given up within `lateMs`, since late mail arrives too. */
export async function selectSoughtRuns(
  db: Db | Tx,
  { lateMs, limit }: { readonly lateMs: number; readonly limit: number },
  now: Date,
): Promise<OpenRun[]> {
  const { rows } = await sql<OpenRun>`
    select ${runColumns}, r.workspace_id as "workspaceId", r.token, c.mailbox_id as "mailboxId"
      from canary_run as r
      join canary as c on c.workspace_id = r.workspace_id and c.id = r.canary_id
     where r.state = 'sent' or (r.state in ('missing', 'unread') and r.sent_at > ${new Date(now.getTime() - lateMs)})
     order by r.state = 'sent' desc, r.sent_at
     limit ${limit}`.execute(db)
  return rows
}

export interface Arrival {
  readonly runId: CanaryRunId
  readonly folder: 'inbox' | 'junk'
  readonly tookMs: number
  readonly results: SeenAuthentication | null
}

/** A run that was given up arrives all the same; one that arrived does not arrive again. */
export async function markArrived(
  tx: Tx,
  workspaceId: WorkspaceId,
  { runId, folder, tookMs, results }: Arrival,
  now: Date,
): Promise<void> {
  await sql`
    update canary_run
       set state = 'arrived', ended_at = ${now}, folder = ${folder}, took_ms = ${tookMs}, results = ${results && JSON.stringify(results)}::jsonb, reason = null
     where workspace_id = ${workspaceId} and id = ${runId} and state <> 'arrived'`.execute(tx)
}

export async function markAbsent(
  tx: Tx,
  workspaceId: WorkspaceId,
  { runId, state, reason }: { readonly runId: CanaryRunId; readonly state: 'missing' | 'unread'; readonly reason: string },
  now: Date,
): Promise<void> {
  await sql`
    update canary_run set state = ${state}, ended_at = ${now}, reason = ${reason}
     where workspace_id = ${workspaceId} and id = ${runId} and state = 'sent'`.execute(tx)
}

/** The latest runs of each way of a canary, newest first. Index: canary_run_by_canary, one walk a way. */
export async function selectLatestRuns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  canaryId: CanaryId | null,
  each: number,
): Promise<CanaryRun[]> {
  const { rows } = await sql<CanaryRun>`
    select latest.*
      from canary as c
      cross join unnest(c.route_ids) as way (route_id)
      cross join lateral (
        select ${runColumns} from canary_run as r
         where r.workspace_id = c.workspace_id and r.canary_id = c.id and r.route_id = way.route_id
         order by r.id desc
         limit ${each}
      ) as latest
     where c.workspace_id = ${workspaceId} and (${canaryId}::uuid is null or c.id = ${canaryId}::uuid)
     order by latest."canaryId", latest."routeId", latest.id desc`.execute(db)
  return rows.map(toRun)
}

export async function selectRuns(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  canaryId: CanaryId,
  page: { readonly after: string | null; readonly limit: number },
): Promise<CanaryRun[]> {
  const { rows } = await sql<CanaryRun>`
    select ${runColumns} from canary_run as r
     where r.workspace_id = ${workspaceId} and r.canary_id = ${canaryId} and (${page.after}::uuid is null or r.id < ${page.after}::uuid)
     order by r.id desc
     limit ${page.limit}`.execute(db)
  return rows.map(toRun)
}

export async function deleteRunsBefore(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from canary_run where ctid in (select ctid from canary_run where sent_at < ${before} order by sent_at limit ${limit})`.execute(
    tx,
  )
  return Number(result.numAffectedRows ?? 0)
}

export async function selectRouteNames(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from route where workspace_id = ${workspaceId} and id = any(${ids as string[]}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, name }) => [id, name]))
}

function toRun(row: CanaryRun): CanaryRun {
  return {
    ...row,
    tookMs: row.tookMs === null ? null : Number(row.tookMs),
    deliveryId: row.deliveryId as DeliveryId,
    messageId: row.messageId as MessageId,
  }
}
