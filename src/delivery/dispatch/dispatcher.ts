import { ENGINE, isDatabaseUnavailable } from '../../db/database.ts'
import type { Clock } from '../../lib/clock.ts'
import { type DispatcherId, newId, type RouteId } from '../../lib/ids.ts'
import { classify, type Failure } from '../../mail/failure.ts'
import type { Provider } from '../providers/provider.ts'
import { unpinRoute } from '../queries.ts'
import { findRoute } from '../routes/manage.ts'
import { recordRouteFailure, returnProbe, takeProbe } from '../routes/record-circuit.ts'
import type { Route } from '../routes/route.ts'
import type { Stream } from '../stream.ts'
import { type Lane, selectLanes } from './queries.ts'
import { Sender, type SenderDeps } from './sender.ts'
import { LEASE_MS } from './window.ts'

export interface DispatcherStatus {
  readonly running: boolean
  readonly senders: number
  readonly inHand: number
  readonly handed: number
  readonly settled: number
  readonly claims: number
  /** Why nothing is claimed at present, if something is wrong. */
  readonly trouble: string | null
}

export interface DispatcherDeps extends Omit<SenderDeps, 'wake'> {
  /** False when the database's schema is newer than this program: then it must not touch what it may not understand. */
  mayClaim(): boolean
}

const IDLE_WAIT_MS = 1_000
const TROUBLE_WAIT_MS = 1_000
const BEAT_MS = LEASE_MS / 6
/** After this long another process may probe as well: a lost probe must not keep a route closed. */
const PROBE_LEASE_MS = 120_000
const SENDER_IDLE_MS = 60_000
/** How a sender's room is shared when several streams of a route wait: whoever waits gets something, sign-in codes get most. */
const WEIGHT: Readonly<Record<Stream, number>> = { transactional: 6, conversation: 3, bulk: 1 }

/** The loop that finds waiting mail and gives it to the sender of its route. Any number of processes may run it on one database. */
export class Dispatcher {
  private readonly deps: DispatcherDeps
  private readonly clock: Clock
  private readonly senders = new Map<RouteId, Sender>()
  /** Of every sender that is not over, from before its row exists. */
  private readonly ids = new Set<DispatcherId>()
  private readonly retiring = new Map<Sender, Promise<void>>()
  private loop: Promise<void> | null = null
  private beats: NodeJS.Timeout | null = null
  private stopping = false
  private woken = false
  private wakeUp: (() => void) | null = null
  private claims = 0
  private handedBefore = 0
  private settledBefore = 0
  private trouble: string | null = null

  constructor(deps: DispatcherDeps) {
    this.deps = deps
    this.clock = deps.clock
  }

  start(): void {
    this.loop = this.run()
    this.beats = setInterval(() => void this.beat(), BEAT_MS)
  }

  /** Something may be due: look now instead of at the next second. */
  wake(): void {
    this.woken = true
    this.wakeUp?.()
  }

  /** Whether a row of `dispatcher` is one of ours. */
  owns(id: DispatcherId): boolean {
    return this.ids.has(id)
  }

  status(): DispatcherStatus {
    const senders = [...this.senders.values()]
    return {
      running: this.loop !== null && !this.stopping,
      senders: senders.length,
      inHand: senders.reduce((sum, sender) => sum + sender.inFlight, 0),
      handed: this.handedBefore + senders.reduce((sum, sender) => sum + sender.handed, 0),
      settled: this.settledBefore + senders.reduce((sum, sender) => sum + sender.settled, 0),
      claims: this.claims,
      trouble: this.trouble,
    }
  }

  /** Claims nothing more, finishes what is in flight within `graceMs`, gives the rest back. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true
    this.wake()
    await this.loop
    this.loop = null
    for (const sender of [...this.senders.values(), ...this.retiring.keys()]) sender.hurry(graceMs)
    await Promise.all([...this.senders.values()].map((sender) => sender.stop(graceMs)))
    await Promise.all(this.retiring.values())
    if (this.beats) clearInterval(this.beats)
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false
      let waitMs: number
      try {
        waitMs = this.deps.mayClaim() ? await this.round() : IDLE_WAIT_MS
        this.trouble = this.deps.mayClaim()
          ? null
          : 'The database is of a newer Waybill than this one: nothing is claimed until this one is upgraded.'
      } catch (error) {
        this.trouble = `Looking for waiting mail failed: ${(error as Error).message}`
        this.deps.log.warn({ err: error }, 'looking for waiting mail failed; trying again')
        waitMs = TROUBLE_WAIT_MS
      }
      if (waitMs > 0 && !this.woken) await this.sleep(waitMs)
    }
  }

  /** One look at every lane. Returns how long there is nothing to do, in milliseconds. */
  private async round(): Promise<number> {
    const now = this.clock.now()
    const lanes = await selectLanes(this.deps.database.db)
    let waitMs = IDLE_WAIT_MS
    let claimedAny = false
    const due = lanes.filter((lane) => lane.nextDueAt <= now)
    for (const lane of lanes) if (lane.nextDueAt > now) waitMs = Math.min(waitMs, lane.nextDueAt.getTime() - now.getTime())
    let trouble: Error | null = null
    const rooms = new Map<RouteId, number>()
    for (const lane of inFairOrder(due)) {
      if (this.stopping) break
      // What is wrong with one lane is told when all the others have had their turn.
      const claimed = await this.serve(lane, due, rooms, now).catch((error: Error) => {
        if (isDatabaseUnavailable(error)) throw error
        trouble ??= error
        return 0
      })
      if (claimed > 0) claimedAny = true
      if (lane.circuit === 'open' && lane.circuitUntil && lane.circuitUntil > now) {
        waitMs = Math.min(waitMs, lane.circuitUntil.getTime() - now.getTime())
      }
    }
    this.retireIdle()
    if (trouble) throw trouble
    return claimedAny ? 0 : Math.max(1, waitMs)
  }

  private async serve(lane: Lane, due: readonly Lane[], rooms: Map<RouteId, number>, now: Date): Promise<number> {
    if (lane.circuit === 'open' && lane.circuitUntil && lane.circuitUntil > now) return 0
    const sender = await this.senderOf(lane)
    if (!sender) return 0
    if (lane.circuit !== 'closed') return this.probe(lane, sender, now)
    // Asked once for all streams of a route: what the first of them took would leave too little for a batch of the others.
    const room = rooms.get(lane.routeId) ?? sender.room()
    rooms.set(lane.routeId, room)
    if (room === 0) return 0
    const rivals = due.filter((other) => other.routeId === lane.routeId)
    const weights = rivals.reduce((sum, other) => sum + WEIGHT[other.stream], 0)
    const limit = Math.max(1, Math.floor((room * WEIGHT[lane.stream]) / weights))
    this.claims += 1
    return sender.claim(lane, limit, false)
  }

  /** One message finds out whether an open route works again; one process at a time may send it. */
  private async probe(lane: Lane, sender: Sender, now: Date): Promise<number> {
    const { db } = this.deps.database
    if (!sender.isIdle) return 0
    if (!(await takeProbe(db, lane.workspaceId, lane.routeId, sender.id, new Date(now.getTime() + PROBE_LEASE_MS), now))) return 0
    this.claims += 1
    const claimed = await sender.claim(lane, 1, true)
    if (sender.isIdle) await returnProbe(db, lane.workspaceId, lane.routeId, sender.id)
    return claimed
  }

  private async senderOf(lane: Lane): Promise<Sender | null> {
    const existing = this.senders.get(lane.routeId)
    if (existing && !existing.isLost && existing.route.version === lane.routeVersion) return existing
    if (existing) this.retire(existing)
    const route = await findRoute(this.deps.database.db, lane.workspaceId, lane.routeId)
    // Chosen in the moment in which it was removed: what was to take it takes the default.
    if (!route && lane.pinned)
      await this.deps.database.transaction(ENGINE, (tx) => unpinRoute(tx, lane.workspaceId, lane.routeId))
    if (!route) return null
    const provider = await this.openProvider(route)
    if (!provider) return null
    const id = newId<DispatcherId>(this.clock.now().getTime())
    this.ids.add(id)
    const sender = await Sender.open({ ...this.deps, wake: () => this.wake() }, route, provider, id)
    this.senders.set(lane.routeId, sender)
    return sender
  }

  /** Null for a route whose settings cannot be used (a password that no longer opens): its mail waits with that reason, the others go on. */
  private async openProvider(route: Route): Promise<Provider | null> {
    try {
      return this.deps.openProvider(route)
    } catch (error) {
      this.deps.log.error({ err: error, route: route.name }, 'the settings of a route cannot be used')
      const failure = unusable(route, error as Error)
      await this.deps.database.transaction(ENGINE, (tx) =>
        recordRouteFailure(tx, route, failure, this.deps.random(), this.clock.now()),
      )
      return null
    }
  }

  /** A sender whose route changed, or that lost its lease: it finishes in the background, a new one takes its place. */
  private retire(sender: Sender): void {
    this.senders.delete(sender.route.id)
    const gone = sender
      .stop(10_000)
      .catch((error: Error) => this.deps.log.warn({ err: error }, 'a sender did not sign off; its deliveries will be taken over'))
      .finally(() => {
        this.handedBefore += sender.handed
        this.settledBefore += sender.settled
        this.retiring.delete(sender)
        this.ids.delete(sender.id)
      })
    this.retiring.set(sender, gone)
  }

  /** Those that have nothing to do, and those that may not claim any more: as long as they are ours, beats would keep what they hold. */
  private retireIdle(): void {
    const nowMs = this.clock.monotonicMs()
    for (const sender of this.senders.values()) {
      if (sender.isLost || (sender.isIdle && nowMs - sender.lastUsedMs > SENDER_IDLE_MS)) this.retire(sender)
    }
  }

  private async beat(): Promise<void> {
    await Promise.all([...this.senders.values()].map((sender) => sender.beat().catch(() => {})))
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms)
      const self = this
      function done(): void {
        clearTimeout(timer)
        self.wakeUp = null
        resolve()
      }
      this.wakeUp = done
    })
  }
}

function unusable({ way }: Route, { message }: Error): Failure {
  const place = way.kind === 'smtp' ? { host: way.settings.host, port: way.settings.port } : { host: 'sandbox', port: null }
  return classify({
    kind: 'unable',
    lack: 'configuration',
    mode: 'relay',
    stage: 'config',
    ...place,
    address: null,
    recipient: null,
    message,
  })
}

/** Streams in the order of their urgency; within one, whoever waited longest first. */
function inFairOrder(lanes: readonly Lane[]): Lane[] {
  return [...lanes].sort((a, b) => WEIGHT[b.stream] - WEIGHT[a.stream] || a.nextDueAt.getTime() - b.nextDueAt.getTime())
}
