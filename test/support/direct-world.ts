import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENGINE } from '../../src/db/database.ts'
import type { DispatcherDeps } from '../../src/delivery/dispatch/dispatcher.ts'
import { openMxProvider } from '../../src/delivery/providers/mx/open-mx.ts'
import { type Connect, connectTcp } from '../../src/delivery/providers/smtp/dial.ts'
import { createReceivers } from '../../src/delivery/receivers/receivers.ts'
import { createRoute } from '../../src/delivery/routes/manage.ts'
import { MxSettings, type Route } from '../../src/delivery/routes/route.ts'
import { createResolver } from '../../src/dns/resolver.ts'
import { type DnsScript, type DnsServer, dnsServer } from './dns-server.ts'
import { managedDomain } from './managed-domain.ts'
import { type World, type WorldOptions, world } from './world.ts'

export interface DirectWishes extends WorldOptions {
  /** Mail servers by name: the port of this machine where each is, or null: its packets vanish. */
  readonly servers: Readonly<Record<string, number | null>>
  /** What the name server says of anything else. */
  readonly dns: DnsScript
  /** How long the name server is waited for, twice. */
  readonly dnsTimeoutMs?: number
}

/** A workspace whose default route is direct, with a name server and the production way from a domain to its mail server. */
export interface DirectWorld {
  readonly w: World
  readonly route: Route
  readonly dns: DnsServer
  /** Puts other servers behind the names. */
  readonly ports: Map<string, number | null>
  /** Addresses that were dialled, in order. */
  readonly dialled: string[]
  readonly overrides: Partial<DispatcherDeps>
  /** Domains of recipients and addresses of servers, as the name server is to know them. */
  tell(script: DnsScript): void
  /** As if the DNS had been asked long ago: what the resolver remembered is forgotten. */
  forgetDns(): void
}

export async function directWorld(wishes: DirectWishes): Promise<DirectWorld> {
  const { servers, dns: script, dnsTimeoutMs = 150, ...options } = wishes
  const w = await world({ ...options, route: 'sandbox' })
  const wanted = { name: 'direct', way: { kind: 'mx' as const, settings: MxSettings.parse({}) }, secret: null, isDefault: true }
  const route = await w.database.transaction(ENGINE, (tx) =>
    createRoute(tx, w.secrets, w.workspaceId, wanted, null, w.clock.now()),
  )
  // Straight to receivers goes only what is signed.
  await using domain = await managedDomain(w)
  await domain.publish()
  await domain.check()
  const names = Object.keys(servers)
  const ports = new Map<string, number | null>(Object.entries(servers))
  const addressOf = (name: string) => `203.0.114.${names.indexOf(name) + 1}`
  const addresses = Object.fromEntries(names.map((name) => [name, [{ address: addressOf(name), ttlSeconds: 60 }]]))
  const dns = await dnsServer({ ...addresses, ...script })
  const dialled: string[] = []
  const connect: Connect = ({ address, inlet }) => {
    dialled.push(address)
    const port = ports.get(names.find((name) => addressOf(name) === address) ?? '')
    return typeof port === 'number' ? connectTcp({ address: '127.0.0.1', port, inlet }) : new Socket()
  }
  const newResolver = () =>
    createResolver({
      servers: [dns.address],
      hostsFile: join(tmpdir(), 'no-such-hosts-file'),
      askMachine: async () => [],
      timeoutMs: dnsTimeoutMs,
      tries: 3,
      monotonicMs: () => w.clock.monotonicMs(),
    })
  let resolver = newResolver()
  const asking: typeof resolver = {
    addresses: (host) => resolver.addresses(host),
    addressesOf: (host, family) => resolver.addressesOf(host, family),
    mx: (name) => resolver.mx(name),
    txt: (name) => resolver.txt(name),
    cname: (name) => resolver.cname(name),
    ns: (name) => resolver.ns(name),
    ptr: (address) => resolver.ptr(address),
  }
  const deps = {
    ...w,
    resolver: asking,
    connect,
    heloName: 'waybill.example.com',
    allowPrivateNetworks: false,
    policies: { policyOf: async () => null },
    random: () => 0,
  }
  return {
    w,
    route,
    dns,
    ports,
    dialled,
    overrides: {
      receivers: createReceivers({ database: w.database, resolver: asking, clock: w.clock }),
      openProvider(opened, receiver) {
        if (opened.way.kind !== 'mx') throw new Error('only the direct route is used here')
        return openMxProvider(opened, opened.way.settings, receiver, deps)
      },
    },
    tell(said) {
      dns.script = { ...addresses, ...said }
    },
    forgetDns() {
      resolver = newResolver()
    },
  }
}
