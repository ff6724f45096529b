import type { BlobStore } from '../../blobs/blob-store.ts'
import { type Database, ENGINE, isRefusedForItsContent, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { AssertionFault, assert } from '../../lib/assert.ts'
import { type Clock, MINUTE } from '../../lib/clock.ts'
import type { Failpoints } from '../../lib/failpoint.ts'
import type { DeliveryId, DispatcherId } from '../../lib/ids.ts'
import type { Log } from '../../log.ts'
import type { ComposedMessage } from '../../mail/compose.ts'
import { messageIdOf } from '../../mail/message-id.ts'
import { expiredReason, opensCircuit, type Reason, suppressedReason } from '../delivery.ts'
import { outcomeOf, type SendOutcome, type Trace } from '../outcome.ts'
import { withinLimits } from '../pace/allow.ts'
import type { Handoff, HandoffResult, Provider } from '../providers/provider.ts'
import { OTHER } from '../receivers/receiver-seeds.ts'
import { returnProbe } from '../routes/record-circuit.ts'
import type { Route } from '../routes/route.ts'
import type { Finished, Serving } from './finished.ts'
import type { Finishing, Finished as Put } from './finishing.ts'
import { chunksOf, type Group, groupsOf } from './grouping.ts'
import { abandonDispatcher, type Claimed, claimDue, insertDispatcher, moveWindow, stopDispatcher } from './queries.ts'
import { isBatch, measureOf, reachOf } from './room.ts'
import { recordOutcomes } from './settle-batch.ts'
import { Stencils } from './stencils.ts'
import { LEASE_MS, SendWindow } from './window.ts'

export interface SenderDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly failpoints: Failpoints
  /** This machine and boot, and this process: a dispatcher whose process is gone is found at once. */
  readonly host: string
  readonly pid: number
  /** The way out of a route; of a direct route, towards one receiver. */
  openProvider(route: Route, receiver: string | null): Provider | Promise<Provider>
  /** Return paths and signatures; null: mail leaves as it was stored. */
  readonly finishing: Finishing | null
  /** The content as this one recipient gets it: its token in the place of what stands for it. */
  personalise(content: string, deliveryId: DeliveryId, standIn: string): string
  /** What a stencil may ask of a delivery, by name. */
  ownOf(deliveryId: DeliveryId): Readonly<Record<string, string>>
  /** Called when a sender can take more, or when something happened that the loop should look at. */
  wake(): void
}

const SMALL_BATCH_EVERY_MS = 100
const MAX_BYTES_IN_HAND = 64 * 1024 * 1024
const SETTLE_EVERY_MS = 15
const SETTLE_ROWS = 500
const SETTLE_RETRY_MS = 250

/**
 * Sends the mail of one route in this process: claims for it, hands over in the order of the claims, writes the window ahead of the wire and
 * the outcomes behind it. It is a dispatcher of its own, with its own lease, so that a slow route's window tells nothing about a fast one.
 */
export class Sender {
  readonly route: Route
  readonly id: DispatcherId
  private readonly deps: SenderDeps
  private readonly provider: Provider
  private readonly window: SendWindow
  private readonly stencils = new Stencils()
  private position = 0
  private inHand = 0
  /** Of what is in hand, what nothing was heard of yet; the rest waits to be written down. */
  private unheard = 0
  private mostUnheard = 0
  /** When everything in hand had been heard of, and how much it had been. */
  private dry = { atMs: Number.NEGATIVE_INFINITY, hadInHand: 0 }
  private bytesInHand = 0
  private feeding: Promise<void> = Promise.resolve()
  private roomFor: (() => void) | null = null
  private finished: Finished[] = []
  private settling: Promise<void> | null = null
  private circuitInDoubt = false
  /** Receivers whose circuit on this route is not known to be closed. */
  private readonly doubted = new Set<string>()
  private refusedSince = false
  private stopping = false
  /**
   * Something is in our name that we shall never settle, and only the end of our lease frees it: a claim whose commit may have gone through
   * without our hearing so, or what a fault of ours dropped.
   */
  private inDoubt = false
  private giveUpAtMs = Number.POSITIVE_INFINITY
  private underWay = 0
  private allBack: (() => void) | null = null
  private recentCount = 0
  private recentSinceMs: number
  private ratePerMs = 0
  lastUsedMs: number
  handed = 0
  settled = 0

  private constructor(deps: SenderDeps, route: Route, provider: Provider, id: DispatcherId) {
    this.deps = deps
    this.route = route
    this.id = id
    this.provider = provider
    this.lastUsedMs = this.recentSinceMs = deps.clock.monotonicMs()
    this.window = new SendWindow(
      { clock: deps.clock, write: (position, until) => moveWindow(deps.database.db, id, position, until) },
      this.lastUsedMs,
    )
  }

  static async open(deps: SenderDeps, route: Route, provider: Provider, id: DispatcherId): Promise<Sender> {
    const now = deps.clock.now()
    await insertDispatcher(
      deps.database.db,
      { id, routeId: route.id, host: deps.host, pid: deps.pid, leaseExpiresAt: new Date(now.getTime() + LEASE_MS) },
      now,
    )
    return new Sender(deps, route, provider, id)
  }

  /** It must not claim any more: another sender takes its place, and its lease is left to run out. */
  get isLost(): boolean {
    return this.window.isLost || this.inDoubt
  }

  get isIdle(): boolean {
    return this.inHand === 0
  }

  get inFlight(): number {
    return this.inHand
  }

  /** How many more deliveries it should be given now. Zero until there is room for a batch. */
  room(): number {
    if (this.stopping || this.isLost) return 0
    const { ratePerMs, dry } = this
    const reach = reachOf({ hadInHand: dry.hadInHand, agoMs: this.deps.clock.monotonicMs() - dry.atMs, ratePerMs })
    const measure = measureOf({ capacity: this.provider.capacity, ratePerMs, reach })
    const free = measure - this.inHand
    // On a direct route what is in hand may hang at dead servers for minutes: whatever room it leaves is used all the same, if less often.
    const mayHang = this.route.way.kind === 'mx'
    const isTurn = isBatch(free, measure) || (mayHang && this.deps.clock.monotonicMs() - this.lastUsedMs >= SMALL_BATCH_EVERY_MS)
    return isTurn ? Math.max(0, free) : 0
  }

  /** Takes up to `limit` due deliveries of a lane. Returns how many it got; sending goes on in the background. */
  async claim(serving: Serving, limit: number): Promise<number> {
    const { database, clock, failpoints } = this.deps
    const { lane } = serving
    if (serving.probing === 'route') this.circuitInDoubt = true
    if (serving.probing === 'receiver') this.doubted.add(lane.receiver ?? OTHER)
    this.lastUsedMs = clock.monotonicMs()
    const now = clock.now()
    let isTaken = false
    const claimed = await database
      .transaction(ENGINE, async (tx) => {
        const rows = await this.claimIn(tx, serving, limit, now)
        const ended = rows.filter((row) => row.state !== 'sending')
        await append(
          tx,
          ended.map((row) => ({
            type: `delivery.${row.state as 'suppressed' | 'expired'}` as const,
            workspaceId: lane.workspaceId,
            messageId: row.messageId,
            deliveryId: row.id,
          })),
          now,
        )
        isTaken = true
        return rows
      })
      .catch((error: Error) => {
        // Before its last statement nothing was committed, and nothing is in doubt.
        if (isTaken) this.inDoubt = true
        throw error
      })
    failpoints.reach('after_claim')
    this.position += claimed.length
    const sending = claimed.filter((row) => row.state === 'sending')
    this.inHand += sending.length
    this.unheard += sending.length
    this.mostUnheard = Math.max(this.mostUnheard, this.unheard)
    if (sending.length > 0)
      this.feeding = this.feeding.then(() => this.feed(sending, serving)).catch((fault: Error) => this.giveUp(fault))
    return claimed.length
  }

  private async claimIn(tx: Tx, { lane, limits }: Serving, wanted: number, now: Date): Promise<Claimed[]> {
    const reasons = {
      suppressed: suppressedReason('see Suppressions for since when and why', now),
      expired: expiredReason(null, null, now),
    }
    const claim = { lane, routeId: this.route.id, dispatcherId: this.id, afterPosition: this.position }
    const claimed = await withinLimits(
      tx,
      lane.workspaceId,
      limits,
      wanted,
      async (limit) => {
        const rows = await claimDue(tx, { ...claim, limit }, reasons, now)
        return { claimed: rows, leaving: rows.filter((row) => row.state === 'sending').length }
      },
      now,
    )
    return claimed ?? []
  }

  /** Hands deliveries to the provider in order, fetching their contents a little ahead and never more than a fixed number of bytes. */
  private async feed(claimed: readonly Claimed[], serving: Serving): Promise<void> {
    for (const chunk of chunksOf(claimed)) {
      await this.roomForBytes()
      const contents = await this.contents(chunk)
      for (const group of groupsOf(chunk, contents, this.mayShare(serving)))
        this.send(group, serving).catch((fault: Error) => this.giveUp(fault))
      for (const row of chunk) if (!contents.has(row.contentHash)) this.missing(row, serving)
    }
  }

  /** The database may be away: what is claimed waits for it, the lease says for how long. */
  private async contents(chunk: readonly Claimed[]): Promise<Map<string, string>> {
    const hashes = [...new Set(chunk.map((row) => row.contentHash))]
    for (;;) {
      try {
        return await this.deps.blobs.read(this.deps.database.db, this.route.workspaceId, hashes)
      } catch (error) {
        this.deps.log.warn({ err: error }, 'the content of mail to be sent could not be read; trying again')
        await new Promise((resolve) => setTimeout(resolve, SETTLE_RETRY_MS))
        if (this.isLost) return new Map()
      }
    }
  }

  /** Whether two recipients of a message may go in one transaction: not if each has a return path or a token, nor to servers of different domains. */
  private mayShare({ lane }: Serving): (a: Claimed, b: Claimed) => boolean {
    const { route, deps } = this
    if (deps.finishing?.hasOwnReturnPath(lane.workspaceId, lane.fromDomain, route.way.kind)) return () => false
    if (lane.mailingId !== null) return () => false
    if (route.way.kind !== 'mx') return ({ standIn }) => standIn === null
    const domainOf = ({ recipient }: Claimed) => recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase()
    return (a, b) => a.standIn === null && domainOf(a) === domainOf(b)
  }

  private async send(group: Group, serving: Serving): Promise<void> {
    this.bytesInHand += group.content.length
    this.handed += group.claimed.length
    this.underWay += 1
    const startedAt = this.deps.clock.now()
    try {
      const written = this.written(group, serving)
      if (written instanceof Refusal) return this.unwritable(group, serving, written, startedAt)
      const finished = await this.putOn(group, written, serving)
      if (finished.kind === 'refused') return this.withhold(group, serving, finished.reason, startedAt)
      this.finish(group, serving, startedAt, await this.handOver(group, written, finished))
    } finally {
      this.bytesInHand -= group.content.length
      this.roomFor?.()
      if (--this.underWay === 0) this.allBack?.()
    }
  }

  /** The mail as this recipient gets it. A refusal: nobody could send it, and it is this delivery's end alone. */
  private written({ claimed, content }: Group, { lane }: Serving): Written | Refusal {
    const [{ id, contentHash, recipient, slots, standIn, internationalized }] = claimed
    if (slots === null)
      return { content: standIn === null ? content : this.deps.personalise(content, id, standIn), internationalized }
    try {
      const messageId = messageIdOf(id, lane.fromDomain)
      const filling = { recipient, messageId, date: this.deps.clock.now(), values: slots, own: this.deps.ownOf(id) }
      return this.stencils.of(contentHash, content).fill(filling)
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  private unwritable(group: Group, serving: Serving, { message }: Refusal, startedAt: Date): void {
    const outcomes = group.claimed.map(
      (): SendOutcome => ({ ...UNWRITABLE, sentence: `This mail could not be written: ${message}` }),
    )
    this.finish(group, serving, startedAt, { outcomes, trace: NO_TRACE })
  }

  /** Return path and signatures are of the moment in which a message leaves: keys change while it waits. */
  private putOn({ claimed }: Group, { content }: Written, { lane }: Serving): Promise<Put> | Put {
    const [{ envelopeSender }] = claimed
    const { finishing } = this.deps
    if (!finishing || this.route.way.kind === 'sandbox') return { kind: 'ready', envelopeSender, content }
    return finishing.finish({
      workspaceId: lane.workspaceId,
      deliveryIds: claimed.map((row) => row.id),
      routeKind: this.route.way.kind,
      fromDomain: lane.fromDomain,
      envelopeSender,
      content,
    })
  }

  private async handOver(group: Group, written: Written, finished: Extract<Put, { kind: 'ready' }>): Promise<HandoffResult> {
    const { failpoints } = this.deps
    const [first] = group.claimed
    const last = group.claimed.at(-1) ?? first
    failpoints.reach('before_mail')
    const handoff: Handoff = {
      workspaceId: this.route.workspaceId,
      messageId: first.messageId,
      deliveryIds: group.claimed.map((row) => row.id),
      contentHash: first.contentHash,
      attempt: first.attempt,
      sender: finished.envelopeSender,
      recipients: group.claimed.map((row) => row.recipient),
      content: finished.content,
      eightBit: first.eightBit,
      internationalized: written.internationalized,
      mayLeave: () => {
        failpoints.reach('after_data')
        return this.window.mayLeave(last.position)
      },
      bodyLeft: () => failpoints.reach('after_dot'),
    }
    const result = await this.provider.send(handoff)
    failpoints.reach('after_250_before_commit')
    return result
  }

  /** What must not leave is held with the reason: nothing goes out unsigned by accident. */
  private withhold(group: Group, serving: Serving, reason: Reason, startedAt: Date): void {
    const outcomes = group.claimed.map((): SendOutcome => ({ kind: 'withheld', reason }))
    this.finish(group, serving, startedAt, { outcomes, trace: NO_TRACE })
  }

  /** Nothing may wait in the name of a sender that forgot it: another one takes its place, and what it held is taken back. */
  private giveUp(fault: Error): void {
    this.deps.log.error(
      { err: fault, route: this.route.name },
      'a fault of ours while sending; what this sender holds will be taken over',
    )
    this.inDoubt = true
    this.roomFor?.()
    this.deps.wake()
  }

  private finish(group: Group, serving: Serving, startedAt: Date, result: HandoffResult): void {
    assert(result.outcomes.length === group.claimed.length, 'a provider answers for every recipient')
    const finishedAt = this.deps.clock.now()
    group.claimed.forEach((delivery, i) => {
      const outcome = this.quieten(result.outcomes[i] as SendOutcome)
      this.finished.push({ delivery, serving, outcome, trace: result.trace, startedAt, finishedAt })
    })
    this.heardOf(group.claimed.length)
    this.count(group.claimed.length)
    this.scheduleSettle()
  }

  /** When a route refuses, everything in hand comes back with the same words. The first tells the story; the others simply wait again. */
  private quieten(outcome: SendOutcome): SendOutcome {
    if (outcome.kind === 'blocked' && opensCircuit(outcome.failure)) {
      if (this.refusedSince) return { kind: 'unsent', why: outcome.failure.sentence }
      this.refusedSince = true
    } else if (outcome.kind === 'accepted') {
      this.refusedSince = false
    }
    return outcome
  }

  private missing(row: Claimed, serving: Serving): void {
    const now = this.deps.clock.now()
    this.finished.push({
      delivery: row,
      serving,
      outcome: this.isLost ? LEASE_LOST : CONTENT_MISSING,
      trace: NO_TRACE,
      startedAt: now,
      finishedAt: now,
    })
    this.heardOf(1)
    this.scheduleSettle()
  }

  private heardOf(deliveries: number): void {
    this.unheard -= deliveries
    if (this.unheard > 0) return
    this.dry = { atMs: this.deps.clock.monotonicMs(), hadInHand: this.mostUnheard }
    this.mostUnheard = 0
  }

  private scheduleSettle(): void {
    if (this.settling) return
    const waitMs = this.finished.length >= SETTLE_ROWS ? 0 : SETTLE_EVERY_MS
    this.settling = new Promise<void>((resolve) => setTimeout(resolve, waitMs))
      .then(() => this.settle())
      .finally(() => {
        this.settling = null
        if (this.finished.length > 0) this.scheduleSettle()
      })
  }

  private async settle(): Promise<void> {
    const finished = this.finished
    this.finished = []
    if (finished.length === 0) return
    await this.write(finished)
    this.settled += finished.length
    this.inHand -= finished.length
    if (this.inHand === 0) this.refusedSince = false
    if (this.room() > 0) this.deps.wake()
  }

  /** Writes outcomes. While the database is away it tries again and again: an outcome is never dropped by us. */
  private async write(finished: readonly Finished[]): Promise<void> {
    const { clock, log } = this.deps
    for (let tries = 1; ; tries++) {
      try {
        return await this.writeOnce(finished)
      } catch (error) {
        if (isHopeless(error)) return this.writeApart(finished, error as Error)
        if (clock.monotonicMs() > this.giveUpAtMs) {
          log.error(
            { err: error, lost: finished.length },
            'outcomes could not be written before the end; their deliveries will be unknown',
          )
          return
        }
        log.warn({ err: error, waiting: finished.length, tries }, 'outcomes could not be written; trying again')
        await new Promise((resolve) => setTimeout(resolve, SETTLE_RETRY_MS))
      }
    }
  }

  private async writeOnce(finished: readonly Finished[]): Promise<void> {
    const { database, clock, random, log, failpoints } = this.deps
    const batch = {
      workspaceId: this.route.workspaceId,
      routeId: this.route.id,
      routeVersion: this.route.version,
      dispatcherId: this.id,
      finished,
      circuitInDoubt: this.circuitInDoubt,
      receiversInDoubt: this.doubted,
      perMinute: Math.ceil(Math.max(this.ratePerMs * MINUTE, 2)),
    }
    const { late, verdict, worksFor, refusedFor } = await database.transaction(ENGINE, (tx) =>
      recordOutcomes(tx, batch, random, clock.now()),
    )
    failpoints.reach('after_commit')
    if (late > 0) log.warn({ late, route: this.route.name }, 'answers came after their deliveries had been taken over')
    if (verdict === 'works') this.circuitInDoubt = false
    if (verdict === 'refused') this.circuitInDoubt = true
    for (const receiver of worksFor) this.doubted.delete(receiver)
    for (const receiver of refusedFor) this.doubted.add(receiver)
    // A probe that came back without a word about the route: the next message may try.
    if (verdict === null && this.circuitInDoubt) await returnProbe(database.db, this.route.workspaceId, this.route.id, this.id)
  }

  /** One outcome that cannot be stored must not keep the others from being so: it is found by halves, and becomes an answer not heard. */
  private async writeApart(finished: readonly Finished[], error: Error): Promise<void> {
    const [first] = finished
    if (!first) return
    if (finished.length > 1) {
      const half = finished.length >> 1
      await this.write(finished.slice(0, half))
      return this.write(finished.slice(half))
    }
    if (first.outcome.kind === 'unknown') return this.giveUp(error)
    this.deps.log.error(
      { err: error, delivery: first.delivery.id },
      'an answer could not be written down, and counts as not heard',
    )
    await this.write([unwritten(first)])
  }

  private count(messages: number): void {
    this.recentCount += messages
    const nowMs = this.deps.clock.monotonicMs()
    const spanMs = nowMs - this.recentSinceMs
    if (spanMs < 100) return
    // A moving average over about half a second: quick to follow, calm enough for the window's measure.
    this.ratePerMs = this.ratePerMs === 0 ? this.recentCount / spanMs : this.ratePerMs * 0.6 + (this.recentCount / spanMs) * 0.4
    this.window.setRate(this.ratePerMs)
    this.recentCount = 0
    this.recentSinceMs = nowMs
  }

  private async roomForBytes(): Promise<void> {
    while (this.bytesInHand >= MAX_BYTES_IN_HAND && !this.isLost) {
      await new Promise<void>((resolve) => {
        this.roomFor = resolve
      })
      this.roomFor = null
    }
  }

  /** Prolongs the lease; called every few seconds by the dispatcher's loop. */
  beat(): Promise<void> {
    return this.window.beat()
  }

  /** Finishes what is in flight, gives back what is not, and signs off. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true
    await Promise.race([this.feeding, new Promise((resolve) => setTimeout(resolve, graceMs).unref())])
    await this.provider.close(graceMs)
    await this.everythingBack(graceMs)
    while (this.settling) await this.settling
    const { db } = this.deps.database
    if (this.inDoubt) await abandonDispatcher(db, this.id, this.position).catch(() => {})
    else if (!this.isLost) await stopDispatcher(db, this.id).catch(() => {})
  }

  private async everythingBack(graceMs: number): Promise<void> {
    if (this.underWay === 0) return
    await new Promise<void>((resolve) => {
      this.allBack = resolve
      setTimeout(resolve, graceMs).unref()
    })
  }

  /** The process ends: outcomes that cannot be written within `graceMs` are given up. */
  hurry(graceMs: number): void {
    this.giveUpAtMs = this.deps.clock.monotonicMs() + graceMs
  }
}

type Written = Pick<ComposedMessage, 'content' | 'internationalized'>

const UNWRITABLE = {
  kind: 'failed',
  code: 'unwritable',
  hint: 'Correct what is said of this recipient, then send it again. The others are not concerned.',
} as const
const CONTENT_MISSING: SendOutcome = {
  kind: 'failed',
  code: 'content_missing',
  sentence: 'The content of this message is missing from the store or damaged, so there is nothing to send. This is on our side.',
  hint: 'Look whether the data folder is complete and its disk is sound, then send the message again from where it came from.',
}
const NO_TRACE: Trace = { host: '', port: null, address: null, tls: null, stagesMs: {}, transcript: null }
const LEASE_LOST: SendOutcome = { kind: 'unsent', why: 'another process took this delivery over' }

/** Trying again changes nothing: the database refuses what it is given, or our own reasoning fails on it. */
function isHopeless(error: unknown): boolean {
  return isRefusedForItsContent(error) || [TypeError, RangeError, AssertionFault].some((fault) => error instanceof fault)
}

/** The same without a word of the far end: whatever it was that could not be stored, the mail may have arrived. */
function unwritten(finished: Finished): Finished {
  const { host, port } = finished.trace
  const message = 'the answer could not be written down'
  return {
    ...finished,
    outcome: outcomeOf({
      kind: 'lost',
      mode: 'relay',
      stage: 'dot',
      host,
      port,
      address: null,
      recipient: null,
      code: 'FAULT',
      message,
      bodySent: true,
    }),
    trace: { host, port, address: null, tls: null, stagesMs: {}, transcript: null },
  }
}
