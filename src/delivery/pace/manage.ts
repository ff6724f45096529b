import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { newId, type PaceId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import { findRoute } from '../routes/manage.ts'
import type { PacePeriod } from './gcra.ts'
import { deletePace, deleteWarmUp, freezeWarmUp, insertPace, updatePace, upsertWarmUp } from './queries.ts'
import { dayOf } from './warm-up.ts'

export { selectPaces as listPaces, selectWarmUps as listWarmUps } from './queries.ts'

/** A limit that people set: so much in each period, of one subject. */
export interface PaceLimit {
  readonly id: PaceId
  readonly scope: 'workspace' | 'route' | 'from_domain' | 'receiver'
  readonly subject: string
  readonly routeId: RouteId | null
  readonly per: PacePeriod
  readonly amount: number
  readonly nextAt: Date | null
  /** When and with which words a receiver taught it; null: a person set it. */
  readonly learnedAt: Date | null
  readonly learnedWhy: string | null
}

export type NewPaceLimit = Omit<PaceLimit, 'id' | 'nextAt' | 'learnedAt' | 'learnedWhy'>

export async function addPace(
  tx: Tx,
  workspaceId: WorkspaceId,
  wanted: NewPaceLimit,
  actor: string | null,
  now: Date,
): Promise<PaceLimit> {
  if (wanted.scope === 'route') await mustHaveRoute(tx, workspaceId, wanted.subject as RouteId, '/subject')
  if (wanted.routeId) await mustHaveRoute(tx, workspaceId, wanted.routeId, '/route_id')
  const pace: PaceLimit = { ...wanted, id: newId<PaceId>(now.getTime()), nextAt: null, learnedAt: null, learnedWhy: null }
  if (!(await insertPace(tx, workspaceId, pace, now)))
    throw new Refusal('invalid_request', {
      pointer: '/per',
      why: `There is a limit for it already, for each ${wanted.per}: change that one.`,
    })
  await append(tx, { type: 'pace.changed', workspaceId, subjectId: pace.id, actor, data: spoken(pace) }, now)
  return pace
}

export async function changePace(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: PaceId,
  amount: number,
  actor: string | null,
  now: Date,
): Promise<PaceLimit> {
  const pace = await updatePace(tx, workspaceId, id, amount, now)
  if (!pace) throw new Refusal('not_found', { what: 'limit' })
  await append(tx, { type: 'pace.changed', workspaceId, subjectId: id, actor, data: spoken(pace) }, now)
  return pace
}

export async function removePace(tx: Tx, workspaceId: WorkspaceId, id: PaceId, actor: string | null, now: Date): Promise<void> {
  const pace = await deletePace(tx, workspaceId, id)
  if (!pace) throw new Refusal('not_found', { what: 'limit' })
  await append(tx, { type: 'pace.removed', workspaceId, subjectId: id, actor, data: spoken(pace) }, now)
}

/** Begins, or begins anew: from today the route takes so many a day. */
export async function startWarmUp(
  tx: Tx,
  workspaceId: WorkspaceId,
  warmUp: { readonly routeId: RouteId; readonly receiver: string; readonly dailyCaps: readonly number[] },
  actor: string | null,
  now: Date,
): Promise<void> {
  if (!(await findRoute(tx, workspaceId, warmUp.routeId))) throw new Refusal('not_found', { what: 'route' })
  await upsertWarmUp(tx, workspaceId, warmUp, dayOf(now))
  const data = { receiver: warmUp.receiver, days: warmUp.dailyCaps.length, first: warmUp.dailyCaps[0] }
  await append(tx, { type: 'route.warm_up_started', workspaceId, subjectId: warmUp.routeId, actor, data }, now)
}

export async function endWarmUp(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string,
  actor: string | null,
  now: Date,
): Promise<void> {
  if (!(await deleteWarmUp(tx, workspaceId, routeId, receiver))) throw new Refusal('not_found', { what: 'warm-up' })
  await append(tx, { type: 'route.warm_up_ended', workspaceId, subjectId: routeId, actor, data: { receiver } }, now)
}

/** Receivers are not content: today is not counted as a step of the curve. */
export async function holdBackWarmUp(
  tx: Tx,
  workspaceId: WorkspaceId,
  { routeId, receiver }: { readonly routeId: string; readonly receiver: string },
  why: string,
  now: Date,
): Promise<void> {
  if (await freezeWarmUp(tx, workspaceId, { routeId, receiver }, dayOf(now)))
    await append(tx, { type: 'route.warm_up_held_back', workspaceId, subjectId: routeId, data: { receiver, why } }, now)
}

async function mustHaveRoute(tx: Tx, workspaceId: WorkspaceId, id: RouteId, pointer: string): Promise<void> {
  if (!(await findRoute(tx, workspaceId, id)))
    throw new Refusal('invalid_request', { pointer, why: 'There is no such route in this workspace.' })
}

function spoken({ scope, subject, amount, per }: PaceLimit): Record<string, unknown> {
  return { scope, subject, amount, per }
}
