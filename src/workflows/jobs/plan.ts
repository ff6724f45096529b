/** What would become of the runs that go on, before anybody moves them: how many stand where, and what stands in their way. */
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { Graph } from '../definition/graph.ts'
import { type BlockerCode, comparison, type Mapping } from '../interpret/carry.ts'
import { selectVersion } from '../queries.ts'
import type { VersionId, WorkflowId } from '../steps/step.ts'
import { selectStandingRuns } from './queries.ts'

export interface PlannedNode {
  readonly node: string
  /** Where it would stand. */
  readonly to: string
  readonly waiting: number
  readonly held: number
  readonly blocker: BlockerCode | null
}

export interface MovePlan {
  readonly runs: number
  readonly movable: number
  readonly blocked: number
  /** Only so many of the newest runs were looked at. */
  readonly isPartial: boolean
  readonly versions: readonly { readonly id: VersionId; readonly number: number; readonly runs: number }[]
  readonly nodes: readonly PlannedNode[]
}

export const PLANNED_MAX = 20_000

export interface Wish {
  readonly workflowId: WorkflowId
  readonly after: Graph
  /** The version that `after` is; null: it is not published yet. */
  readonly versionId: VersionId | null
  readonly fromVersionId: VersionId | null
  readonly mapping: Mapping
}

export async function planMove(tx: Tx, workspaceId: WorkspaceId, wish: Wish): Promise<MovePlan> {
  const { workflowId, after, versionId, fromVersionId, mapping } = wish
  const found = await selectStandingRuns(tx, workspaceId, { workflowId, notVersionId: versionId, fromVersionId }, PLANNED_MAX)
  const nodes = new Map<string, PlannedNode>()
  const versions = new Map<VersionId, { number: number; runs: number; graph: Graph | null }>()
  let movable = 0
  let runs = 0
  for (const group of found) {
    runs += group.runs
    const known = versions.get(group.versionId) ?? (await readVersion(tx, workspaceId, group.versionId))
    versions.set(group.versionId, { ...known, runs: known.runs + group.runs })
    const compare = known.graph && comparison(known.graph, after, mapping)
    let isFree = compare !== null
    for (const place of group.places) {
      const blocker = compare ? (compare(place)?.code ?? null) : 'gone'
      if (blocker !== null) isFree = false
      const key = `${place.node} ${blocker}`
      const was = nodes.get(key) ?? { node: place.node, to: mapping[place.node] ?? place.node, waiting: 0, held: 0, blocker }
      const isHeld = place.state === 'held'
      nodes.set(key, {
        ...was,
        waiting: was.waiting + (isHeld ? 0 : group.runs),
        held: was.held + (isHeld ? group.runs : 0),
      })
    }
    if (isFree) movable += group.runs
  }
  return {
    ...{ runs, movable, blocked: runs - movable, isPartial: runs >= PLANNED_MAX },
    versions: [...versions].map(([id, { number, runs: n }]) => ({ id, number, runs: n })).sort((a, b) => b.number - a.number),
    nodes: [...nodes.values()].sort((a, b) => b.waiting + b.held - a.waiting - a.held || (a.node < b.node ? -1 : 1)),
  }
}

async function readVersion(tx: Tx, workspaceId: WorkspaceId, id: VersionId) {
  const version = await selectVersion(tx, workspaceId, id)
  const graph = version ? (Graph.safeParse(version.graph).data ?? null) : null
  return { number: version?.number ?? 0, runs: 0, graph }
}
