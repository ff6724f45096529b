import { Resolver as Cares, lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { fromHostsFile, fromServers, fromServersOf, type HostAddress, lifetimeOf, MAX_TTL_SECONDS } from './addresses.ts'
import { type Answers, createAnswers } from './answers.ts'
import { HOSTS_FILE } from './hosts-file.ts'
import type { Lookup } from './lookup.ts'
import { askCname, askMx, askNs, askPtr, askTxt, bareName, type MxRecord, reverseName } from './records.ts'

export type { HostAddress } from './addresses.ts'
export type { Lookup, LookupFailureKind } from './lookup.ts'
export type { MxRecord } from './records.ts'

/** Asks the domain name system. Given to everyone who needs names, so that tests answer for it. No question rejects. */
export interface Resolver {
  /** Every address of a host, IPv6 and IPv4; an address is returned as it is. */
  addresses(host: string): Promise<Lookup<readonly HostAddress[]>>
  /** The A (4) or AAAA (6) records alone, as the name servers have them: no hosts file, no other source of the machine. */
  addressesOf(name: string, family: 4 | 6): Promise<Lookup<readonly HostAddress[]>>
  /** MX records as they stand, in no order. A null MX (RFC 7505) is one record with the host ''. */
  mx(domain: string): Promise<Lookup<readonly MxRecord[]>>
  /** One text a record, its strings joined. */
  txt(name: string): Promise<Lookup<readonly string[]>>
  /** Where a name points to. A name that has records of its own, or none, is `nodata`. */
  cname(name: string): Promise<Lookup<readonly string[]>>
  /** The names of an address. */
  ptr(address: string): Promise<Lookup<readonly string[]>>
  ns(domain: string): Promise<Lookup<readonly string[]>>
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

/** c-ares tells the time to live of addresses only. Mail servers seldom move; texts are looked at while people correct them. */
const MX_TTL_SECONDS = 300
const RECORD_TTL_SECONDS = 30

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
  const addresses = createAnswers(lifetimeOf, monotonicMs)
  const families = { 4: createAnswers(lifetimeOf, monotonicMs), 6: createAnswers(lifetimeOf, monotonicMs) }
  const texts = () => createAnswers<readonly string[]>(() => RECORD_TTL_SECONDS, monotonicMs)
  const records = { txt: texts(), cname: texts(), ptr: texts(), ns: texts() }
  const mx = createAnswers<readonly MxRecord[]>(() => MX_TTL_SECONDS, monotonicMs)

  return {
    addresses: (host) =>
      literal(host) ??
      named(addresses, host, async (name) => {
        return (await fromHostsFile(hostsFile, name)) ?? (await fromServers(cares, name, { limitMs, askMachine }))
      }),
    addressesOf: (host, family) => named(families[family], host, (name) => fromServersOf(cares, name, family, limitMs)),
    mx: (domain) => named(mx, domain, (name) => askMx(cares, name, limitMs)),
    txt: (host) => named(records.txt, host, (name) => askTxt(cares, name, limitMs)),
    cname: (host) => named(records.cname, host, (name) => askCname(cares, name, limitMs)),
    ns: (domain) => named(records.ns, domain, (name) => askNs(cares, name, limitMs)),
    async ptr(address) {
      const reversed = reverseName(address)
      if (reversed === null) return { ok: false, kind: 'nxdomain', message: `${address} is not an address` }
      return named(records.ptr, reversed, (name) => askPtr(cares, name, limitMs))
    },
  }
}

function named<Found>(
  answers: Answers<Found>,
  host: string,
  ask: (name: string) => Promise<Lookup<Found>>,
): Promise<Lookup<Found>> {
  const name = bareName(host)
  return answers.get(name, () => ask(name))
}

function literal(host: string): Promise<Lookup<readonly HostAddress[]>> | null {
  const family = isIP(host)
  if (family !== 4 && family !== 6) return null
  return Promise.resolve({ ok: true, found: [{ address: host, family, ttlSeconds: MAX_TTL_SECONDS }] })
}

async function getaddrinfo(name: string): Promise<readonly string[]> {
  const all = await lookup(name, { all: true, order: 'ipv6first' })
  return all.map(({ address }) => address)
}
