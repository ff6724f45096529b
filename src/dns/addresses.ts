import type { Resolver as Cares } from 'node:dns/promises'
import { isIP } from 'node:net'
import { addressesInHostsFile } from './hosts-file.ts'
import { failureOf, type Lookup, type LookupFailure, within } from './lookup.ts'

export interface HostAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly ttlSeconds: number
}

const MAX_ADDRESSES = 16
const MIN_TTL_SECONDS = 5
export const MAX_TTL_SECONDS = 300

const NO_ADDRESS = 'no address'

export interface Asking {
  readonly limitMs: number
  readonly askMachine: (name: string) => Promise<readonly string[]>
}

export function lifetimeOf(found: readonly HostAddress[]): number {
  const shortest = Math.min(...found.map(({ ttlSeconds }) => ttlSeconds))
  return Math.min(Math.max(shortest, MIN_TTL_SECONDS), MAX_TTL_SECONDS)
}

export async function fromHostsFile(path: string, name: string): Promise<Lookup<readonly HostAddress[]> | null> {
  const listed = await addressesInHostsFile(path, name)
  // RFC 6761 §6.3: localhost is loopback and is never asked of a server.
  const addresses = listed.length === 0 && (name === 'localhost' || name.endsWith('.localhost')) ? ['127.0.0.1', '::1'] : listed
  return addresses.length === 0 ? null : { ok: true, found: addresses.slice(0, MAX_ADDRESSES).map(toHostAddress) }
}

function toHostAddress(address: string): HostAddress {
  return { address, family: isIP(address) === 6 ? 6 : 4, ttlSeconds: MIN_TTL_SECONDS }
}

/** Both families at once; where neither is known, the machine's other sources. */
export async function fromServers(cares: Cares, name: string, asking: Asking): Promise<Lookup<readonly HostAddress[]>> {
  const [six, four] = await Promise.all([
    fromServersOf(cares, name, 6, asking.limitMs),
    fromServersOf(cares, name, 4, asking.limitMs),
  ])
  const found = [six, four].flatMap((answer) => (answer.ok ? answer.found : []))
  if (found.length > 0) return { ok: true, found: found.slice(0, MAX_ADDRESSES) }

  const failures = [six, four].filter((answer): answer is LookupFailure => !answer.ok)
  // One family's "no such record" must not hide that the other could not be asked.
  const unanswered = failures.find(({ kind }) => kind === 'servfail' || kind === 'timeout')
  return unanswered ?? (await fromMachine(name, asking)) ?? failures[0] ?? absent(name)
}

/** The A or the AAAA records alone, as the servers have them. */
export async function fromServersOf(
  cares: Cares,
  name: string,
  family: 4 | 6,
  limitMs: number,
): Promise<Lookup<readonly HostAddress[]>> {
  try {
    const asked = family === 6 ? cares.resolve6(name, { ttl: true }) : cares.resolve4(name, { ttl: true })
    const records = await within(asked, limitMs)
    if (records.length === 0) return absent(name)
    return {
      ok: true,
      found: records.slice(0, MAX_ADDRESSES).map(({ address, ttl }) => ({ address, family, ttlSeconds: ttl })),
    }
  } catch (error) {
    return failureOf(error, name, NO_ADDRESS)
  }
}

/** Other sources a machine may have, such as multicast names of a local network. */
async function fromMachine(name: string, { limitMs, askMachine }: Asking): Promise<Lookup<readonly HostAddress[]> | null> {
  const all = await within(askMachine(name), limitMs).catch(() => [])
  return all.length === 0 ? null : { ok: true, found: all.slice(0, MAX_ADDRESSES).map(toHostAddress) }
}

function absent(name: string): LookupFailure {
  return { ok: false, kind: 'nodata', message: `${name} has ${NO_ADDRESS}` }
}
