import type { Resolver } from '../../../dns/resolver.ts'
import { type Clock, MINUTE } from '../../../lib/clock.ts'
import type { SmtpReply } from '../../../mail/smtp-reply.ts'
import type { Handoff, HandoffResult } from '../provider.ts'
import { Deadlines } from './deadlines.ts'
import type { Connect } from './dial.ts'
import type { Door, Visitor } from './door.ts'
import type { Ending } from './ending.ts'
import { type Evidence, giveBack, settle } from './flight/result.ts'
import { Transaction } from './flight/transaction.ts'
import { type NoLink, type OpenDeps, open } from './open.ts'
import type { SmtpOptions } from './options.ts'
import { Session, type SessionOwner, type TurnedAway } from './session.ts'
import { Waiting } from './waiting.ts'

export interface PoolDeps {
  readonly resolver: Resolver
  readonly clock: Clock
  /** Tests put another network in this place. */
  readonly connect?: Connect
  /** Left out: nobody else leads to the same receiver. */
  readonly door?: Door
}

/** More than any dispatcher hands over; beyond it a handoff is given back at once. */
const MAX_WAITING = 10_000
/** After a server refused one more connection beside those that work, we do with fewer for so long. */
const LOWERED_FOR_MS = MINUTE

/**
 * The connections of one route. They are opened when there is work for them, one at a time until the first one works and after any
 * failure, so that a broken server sees one attempt and not ten; they are closed when idle, old or used often enough.
 */
export class Pool implements SessionOwner, Visitor {
  options: SmtpOptions
  readonly clock: Clock
  readonly #deps: OpenDeps
  readonly #door: Door | null
  readonly #waiting = new Waiting()
  readonly #sessions = new Set<Session>()
  #opening = 0
  /** The last attempt to connect succeeded. */
  #proven = false
  #ceiling: number
  #loweredUntilMs = 0
  #distributing = false
  #closing = false
  /** Settled when a closing pool has no connection left. */
  readonly #empty = Promise.withResolvers<void>()
  #window: number

  constructor(options: SmtpOptions, { resolver, clock, connect, door }: PoolDeps) {
    this.options = options
    this.#door = door ?? null
    this.clock = clock
    this.#ceiling = options.limits.maxConnections
    this.#window = 2
    this.#deps = {
      resolver,
      clock,
      connect,
      deadlines: new Deadlines(options.timeouts, () => clock.monotonicMs()),
      memory: { session: null },
    }
  }

  /** One handoff waits for each that is under way, so that a connection never waits for us. */
  get capacity(): number {
    return this.options.limits.maxConnections * (this.#window + 1)
  }

  add(handoff: Handoff): Promise<HandoffResult> {
    return new Promise((resolve) => {
      const transaction = new Transaction(handoff, resolve)
      if (this.#closing) return giveBack(transaction, 'the route is being closed', this.#evidence(), this.clock.monotonicMs())
      if (this.#waiting.length >= MAX_WAITING) {
        return giveBack(transaction, 'too many messages wait for this route', this.#evidence(), this.clock.monotonicMs())
      }
      this.#waiting.push(transaction)
      // What is handed over in one go leaves in one go.
      if (this.#distributing) return
      this.#distributing = true
      queueMicrotask(this.#distribute)
    })
  }

  /** Connections that are opened from now on carry at most so many messages. */
  limitMessages(maxMessagesPerConnection: number): void {
    this.options = { ...this.options, limits: { ...this.options.limits, maxMessagesPerConnection } }
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true
    this.#giveAllBack('the route is being closed')
    for (const session of this.#sessions) session.retire()
    const limit = setTimeout(() => {
      for (const session of this.#sessions) session.abort('the time to finish was over')
      this.#empty.resolve()
    }, graceMs)
    this.#settleIfEmpty()
    await this.#empty.promise
    clearTimeout(limit)
  }

  // What a session asks of its pool.

  next(session: Session): Transaction | null {
    return this.#waiting.shift(session.used === 0)
  }

  hasWork(): boolean {
    return this.#waiting.length > 0
  }

  takeBack(transaction: Transaction): void {
    this.#waiting.unshift(transaction)
  }

  dismissed(session: Session, reply: SmtpReply): void {
    this.#door?.dismissed(session.used, reply)
  }

  ended(session: Session, turnedAway: TurnedAway | null): void {
    this.#sessions.delete(session)
    this.#deps.deadlines.delete(session.wire)
    this.#door?.leave()
    if (this.#closing) this.#giveAllBack('the route is being closed')
    this.#settleIfEmpty()
    if (turnedAway !== null) this.#onUnavailable(turnedAway)
    if (this.#waiting.length > 0) this.#openMore()
  }

  // What a door asks of its visitor.

  get established(): number {
    return this.#sessions.size
  }

  knock(): void {
    if (this.#waiting.length > 0) this.#openMore()
  }

  yieldOne(): boolean {
    const idle = this.#waiting.length > 0 ? undefined : [...this.#sessions].find((session) => session.idle)
    idle?.retire()
    return idle !== undefined
  }

  readonly #distribute = (): void => {
    this.#distributing = false
    for (const session of this.#sessions) {
      if (this.#waiting.length === 0) return
      if (session.idle) session.pump()
    }
    if (this.#waiting.length === 0 || this.#openMore()) return
    // No connection may be added: what waits goes behind what is under way.
    for (const session of this.#sessions) {
      if (this.#waiting.length === 0) return
      session.pump()
    }
  }

  /** True when more connections are on their way. */
  #openMore(): boolean {
    const { maxConnections } = this.options.limits
    if (this.#ceiling < maxConnections && this.clock.monotonicMs() >= this.#loweredUntilMs) this.#ceiling = maxConnections
    while (!this.#closing && this.#sessions.size + this.#opening < this.#ceiling && this.#opening < this.#waiting.length) {
      if (!this.#proven && this.#opening > 0) break
      if (this.#door?.enter(this) === false) break
      this.#open()
    }
    if (this.#opening === 0) this.#waiting.anyConnection()
    return this.#opening > 0
  }

  #open(): void {
    this.#opening += 1
    open(this.options, this.#deps).then(
      (opened) => {
        this.#opening -= 1
        if (!opened.ok) return this.#onNoLink(opened)
        this.#proven = true
        const session = new Session(opened, this)
        this.#sessions.add(session)
        this.#window = session.chunking ? this.options.limits.pipelineWindow : 2
        if (this.#closing) return session.retire()
        session.pump()
        this.#openMore()
      },
      (fault: unknown) => {
        this.#opening -= 1
        const message = fault instanceof Error ? fault.message : String(fault)
        const ending = { stage: 'config', kind: 'lost', code: 'FAULT', message, bodySent: false } as const
        this.#onNoLink({ ok: false, ending, address: null, tls: null, stagesMs: {}, transcript: '' })
      },
    )
  }

  #onNoLink(failure: NoLink): void {
    this.#door?.leave()
    this.#settleIfEmpty()
    this.#onUnavailable({ ending: failure.ending, evidence: { ...this.#evidence(), ...failure } })
  }

  #onUnavailable({ ending, evidence }: TurnedAway): void {
    this.#proven = false
    this.#door?.refused(ending)
    if (this.#sessions.size > 0) this.#lower()
    // What is still being opened may have more luck.
    else if (this.#opening === 0) this.#answerAll(ending, evidence)
  }

  /** The route works; the server, or something before it, does not want more connections than it has. */
  #lower(): void {
    this.#ceiling = this.#sessions.size
    this.#loweredUntilMs = this.clock.monotonicMs() + LOWERED_FOR_MS
    this.#waiting.anyConnection()
    for (const session of this.#sessions) session.pump()
  }

  /** Nothing works: everybody who waits learns it now, not each by an attempt of his own. */
  #answerAll(ending: Ending, evidence: Evidence): void {
    const nowMs = this.clock.monotonicMs()
    for (const transaction of this.#waiting.takeAll()) settle(transaction, ending, evidence, nowMs)
  }

  #giveAllBack(why: string): void {
    const nowMs = this.clock.monotonicMs()
    for (const transaction of this.#waiting.takeAll()) giveBack(transaction, why, this.#evidence(), nowMs)
  }

  #settleIfEmpty(): void {
    if (this.#closing && this.#sessions.size === 0 && this.#opening === 0) this.#empty.resolve()
  }

  #evidence(): Evidence {
    const { mode, host, port } = this.options
    return { mode, host, port, address: null, tls: null, stagesMs: {}, transcript: '' }
  }
}
