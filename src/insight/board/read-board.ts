import type { Db, Tx } from '../../db/database.ts'
import { DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import { type Figures, NO_FIGURES, sumFigures } from './figures.ts'
import { type Alert, type BoardRow, type Lane, selectAlerts, selectBoard, selectUsual, type UsualRow } from './queries.ts'
import { RULES } from './verdict.ts'

export { hasFigures } from './queries.ts'

/** What the board may be looked at for, and in how fine steps. */
const BOARD_WINDOWS = {
  '1h': { lengthMs: HOUR, stepMs: 5 * MINUTE },
  '24h': { lengthMs: DAY, stepMs: HOUR },
  '7d': { lengthMs: 7 * DAY, stepMs: 6 * HOUR },
  '30d': { lengthMs: 30 * DAY, stepMs: DAY },
} as const
export type BoardWindow = keyof typeof BOARD_WINDOWS

export interface BoardLane {
  readonly routeId: RouteId
  /** Null: the route was removed. */
  readonly routeName: string | null
  readonly figures: Figures
  /** Null: too little mail in the last seven days. */
  readonly usual: UsualRow | null
  readonly steps: readonly Figures[]
  readonly alerts: readonly Alert[]
}

export interface BoardReceiver {
  readonly receiver: string
  readonly figures: Figures
  readonly steps: readonly Figures[]
  readonly routes: readonly BoardLane[]
}

export interface Board {
  /** The beginning of the first step; steps follow each other to the present. */
  readonly since: Date
  readonly stepMs: number
  readonly receivers: readonly BoardReceiver[]
}

const MAX_LANES = 300
const MAX_USUAL = 5_000
/** The width whose shares the page holds the present against. */
const SHOWN_WIDTH_MS = DAY

/** The receivers of a workspace, those with alerts first, then by how much goes to them. */
export async function readBoard(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  wanted: { readonly window: BoardWindow; readonly routeId?: RouteId | undefined; readonly receiver?: string | undefined },
  now: Date,
): Promise<Board> {
  const { lengthMs, stepMs } = BOARD_WINDOWS[wanted.window]
  const steps = lengthMs / stepMs
  const since = new Date((Math.floor(now.getTime() / stepMs) + 1 - steps) * stepMs)
  const { routeId, receiver } = wanted
  const rows = await selectBoard(db, workspaceId, { since, routeId, receiver }, { stepMs, lanes: MAX_LANES })
  const alerts = await selectAlerts(db, workspaceId)
  const usuals = await selectUsual(db, workspaceId, MAX_USUAL)
  const lanes = rows.filter(({ step }) => step === null).map((whole) => toLane(whole, { rows, alerts, usuals, steps }))
  return { since, stepMs, receivers: toReceivers(lanes, steps) }
}

interface Known {
  readonly rows: readonly BoardRow[]
  readonly alerts: readonly Alert[]
  readonly usuals: readonly UsualRow[]
  readonly steps: number
}

function toLane(whole: BoardRow, { rows, alerts, usuals, steps }: Known): BoardLane & { receiver: string } {
  const isSame = (other: Pick<Lane, 'routeId' | 'receiver'>) =>
    other.routeId === whole.routeId && other.receiver === whole.receiver
  const byStep = new Map(rows.filter(isSame).map(({ step, figures }) => [step, figures]))
  const usual = usuals.find((each) => isSame(each) && each.widthMs === SHOWN_WIDTH_MS) ?? null
  return {
    receiver: whole.receiver,
    routeId: whole.routeId,
    routeName: whole.routeName,
    figures: whole.figures,
    usual: usual && usual.attempts >= RULES.minUsualSample ? usual : null,
    steps: Array.from({ length: steps }, (_, step) => byStep.get(step) ?? NO_FIGURES),
    alerts: alerts.filter(isSame),
  }
}

function toReceivers(lanes: ReadonlyArray<BoardLane & { receiver: string }>, steps: number): BoardReceiver[] {
  const names = [...new Set(lanes.map(({ receiver }) => receiver))]
  const receivers = names.map((receiver) => {
    const routes = lanes.filter((lane) => lane.receiver === receiver)
    return {
      receiver,
      figures: sumFigures(routes.map(({ figures }) => figures)),
      steps: Array.from({ length: steps }, (_, step) => sumFigures(routes.map((lane) => lane.steps[step] ?? NO_FIGURES))),
      routes,
    }
  })
  const hasAlert = ({ routes }: BoardReceiver) => routes.some(({ alerts }) => alerts.length > 0)
  return receivers.sort(
    (a, b) => Number(hasAlert(b)) - Number(hasAlert(a)) || sizeOf(b) - sizeOf(a) || (a.receiver < b.receiver ? -1 : 1),
  )
}

function sizeOf({ figures: { sent, deferred, blocked, bounced } }: BoardReceiver): number {
  return sent + deferred + blocked + bounced
}
