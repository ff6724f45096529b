import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MtaStsPolicy } from '../../src/delivery/providers/mx/mta-sts.ts'
import { type MxOptions, MxProvider } from '../../src/delivery/providers/mx/mx-provider.ts'
import { type Connect, connectTcp } from '../../src/delivery/providers/smtp/dial.ts'
import type { LimitBook } from '../../src/delivery/receivers/limit-book.ts'
import type { Lesson } from '../../src/delivery/receivers/limits.ts'
import { limitsOfReceiver } from '../../src/delivery/receivers/receiver.ts'
import type { ReceiverLimits } from '../../src/delivery/receivers/receiver-seeds.ts'
import { createResolver } from '../../src/dns/resolver.ts'
import { type TestClock, testClock } from './clock.ts'
import { type DnsScript, type DnsServer, dnsServer } from './dns-server.ts'
import type { SmtpScript } from './smtp-script.ts'
import { refusedPort, type ScriptedSmtpServer, smtpServer } from './smtp-server.ts'
import { authority } from './tls.ts'

export interface MxWishes {
  /** Mail servers by name: what each does; `refused`: nothing listens there; `silent`: nobody answers. */
  readonly servers?: Readonly<Record<string, SmtpScript | 'refused' | 'silent'>>
  /** Records of domains, and of whatever else; the addresses of `servers` are there by themselves. */
  readonly dns?: DnsScript
  readonly options?: Partial<MxOptions>
  readonly limits?: Partial<ReceiverLimits>
  readonly policies?: Readonly<Record<string, MtaStsPolicy>>
  readonly clock?: TestClock
}

/** Mail servers, a name server that knows them, and the direct way to them. */
export interface MxWorld extends AsyncDisposable {
  readonly provider: MxProvider
  readonly dns: DnsServer
  readonly clock: TestClock
  /** What answers taught, by receiver. */
  readonly lessons: (Lesson & { readonly receiver: string })[]
  /** Addresses that were dialled, by the name of the server, in order. */
  readonly dialled: string[]
  /** Where connections were made from. */
  readonly sources: (string | undefined)[]
  server(name: string): ScriptedSmtpServer
  received(): string[]
}

/** Two mail servers for `example.org`, of which the first is preferred. */
const TWO_SERVERS: DnsScript = { 'example.org': { mx: ['10 mx1.test', '20 mx2.test'] } }

export async function mxWorld(wishes: MxWishes = {}): Promise<MxWorld> {
  const { servers = { 'mx1.test': {}, 'mx2.test': {} }, dns: script = TWO_SERVERS, clock = testClock() } = wishes
  const names = Object.keys(servers)
  const running = new Map<string, ScriptedSmtpServer>()
  const ports = new Map<string, number | null>()
  const addressOf = (name: string): string => `203.0.114.${names.indexOf(name) + 1}`
  for (const [name, does] of Object.entries(servers)) {
    if (typeof does !== 'string') running.set(name, await smtpServer(does))
    ports.set(addressOf(name), does === 'silent' ? null : (running.get(name)?.port ?? (await refusedPort())))
  }
  const addresses = Object.fromEntries(names.map((name) => [name, [{ address: addressOf(name), ttlSeconds: 60 }]]))
  const dns = await dnsServer({ ...addresses, ...script })
  const dialled: string[] = []
  const sources: (string | undefined)[] = []
  const connect: Connect = (target) => {
    const port = ports.get(target.address)
    dialled.push(names.find((name) => addressOf(name) === target.address) ?? target.address)
    sources.push(target.localAddress)
    if (port === undefined || port === null) return new Socket()
    return connectTcp({ address: '127.0.0.1', port, inlet: target.inlet })
  }
  const lessons: MxWorld['lessons'] = []
  const provider = new MxProvider(
    {
      name: 'direct',
      receiver: 'google',
      port: 25,
      heloName: 'waybill.example.com',
      sourceAddresses: [],
      allowPrivate: false,
      ca: authority,
      ...wishes.options,
      timeouts: { tcp: 2_000, ...wishes.options?.timeouts },
    },
    {
      resolver: createResolver({
        servers: [dns.address],
        hostsFile: join(tmpdir(), 'no-such-hosts-file'),
        askMachine: async () => [],
        timeoutMs: 100,
        tries: 1,
      }),
      clock,
      connect,
      random: () => 0.5,
      policies: { policyOf: async (domain) => wishes.policies?.[domain] ?? null },
      book: bookOf(wishes.limits ?? {}, lessons),
    },
  )
  return {
    provider,
    dns,
    clock,
    lessons,
    dialled,
    sources,
    server(name) {
      const found = running.get(name)
      if (!found) throw new Error(`${name} does not run`)
      return found
    },
    received: () => [...running.values()].flatMap((server) => server.received()),
    async [Symbol.asyncDispose]() {
      await provider.close(1_000)
      await Promise.all([...running.values()].map((server) => server.close()))
      await dns[Symbol.asyncDispose]()
    },
  }
}

/** Seeds, what a test changed about them, and what was learned meanwhile. */
function bookOf(changed: Partial<ReceiverLimits>, lessons: MxWorld['lessons']): LimitBook {
  return {
    limitsOf(receiver) {
      const usual = { ...limitsOfReceiver(receiver), ...changed }
      const learned = lessons.filter((lesson) => lesson.receiver === receiver)
      return {
        maxConnections: Math.min(usual.maxConnections, ...learned.map(({ connections }) => connections ?? Infinity)),
        maxMessagesPerConnection: Math.min(
          usual.maxMessagesPerConnection,
          ...learned.map(({ messages }) => messages ?? Infinity),
        ),
      }
    },
    learn: (receiver, lesson) => void lessons.push({ receiver, ...lesson }),
  }
}
