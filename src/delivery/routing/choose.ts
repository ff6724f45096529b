/** Which way a lane's mail goes now, which way it might, and what is in the way: one answer for the dispatcher and for people. */
import type { RouteId } from '../../lib/ids.ts'
import { allowance, intervalMs, opensAt } from '../pace/gcra.ts'
import { capOf, leftToday, tomorrow, type WarmUp } from '../pace/warm-up.ts'
import { type Circuit, waitingSentence } from '../routes/circuit.ts'
import type { Lane, Pace, Picture, RouteState } from './picture.ts'
import { type Rule, ruleOf } from './rule.ts'

export interface OpenWay {
  readonly route: RouteState
  readonly weight: number
  /** How many may leave at this moment. */
  readonly room: number
  readonly paces: readonly Pace[]
  readonly warmUps: readonly WarmUp[]
}

const OBSTACLES = ['mailing', 'no_route', 'not_aligned', 'route_circuit', 'receiver_circuit', 'warm_up', 'pace'] as const

/** Why a lane's mail does not leave by a route now, in words for people, and when that may change by itself. */
export interface Obstacle {
  readonly kind: (typeof OBSTACLES)[number]
  readonly route: { readonly id: RouteId; readonly name: string } | null
  readonly sentence: string
  readonly until: Date | null
}

export interface Probe {
  readonly way: OpenWay
  readonly of: 'route' | 'receiver'
  /** What was wrong, and is wrong until the probe has shown otherwise. */
  readonly obstacle: Obstacle
}

export interface Ways {
  readonly rule: Rule | null
  readonly open: readonly OpenWay[]
  /** Routes whose wait has ended: one message finds out whether they work again. `of`: what is tried, the whole route or it for one receiver. */
  readonly probes: readonly Probe[]
  readonly obstacles: readonly Obstacle[]
}

export function waysOf(picture: Picture, lane: Lane, now: Date): Ways {
  const rule = lane.viaRoute ? null : ruleOf(picture.rules, lane)
  const stopped = lane.mailingId && picture.stopped.find(({ mailingId }) => mailingId === lane.mailingId)
  if (stopped) {
    const obstacle = { kind: 'mailing' as const, route: null, sentence: stopped.sentence, until: null }
    return { rule, open: [], probes: [], obstacles: [obstacle] }
  }
  const targets = targetsOf(picture, lane, rule)
  const ways = { rule, open: [] as OpenWay[], probes: [] as Ways['probes'][number][], obstacles: [] as Obstacle[] }
  if (targets.length === 0) ways.obstacles.push(noRoute(rule))
  for (const { route, weight } of targets) {
    const found = lookAt(picture, lane, route, weight, now)
    if ('kind' in found) ways.obstacles.push(found)
    else if (found.probe) ways.probes.push({ way: found.way, ...found.probe })
    else ways.open.push(found.way)
  }
  return ways
}

function targetsOf(picture: Picture, lane: Lane, rule: Rule | null): { route: RouteState; weight: number }[] {
  const wanted = lane.viaRoute
    ? [{ route_id: lane.viaRoute, weight: 1 }]
    : (rule?.targets ?? picture.routes.filter((route) => route.isDefault).map((route) => ({ route_id: route.id, weight: 1 })))
  return wanted.flatMap(({ route_id, weight }) => {
    const route = picture.routes.find((each) => each.id === route_id)
    return route ? [{ route, weight }] : []
  })
}

type Found = { readonly way: OpenWay; readonly probe: Omit<Probe, 'way'> | null } | Obstacle

function lookAt(picture: Picture, lane: Lane, route: RouteState, weight: number, now: Date): Found {
  const named = { id: route.id, name: route.name }
  const misaligned = picture.misalignments.find((each) => each.routeId === route.id && each.fromDomain === lane.fromDomain)
  if (misaligned) return { kind: 'not_aligned', route: named, sentence: misaligned.sentence, until: null }
  const blocks = circuitObstacles(picture, lane, route)
  const waiting = blocks.find(({ obstacle }) => obstacle.until && obstacle.until > now)
  if (waiting) return waiting.obstacle
  const warmUps = picture.warmUps.filter(
    (each) => each.routeId === route.id && (each.receiver === '' || each.receiver === lane.receiver),
  )
  const usedUp = warmUps.find((warmUp) => leftToday(warmUp, now) === 0)
  if (usedUp) return { kind: 'warm_up', route: named, sentence: warmUpSentence(route, usedUp, now), until: tomorrow(now) }
  const paces = picture.paces.filter((pace) => appliesTo(pace, lane, route.id))
  const slowest = slowestOf(paces, now)
  if (slowest && allowance(slowest, now) === 0) {
    return { kind: 'pace', route: named, sentence: paceSentence(slowest, route), until: opensAt(slowest, now) }
  }
  const room = Math.min(...paces.map((pace) => allowance(pace, now)), ...warmUps.map((warmUp) => leftToday(warmUp, now)))
  return { way: { route, weight, room, paces, warmUps }, probe: blocks[0] ?? null }
}

/** The circuits in the way: of the whole route, and of it towards the lane's receiver. */
function circuitObstacles(picture: Picture, lane: Lane, route: RouteState): Omit<Probe, 'way'>[] {
  const named = { id: route.id, name: route.name }
  const towards = circuitTowards(picture, route.id, lane.receiver)
  return [
    { of: 'route' as const, kind: 'route_circuit' as const, circuit: route.circuit, who: route.name },
    { of: 'receiver' as const, kind: 'receiver_circuit' as const, circuit: towards, who: `${route.name} to ${lane.receiver}` },
  ].flatMap(({ of, kind, circuit, who }) =>
    circuit.state === 'closed'
      ? []
      : [{ of, obstacle: { kind, route: named, sentence: waitingSentence(who, circuit), until: circuit.until } }],
  )
}

export function circuitTowards(picture: Pick<Picture, 'receiverCircuits'>, routeId: RouteId, receiver: string | null): Circuit {
  const found = picture.receiverCircuits.find((each) => each.routeId === routeId && each.receiver === receiver)
  return found?.circuit ?? { state: 'closed' }
}

export function appliesTo(pace: Pace, lane: Pick<Lane, 'fromDomain' | 'receiver' | 'mailingId'>, routeId: RouteId): boolean {
  switch (pace.scope) {
    case 'workspace':
      return true
    case 'route':
      return pace.subject === routeId
    case 'from_domain':
      return pace.subject === lane.fromDomain
    case 'mailing':
      return pace.subject === lane.mailingId
    case 'receiver':
      return pace.subject === lane.receiver && (pace.routeId === null || pace.routeId === routeId)
  }
}

function slowestOf(paces: readonly Pace[], now: Date): Pace | null {
  return paces.reduce<Pace | null>(
    (slowest, pace) => (!slowest || opensAt(pace, now) > opensAt(slowest, now) ? pace : slowest),
    null,
  )
}

function paceSentence(pace: Pace, route: RouteState): string {
  const whose = {
    workspace: 'this workspace',
    route: `route ${route.name}`,
    from_domain: pace.subject,
    receiver: pace.subject,
    mailing: 'this mailing',
  }[pace.scope]
  return `The limit of ${whose} is ${pace.amount} ${pace.per === 'hour' ? 'an' : 'a'} ${pace.per}: one leaves about every ${spoken(intervalMs(pace))}.`
}

function spoken(ms: number): string {
  if (ms < 1_000) return `${Math.max(1, Math.round(ms))} ms`
  return ms < 120_000 ? `${Math.round(ms / 1_000)} seconds` : `${Math.round(ms / 60_000)} minutes`
}

function warmUpSentence(route: RouteState, warmUp: WarmUp, now: Date): string {
  const whom = warmUp.receiver === '' ? '' : ` to ${warmUp.receiver}`
  return `Route ${route.name} is being warmed up: today's ${capOf(warmUp, now)} messages${whom} have left.`
}

function noRoute(rule: Rule | null): Obstacle {
  const sentence = rule
    ? `The rule "${rule.name}" names no route that exists: give it one, or remove the rule.`
    : 'No route is there to take it: make a route the default.'
  return { kind: 'no_route', route: null, sentence, until: null }
}

/** One of the open ways by its weight, or the first that stands by. `random` in [0, 1). */
export function chooseWay(open: readonly OpenWay[], random: number): OpenWay | null {
  const weighted = open.filter((way) => way.weight > 0)
  const total = weighted.reduce((sum, way) => sum + way.weight, 0)
  let left = random * total
  for (const way of weighted) {
    left -= way.weight
    if (left < 0) return way
  }
  return weighted.at(-1) ?? open[0] ?? null
}

/** Why nothing of the lane leaves now; null when it may. What is being tried counts first, then the obstacle that ends first. */
export function obstacleOf(ways: Ways): Obstacle | null {
  if (ways.open.length > 0) return null
  if (ways.probes[0]) return ways.probes[0].obstacle
  const first = (a: Obstacle, b: Obstacle) => (a.until?.getTime() ?? Infinity) - (b.until?.getTime() ?? Infinity)
  return [...ways.obstacles].sort(first)[0] ?? null
}
