import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import { type BulkActId, type DeliveryId, idFloor, type MessageId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import type { DeliveryState } from '../delivery.ts'
import type { Stream } from '../stream.ts'
import { type BulkAct, type BulkFilter, type BulkKind, PROBE_TAG } from './bulk-act.ts'

/** Which deliveries an act of this kind meets. */
export interface Choice {
  readonly kind: BulkKind
  readonly filter: BulkFilter
  readonly states: readonly DeliveryState[]
}

/** The conditions of a filter. Ids are in the order of time, so the beginning is a range of the primary key; lanes know receiver and From domain. */
function conditions(workspaceId: WorkspaceId, { kind, filter, states }: Choice): RawBuilder<unknown> {
  const where: RawBuilder<unknown>[] = [
    sql`d.workspace_id = ${workspaceId}`,
    sql`d.state = any (${textArray([...states])}::text[])`,
    sql`d.created_at < ${filter.until}`,
  ]
  if (filter.since) where.push(sql`d.id >= ${idFloor(filter.since)}::uuid and d.created_at >= ${filter.since}`)
  if (filter.streams) where.push(sql`d.stream = any (${textArray([...filter.streams])}::text[])`)
  if (filter.routeId) where.push(sql`d.route_id = ${filter.routeId}`)
  if (filter.receivers || filter.fromDomains) {
    where.push(sql`d.lane_id in (select lane.id from lane
                                  where lane.workspace_id = ${workspaceId}
                                    and (${filter.receivers ? textArray([...filter.receivers]) : null}::text[] is null or lane.receiver = any (${filter.receivers ? textArray([...filter.receivers]) : null}::text[]))
                                    and (${filter.fromDomains ? textArray([...filter.fromDomains]) : null}::text[] is null or lane.from_domain = any (${filter.fromDomains ? textArray([...filter.fromDomains]) : null}::text[])))`)
  }
  if (filter.recipientDomains)
    where.push(sql`lower(substring(d.recipient from '[^@]*$')) = any (${textArray([...filter.recipientDomains])}::text[])`)
  if (filter.classes) where.push(sql`d.reason ->> 'code' = any (${textArray([...filter.classes])}::text[])`)
  if (filter.tags) {
    where.push(sql`exists (select from message as m
                            where m.workspace_id = d.workspace_id and m.id = d.message_id and m.tags && ${textArray([...filter.tags])}::text[])`)
  }
  // What was sent again already is not sent again once more by doing the same twice; and whoever complained has it.
  if (kind === 'replay') {
    where.push(sql`d.complained_at is null`)
    where.push(
      sql`not exists (select from message as m where m.workspace_id = d.workspace_id and m.id = d.message_id and ${PROBE_TAG} = any (m.tags))`,
    )
    where.push(sql`not exists (select from message as again
                                 join delivery as repeated on repeated.workspace_id = again.workspace_id and repeated.message_id = again.id
                                      and repeated.id between again.first_delivery and again.last_delivery
                                where again.workspace_id = d.workspace_id and again.resend_of = d.message_id and repeated.recipient = d.recipient)`)
  }
  return sql.join(where, sql` and `)
}

export interface Preview {
  readonly byReceiver: readonly { receiver: string | null; n: number }[]
  readonly examples: readonly { id: DeliveryId; messageId: MessageId; recipient: string; subject: string; state: DeliveryState }[]
}

export async function selectPreview(db: Db | Tx, workspaceId: WorkspaceId, choice: Choice): Promise<Preview> {
  const { rows: byReceiver } = await sql<{ receiver: string | null; n: number }>`
    select lane.receiver, count(*) as n
      from delivery as d left join lane on lane.id = d.lane_id
     where ${conditions(workspaceId, choice)}
     group by lane.receiver
     order by n desc
     limit 1000`.execute(db)
  const { rows: examples } = await sql<Preview['examples'][number]>`
    select d.id, d.message_id as "messageId", d.recipient, m.subject, d.state
      from (select * from delivery as d where ${conditions(workspaceId, choice)} order by d.id desc limit 10) as d
      join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
     order by d.id desc`.execute(db)
  return { byReceiver, examples }
}

const columns = sql.raw(
  `workspace_id as "workspaceId", id, kind, filter, route_id as "routeId", state, matched, done, passed_over as "passedOver", cursor, actor,
   created_at as "createdAt", finished_at as "finishedAt"`,
)

type Row = Omit<BulkAct, 'filter'> & { filter: Omit<BulkFilter, 'since' | 'until'> & { since?: string; until: string } }

function toBulkAct({ filter, ...row }: Row): BulkAct {
  const { since, until, ...rest } = filter
  return { ...row, filter: { ...rest, ...(since !== undefined && { since: new Date(since) }), until: new Date(until) } }
}

export async function insertBulkAct(tx: Tx, act: BulkAct): Promise<void> {
  await sql`
    insert into bulk_act (workspace_id, id, kind, filter, route_id, state, matched, actor, created_at)
    values (${act.workspaceId}, ${act.id}, ${act.kind}, ${JSON.stringify(act.filter)}::jsonb, ${act.routeId}, 'running', ${act.matched}, ${act.actor}, ${act.createdAt})`.execute(
    tx,
  )
}

export async function selectBulkActs(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  page: { after: string | null; limit: number },
): Promise<BulkAct[]> {
  const { rows } = await sql<Row>`
    select ${columns} from bulk_act
     where workspace_id = ${workspaceId} and (${page.after}::uuid is null or id < ${page.after}::uuid)
     order by id desc limit ${page.limit}`.execute(db)
  return rows.map(toBulkAct)
}

export async function selectBulkAct(db: Db | Tx, workspaceId: WorkspaceId, id: BulkActId): Promise<BulkAct | null> {
  const { rows } = await sql<Row>`select ${columns} from bulk_act where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ? toBulkAct(rows[0]) : null
}

/** The oldest act that has something left to do, locked: one process at a time takes a step of it. */
export async function lockRunning(tx: Tx): Promise<BulkAct | null> {
  const { rows } = await sql<Row>`
    select ${columns} from bulk_act where state = 'running' order by created_at limit 1 for update skip locked`.execute(tx)
  return rows[0] ? toBulkAct(rows[0]) : null
}

export interface Chosen {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly recipient: string
  readonly stream: Stream
  readonly state: DeliveryState
}

/** The next deliveries of an act, locked, newest first. Index: delivery's primary key, from the cursor down. */
export async function lockNext(tx: Tx, act: BulkAct, states: readonly DeliveryState[], limit: number): Promise<Chosen[]> {
  const { rows } = await sql<Chosen>`
    select d.id, d.message_id as "messageId", d.recipient, d.stream, d.state
      from delivery as d
     where ${conditions(act.workspaceId, { ...act, states })} and (${act.cursor}::uuid is null or d.id < ${act.cursor}::uuid)
     order by d.id desc
     limit ${limit}
       for update`.execute(tx)
  return rows
}

export async function saveProgress(
  tx: Tx,
  act: Pick<BulkAct, 'workspaceId' | 'id'>,
  step: { readonly cursor: DeliveryId | null; readonly done: number; readonly passedOver: number },
): Promise<void> {
  await sql`
    update bulk_act set cursor = coalesce(${step.cursor}, cursor), done = done + ${step.done}, passed_over = passed_over + ${step.passedOver}
     where workspace_id = ${act.workspaceId} and id = ${act.id}`.execute(tx)
}

/** False when it had ended already. */
export async function endBulkAct(
  tx: Tx,
  act: Pick<BulkAct, 'workspaceId' | 'id'>,
  state: 'done' | 'stopped',
  now: Date,
): Promise<boolean> {
  const result = await sql`
    update bulk_act set state = ${state}, finished_at = ${now}
     where workspace_id = ${act.workspaceId} and id = ${act.id} and state = 'running'`.execute(tx)
  return result.numAffectedRows === 1n
}

/** Gives waiting deliveries to a route, or back to the rules. Returns those that it was done to. */
export async function rerouteDeliveries(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly DeliveryId[],
  routeId: RouteId | null,
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    update delivery as d
       set lane_id = lane_of(lane.workspace_id, lane.stream, lane.from_domain, lane.receiver, lane.fine, lane.sorted_by, ${routeId}::uuid, lane.mailing_id)
      from lane
     where lane.id = d.lane_id and d.workspace_id = ${workspaceId} and d.id = any (${plainArray(ids)}::uuid[]) and d.state in ('queued', 'held')
    returning d.id`.execute(tx)
  return new Set(rows.map((row) => row.id))
}
