import { isIP } from 'node:net'
import { MINUTE, SECOND } from '../../../lib/clock.ts'
import { outcomeOf, type SendOutcome, type Trace } from '../../outcome.ts'
import type { LimitBook } from '../../receivers/limit-book.ts'
import { seedOfMx } from '../../receivers/receiver.ts'
import { OTHER } from '../../receivers/receiver-seeds.ts'
import { registrableDomain } from '../../receivers/roll-up.ts'
import type { Handoff, HandoffResult, Provider } from '../provider.ts'
import type { Ending } from '../smtp/ending.ts'
import { DEFAULT_LIMITS, MX_TIMEOUTS, type SmtpOptions, type SmtpTimeouts } from '../smtp/options.ts'
import { Pool, type PoolDeps } from '../smtp/pool.ts'
import { createDeadHosts, type DeadHosts } from './dead-hosts.ts'
import { type Destination, type DestinationDeps, findDestination } from './destination.ts'
import { Host } from './host.ts'
import { ReceiverDoor } from './receiver-door.ts'
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
const MAX_KEPT_HOSTS = 200
const FORGOTTEN_AFTER_MS = MINUTE
/** A name that does not exist may be a slip of a name server: it is final when it was so at a third try, minutes later. */
const ABSENT_TRIES = 3

/** Straight to the mail servers of the recipients' domains: one pool a server, one door a receiver. */
export class MxProvider implements Provider {
  readonly kind = 'mx'
  readonly #options: MxOptions
  readonly #deps: MxDeps
  readonly #hosts = new Map<string, Host>()
  readonly #doors = new Map<string, ReceiverDoor>()
  readonly #dead: DeadHosts
  #inHand = 0
  #lastSweepMs: number
  #closing: Promise<unknown> | null = null

  constructor(options: MxOptions, deps: MxDeps) {
    this.#options = options
    this.#deps = deps
    this.#dead = createDeadHosts(() => deps.clock.monotonicMs())
    this.#lastSweepMs = deps.clock.monotonicMs()
  }

  get capacity(): number {
    if (this.#isOther) return OTHER_CAPACITY
    return this.#deps.book.limitsOf(this.#options.receiver).maxConnections * (DEFAULT_LIMITS.pipelineWindow + 1)
  }

  async send(handoff: Handoff): Promise<HandoffResult> {
    const recipient = handoff.recipients[0] ?? ''
    const domain = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
    if (this.#closing) return unsent(handoff, 'the route is being closed')
    this.#sweep()
    const destination = await findDestination(domain, this.#deps).catch((fault: unknown) => faultOf(fault))
    if (!destination.ok) return this.#nowhere(handoff, domain, destination.ending)
    return this.#deliver(handoff, destination)
  }

  async close(graceMs: number): Promise<void> {
    this.#closing ??= Promise.all([...this.#hosts.values()].map(({ pool }) => pool.close(graceMs)))
    await this.#closing
  }

  get #isOther(): boolean {
    return this.#options.receiver === OTHER
  }

  /** The mail of a receiver known by name takes room from nobody else. */
  get #free(): number {
    return this.#isOther ? OTHER_CAPACITY - this.#inHand : Number.POSITIVE_INFINITY
  }

  /** One server after the other, until one of them talks about the message. */
  async #deliver(handoff: Handoff, { hosts, enforced }: Extract<Destination, { ok: true }>): Promise<HandoffResult> {
    const failed: HandoffResult[] = []
    for (const name of this.#dead.sorted(hosts.slice(0, MAX_TRIED_HOSTS))) {
      const absent = await this.#absence(handoff, name)
      if (absent) {
        this.#dead.failed(name)
        failed.push(absent)
        continue
      }
      if (this.#closing) return unsent(handoff, 'the route is being closed')
      const host = this.#hostOf(name, enforced)
      if (host.isFull(this.#free)) {
        return unsent(handoff, `${name} has as much of our mail in hand as it may have at one time`, host.waitMs())
      }
      this.#inHand += 1
      const plain = aboutTheHost(await host.send(handoff), name)
      this.#inHand -= 1
      const result = enforced ? underPolicy(plain, name) : plain
      this.#heed(host, result)
      if (!isAboutTheHost(result)) {
        this.#dead.works(name)
        return result
      }
      this.#dead.failed(name)
      failed.push(result)
    }
    return mostTelling(failed) ?? unsent(handoff, 'no mail server was left to try')
  }

  #heed(host: Host, result: HandoffResult): void {
    const pressure = pressureOf(result)
    if (pressure === 'eased') host.door.grow()
    // What happened to a connection the door has heard from its pool.
    else if (pressure === 'pressed' && !isAboutTheHost(result)) host.door.shrink()
    if (pressure === 'eased') host.works(true)
    else if (isAboutTheHost(result)) host.works(false)
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
    return {
      ...result,
      outcomes: result.outcomes.map((outcome) =>
        outcome.kind === 'rejected'
          ? { kind: 'deferred', failure: { ...outcome.failure, permanent: false, ladder: 'network' } }
          : outcome,
      ),
    }
  }

  #ended(handoff: Handoff, host: string, ending: Ending): HandoffResult {
    const outcomes = handoff.recipients.map((recipient) =>
      outcomeOf({ mode: 'mx', host, address: null, port: null, recipient, ...ending }),
    )
    return { outcomes, trace: traceOf(host) }
  }

  #hostOf(name: string, enforced: boolean): Host {
    const key = enforced ? `${name} enforced` : name
    const known = this.#hosts.get(key)
    if (known) return known
    const door = this.#doorOf(seedOfMx(name) ?? registrableDomain(name))
    const pool = new Pool(this.#optionsFor(name, enforced, door), { ...this.#deps, door })
    const host = new Host(pool, door, this.#deps.clock)
    this.#hosts.set(key, host)
    return host
  }

  #doorOf(receiver: string): ReceiverDoor {
    const known = this.#doors.get(receiver)
    if (known) return known
    const door = new ReceiverDoor(receiver, this.#deps.book, (of, messages) => {
      for (const host of this.#hosts.values()) if (host.door.receiver === of) host.pool.limitMessages(messages)
    })
    this.#doors.set(receiver, door)
    return door
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

  /** Servers that nobody has had mail for are let go. */
  #sweep(): void {
    const nowMs = this.#deps.clock.monotonicMs()
    const isCrowded = this.#hosts.size > MAX_KEPT_HOSTS
    const patienceMs = isCrowded ? IDLE_MS.other : FORGOTTEN_AFTER_MS
    if (nowMs - this.#lastSweepMs < patienceMs) return
    this.#lastSweepMs = nowMs
    for (const [key, host] of this.#hosts) {
      if (host.inHand > 0 || nowMs - host.lastUsedMs < patienceMs) continue
      this.#hosts.delete(key)
      host.door.forget(host.pool)
      void host.pool.close(SECOND)
    }
    const used = new Set([...this.#hosts.values()].map(({ door }) => door))
    for (const [receiver, door] of this.#doors) if (!used.has(door) && door.open === 0) this.#doors.delete(receiver)
  }
}

function faultOf(fault: unknown): Destination {
  const message = fault instanceof Error ? fault.message : String(fault)
  return { ok: false, ending: { stage: 'dns', kind: 'lost', code: 'SERVFAIL', message, bodySent: false } }
}

function unsent(handoff: Handoff, why: string, waitMs?: number): HandoffResult {
  const outcome: SendOutcome = { kind: 'unsent', why, ...(waitMs !== undefined && { waitMs }) }
  return { outcomes: handoff.recipients.map(() => outcome), trace: traceOf('') }
}

function traceOf(host: string): Trace {
  return { host, port: null, address: null, tls: null, stagesMs: {}, transcript: null }
}
