import { ACCOUNT_CHECKS, type AccountCheck } from '../../delivery/provider-accounts/account.ts'
import type { DoctorReport } from './report.ts'

/** What a provider said about the account behind a route, as the doctor reports on a mail server. */
export function reportOnAccount(routeName: string, found: readonly AccountCheck[]): DoctorReport {
  const checks = found.map((each) => ({ ...each, title: ACCOUNT_CHECKS[each.id], fixes: [] }))
  const failed = found.find(({ status }) => status === 'fail')
  if (failed) return { ok: false, summary: failed.cause ?? failed.evidence, checks }
  const warnings = found.filter(({ status }) => status === 'warn')
  const more =
    warnings.length === 0
      ? ''
      : warnings.length === 1
        ? ' One thing is worth a look.'
        : ` ${warnings.length} things are worth a look.`
  return { ok: true, summary: `Nothing speaks against ${routeName}.${more}`, checks }
}

/** The password of a route that was stored with another WAYBILL_SECRET: there is nothing to examine with. */
export function reportOnSealedPassword(): DoctorReport {
  const cause = 'WAYBILL_SECRET is not the one it was stored with. Enter the password again in the settings of this route.'
  const check = { id: 'settings.password', title: 'Settings', status: 'fail', ms: 0, cause, fixes: [] } as const
  return { ok: false, summary: cause, checks: [{ ...check, evidence: 'The password is there and cannot be opened.' }] }
}
