import { Refusal } from '../../errors.ts'
import type { ConnectionInput, DoctorReport as Report } from '../../insight/doctor/report.ts'
import { createLimiter } from '../../lib/limiter.ts'
import type { ServerDeps } from '../deps.ts'
import type { DoctorReport } from '../endpoints/doctor.ts'

export type Examine = (input: ConnectionInput, signal: AbortSignal) => Promise<DoctorReport>

/** Each takes up to a minute and a few connections. More at one time would make a port scanner of us. */
const AT_A_TIME = 4

export function createExamine({ examine }: Pick<ServerDeps, 'examine'>): Examine {
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 0 })
  return async (input, signal) => {
    const running = limiter.run(() => examine(input, signal))
    if (!running) throw new Refusal('too_busy', { retryAfterSeconds: 20 })
    return toWire(await running)
  }
}

function toWire({ ok, summary, checks }: Report): DoctorReport {
  return {
    ok,
    summary,
    checks: checks.map((check) => ({
      ...check,
      fixes: check.fixes.map(({ label, patch }) => ({
        label,
        patch: Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)),
      })),
    })),
  }
}
