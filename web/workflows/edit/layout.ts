/** Where everything stands in the flow: always worked out, top to bottom, never dragged. */
import { graphlib, layout } from '@dagrejs/dagre'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Place } from './graph-acts.ts'
import { shownPorts } from './ports.ts'

export const CARD = { width: 272, height: 92 } as const
const OPEN = { width: 28, height: 28 } as const
const LABEL_HEIGHT = 28
const LETTER = 6.4

export interface Point {
  readonly x: number
  readonly y: number
}
/** Its middle. */
export interface Spot extends Point {
  readonly id: string
}
export interface OpenSpot extends Point {
  readonly at: Place
}
export interface Line {
  readonly id: string
  readonly at: Place
  /** Null: it leads nowhere yet. */
  readonly to: string | null
  readonly label: string
  readonly isFailure: boolean
  readonly points: readonly Point[]
  /** Where its label and its `+` stand. */
  readonly middle: Point
}
export interface Layout {
  readonly spots: readonly Spot[]
  readonly opens: readonly OpenSpot[]
  readonly lines: readonly Line[]
}

export const openId = ({ from, port }: Place): string => `open ${from} ${port}`

export function layoutOf(graph: Graph): Layout {
  const drawn = new graphlib.Graph({ multigraph: true })
  drawn.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 30, edgesep: 24, marginx: 24, marginy: 24 })
  const ids = Object.keys(graph.nodes)
  for (const id of ids) drawn.setNode(id, { ...CARD })
  const opens: Place[] = []
  const ways = ids.flatMap((from) => {
    const node = graph.nodes[from]
    if (node === undefined) return []
    const ports = shownPorts(node)
    return ports.map((port) => {
      const at = { from, port: port.key }
      const target = node.next[port.key]
      const to = target !== undefined && graph.nodes[target] !== undefined ? target : null
      if (to === null) {
        opens.push(at)
        drawn.setNode(openId(at), { ...OPEN })
      }
      const label = ports.length > 1 ? port.label : ''
      const width = to === null && label === '' ? 1 : Math.max(34, label.length * LETTER + (to === null ? 18 : 46))
      drawn.setEdge(from, to ?? openId(at), { width, height: LABEL_HEIGHT, labelpos: 'c' }, port.key)
      return { at, to, label, isFailure: port.isFailure === true }
    })
  })
  layout(drawn)
  return {
    spots: ids.map((id) => ({ id, ...middleOf(drawn.node(id)) })),
    opens: opens.map((at) => ({ at, ...middleOf(drawn.node(openId(at))) })),
    lines: ways.map((way) => {
      const edge = drawn.edge(way.at.from, way.to ?? openId(way.at), way.at.port) as {
        points?: Point[]
        x?: number
        y?: number
      }
      const points = edge.points ?? []
      const half = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 }
      return { id: `${way.at.from} ${way.at.port}`, ...way, points, middle: { x: edge.x ?? half.x, y: edge.y ?? half.y } }
    }),
  }
}

function middleOf(node: unknown): Point {
  const { x = 0, y = 0 } = node as { x?: number; y?: number }
  return { x, y }
}

/** One soft line through all points, upright at each of them. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let from = first
  let path = `M ${first.x} ${first.y}`
  for (const to of rest) {
    const half = (from.y + to.y) / 2
    path += from.x === to.x ? ` L ${to.x} ${to.y}` : ` C ${from.x} ${half}, ${to.x} ${half}, ${to.x} ${to.y}`
    from = to
  }
  return path
}

export type Direction = 'up' | 'down' | 'left' | 'right'

/** Which card is next to a card: along its lines up and down, and by the eye to both sides. */
export function neighbourOf(graph: Graph, { spots }: Layout, id: string, direction: Direction): string | null {
  const node = graph.nodes[id]
  const here = spots.find((spot) => spot.id === id)
  if (node === undefined || here === undefined) return null
  if (direction === 'down') {
    const ports = shownPorts(node).map((port) => port.key)
    return ports.map((port) => node.next[port]).find((to) => to !== undefined && to !== id) ?? null
  }
  if (direction === 'up') {
    const before = spots.filter((spot) => spot.id !== id && Object.values(graph.nodes[spot.id]?.next ?? {}).includes(id))
    return (before.filter((spot) => spot.y < here.y).sort((a, b) => b.y - a.y)[0] ?? before[0])?.id ?? null
  }
  const aside = spots.filter((spot) => (direction === 'left' ? spot.x < here.x : spot.x > here.x) && spot.id !== id)
  const far = (spot: Spot) => Math.abs(spot.y - here.y) * 3 + Math.abs(spot.x - here.x)
  return aside.sort((a, b) => far(a) - far(b))[0]?.id ?? null
}
