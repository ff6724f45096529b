import { orderOf } from '../../../delivery/providers/mx/host-order.ts'
import { parseCapabilities } from '../../../delivery/providers/smtp/capabilities.ts'
import { addressesOf, type Connect, connectTcp, dial } from '../../../delivery/providers/smtp/dial.ts'
import type { Ending } from '../../../delivery/providers/smtp/ending.ts'
import type { Resolver } from '../../../dns/resolver.ts'
import { SECOND } from '../../../lib/clock.ts'
import type { SmtpReply } from '../../../mail/smtp-reply.ts'
import { Dialogue, type Heard } from '../wire.ts'
import type { FrequentReceiver } from './queries.ts'

export interface KnockDeps {
  readonly resolver: Resolver
  readonly heloName: string
  readonly port: number
  readonly allowPrivate: boolean
  readonly sourceAddresses: readonly string[]
  readonly random: () => number
  readonly connect?: Connect
  readonly limits?: Partial<KnockLimits>
}

/** Milliseconds. A person waits: a receiver takes a minute at most, the second of its servers included. */
export interface KnockLimits {
  readonly dns: number
  readonly tcp: number
  readonly greeting: number
  readonly reply: number
  readonly quit: number
}

const LIMITS: KnockLimits = { dns: 8 * SECOND, tcp: 8 * SECOND, greeting: 15 * SECOND, reply: 10 * SECOND, quit: SECOND }
const HOSTS_TRIED = 2

/** How the mail servers of a domain answered. `host` is the server that decided. */
export type Answer = { readonly domain: string; readonly host: string; readonly address: string | null } & (
  | { readonly kind: 'talks'; readonly greeting: SmtpReply; readonly offersTls: boolean }
  | { readonly kind: 'failed'; readonly ending: Ending }
)

/** Says good day to the mail servers of a domain, as sending would, and goes before anything is sent: no MAIL is ever said. */
export async function knock(receiver: FrequentReceiver, deps: KnockDeps): Promise<Answer> {
  const { domain } = receiver
  const found = await hostsOf(receiver, deps)
  if (!Array.isArray(found)) return { domain, host: domain, address: null, kind: 'failed', ending: found as Ending }
  let answer: Answer | null = null
  for (const host of found.slice(0, HOSTS_TRIED)) {
    answer = await knockAt(domain, host, deps)
    if (answer.kind === 'talks' || (answer.ending.stage !== 'dns' && answer.ending.stage !== 'tcp')) break
  }
  return (
    answer ?? {
      domain,
      host: domain,
      address: null,
      kind: 'failed',
      ending: lost('dns', 'ENODATA', `${domain} has no mail server`),
    }
  )
}

/** RFC 5321 §5.1: a domain without MX records is its own mail server. */
async function hostsOf({ domain, mxHosts }: FrequentReceiver, { resolver, random }: KnockDeps): Promise<string[] | Ending> {
  const asked = mxHosts.length > 0 ? { ok: true as const, found: mxHosts } : await resolver.mx(domain)
  if (!asked.ok) return asked.kind === 'nodata' ? [domain] : lost('dns', CODES[asked.kind], asked.message)
  const named = asked.found.filter(({ host }) => host !== '')
  return named.length > 0 ? orderOf(named, random) : lost('dns', 'NULL_MX', `${domain} takes no mail`)
}

const CODES = { nxdomain: 'NXDOMAIN', nodata: 'ENODATA', servfail: 'SERVFAIL', timeout: 'TIMEOUT' } as const

async function knockAt(domain: string, host: string, deps: KnockDeps): Promise<Answer> {
  const { resolver, port, allowPrivate, sourceAddresses, connect = connectTcp } = deps
  const limits = { ...LIMITS, ...deps.limits }
  const addresses = await addressesOf(resolver, { host, allowPrivate, sourceAddresses }, limits.dns)
  if ('stage' in addresses) return { domain, host, address: null, kind: 'failed', ending: addresses }
  const target = { host, port, allowPrivate, sourceAddresses, plain: false, timeoutMs: limits.tcp }
  const dialled = await dial(addresses, target, connect)
  if ('ending' in dialled) return { domain, host, address: dialled.address, kind: 'failed', ending: dialled.ending }
  const dialogue = new Dialogue(dialled.socket)
  try {
    return { domain, host, address: dialled.address, ...(await converse(dialogue, deps.heloName, limits)) }
  } finally {
    await dialogue.leave(limits.quit)
  }
}

type Said =
  | { readonly kind: 'talks'; readonly greeting: SmtpReply; readonly offersTls: boolean }
  | { readonly kind: 'failed'; readonly ending: Ending }

async function converse(dialogue: Dialogue, heloName: string, limits: KnockLimits): Promise<Said> {
  const greeting = await dialogue.hear(limits.greeting)
  if (greeting.kind === 'lost' || greeting.reply.code !== 220) return ended('banner', greeting)
  const hello = await dialogue.ask(`EHLO ${heloName}`, limits.reply)
  if (hello.kind === 'lost' || hello.reply.code !== 250) return ended('ehlo', hello)
  return { kind: 'talks', greeting: greeting.reply, offersTls: parseCapabilities(hello.reply.text).starttls }
}

function ended(stage: 'banner' | 'ehlo', heard: Heard): Said {
  return { kind: 'failed', ending: heard.kind === 'reply' ? { stage, ...heard } : { stage, ...heard, bodySent: false } }
}

function lost(stage: 'dns', code: string, message: string): Ending {
  return { stage, kind: 'lost', code, message, bodySent: false }
}
