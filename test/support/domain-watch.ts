import type { DomainWatch } from '../../src/api/deps.ts'
import type { Database } from '../../src/db/database.ts'
import type { Resolver } from '../../src/dns/resolver.ts'
import { toDomainCheck, toDomainReport } from '../../src/insight/doctor/domain/report.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { fixedResolver } from './dns.ts'

/** Looks at domains in a DNS where nothing exists, unless a test says otherwise; the doctor finds one thing to say. */
export function domainWatch(deps: { database: Database; clock: Clock }, resolver: Resolver = fixedResolver()): DomainWatch {
  const hosts = { mailHost: 'mail.waybill.example', webHost: 'web.waybill.example' }
  const report = (domain: string) => toDomainReport(domain, [toDomainCheck('spf', { status: 'ok', evidence: 'It is there.' }, 1)])
  return {
    hosts,
    checking: { ...deps, resolver, hosts, random: () => 0.5 },
    examineOurs: async ({ name }) => report(name),
    examineAny: async (domain) => report(domain),
  }
}
