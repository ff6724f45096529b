import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Failure } from '../../mail/failure.ts'
import { open } from './circuit.ts'
import { closeCircuit, lockRoute, saveOpenCircuit } from './queries.ts'

export { returnProbe, takeProbe } from './queries.ts'

/** The route as a whole refused: nobody else is sent into the same wall. */
export async function recordRouteFailure(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: RouteId,
  failure: Failure,
  random: number,
  now: Date,
): Promise<void> {
  const route = await lockRoute(tx, workspaceId, id)
  if (!route) return
  const circuit = open(route.circuit, failure, random, now)
  if (circuit === route.circuit) return
  await saveOpenCircuit(tx, route, circuit)
  await append(
    tx,
    { type: 'route.opened', workspaceId, subjectId: id, data: { name: route.name, class: failure.class, until: circuit.until, failures: circuit.failures } },
    now,
  )
}

/** The far end spoke about a message: the route works. */
export async function recordRouteWorks(tx: Tx, workspaceId: WorkspaceId, id: RouteId, now: Date): Promise<void> {
  if (await closeCircuit(tx, workspaceId, id)) await append(tx, { type: 'route.closed', workspaceId, subjectId: id }, now)
}
