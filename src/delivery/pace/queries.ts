import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Flow } from './gcra.ts'
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

export type WarmUpKey = Pick<WarmUp, 'routeId' | 'receiver'>

export async function lockWarmUps(tx: Tx, workspaceId: WorkspaceId, keys: readonly WarmUpKey[]): Promise<WarmUp[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<WarmUp>`
    select route_id as "routeId", receiver, daily_caps as "dailyCaps", to_char(started_on, 'YYYY-MM-DD') as "startedOn", frozen_days as "frozenDays",
           to_char(day, 'YYYY-MM-DD') as day, used
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
