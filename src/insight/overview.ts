import type { Db, Tx } from '../db/database.ts'
import { listQueues, readWaiting, type Stall, type StreamQueue } from '../delivery/reading/read.ts'
import { listRoutes } from '../delivery/routes/manage.ts'
import type { Route } from '../delivery/routes/route.ts'
import { HOUR } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { type HourRow, listHours } from './hours/count-hours.ts'

/** What came of attempts in some time. `failed`: expired or failed on our own side. */
export interface DeliveryFlow {
  readonly sent: number
  readonly delivered: number
  readonly bounced: number
  readonly failed: number
  readonly deferred: number
}

export interface Overview {
  /** `flow`: of this hour and the one before it. */
  readonly routes: ReadonlyArray<{ readonly route: Route; readonly flow: DeliveryFlow; readonly waiting: number }>
  /** `why`: what most of it waits for, when it is not simply its turn. */
  readonly streams: ReadonlyArray<StreamQueue & { readonly why: string | null }>
  readonly hours: ReadonlyArray<{ readonly hour: Date; readonly flow: DeliveryFlow }>
}

const HOURS = 48

/** How mail goes out of one workspace now, and how it went in the last two days. Reads counts and heads of queues, never all deliveries. */
export async function readOverview(db: Db | Tx, workspaceId: WorkspaceId, now: Date): Promise<Overview> {
  const thisHour = Math.floor(now.getTime() / HOUR) * HOUR
  const routes = await listRoutes(db, workspaceId)
  const queues = await listQueues(db, workspaceId)
  const { byRoute, stalls } = await readWaiting(db, workspaceId, now)
  const rows = await listHours(db, workspaceId, new Date(thisHour - (HOURS - 1) * HOUR))
  const recent = rows.filter(({ hour }) => hour.getTime() >= thisHour - HOUR)
  return {
    routes: routes.map((route) => ({
      route,
      flow: flowOf(recent.filter(({ routeId }) => routeId === route.id)),
      waiting: byRoute.get(route.id) ?? 0,
    })),
    streams: queues.map((queue) => ({ ...queue, why: whyItWaits(queue, stalls.get(queue.stream), now) })),
    hours: Array.from({ length: HOURS }, (_, i) => {
      const hour = new Date(thisHour - (HOURS - 1 - i) * HOUR)
      return { hour, flow: flowOf(rows.filter((row) => row.hour.getTime() === hour.getTime())) }
    }),
  }
}

export function whyItWaits({ oldestDueAt }: StreamQueue, stall: Stall | undefined, now: Date): string | null {
  if (oldestDueAt === null) return null
  if (oldestDueAt > now) return 'Nothing is due yet: everything here is scheduled or waits for its next try.'
  if (!stall) return null
  const { sentence, waiting } = stall
  return `${/[.!?]$/.test(sentence) ? sentence : `${sentence}.`} ${grouped(waiting)} ${waiting === 1 ? 'waits' : 'wait'} for it.`
}

function flowOf(rows: readonly HourRow[]): DeliveryFlow {
  const sum = (...types: string[]) => rows.reduce((total, { type, n }) => (types.includes(type) ? total + n : total), 0)
  return {
    sent: sum('sent'),
    delivered: sum('delivered'),
    bounced: sum('bounced'),
    failed: sum('failed', 'expired'),
    deferred: sum('deferred'),
  }
}

function grouped(n: number): string {
  return n.toLocaleString('en')
}
