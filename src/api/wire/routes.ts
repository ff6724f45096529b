import type { Circuit } from '../../delivery/routes/circuit.ts'
import type { Route, SmtpSettings } from '../../delivery/routes/route.ts'
import type * as settings from '../endpoints/route-settings.ts'
import type * as endpoints from '../endpoints/routes.ts'
import { toReason } from './deliveries.ts'

export function toCircuit(circuit: Circuit): endpoints.Circuit {
  if (circuit.state === 'closed') return { state: 'closed' }
  const { state, since, until, failures } = circuit
  return { state, reason: toReason(circuit.reason), since, next_probe_at: until, failures }
}

/** The sealed password stays behind: only whether there is one is told. */
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
  return way.kind === 'sandbox'
    ? { ...facts, kind: 'sandbox', settings: {} }
    : { ...facts, kind: 'smtp', settings: { ...way.settings, has_password: way.sealedSecret !== null } }
}

/** Fingerprints are compared as upper-case pairs with colons, however they were written. */
export function toFingerprint(text: string): string {
  const digits = text
    .replace(/^sha256:/i, '')
    .replaceAll(':', '')
    .toUpperCase()
  return digits.replace(/..(?=.)/g, '$&:')
}

/** What a client wrote about an SMTP route, without its password, in the words of the noun. Absent fields stay absent. */
export function fromSettingsBody({
  password: _,
  certificate_fingerprint: pin,
  ...body
}: settings.SmtpSettingsBody): Partial<SmtpSettings> {
  const given = { ...body, ...(pin !== undefined && { certificate_fingerprint: pin && toFingerprint(pin) }) }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
