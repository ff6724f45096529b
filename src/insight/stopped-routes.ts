import type { Db, Tx } from '../db/database.ts'
import { countWaiting } from '../delivery/reading/read.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { type RouteState, selectOpenRoutes } from './queries.ts'

export interface StoppedRoute extends RouteState {
  /** What would go by this route if it worked, by rule, by name or by default; what another route of its rule takes does not wait. */
  readonly waiting: number
}

/** Routes whose circuit is not closed, of one workspace or (null) of all: those that most waits for first. */
export async function readStoppedRoutes(db: Db | Tx, workspaceId: WorkspaceId | null, now: Date): Promise<StoppedRoute[]> {
  const routes = await selectOpenRoutes(db, workspaceId)
  const waiting = new Map<string, number>()
  for (const id of new Set(routes.map((route) => route.workspaceId))) {
    for (const [routeId, n] of await countWaiting(db, id, now)) waiting.set(routeId, n)
  }
  return routes.map((route) => ({ ...route, waiting: waiting.get(route.id) ?? 0 })).sort((a, b) => b.waiting - a.waiting)
}
