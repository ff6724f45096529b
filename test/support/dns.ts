import { isIP } from 'node:net'
import type { HostAddress, Lookup, LookupFailureKind, MxRecord, Resolver } from '../../src/dns/resolver.ts'

/** Names of one kind that only a test knows; a string instead of records is why there are none. */
type Known<Record> = Readonly<{ [name: string]: readonly Record[] | LookupFailureKind }>

export interface FixedRecords {
  readonly mx?: Known<MxRecord>
  readonly txt?: Known<string>
  readonly cname?: Known<string>
  readonly ns?: Known<string>
  /** By address, as it is written. */
  readonly ptr?: Known<string>
}

/** Answers from memory, for tests that are not about DNS: addresses by name, and whatever other records are given. The rest does not exist. */
export function fixedResolver(names: Known<string> = {}, records: FixedRecords = {}): Resolver {
  const addresses = (host: string): Lookup<readonly HostAddress[]> => {
    if (isIP(host) !== 0) return { ok: true, found: [found(host)] }
    const answer = look(names, host)
    return answer.ok ? { ok: true, found: answer.found.map(found) } : answer
  }
  return {
    addresses: async (host) => addresses(host),
    async addressesOf(host, family) {
      const answer = addresses(host)
      if (!answer.ok) return answer
      const ofFamily = answer.found.filter((address) => address.family === family)
      return ofFamily.length > 0 ? { ok: true, found: ofFamily } : { ok: false, kind: 'nodata', message: `${host}: nodata` }
    },
    mx: async (domain) => look(records.mx, domain),
    txt: async (name) => look(records.txt, name),
    cname: async (name) => look(records.cname, name),
    ns: async (domain) => look(records.ns, domain),
    ptr: async (address) => look(records.ptr, address),
  }
}

function look<Record>(known: Known<Record> | undefined, name: string): Lookup<readonly Record[]> {
  const answer = known?.[name] ?? 'nxdomain'
  return typeof answer === 'string' ? { ok: false, kind: answer, message: `${name}: ${answer}` } : { ok: true, found: answer }
}

function found(address: string): HostAddress {
  return { address, family: isIP(address) === 6 ? 6 : 4, ttlSeconds: 60 }
}
