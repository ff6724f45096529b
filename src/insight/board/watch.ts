import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { clearIncident, raiseIncident } from '../../incidents/incidents.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import { foldReceivers } from './count-receivers.ts'
import {
  type Alert,
  deleteAlert,
  deleteUsual,
  type Lane,
  type PresentRow,
  saveAlert,
  saveUsual,
  selectAlerts,
  selectPresents,
  selectUsual,
  type UsualRow,
} from './queries.ts'
import { type AlertKind, isWell, type Present, RULES, sentenceOf, verdictsOf, WIDTHS_MS } from './verdict.ts'

const USUAL_MS = 7 * DAY
/** The last hour, and the present itself, are not part of what is usual. */
const USUAL_ENDS_MS = HOUR
/** An alert about a way that no mail takes any more has nothing left to watch. */
const STALE_MS = DAY
/** Rows read in one look: far more than the lanes of a large server. */
const MAX_ROWS = 60_000
const SLOW_STATEMENT_MS = 2 * MINUTE

export function boardJobs(database: Database): PeriodicJob[] {
  return [
    { name: 'board.usual', everyMs: HOUR, run: (now) => learnUsual(database, now) },
    { name: 'board.watch', everyMs: MINUTE, run: (now) => watchBoard(database, now) },
    { name: 'board.fold', everyMs: 6 * HOUR, run: (now) => foldReceivers(database, now) },
  ]
}

/** What the last seven days were like, at each width. */
export async function learnUsual(database: Database, now: Date): Promise<void> {
  for (const widthMs of WIDTHS_MS) {
    const stretch = {
      widthMs,
      since: new Date(now.getTime() - USUAL_MS),
      until: new Date(now.getTime() - Math.max(USUAL_ENDS_MS, widthMs)),
      minSample: RULES.minSample,
    }
    await database.transaction(ENGINE, (tx) => saveUsual(tx, stretch, now), { statementTimeoutMs: SLOW_STATEMENT_MS })
  }
  await database.transaction(ENGINE, (tx) => deleteUsual(tx, new Date(now.getTime() - USUAL_MS)))
}

/** Holds the present of every lane against what is usual there: opens, refreshes and ends alerts and their incidents. */
export async function watchBoard(database: Database, now: Date): Promise<void> {
  await database.transaction(ENGINE, async (tx) => {
    const looked = { widthsMs: WIDTHS_MS, lagMs: RULES.reportLagMs, limit: MAX_ROWS }
    const presents = byLane(await selectPresents(tx, looked, now))
    const usuals = byLane(await selectUsual(tx, null, MAX_ROWS))
    const alerts = byLane(await selectAlerts(tx, null))
    for (const key of new Set([...presents.keys(), ...alerts.keys()])) {
      await judge(tx, { presents: presents.get(key) ?? [], usuals: usuals.get(key) ?? [], alerts: alerts.get(key) ?? [] }, now)
    }
  })
}

interface Known {
  readonly presents: readonly PresentRow[]
  readonly usuals: readonly UsualRow[]
  readonly alerts: readonly Alert[]
}

async function judge(tx: Tx, { presents, usuals, alerts }: Known, now: Date): Promise<void> {
  const present = presents.map(toPresent).sort((a, b) => a.widthMs - b.widthMs)
  const [lane] = presents
  const verdicts = lane ? verdictsOf(present, usualsFor(usuals, alerts)) : []
  for (const verdict of verdicts) {
    if (!lane) continue
    const { workspaceId, routeId, receiver } = lane
    const open = alerts.find(({ kind }) => kind === verdict.kind)
    const sentence = sentenceOf(receiver, lane.routeName ?? 'a route that was removed', verdict)
    const { usual } = verdict
    await saveAlert(tx, {
      workspaceId,
      routeId,
      receiver,
      kind: verdict.kind,
      usual,
      sentence,
      since: open?.since ?? now,
      seenAt: now,
    })
    await raiseIncident(
      tx,
      {
        workspaceId,
        key: keyOf(lane, verdict.kind),
        kind: `receiver.${verdict.kind}`,
        severity: verdict.kind === 'put_off' ? 'warning' : 'critical',
        title: TITLES[verdict.kind](receiver),
        sentence,
        hint: HINTS[verdict.kind],
        subject: { kind: 'receiver', id: receiver },
        evidence: {
          receiver,
          route_id: routeId,
          route: lane.routeName,
          window_ms: verdict.widthMs,
          part: verdict.part,
          whole: verdict.whole,
          usual_share: usual,
          link: `/receivers/${encodeURIComponent(receiver)}?route=${routeId}`,
        },
      },
      now,
    )
  }
  for (const alert of alerts) {
    if (verdicts.some(({ kind }) => kind === alert.kind)) continue
    if (isOver(alert, present, now)) {
      await deleteAlert(tx, alert)
      await clearIncident(tx, alert.workspaceId, keyOf(alert, alert.kind), now)
    }
  }
}

/** While an alert lasts, what was usual when it began is what is usual. */
function usualsFor(usuals: readonly UsualRow[], alerts: readonly Alert[]): UsualRow[] {
  const kept = (kind: AlertKind) => alerts.find((alert) => alert.kind === kind)?.usual
  return usuals.map((usual) => ({
    ...usual,
    ...(kept('not_arriving') !== undefined && { delivered: kept('not_arriving') as number, worstDelivered: null }),
    ...(kept('put_off') !== undefined && { putOff: kept('put_off') as number, worstPutOff: null }),
    ...(kept('refused') !== undefined && { refused: kept('refused') as number, worstRefused: null }),
  }))
}

function isOver(alert: Alert, presents: readonly Present[], now: Date): boolean {
  return isWell(alert.kind, alert.usual, presents) ?? now.getTime() - alert.seenAt.getTime() >= STALE_MS
}

function toPresent({ widthMs, figures, relayed, deliveredSince }: PresentRow): Present {
  return { widthMs, figures, relayed, delivered: deliveredSince }
}

function keyOf({ routeId, receiver }: Lane, kind: AlertKind): string {
  return `receiver.${kind}:${routeId}:${receiver.slice(0, 200)}`
}

function byLane<Row extends Lane>(rows: readonly Row[]): Map<string, Row[]> {
  const map = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.workspaceId} ${row.routeId} ${row.receiver}`
    const known = map.get(key)
    if (known) known.push(row)
    else map.set(key, [row])
  }
  return map
}

const TITLES: Readonly<Record<AlertKind, (receiver: string) => string>> = {
  not_arriving: (receiver) => `Mail to ${receiver} is accepted and does not arrive`,
  put_off: (receiver) => `Mail to ${receiver} is put off`,
  refused: (receiver) => `Mail to ${receiver} is refused`,
}

const HINTS: Readonly<Record<AlertKind, string>> = {
  not_arriving:
    'The route says yes and no news of deliveries comes back: what it took may be lost behind it. Look at the canary of this receiver, shift the receiver to another route, then send again what was relayed and not delivered. Nothing is sent twice by itself.',
  put_off:
    'Look at the replies: a receiver that slows a sender down wants a slower pace; one that names an address or a list wants that put right. What is put off is tried again by itself.',
  refused:
    'Look at the replies: they name the cause, and whether the receiver or the provider of the route refused. Authentication and reputation are put right on your side, and nobody is suppressed for them; what a provider cannot carry needs another route; unknown addresses point at an old list.',
}
