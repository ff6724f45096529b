import { ENGINE } from '../../src/db/database.ts'
import { checkDomain, type DomainDeps, publishingOf } from '../../src/delivery/domains/check-domains.ts'
import type { Domain } from '../../src/delivery/domains/domain.ts'
import { makeKeys } from '../../src/delivery/domains/make-keys.ts'
import { addDomain, findDomain, listKeys } from '../../src/delivery/domains/manage.ts'
import { recordsOf } from '../../src/delivery/domains/records.ts'
import { createResolver } from '../../src/dns/resolver.ts'
import { type DnsRecords, type DnsServer, dnsServer } from './dns-server.ts'
import type { World } from './world.ts'

const HOSTS = { mailHost: 'mail.waybill.example', webHost: 'web.waybill.example' }

/** A domain of the world's workspace, and name servers that say of it what a test wants. */
export interface ManagedDomain extends AsyncDisposable {
  readonly domain: Domain
  readonly deps: DomainDeps
  readonly dns: DnsServer
  /** Publishes the records that Waybill shows, all or those that are wanted. */
  publish(wanted?: (subject: string) => boolean): Promise<void>
  check(): Promise<Domain>
  keys(): Promise<Record<string, string>>
}

export async function managedDomain(world: World, name = 'example.com'): Promise<ManagedDomain> {
  const { database, secrets, clock, workspaceId } = world
  const dns = await dnsServer({})
  const keys = await makeKeys()
  const domain = await database.transaction(ENGINE, (tx) =>
    addDomain(tx, secrets, workspaceId, { name, keys }, null, clock.now()),
  )
  const deps: DomainDeps = {
    database,
    clock,
    hosts: HOSTS,
    random: () => 0.5,
    // Each look asks anew: what a resolver remembers is its own test's matter.
    get resolver() {
      return createResolver({
        servers: [dns.address],
        timeoutMs: 250,
        tries: 1,
        hostsFile: '/nowhere',
        askMachine: async () => [],
      })
    },
  }
  return {
    domain,
    deps,
    dns,
    async publish(wanted = () => true) {
      const all = recordsOf(
        domain,
        await listKeys(database.db, workspaceId, domain.id),
        await publishingOf(database.db, workspaceId, HOSTS),
      )
      const zone: Record<string, DnsRecords> = {}
      for (const record of all.filter(({ subject }) => wanted(subject))) {
        const { type, value } = record
        zone[record.name] = {
          ...zone[record.name],
          ...(type === 'TXT' ? { txt: [value] } : type === 'MX' ? { mx: [value] } : { cname: value }),
        }
      }
      dns.script = zone
    },
    async check() {
      await checkDomain(deps, ENGINE, workspaceId, domain.id)
      const found = await findDomain(database.db, workspaceId, domain.id)
      if (!found) throw new Error('the domain is gone')
      return found
    },
    keys: async () =>
      Object.fromEntries((await listKeys(database.db, workspaceId, domain.id)).map((key) => [key.selector, key.state])),
    [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose](),
  }
}
