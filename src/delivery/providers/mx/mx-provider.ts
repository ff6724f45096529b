import { isIP } from 'node:net'
import { SECOND } from '../../../lib/clock.ts'
import { outcomeOf, type SendOutcome, type Trace } from '../../outcome.ts'
import type { LimitBook } from '../../receivers/limit-book.ts'
import { OTHER } from '../../receivers/receiver-seeds.ts'
import type { Handoff, HandoffResult, Provider } from '../provider.ts'
import type { Ending } from '../smtp/ending.ts'
import { DEFAULT_LIMITS, MX_TIMEOUTS, type SmtpOptions, type SmtpTimeouts } from '../smtp/options.ts'
import type { PoolDeps } from '../smtp/pool.ts'
import { createDeadHosts, type DeadHosts } from './dead-hosts.ts'
import type { Destination, DestinationDeps } from './destination.ts'
import { type Host, Hosts } from './hosts.ts'
import type { ReceiverDoor } from './receiver-door.ts'
import { Search } from './search.ts'
import { aboutTheHost, isAboutTheHost, mostTelling, pressureOf, underPolicy } from './verdict.ts'

export interface MxOptions {
  /** The route's name, for sentences. */
  readonly name: string
  /** The receiver whose mail comes here: a known name, or `other` for all that are not known by name. */
  readonly receiver: string
  readonly port: number
  readonly heloName: string
  readonly sourceAddresses: readonly string[]
  readonly allowPrivate: boolean
  /** Authorities beside the public ones, PEM. */
  readonly ca: string | null
  readonly timeouts?: Partial<SmtpTimeouts>
}

export interface MxDeps extends Omit<PoolDeps, 'door'>, DestinationDeps {
  readonly book: LimitBook
}

/** A connection to a known receiver is worth keeping; among thousands of small ones few are used twice. */
const IDLE_MS = { known: 10 * SECOND, other: 2 * SECOND } as const
const OTHER_CAPACITY = 500
const MAX_TRIED_HOSTS = 5
/** A name that does not exist may be a slip of a name server: it is final when it was so at a third try, minutes later. */
const ABSENT_TRIES = 3
const CLOSING = 'the route is being closed'

/** Straight to the mail servers of the recipients' domains: one pool a server, one door a receiver. */
export class MxProvider implements Provider {
  readonly kind = 'mx'
  readonly #options: MxOptions
  readonly #deps: MxDeps
  readonly #hosts: Hosts
  readonly #search: Search
  readonly #dead: DeadHosts
  #inHand = 0
  #closing: Promise<void> | null = null

  constructor(options: MxOptions, deps: MxDeps) {
    this.#options = options
    this.#deps = deps
    this.#hosts = new Hosts({ ...deps, optionsFor: (host, enforced, door) => this.#optionsFor(host, enforced, door) })
    this.#search = new Search(deps)
    this.#dead = createDeadHosts(() => deps.clock.monotonicMs())
  }

  get capacity(): number {
    if (this.#isOther) return OTHER_CAPACITY
    return this.#deps.book.limitsOf(this.#options.receiver).maxConnections * (DEFAULT_LIMITS.pipelineWindow + 1)
  }

  async send(handoff: Handoff): Promise<HandoffResult> {
    if (this.#closing) return unsent(handoff, CLOSING)
    this.#inHand += 1
    try {
      return await this.#send(handoff)
    } finally {
      this.#inHand -= 1
    }
  }

  async close(graceMs: number): Promise<void> {
    this.#closing ??= this.#hosts.close(graceMs)
    await this.#closing
  }

  get #isOther(): boolean {
    return this.#options.receiver === OTHER
  }

  /** The mail of a receiver known by name takes room from nobody else. */
  get #free(): number {
    return this.#isOther ? OTHER_CAPACITY - this.#inHand : Number.POSITIVE_INFINITY
  }

  async #send(handoff: Handoff): Promise<HandoffResult> {
    const recipient = handoff.recipients[0] ?? ''
    const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
    const found = await this.#search.find(domain, this.#free)
    if ('waitMs' in found) return unsent(handoff, `the name servers of ${domain} have not answered yet`, found.waitMs)
    return found.ok ? this.#deliver(handoff, found) : this.#nowhere(handoff, domain, found.ending)
  }

  /** One server after the other, until one of them talks about the message. */
  async #deliver(handoff: Handoff, { hosts, enforced }: Extract<Destination, { ok: true }>): Promise<HandoffResult> {
    const failed: HandoffResult[] = []
    for (const name of this.#dead.sorted(hosts).slice(0, MAX_TRIED_HOSTS)) {
      const absent = await this.#absence(handoff, name)
      // Closed meanwhile, everything was told so; a server that is begun now nobody would close.
      if (this.#closing) return unsent(handoff, CLOSING)
      const result = absent ?? (await this.#offer(handoff, name, enforced))
      if (!isAboutTheHost(result)) return result
      this.#dead.failed(name)
      failed.push(result)
    }
    return mostTelling(failed) ?? unsent(handoff, 'no mail server was left to try')
  }

  async #offer(handoff: Handoff, name: string, enforced: boolean): Promise<HandoffResult> {
    const host = this.#hosts.get(name, enforced)
    if (host.share.isFull(this.#free)) {
      return unsent(handoff, `${name} has as much of our mail in hand as it may have at one time`, host.share.waitMs())
    }
    const plain = aboutTheHost(await host.share.use(() => host.pool.add(handoff)), name)
    const result = enforced ? underPolicy(plain, name) : plain
    this.#heed(name, host, result)
    return result
  }

  /** What the answer says about how hard the receiver may be pressed. Of a connection that failed the door has heard from its pool. */
  #heed(name: string, { door, share }: Host, result: HandoffResult): void {
    const pressure = pressureOf(result)
    const isTrouble = isAboutTheHost(result)
    if (pressure === 'eased') door.grow()
    else if (pressure === 'pressed' && !isTrouble) door.shrink()
    if (pressure === 'eased') share.works(true)
    else if (isTrouble) share.works(false)
    if (!isTrouble && wasHeard(result)) this.#dead.works(name)
  }

  /** A mail server whose name leads nowhere. Of the domain itself that says nothing: its zone is wrong, and the next server may be right. */
  async #absence(handoff: Handoff, name: string): Promise<HandoffResult | null> {
    if (isIP(name) !== 0) {
      const message = `the MX record names the address ${name}, where a name belongs (RFC 5321 §5.1)`
      return this.#ended(handoff, name, { stage: 'dns', kind: 'lost', code: 'NO_SUCH_MX', message, bodySent: false })
    }
    const answer = await this.#deps.resolver.addresses(name)
    if (answer.ok || answer.kind === 'servfail' || answer.kind === 'timeout') return null
    return this.#ended(handoff, name, {
      stage: 'dns',
      kind: 'lost',
      code: 'NO_SUCH_MX',
      message: answer.message,
      bodySent: false,
    })
  }

  #nowhere(handoff: Handoff, domain: string, ending: Ending): HandoffResult {
    const result = this.#ended(handoff, domain, ending)
    const isSaid = ending.kind === 'lost' && ending.code === 'NULL_MX'
    if (isSaid || handoff.attempt >= ABSENT_TRIES) return result
    return { ...result, outcomes: result.outcomes.map(notYetFinal) }
  }

  #ended(handoff: Handoff, host: string, ending: Ending): HandoffResult {
    const outcomes = handoff.recipients.map((recipient) =>
      outcomeOf({ mode: 'mx', host, address: null, port: null, recipient, ...ending }),
    )
    return { outcomes, trace: traceOf(host) }
  }

  #optionsFor(host: string, enforced: boolean, door: ReceiverDoor): SmtpOptions {
    const { name, port, heloName, sourceAddresses, allowPrivate, ca, timeouts } = this.#options
    return {
      name,
      mode: 'mx',
      host,
      port,
      // Between strangers encryption without proof of identity is what there is, and better than none (RFC 7435).
      security: enforced ? 'starttls' : 'opportunistic',
      auth: null,
      heloName,
      sourceAddresses,
      tls: { verify: enforced, fingerprint: null, ca },
      allowPrivate,
      limits: {
        ...DEFAULT_LIMITS,
        maxConnections: door.maxConnections,
        maxMessagesPerConnection: door.maxMessages,
        idleMs: this.#isOther ? IDLE_MS.other : IDLE_MS.known,
      },
      timeouts: { ...MX_TIMEOUTS, ...timeouts },
    }
  }
}

function wasHeard({ outcomes }: HandoffResult): boolean {
  return outcomes.some(({ kind }) => kind !== 'unsent')
}

function notYetFinal(outcome: SendOutcome): SendOutcome {
  if (outcome.kind !== 'rejected') return outcome
  return { kind: 'deferred', failure: { ...outcome.failure, permanent: false, ladder: 'network' } }
}

function unsent(handoff: Handoff, why: string, waitMs?: number): HandoffResult {
  const outcome: SendOutcome = { kind: 'unsent', why, ...(waitMs !== undefined && { waitMs }) }
  return { outcomes: handoff.recipients.map(() => outcome), trace: traceOf('') }
}

function traceOf(host: string): Trace {
  return { host, port: null, address: null, tls: null, stagesMs: {}, transcript: null }
}
