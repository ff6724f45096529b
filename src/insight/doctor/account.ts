import { ACCOUNT_CHECKS, type AccountCheck } from '../../delivery/provider-accounts/account.ts'
import { type DoctorReport, reportOn } from './report.ts'

/** What a provider said about the account behind a route, as the doctor reports on a mail server. */
export function reportOnAccount(routeName: string, found: readonly AccountCheck[]): DoctorReport {
  return reportOn(
    routeName,
    found.map((each) => ({ ...each, title: ACCOUNT_CHECKS[each.id], fixes: [] })),
  )
}

/** The password of a route that was stored with another WAYBILL_SECRET: there is nothing to examine with. */
export function reportOnSealedPassword(): DoctorReport {
  const cause = 'WAYBILL_SECRET is not the one it was stored with. Enter the password again in the settings of this route.'
  const check = { id: 'settings.password', title: 'Settings', status: 'fail', ms: 0, cause, fixes: [] } as const
  return { ok: false, summary: cause, checks: [{ ...check, evidence: 'The password is there and cannot be opened.' }] }
}
