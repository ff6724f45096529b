import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { Failure } from '../../mail/failure.ts'
import { open } from './circuit.ts'
import { closeCircuit, lockRoute, saveOpenCircuit } from './queries.ts'
import type { Route } from './route.ts'

export { returnProbe, takeProbe } from './queries.ts'

/** Which settings of a route something was learnt about. What earlier ones showed, late, says nothing about those in force. */
export type TriedRoute = Pick<Route, 'workspaceId' | 'id' | 'version'>

/** The route as a whole refused: nobody else is sent into the same wall. */
export async function recordRouteFailure(tx: Tx, tried: TriedRoute, failure: Failure, random: number, now: Date): Promise<void> {
  const { workspaceId, id } = tried
  const route = await lockRoute(tx, workspaceId, id)
  if (!route || route.version !== tried.version) return
  const circuit = open(route.circuit, failure, random, now)
  if (circuit === route.circuit) return
  await saveOpenCircuit(tx, route, circuit)
  const data = { name: route.name, class: failure.class, until: circuit.until, failures: circuit.failures }
  await append(tx, { type: 'route.opened', workspaceId, subjectId: id, data }, now)
}

/** The far end spoke about a message: the route works. */
export async function recordRouteWorks(tx: Tx, { workspaceId, id, version }: TriedRoute, now: Date): Promise<void> {
  if (await closeCircuit(tx, workspaceId, id, version))
    await append(tx, { type: 'route.closed', workspaceId, subjectId: id }, now)
}
