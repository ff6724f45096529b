/** What a workflow comes to: set on the way there, and given where it ends. */
import { portsOf, typeOf } from '../definition/catalogue.ts'
import type { Graph } from '../definition/graph.ts'
import { regionsOf } from '../definition/regions.ts'
import type { Building } from './import.ts'

export function giveOutputs(building: Building): void {
  if (building.outputs.size === 0) return
  const outputs = Object.fromEntries([...building.outputs].map(([kept, { key }]) => [key, `vars.${kept}`]))
  const { nodes } = building
  const around = regionsOf({ nodes } as Graph).of
  const last = building.freeId('result')
  let isNeeded = false
  for (const [id, node] of Object.entries(nodes)) {
    if (node.type === 'end@1') {
      nodes[id] = { ...node, config: { outputs } }
      continue
    }
    // Where a branch or a round ends, the others go on.
    if (around.get(id)?.around.length !== 0 || typeOf(node.type)?.kind === 'fork') continue
    const open = portsOf(node).filter(({ key, isFailure }) => !isFailure && key !== 'item' && node.next[key] === undefined)
    if (open.length === 0) continue
    isNeeded = true
    nodes[id] = { ...node, next: { ...node.next, ...Object.fromEntries(open.map(({ key }) => [key, last])) } }
  }
  if (isNeeded) building.put(last, { type: 'end@1', config: { outputs } })
}
