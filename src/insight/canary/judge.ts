import type { Tx } from '../../db/database.ts'
import { clearIncident, raiseIncident } from '../../incidents/incidents.ts'
import { MINUTE } from '../../lib/clock.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import { type Canary, type CanaryId, type CanaryRun, type Condition, causeOf, conditionOf, IN_A_ROW } from './canary.ts'
import { incidentKeyOf, WAY_TROUBLES, type WayTrouble } from './manage.ts'
import { selectCanary, selectLatestRuns, selectRouteNames } from './queries.ts'

/** Runs looked at of each way: those under way and unread ones stand between the telling ones. */
const RUNS_JUDGED = 20

/** One route of a canary and how it fares there. */
export interface Way {
  readonly routeId: RouteId
  /** Null: the route was removed. */
  readonly routeName: string | null
  readonly condition: Condition
  /** Newest first. */
  readonly runs: readonly CanaryRun[]
}

export async function waysOf(tx: Tx, canary: Canary): Promise<Way[]> {
  const runs = await selectLatestRuns(tx, canary.workspaceId, canary.id, RUNS_JUDGED)
  const names = await selectRouteNames(tx, canary.workspaceId, canary.routeIds)
  return canary.routeIds.map((routeId) => {
    const mine = runs.filter((run) => run.routeId === routeId)
    return { routeId, routeName: names.get(routeId) ?? null, condition: conditionOf(mine), runs: mine }
  })
}

/** Opens, refreshes and ends the incidents of a canary, route by route. */
export async function judgeCanary(tx: Tx, workspaceId: WorkspaceId, canaryId: CanaryId, now: Date): Promise<void> {
  const canary = await selectCanary(tx, workspaceId, canaryId)
  if (!canary?.enabled) return
  const ways = await waysOf(tx, canary)
  for (const way of ways) {
    for (const trouble of WAY_TROUBLES) {
      const key = incidentKeyOf(canary, way.routeId, trouble)
      if (way.condition === trouble) await raise(tx, { canary, way, ways, key, trouble }, now)
      // A missing run or two say nothing yet, neither way.
      else if (way.condition !== 'late') await clearIncident(tx, workspaceId, key, now)
    }
  }
}

interface Trouble {
  readonly canary: Canary
  readonly way: Way
  readonly ways: readonly Way[]
  readonly key: string
  readonly trouble: WayTrouble
}

async function raise(tx: Tx, { canary, way, ways, key, trouble }: Trouble, now: Date): Promise<void> {
  const routeName = way.routeName ?? 'a route that was removed'
  const { title, sentence, hint } = TOLD[trouble](canary, routeName, way, ways)
  const [latest] = way.runs.filter(({ state }) => state === 'arrived' || state === 'missing')
  await raiseIncident(
    tx,
    {
      workspaceId: canary.workspaceId,
      key,
      kind: `canary.${trouble}`,
      severity: trouble === 'missing' ? 'critical' : 'warning',
      title,
      sentence,
      hint,
      subject: { kind: 'canary', id: canary.id },
      evidence: {
        receiver: canary.receiver,
        route_id: way.routeId,
        route: way.routeName,
        message_id: latest?.messageId ?? null,
        results: latest?.results ?? null,
        last_arrived_at: way.runs.find(({ state }) => state === 'arrived')?.endedAt ?? null,
        link: '/canaries',
      },
    },
    now,
  )
}

interface Words {
  readonly title: string
  readonly sentence: string
  readonly hint: string
}

const TOLD: Readonly<Record<WayTrouble, (canary: Canary, routeName: string, way: Way, ways: readonly Way[]) => Words>> = {
  missing: ({ name, receiver, timeoutMs }, routeName, way, ways) => {
    const telling = way.runs.filter(({ state }) => state === 'arrived' || state === 'missing')
    const inARow = telling.findIndex(({ state }) => state !== 'missing')
    const missed = inARow === -1 ? telling.length : inARow
    const others = ways.filter((other) => other.routeId !== way.routeId)
    const cause = causeOf({
      routeName,
      minutes: Math.round(timeoutMs / MINUTE),
      delivery: deliveryOf(telling[0]?.reason ?? null),
      arrivingThrough: others
        .filter(({ condition }) => condition === 'arriving')
        .map((other) => other.routeName ?? 'another route'),
      hasOtherRoutes: others.some(({ condition }) => condition !== 'new'),
    })
    return {
      title: `The canary at ${receiver} does not arrive through ${routeName}`,
      sentence: `${name} (${receiver}) did not see the last ${missed} probes through ${routeName}: ${cause}.`,
      hint: `Mail to ${receiver} through ${routeName} may be lost without a word. Shift this receiver to another route, then send again what was relayed and not delivered. Ask whoever runs ${routeName} with the waybill of a probe in hand.`,
    }
  },
  spam: ({ name, receiver }, routeName) => ({
    title: `The canary at ${receiver} is taken for spam through ${routeName}`,
    sentence: `${name} (${receiver}) found the last ${IN_A_ROW} probes through ${routeName} in the spam folder.`,
    hint: 'Look at what the receiver says of SPF, DKIM and DMARC in the runs, and at the reputation of the address or relay that they leave from.',
  }),
  unauthenticated: ({ name, receiver, sender }, routeName, way) => {
    const results = way.runs.find(({ results: seen }) => seen !== null)?.results
    const said = `SPF ${results?.spf ?? 'not told'}, DKIM ${results?.dkim ?? 'not told'}, DMARC ${results?.dmarc ?? 'not told'}`
    return {
      title: `Mail through ${routeName} is not authenticated at ${receiver}`,
      sentence: `${receiver} says of the last ${IN_A_ROW} probes of ${name}, from ${sender} through ${routeName}: ${said}.`,
      hint: 'Since 2024 large receivers refuse such mail from whoever sends much of it. The page of the domain shows which records are missing.',
    }
  },
}

/** As `whereItEnded` wrote it: the state, and why. */
function deliveryOf(reason: string | null): { state: string; why: string | null } | null {
  const [, state, why] = /^([a-z]+)(?:: (.*))?$/s.exec(reason ?? '') ?? []
  return state === undefined ? null : { state, why: why ?? null }
}
