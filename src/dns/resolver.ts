import { Resolver as Cares, lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { addressesInHostsFile, HOSTS_FILE } from './hosts-file.ts'

export interface HostAddress {
  readonly address: string
  readonly family: 4 | 6
  readonly ttlSeconds: number
}

/** Why there is no answer. The first two are the domain's word; the others say nothing about the name. */
export type LookupFailureKind = 'nxdomain' | 'nodata' | 'servfail' | 'timeout'

export type Lookup<Found> =
  | { readonly ok: true; readonly found: Found }
  | { readonly ok: false; readonly kind: LookupFailureKind; readonly message: string }

/** Asks the domain name system. Given to everyone who needs names, so that tests answer for it. */
export interface Resolver {
  /** Every address of a host, IPv6 and IPv4; an address is returned as it is. Never rejects. */
  addresses(host: string): Promise<Lookup<readonly HostAddress[]>>
}

export interface ResolverOptions {
  /** `address` or `address:port`; empty: those of the machine. */
  readonly servers?: readonly string[]
  readonly timeoutMs?: number
  readonly tries?: number
  readonly hostsFile?: string
  /** The machine's own way to look a name up, for what the servers do not know. */
  readonly askMachine?: (name: string) => Promise<readonly string[]>
  readonly monotonicMs?: () => number
}

const MAX_NAMES = 1_000
const MAX_ADDRESSES = 16
const MIN_TTL_SECONDS = 5
const MAX_TTL_SECONDS = 300
/** A name that does not exist is asked again soon: people correct their zones while they look at our page (RFC 2308 allows hours). */
const ABSENT_TTL_SECONDS = 15

/**
 * Hosts file first, as everywhere, then the name servers through c-ares, which has a time limit: getaddrinfo has none and occupies one of
 * four threads of the whole process, so it is asked only for names that the servers answered for and do not know.
 */
export function createResolver(options: ResolverOptions = {}): Resolver {
  const {
    servers = [],
    timeoutMs = 2_500,
    tries = 3,
    hostsFile = HOSTS_FILE,
    askMachine = getaddrinfo,
    monotonicMs = () => performance.now(),
  } = options
  const cares = new Cares({ timeout: timeoutMs, tries })
  if (servers.length > 0) cares.setServers(servers)
  const limitMs = timeoutMs * (tries + 1)
  const cache = new Map<string, { readonly answer: Lookup<readonly HostAddress[]>; readonly staleAtMs: number }>()
  const asking = new Map<string, Promise<Lookup<readonly HostAddress[]>>>()

  async function addresses(host: string): Promise<Lookup<readonly HostAddress[]>> {
    const family = isIP(host)
    if (family === 4 || family === 6) return { ok: true, found: [{ address: host, family, ttlSeconds: MAX_TTL_SECONDS }] }
    const name = host.toLowerCase().replace(/\.$/, '')
    const known = cache.get(name)
    if (known && known.staleAtMs > monotonicMs()) return known.answer
    // Ten connections that begin together ask once.
    const asked = asking.get(name) ?? ask(name).finally(() => asking.delete(name))
    asking.set(name, asked)
    return asked
  }

  async function ask(name: string): Promise<Lookup<readonly HostAddress[]>> {
    const answer = (await fromHostsFile(hostsFile, name)) ?? (await fromServers(cares, name, { limitMs, askMachine }))
    const seconds = lifetimeOf(answer)
    if (seconds > 0) {
      if (cache.size >= MAX_NAMES) cache.clear()
      cache.set(name, { answer, staleAtMs: monotonicMs() + seconds * 1_000 })
    }
    return answer
  }

  return { addresses }
}

function lifetimeOf(answer: Lookup<readonly HostAddress[]>): number {
  if (!answer.ok) return answer.kind === 'nxdomain' || answer.kind === 'nodata' ? ABSENT_TTL_SECONDS : 0
  const shortest = Math.min(...answer.found.map(({ ttlSeconds }) => ttlSeconds))
  return Math.min(Math.max(shortest, MIN_TTL_SECONDS), MAX_TTL_SECONDS)
}

async function fromHostsFile(path: string, name: string): Promise<Lookup<readonly HostAddress[]> | null> {
  const listed = await addressesInHostsFile(path, name)
  // RFC 6761 §6.3: localhost is loopback and is never asked of a server.
  const addresses = listed.length === 0 && (name === 'localhost' || name.endsWith('.localhost')) ? ['127.0.0.1', '::1'] : listed
  return addresses.length === 0 ? null : { ok: true, found: addresses.slice(0, MAX_ADDRESSES).map(toHostAddress) }
}

function toHostAddress(address: string): HostAddress {
  return { address, family: isIP(address) === 6 ? 6 : 4, ttlSeconds: MIN_TTL_SECONDS }
}

interface Asking {
  readonly limitMs: number
  readonly askMachine: (name: string) => Promise<readonly string[]>
}

async function fromServers(cares: Cares, name: string, asking: Asking): Promise<Lookup<readonly HostAddress[]>> {
  const { limitMs } = asking
  const [six, four] = await Promise.allSettled([
    within(cares.resolve6(name, { ttl: true }), limitMs),
    within(cares.resolve4(name, { ttl: true }), limitMs),
  ])
  const found: HostAddress[] = []
  if (six.status === 'fulfilled')
    found.push(...six.value.map(({ address, ttl }) => ({ address, family: 6 as const, ttlSeconds: ttl })))
  if (four.status === 'fulfilled')
    found.push(...four.value.map(({ address, ttl }) => ({ address, family: 4 as const, ttlSeconds: ttl })))
  if (found.length > 0) return { ok: true, found: found.slice(0, MAX_ADDRESSES) }

  const failures = [six, four].flatMap((result) => (result.status === 'rejected' ? [failureOf(result.reason, name)] : []))
  // One family's "no such record" must not hide that the other could not be asked.
  const unanswered = failures.find(({ kind }) => kind === 'servfail' || kind === 'timeout')
  return unanswered ?? (await fromMachine(name, asking)) ?? failures[0] ?? absent(name)
}

/** Other sources a machine may have, such as multicast names of a local network. */
async function fromMachine(name: string, { limitMs, askMachine }: Asking): Promise<Lookup<readonly HostAddress[]> | null> {
  const all = await within(askMachine(name), limitMs).catch(() => [])
  return all.length === 0 ? null : { ok: true, found: all.slice(0, MAX_ADDRESSES).map(toHostAddress) }
}

async function getaddrinfo(name: string): Promise<readonly string[]> {
  const all = await lookup(name, { all: true, order: 'ipv6first' })
  return all.map(({ address }) => address)
}

function absent(name: string): Lookup<never> & { ok: false } {
  return { ok: false, kind: 'nodata', message: `${name} has no address` }
}

function failureOf(error: unknown, name: string): Lookup<never> & { ok: false } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'EBADNAME':
      return { ok: false, kind: 'nxdomain', message: `${name} is not a name that can exist` }
    case 'ENOTFOUND':
      return { ok: false, kind: 'nxdomain', message: `the name ${name} does not exist` }
    case 'ENODATA':
      return { ok: false, kind: 'nodata', message: `the name ${name} exists but has no address` }
    case 'ETIMEOUT':
    case 'ETIMEDOUT':
    case 'ECONNREFUSED':
      return { ok: false, kind: 'timeout', message: `no name server answered for ${name}` }
    default:
      return { ok: false, kind: 'servfail', message: `the name servers could not answer for ${name} (${code || String(error)})` }
  }
}

/** c-ares can outlast its own time-outs when a server sends junk; getaddrinfo has none. */
async function within<T>(asked: Promise<T>, limitMs: number): Promise<T> {
  const stop = new AbortController()
  const late = sleep(limitMs, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw Object.assign(new Error('no answer in time'), { code: 'ETIMEOUT' })
  })
  late.catch(() => {})
  try {
    return await Promise.race([asked, late])
  } finally {
    stop.abort()
  }
}
