import type { MxRecord } from '../../../dns/resolver.ts'

/** Mail servers in the order in which they are tried: by preference, and by chance among equals (RFC 5321 §5.1). `random` in [0, 1). */
export function orderOf(records: readonly MxRecord[], random: () => number): string[] {
  const drawn = records.map(({ host, preference }) => ({ host, preference, lot: random() }))
  const hosts = drawn.toSorted((a, b) => a.preference - b.preference || a.lot - b.lot).map(({ host }) => host)
  return [...new Set(hosts)]
}
