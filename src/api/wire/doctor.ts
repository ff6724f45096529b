import type { DoctorReport as Report } from '../../insight/doctor/report.ts'
import type { DoctorReport } from '../endpoints/doctor.ts'

export function toDoctorReport({ ok, summary, checks }: Report): DoctorReport {
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
