import { getDomain } from 'tldts'
import type { MxRecord } from '../../dns/resolver.ts'
import { seedOfMx } from './receiver.ts'

/**
 * Who stands behind mail servers: a seed by its name, else the registrable domain. The servers one is sent to first decide: a filter in
 * front of Google is who answers us, and an old server kept for emergencies is not. Null when there are none.
 */
export function receiverOfMx(records: readonly MxRecord[]): string | null {
  const hosts = records.filter(({ host }) => host !== '')
  if (hosts.length === 0) return null
  const first = Math.min(...hosts.map(({ preference }) => preference))
  const preferred = hosts.filter(({ preference }) => preference === first).map(({ host }) => host.toLowerCase())
  const named = preferred.map(seedOfMx).find((name) => name !== null)
  return named ?? registrableDomain(preferred.toSorted()[0] ?? '')
}

/** `mx1.mail.example.co.uk` → `example.co.uk` (public suffix list); a name without one stays as it is. */
export function registrableDomain(host: string): string {
  return getDomain(host) ?? host
}
