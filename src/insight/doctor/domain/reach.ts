import { fetchPolicyText } from '../../../delivery/providers/mx/fetch-policy.ts'
import { addressesOf } from '../../../delivery/providers/smtp/dial.ts'
import { createResolver, type Resolver } from '../../../dns/resolver.ts'
import { SECOND } from '../../../lib/clock.ts'
import { Dialler, Dialogue, secure } from '../wire.ts'
import type { Reach, Seen } from './exam.ts'

export interface ReachOptions {
  readonly resolver: Resolver
  readonly heloName: string
  readonly allowPrivate: boolean
  readonly signal: AbortSignal
  /** 25 and 443, but in tests. */
  readonly mailPort?: number
  readonly webPort?: number
  readonly at?: (address: string) => Resolver
}

const DIAL_MS = 8 * SECOND
const REPLY_MS = 8 * SECOND

/** The network beside the DNS: names are looked up by us, and the address that was checked is the one that is dialled. */
export function createReach(options: ReachOptions): Reach {
  const { resolver, allowPrivate, webPort = 443 } = options
  return {
    policy: (domain) => fetchPolicyText(domain, { resolver, allowPrivate, port: webPort }),
    trial: (host, recipient) => trial(options, host, recipient),
    certificate: (host) => certificate(options, host),
    at:
      options.at ??
      ((address) =>
        createResolver({ servers: [address.includes(':') ? `[${address}]` : address], timeoutMs: 2 * SECOND, tries: 1 })),
  }
}

/** A bounce is offered, from nobody as bounces are, and taken back before it is sent. */
async function trial(options: ReachOptions, host: string, recipient: string): Promise<Seen> {
  const { mailPort = 25, heloName } = options
  const dialler = new Dialler(options.signal)
  try {
    const opened = await open(options, dialler, host, mailPort)
    if ('evidence' in opened) return opened
    const dialogue = new Dialogue(opened.socket)
    const greeted = await dialogue.hear(REPLY_MS)
    if (greeted.kind === 'lost') return unseen(`${host} did not greet us: ${greeted.message}.`)
    for (const line of [`EHLO ${heloName}`, 'MAIL FROM:<>', `RCPT TO:<${recipient}>`]) {
      const heard = await dialogue.ask(line, REPLY_MS)
      if (heard.kind === 'lost') return unseen(`${host} did not answer ${line.slice(0, 4)}: ${heard.message}.`)
      if (heard.reply.code >= 300) {
        await dialogue.leave(SECOND)
        return { status: 'fail', evidence: `${host} refuses a bounce: ${heard.reply.code} ${heard.reply.text.slice(0, 200)}` }
      }
    }
    await dialogue.leave(SECOND)
    return { status: 'ok', evidence: `${host} takes a bounce.` }
  } finally {
    dialler.closeAll()
  }
}

async function certificate(options: ReachOptions, host: string): Promise<Seen> {
  const { webPort = 443 } = options
  const dialler = new Dialler(options.signal)
  try {
    const opened = await open(options, dialler, host, webPort)
    if ('evidence' in opened) return opened
    const secured = await secure(opened.socket, { servername: host, host, certificateAuthorities: null }, DIAL_MS)
    if (secured.kind === 'lost') return { status: 'fail', evidence: `It speaks no TLS: ${secured.message}.` }
    const { authorized, authorizationError } = secured.socket
    const until = secured.socket.getPeerCertificate().valid_to
    secured.socket.destroy()
    return authorized
      ? { status: 'ok', evidence: `Its certificate is good until ${until}.` }
      : { status: 'fail', evidence: `Its certificate is not accepted: ${String(authorizationError)}.` }
  } finally {
    dialler.closeAll()
  }
}

async function open({ resolver, allowPrivate }: ReachOptions, dialler: Dialler, host: string, port: number) {
  const addresses = await addressesOf(resolver, { host, allowPrivate }, DIAL_MS)
  if ('stage' in addresses)
    return unseen(`${host} cannot be reached: ${'message' in addresses ? addresses.message : addresses.stage}.`)
  const [first] = addresses
  const dialled = first ? await dialler.dial(first.address, port, DIAL_MS) : null
  if (!dialled || dialled.kind === 'lost')
    return unseen(`${host} cannot be reached at port ${port}: ${dialled?.message ?? 'it has no address'}.`)
  return { socket: dialled.socket }
}

function unseen(evidence: string): Seen {
  return { status: 'error', evidence }
}
