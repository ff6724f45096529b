/** Where everything stands in the flow: always worked out, top to bottom, never dragged. */
import { graphlib, layout } from '@dagrejs/dagre'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Place } from './graph-acts.ts'
import { shownPorts, triggersOf } from './ports.ts'

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
  /** It leads back up, by corners. */
  readonly isBack: boolean
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

interface DrawnWay {
  readonly at: Place
  readonly to: string | null
  readonly label: string
  readonly isFailure: boolean
}

export function layoutOf(graph: Graph): Layout {
  const drawn = new graphlib.Graph({ multigraph: true })
  drawn.setGraph({ rankdir: 'TB', nodesep: 36, ranksep: 30, edgesep: 24, marginx: 24, marginy: 24 })
  const ids = Object.keys(graph.nodes)
  for (const id of ids) drawn.setNode(id, { ...CARD })
  const ways = ids.flatMap((id) => waysOf(graph, id))
  const backwards = backwardsOf(graph)
  const opens = ways.filter((way) => way.to === null).map((way) => way.at)
  for (const at of opens) drawn.setNode(openId(at), { ...OPEN })
  for (const { at, to, label } of ways) {
    if (backwards.has(openId(at))) continue
    const width = to === null && label === '' ? 1 : Math.max(34, label.length * LETTER + (to === null ? 18 : 46))
    drawn.setEdge(at.from, to ?? openId(at), { width, height: LABEL_HEIGHT, labelpos: 'c' }, at.port)
  }
  layout(drawn)
  const spots = ids.map((id) => ({ id, ...middleOf(drawn.node(id)) }))
  const openSpots = opens.map((at) => ({ at, ...middleOf(drawn.node(openId(at))) }))
  const placed = new Map<string, Point>([
    ...spots.map((one) => [one.id, one] as const),
    ...openSpots.map((one) => [openId(one.at), one] as const),
  ])
  let loops = 0
  const lines = ways.map((way): Line => {
    const [from, to] = [placed.get(way.at.from), placed.get(way.to ?? openId(way.at))] as [Point, Point]
    const common = { id: `${way.at.from} ${way.at.port}`, ...way }
    if (backwards.has(openId(way.at))) return { ...common, ...aside(from, to, [...placed.values()], loops++) }
    const edge = drawn.edge(way.at.from, way.to ?? openId(way.at), way.at.port) as { points?: Point[]; x?: number; y?: number }
    const inner = (edge.points ?? []).slice(1, -1)
    const height = way.to === null ? OPEN.height : CARD.height
    const points = [{ x: from.x, y: from.y + CARD.height / 2 }, ...inner, { x: to.x, y: to.y - height / 2 }]
    return { ...common, isBack: false, points, middle: { x: edge.x ?? from.x, y: edge.y ?? from.y } }
  })
  return { spots, opens: openSpots, lines }
}

function waysOf(graph: Graph, from: string): DrawnWay[] {
  const node = graph.nodes[from]
  if (node === undefined) return []
  const ports = shownPorts(node)
  return ports.map(({ key, label, isFailure = false }) => {
    const target = node.next[key]
    const to = target !== undefined && graph.nodes[target] !== undefined ? target : null
    return { at: { from, port: key }, to, label: ports.length > 1 ? label : '', isFailure }
  })
}

/** Ways that lead back to where a run came from: they are drawn at the side, and move nothing. */
function backwardsOf(graph: Graph): ReadonlySet<string> {
  const found = new Set<string>()
  const state = new Map<string, 'open' | 'done'>()
  const visit = (id: string): void => {
    state.set(id, 'open')
    for (const { at, to } of waysOf(graph, id)) {
      if (to === null) continue
      if (state.get(to) === 'open') found.add(openId(at))
      else if (!state.has(to)) visit(to)
    }
    state.set(id, 'done')
  }
  for (const id of [...triggersOf(graph), ...Object.keys(graph.nodes)]) if (!state.has(id)) visit(id)
  return found
}

const BESIDE = 34
const APART = 22

/** Out at the side, up, and in at the side again: where nothing stands between. */
function aside(from: Point, to: Point, all: readonly Point[], before: number): Pick<Line, 'isBack' | 'points' | 'middle'> {
  const half = CARD.width / 2
  const isBlocked = (at: Point, sign: number) =>
    all.some((one) => one !== at && Math.abs(one.y - at.y) < CARD.height && (one.x - at.x) * sign > 0)
  const blocks = (sign: number) => Number(isBlocked(from, sign)) + Number(isBlocked(to, sign))
  const sign = blocks(-1) < blocks(1) ? -1 : 1
  const between = all.filter((one) => one.y >= to.y - CARD.height && one.y <= from.y + CARD.height)
  const edge = Math.max(...between.map((one) => one.x * sign)) + half + BESIDE + before * APART
  const x = edge * sign
  const points = [
    { x: from.x + half * sign, y: from.y },
    { x, y: from.y },
    { x, y: to.y },
    { x: to.x + half * sign, y: to.y },
  ]
  return { isBack: true, points, middle: { x, y: (from.y + to.y) / 2 } }
}

function middleOf(node: unknown): Point {
  const { x = 0, y = 0 } = node as { x?: number; y?: number }
  return { x, y }
}

/** One soft line through all points, upright at each of them; a way back has corners. */
export function pathOf({ points, isBack }: Pick<Line, 'points' | 'isBack'>): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let from = first
  let path = `M ${first.x} ${first.y}`
  for (const [at, to] of rest.entries()) {
    const half = (from.y + to.y) / 2
    const next = rest[at + 1]
    if (isBack) path += next === undefined ? ` L ${to.x} ${to.y}` : cornered(from, to, next)
    else path += from.x === to.x ? ` L ${to.x} ${to.y}` : ` C ${from.x} ${half}, ${to.x} ${half}, ${to.x} ${to.y}`
    from = to
  }
  return path
}

const CORNER = 10

function cornered(from: Point, at: Point, next: Point): string {
  const towards = (to: Point) => ({
    x: at.x + Math.sign(to.x - at.x) * Math.min(CORNER, Math.abs(to.x - at.x)),
    y: at.y + Math.sign(to.y - at.y) * Math.min(CORNER, Math.abs(to.y - at.y)),
  })
  const [before, after] = [towards(from), towards(next)]
  return ` L ${before.x} ${before.y} Q ${at.x} ${at.y}, ${after.x} ${after.y}`
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
