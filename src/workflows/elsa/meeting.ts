/** Where branches come together without saying so: Elsa waits there for all that lead in, and so does a join. */
import type { Graph } from '../definition/graph.ts'
import { regionsOf } from '../definition/regions.ts'
import type { Building } from './import.ts'

export function joinWhatMeets(building: Building): void {
  const { nodes } = building
  for (const [fork, { type }] of Object.entries(nodes)) {
    const meeting = type === 'fork@1' ? whereBranchesMeet(building, fork) : []
    if (meeting.every((id) => nodes[id]?.type === 'join@1')) continue
    const [at] = meeting
    if (meeting.length > 1 || at === undefined) {
      building.note(fork, 'lost', 'Its branches meet at several places: lead them to one step that brings them together.')
      continue
    }
    const join = building.freeId(`${at}_join`.slice(0, 36))
    const branches = reachedFrom(building, Object.values(nodes[fork]?.next ?? {}), at)
    for (const [id, node] of Object.entries(nodes)) {
      if (!branches.has(id) && id !== fork) continue
      const next = Object.fromEntries(Object.entries(node.next).map(([port, to]) => [port, to === at ? join : to]))
      nodes[id] = { ...node, next }
    }
    building.put(join, { type: 'join@1', config: {}, next: { out: at } })
    building.note(at, 'carried', 'Several branches lead to it: they come together before it, at a step of its own.')
  }
  for (const [fork, join] of regionsOf({ nodes } as Graph).joins) {
    const node = nodes[fork]
    if (node && building.anyJoins.has(join)) nodes[fork] = { ...node, config: { ...node.config, need: 'any' } }
  }
}

/** Where nothing is split, nothing is waited for. */
export function forgetJoinsOfNothing(building: Building): void {
  const { nodes } = building
  for (const { code, node: id } of regionsOf({ nodes } as Graph).faults) {
    const node = nodes[id]
    if (code !== 'join_outside_fork' || node?.type !== 'join@1') continue
    nodes[id] = { ...node, type: 'data.set@1', config: { values: {} } }
    building.note(id, 'carried', 'Nothing is split before it, so nothing is waited for.')
  }
}

/** The first steps that more than one branch leads to. Ends are where they are. */
function whereBranchesMeet(building: Building, fork: string): string[] {
  const branches = Object.values(building.nodes[fork]?.next ?? {}).map((entry) => reachedFrom(building, [entry], fork))
  const isMet = (id: string) => branches.filter((branch) => branch.has(id)).length > 1
  const met = new Set([...branches.flatMap((branch) => [...branch])].filter(isMet))
  const isFirst = (id: string) =>
    Object.entries(building.nodes).some(([from, { next }]) => !met.has(from) && Object.values(next).includes(id)) &&
    building.nodes[id]?.type !== 'end@1'
  return [...met].filter(isFirst)
}

/** Everything that paths from there come to, up to a step where they stop. */
function reachedFrom({ nodes }: Building, entries: readonly string[], stop: string): Set<string> {
  const found = new Set<string>()
  const left = [...entries]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (found.has(next) || next === stop) continue
    found.add(next)
    left.push(...Object.values(nodes[next]?.next ?? {}))
  }
  return found
}
