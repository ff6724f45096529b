import type { ApiRoute } from '../../delivery/provider-accounts/examine.ts'
import { recordExamination } from '../../delivery/provider-accounts/refresh.ts'
import { Refusal } from '../../errors.ts'
import { reportOnAccount } from '../../insight/doctor/account.ts'
import type { DirectRoute } from '../../insight/doctor/direct/examine-direct.ts'
import type { ConnectionInput } from '../../insight/doctor/report.ts'
import { createLimiter } from '../../lib/limiter.ts'
import type { ServerDeps } from '../deps.ts'
import type { DoctorReport } from '../endpoints/doctor.ts'
import { toDoctorReport } from '../wire/doctor.ts'

export type Examine = (input: ConnectionInput, signal: AbortSignal) => Promise<DoctorReport>

/** Each takes up to a minute and a few connections. More at one time would make a port scanner of us. */
const AT_A_TIME = 4

export function createExamine({ examine }: Pick<ServerDeps, 'examine'>): Examine {
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 0 })
  return async (input, signal) => {
    const running = limiter.run(() => examine(input, signal))
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 20 })
    return toDoctorReport(await running)
  }
}

/** The account behind a route, asked as seldom at one time. What was found is kept, for the route's page and for whoever chooses a way out. */
export type ExamineRoute = (route: ApiRoute, now: Date) => Promise<DoctorReport>

export function createExamineRoute({ database, examineAccount }: Pick<ServerDeps, 'database' | 'examineAccount'>): ExamineRoute {
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 0 })
  return async (route, now) => {
    const running = limiter.run(() => examineAccount(route))
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 20 })
    const found = await running
    await recordExamination(database, route, found, now)
    return toDoctorReport(reportOnAccount(route.name, found.checks))
  }
}

/** The way of a direct route, asked as seldom at one time: it knocks at servers of strangers. */
export type ExamineDirect = (route: DirectRoute, askedBy: string | null) => Promise<DoctorReport>

export function createExamineDirect({ examineDirect }: Pick<ServerDeps, 'examineDirect'>): ExamineDirect {
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 0 })
  return async (route, askedBy) => {
    const running = limiter.run(() => examineDirect(route, askedBy))
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 20 })
    return toDoctorReport(await running)
  }
}
