import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { PaceId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Flow } from './gcra.ts'
import type { PaceLimit } from './manage.ts'
import type { WarmUp } from './warm-up.ts'

/** The limits that a claim has to respect, locked in one order, so that all processes take from the same rows and none waits for another twice. */
export async function lockPaces(tx: Tx, workspaceId: WorkspaceId, ids: readonly string[]): Promise<(Flow & { id: string })[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Flow & { id: string }>`
    select id, amount, per, next_at as "nextAt" from pace
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])
     order by id
       for update`.execute(tx)
  return rows
}

export async function savePaces(
  tx: Tx,
  workspaceId: WorkspaceId,
  paces: readonly { id: string; nextAt: Date | null }[],
): Promise<void> {
  if (paces.length === 0) return
  await sql`
    update pace set next_at = p."nextAt"
      from json_to_recordset(${JSON.stringify(paces)}::json) as p (id uuid, "nextAt" timestamptz)
     where pace.workspace_id = ${workspaceId} and pace.id = p.id`.execute(tx)
}

const warmUpColumns = sql.raw(
  `route_id as "routeId", receiver, daily_caps as "dailyCaps", to_char(started_on, 'YYYY-MM-DD') as "startedOn", frozen_days as "frozenDays",
   to_char(day, 'YYYY-MM-DD') as day, used`,
)

export type WarmUpKey = Pick<WarmUp, 'routeId' | 'receiver'>

export async function lockWarmUps(tx: Tx, workspaceId: WorkspaceId, keys: readonly WarmUpKey[]): Promise<WarmUp[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<WarmUp>`
    select ${warmUpColumns}
      from warm_up
     where workspace_id = ${workspaceId}
       and (route_id, receiver) in (select k."routeId", k.receiver from json_to_recordset(${JSON.stringify(keys)}::json) as k ("routeId" uuid, receiver text))
     order by route_id, receiver
       for update`.execute(tx)
  return rows
}

export async function saveWarmUps(
  tx: Tx,
  workspaceId: WorkspaceId,
  warmUps: readonly (WarmUpKey & { day: string; used: number })[],
): Promise<void> {
  if (warmUps.length === 0) return
  await sql`
    update warm_up set day = u.day, used = u.used
      from json_to_recordset(${JSON.stringify(warmUps)}::json) as u ("routeId" uuid, receiver text, day date, used int)
     where warm_up.workspace_id = ${workspaceId} and warm_up.route_id = u."routeId" and warm_up.receiver = u.receiver`.execute(tx)
}

const paceColumns = sql.raw(
  'id, scope, subject, route_id as "routeId", per, amount, next_at as "nextAt", learned_at as "learnedAt", learned_why as "learnedWhy"',
)

export async function selectPaces(db: Db | Tx, workspaceId: WorkspaceId): Promise<PaceLimit[]> {
  const { rows } = await sql<PaceLimit>`
    select ${paceColumns} from pace where workspace_id = ${workspaceId} and scope <> 'mailing' order by scope, subject, per limit 10000`.execute(
    db,
  )
  return rows
}

/** False when there is one of its kind already. */
export async function insertPace(tx: Tx, workspaceId: WorkspaceId, pace: PaceLimit, now: Date): Promise<boolean> {
  const result = await sql`
    insert into pace (workspace_id, id, scope, subject, route_id, per, amount, created_at, updated_at)
    values (${workspaceId}, ${pace.id}, ${pace.scope}, ${pace.subject}, ${pace.routeId}, ${pace.per}, ${pace.amount}, ${now}, ${now})
    on conflict do nothing`.execute(tx)
  return result.numAffectedRows === 1n
}

/** What was said under the old amount about when the next may leave says nothing under the new one. */
export async function updatePace(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: string,
  amount: number,
  now: Date,
): Promise<PaceLimit | null> {
  const { rows } = await sql<PaceLimit>`
    update pace set amount = ${amount}, next_at = null, learned_at = null, learned_why = null, raised_at = null, updated_at = ${now} where workspace_id = ${workspaceId} and id = ${id}
    returning ${paceColumns}`.execute(tx)
  return rows[0] ?? null
}

export async function deletePace(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<PaceLimit | null> {
  const { rows } = await sql<PaceLimit>`
    delete from pace where workspace_id = ${workspaceId} and id = ${id} returning ${paceColumns}`.execute(tx)
  return rows[0] ?? null
}

export async function selectWarmUps(
  db: Db | Tx,
  workspaceId: WorkspaceId | null,
): Promise<(WarmUp & { workspaceId: WorkspaceId })[]> {
  const { rows } = await sql<WarmUp & { workspaceId: WorkspaceId }>`
    select workspace_id as "workspaceId", ${warmUpColumns} from warm_up
     where ${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid
     order by route_id, receiver limit 10000`.execute(db)
  return rows
}

export async function upsertWarmUp(
  tx: Tx,
  workspaceId: WorkspaceId,
  warmUp: WarmUpKey & { readonly dailyCaps: readonly number[] },
  today: string,
): Promise<void> {
  await sql`
    insert into warm_up (workspace_id, route_id, receiver, daily_caps, started_on, day)
    values (${workspaceId}, ${warmUp.routeId}, ${warmUp.receiver}, ${plainArray(warmUp.dailyCaps)}::int[], ${today}, ${today})
    on conflict (workspace_id, route_id, receiver)
    do update set daily_caps = excluded.daily_caps, started_on = excluded.started_on, frozen_days = 0, frozen_on = null`.execute(
    tx,
  )
}

export async function deleteWarmUp(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId, receiver: string): Promise<boolean> {
  const result = await sql`
    delete from warm_up where workspace_id = ${workspaceId} and route_id = ${routeId} and receiver = ${receiver}`.execute(tx)
  return result.numAffectedRows === 1n
}

/** The curve does not rise today. Once a day. */
export async function freezeWarmUp(tx: Tx, workspaceId: WorkspaceId, key: WarmUpKey, today: string): Promise<boolean> {
  const result = await sql`
    update warm_up set frozen_days = frozen_days + 1, frozen_on = ${today}
     where workspace_id = ${workspaceId} and route_id = ${key.routeId} and receiver = ${key.receiver} and frozen_on is distinct from ${today}::date`.execute(
    tx,
  )
  return result.numAffectedRows === 1n
}

export async function lockPaceOfReceiver(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string,
): Promise<{ id: PaceId; amount: number; learnedAt: Date | null } | null> {
  const { rows } = await sql<{ id: PaceId; amount: number; learnedAt: Date | null }>`
    select id, amount, learned_at as "learnedAt" from pace
     where workspace_id = ${workspaceId} and scope = 'receiver' and subject = ${receiver} and route_id = ${routeId} and per = 'minute'
       for update`.execute(tx)
  return rows[0] ?? null
}

export async function insertLearned(
  tx: Tx,
  pace: { workspaceId: WorkspaceId; id: PaceId; routeId: RouteId; receiver: string; amount: number; why: string },
  now: Date,
): Promise<void> {
  await sql`
    insert into pace (workspace_id, id, scope, subject, route_id, per, amount, created_at, updated_at, learned_at, learned_why, raised_at)
    values (${pace.workspaceId}, ${pace.id}, 'receiver', ${pace.receiver}, ${pace.routeId}, 'minute', ${pace.amount}, ${now}, ${now}, ${now}, ${pace.why}, ${now})
    on conflict do nothing`.execute(tx)
}

export async function slowLearned(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: PaceId,
  amount: number,
  why: string,
  now: Date,
): Promise<void> {
  await sql`
    update pace set amount = ${amount}, learned_at = ${now}, learned_why = ${why}, raised_at = ${now}, updated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** A quarter more, for those that were neither slowed nor raised since. */
export async function raiseLearned(tx: Tx, before: Date, now: Date): Promise<void> {
  await sql`
    update pace set amount = least(100000000, ceil(amount * 1.25)::int), raised_at = ${now}, updated_at = ${now}
     where learned_at is not null and raised_at <= ${before}`.execute(tx)
}

export async function forgetLearned(tx: Tx, before: Date): Promise<void> {
  await sql`delete from pace where learned_at <= ${before}`.execute(tx)
}
