import { Refusal } from '../../errors.ts'
import { type Figures, NO_FIGURES, timeWithin } from '../../insight/board/figures.ts'
import { type BoardReceiver, hasFigures, readBoard } from '../../insight/board/read-board.ts'
import type { RouteId } from '../../lib/ids.ts'
import { getReceiver, listReceivers, type Receiver, type ReceiverFigures } from '../endpoints/receivers.ts'
import { type Route, route } from '../route.ts'

export function receiverRoutes(): Route[] {
  return [
    route(listReceivers, async ({ tx, params, actor, now }) => {
      const window = params.window ?? '24h'
      const { since, stepMs, receivers } = await readBoard(tx, actor.workspaceId, { window, routeId: params.route }, now)
      return { window, since, step_seconds: stepMs / 1_000, items: receivers.map(toReceiver) }
    }),
    route(getReceiver, async ({ tx, params, actor, now }) => {
      const window = params.window ?? '24h'
      const { name } = params
      // A receiver that nothing went to in this hour is one all the same.
      if (!(await hasFigures(tx, actor.workspaceId, name))) throw new Refusal('not_found', { what: 'receiver' })
      const wanted = { window, routeId: params.route, receiver: name }
      const { since, stepMs, receivers } = await readBoard(tx, actor.workspaceId, wanted, now)
      const found = receivers[0] ?? { receiver: name, figures: NO_FIGURES, steps: [], routes: [] }
      return { window, since, step_seconds: stepMs / 1_000, receiver: toReceiver(found) }
    }),
  ]
}

function toReceiver({ receiver, figures, steps, routes }: BoardReceiver): Receiver {
  return {
    name: receiver,
    figures: toFigures(figures),
    ...timesOf(figures),
    steps: steps.map(toFigures),
    routes: routes.map((lane) => ({
      route: { id: lane.routeId, name: lane.routeName },
      figures: toFigures(lane.figures),
      ...timesOf(lane.figures),
      usual: lane.usual && { delivered: lane.usual.delivered, put_off: lane.usual.putOff, refused: lane.usual.refused },
      steps: lane.steps.map(toFigures),
      alerts: lane.alerts.map(({ kind, routeId, sentence, usual, since, seenAt }) => ({
        kind,
        route_id: routeId as RouteId,
        sentence,
        usual,
        since,
        seen_at: seenAt,
      })),
    })),
  }
}

function toFigures({ times: _, ...figures }: Figures): ReceiverFigures {
  return figures
}

function timesOf({ times }: Figures) {
  return { p50_seconds: timeWithin(times, 0.5), p95_seconds: timeWithin(times, 0.95) }
}
