import type { AccountRow, DomainRow } from '../../delivery/provider-accounts/refresh.ts'
import type { Circuit } from '../../delivery/routes/circuit.ts'
import type { MxSettings, Route, ScalewaySettings, SesSettings, SmtpSettings } from '../../delivery/routes/route.ts'
import { reportOnAccount } from '../../insight/doctor/account.ts'
import type * as settings from '../endpoints/route-settings.ts'
import type * as endpoints from '../endpoints/routes.ts'
import { toReason } from './deliveries.ts'
import { toDoctorReport } from './doctor.ts'

export function toCircuit(circuit: Circuit): endpoints.Circuit {
  if (circuit.state === 'closed') return { state: 'closed' }
  const { state, since, until, failures } = circuit
  return { state, reason: toReason(circuit.reason), since, next_probe_at: until, failures }
}

/** The sealed secret stays behind: only whether there is one is told. */
export function toRoute(route: Route, waiting: number): endpoints.Route {
  const { id, name, way } = route
  const facts = {
    id,
    name,
    is_default: route.isDefault,
    circuit: toCircuit(route.circuit),
    waiting,
    created_at: route.createdAt,
    updated_at: route.updatedAt,
  }
  switch (way.kind) {
    case 'smtp':
      return { ...facts, kind: 'smtp', settings: { ...way.settings, has_password: way.sealedSecret !== null } }
    case 'mx':
      return { ...facts, kind: 'mx', settings: way.settings }
    case 'ses':
      return { ...facts, kind: 'ses', settings: { ...way.settings, has_secret: way.sealedSecret !== null } }
    case 'scaleway':
      return { ...facts, kind: 'scaleway', settings: { ...way.settings, has_secret: way.sealedSecret !== null } }
    case 'sandbox':
      return { ...facts, kind: 'sandbox', settings: {} }
  }
}

/** What the provider behind a route said when it was last asked; nulls where it never was. */
export function toRouteAccount(route: Route, account: AccountRow | null, domains: readonly DomainRow[]): endpoints.RouteAccount {
  return {
    examined_at: account?.examinedAt ?? null,
    report: account && toDoctorReport(reportOnAccount(route.name, account.checks)),
    quota: account?.quota ? { ...account.quota, per_second: account.quota.perSecond } : null,
    domains: domains.map(({ checkedAt, ...domain }) => ({ ...domain, checked_at: checkedAt })),
  }
}

/** Fingerprints are compared as upper-case pairs with colons, however they were written. */
export function toFingerprint(text: string): string {
  const digits = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toUpperCase()
  return digits.replace(/..(?=.)/g, '$&:')
}

/** The name of each kind's secret, as clients write it. */
const SECRETS = ['password', 'secret_access_key', 'secret_key'] as const

/** What a client wrote about a route, in the words of the noun, its secret apart. Absent fields stay absent. */
export function fromSettingsBody<Kind extends keyof settings.SettingsBodies>(
  _kind: Kind,
  body: settings.SettingsBodies[Kind],
): { readonly settings: Partial<SettingsOf[Kind]>; readonly secret: string | null | undefined } {
  const given: Record<string, unknown> = { ...body }
  const secret = SECRETS.map((name) => given[name]).find((value) => value !== undefined)
  for (const name of SECRETS) delete given[name]
  if (typeof given.certificate_fingerprint === 'string')
    given.certificate_fingerprint = toFingerprint(given.certificate_fingerprint)
  const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { settings: kept as Partial<SettingsOf[Kind]>, secret: secret as string | null | undefined }
}

interface SettingsOf {
  readonly smtp: SmtpSettings
  readonly mx: MxSettings
  readonly ses: SesSettings
  readonly scaleway: ScalewaySettings
}
