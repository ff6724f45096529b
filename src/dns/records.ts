import type { Resolver as Cares } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'
import { failureOf, type Lookup, type LookupFailure, within } from './lookup.ts'

/** Names are lower case without the final dot. The host of a null MX (RFC 7505) is the root, which is written ''. */
export interface MxRecord {
  readonly host: string
  readonly preference: number
}

/** More of one kind than any sound zone has; the rest is not looked at. */
const MAX_RECORDS = 64

export function askMx(cares: Cares, name: string, limitMs: number): Promise<Lookup<readonly MxRecord[]>> {
  return ask(name, 'no MX record', limitMs, async () =>
    (await cares.resolveMx(name)).map(({ exchange, priority }) => ({ host: bareName(exchange), preference: priority })),
  )
}

/** RFC 7208 §3.3: the strings of one record are one text. */
export function askTxt(cares: Cares, name: string, limitMs: number): Promise<Lookup<readonly string[]>> {
  return ask(name, 'no TXT record', limitMs, async () => (await cares.resolveTxt(name)).map((strings) => strings.join('')))
}

export function askCname(cares: Cares, name: string, limitMs: number): Promise<Lookup<readonly string[]>> {
  return ask(name, 'no CNAME record', limitMs, async () => (await cares.resolveCname(name)).map(bareName))
}

export function askNs(cares: Cares, name: string, limitMs: number): Promise<Lookup<readonly string[]>> {
  return ask(name, 'no NS record', limitMs, async () => (await cares.resolveNs(name)).map(bareName))
}

/** `name` is a reverse name. c-ares' own reverse look-up would read the hosts file, which no receiver sees. */
export function askPtr(cares: Cares, name: string, limitMs: number): Promise<Lookup<readonly string[]>> {
  return ask(name, 'no PTR record', limitMs, async () => (await cares.resolvePtr(name)).map(bareName))
}

async function ask<Found>(
  name: string,
  what: string,
  limitMs: number,
  asked: () => Promise<Found[]>,
): Promise<Lookup<readonly Found[]>> {
  try {
    const found = await within(asked(), limitMs)
    return found.length === 0 ? absent(name, what) : { ok: true, found: found.slice(0, MAX_RECORDS) }
  } catch (error) {
    return failureOf(error, name, what)
  }
}

function absent(name: string, what: string): LookupFailure {
  return { ok: false, kind: 'nodata', message: `the name ${name} exists but has ${what}` }
}

export function bareName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

/** RFC 1035 §3.5, RFC 3596 §2.5; null for what is not an address. An IPv4 address inside an IPv6 one counts as what it is. */
export function reverseName(address: string): string | null {
  if (!ipaddr.isValid(address)) return null
  const parsed = ipaddr.process(address)
  const bytes = parsed.toByteArray()
  if (parsed instanceof ipaddr.IPv4) return `${bytes.toReversed().join('.')}.in-addr.arpa`
  const nibbles = bytes.flatMap((byte) => [(byte >> 4).toString(16), (byte & 15).toString(16)])
  return `${nibbles.toReversed().join('.')}.ip6.arpa`
}
