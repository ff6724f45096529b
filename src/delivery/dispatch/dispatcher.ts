import { ENGINE, isDatabaseUnavailable } from '../../db/database.ts'
import type { Clock } from '../../lib/clock.ts'
import { type DispatcherId, newId, type WorkspaceId } from '../../lib/ids.ts'
import { classify, type Failure } from '../../mail/failure.ts'
import type { Provider } from '../providers/provider.ts'
import { unpinRoute } from '../queries.ts'
import { OTHER } from '../receivers/receiver-seeds.ts'
import { findRoute } from '../routes/manage.ts'
import { recordRouteFailure, returnProbe, takeProbe } from '../routes/record-circuit.ts'
import type { Route } from '../routes/route.ts'
import { chooseWay, type OpenWay, type Ways, waysOf } from '../routing/choose.ts'
import { isUnsorted, type Picture, type RouteState } from '../routing/picture.ts'
import { type Misalignments, readMisalignments, readPictures } from '../routing/read-picture.ts'
import { returnReceiverProbe, takeReceiverProbe } from '../routing/record-receiver.ts'
import { type Errand, inFairOrder, Shares, senderKeyOf } from './fair.ts'
import type { Serving } from './finished.ts'
import { selectLanes, type WaitingLane } from './queries.ts'
import { Sender, type SenderDeps } from './sender.ts'
import { type ReceiverBook, sortLane } from './sort.ts'
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
  readonly receivers: ReceiverBook
}

const IDLE_WAIT_MS = 1_000
const TROUBLE_WAIT_MS = 1_000
const BEAT_MS = LEASE_MS / 6
/** After this long another process may probe as well: a lost probe must not keep a route closed. */
const PROBE_LEASE_MS = 120_000
const SENDER_IDLE_MS = 60_000
/** What one look serves at most: with more, a code that came meanwhile would wait for the end of the round. */
const MAX_LANES_A_ROUND = 64
const MAX_SORTING = 4
const ALIGNMENT_MS = 3_000
/** Where mail trickles in, a look that found little waits a moment for more: a claim of one costs as much as a claim of fifty. */
const SMALL_ROUND = 100
const LINGER_MS = 12
/** Turns are remembered for fairness only: forgetting them all costs one round of it. */
const MAX_TURNS = 20_000

/** The loop that finds waiting mail and gives it to the sender of its route. Any number of processes may run it on one database. */
export class Dispatcher {
  private readonly deps: DispatcherDeps
  private readonly clock: Clock
  private readonly senders = new Map<string, Sender>()
  private readonly sorting = new Map<number, Promise<void>>()
  /** Of every sender that is not over, from before its row exists. */
  private readonly ids = new Set<DispatcherId>()
  private readonly retiring = new Map<Sender, Promise<void>>()
  private loop: Promise<void> | null = null
  private beats: NodeJS.Timeout | null = null
  private stopping = false
  private woken = false
  /** Set by whoever has submitted mail, since the last look. */
  private hasNews = false
  /** When each lane had its last turn, in rounds: whoever waited longest comes first. */
  private readonly turns = new Map<number, number>()
  private rounds = 0
  private lingers = false
  private misalignments: { readonly readAtMs: number; readonly found: Misalignments } | null = null
  private wakeUp: (() => void) | null = null
  private claims = 0
  private handedBefore = 0
  private settledBefore = 0
  private trouble: string | null = null
  private sortTrouble: string | null = null

  constructor(deps: DispatcherDeps) {
    this.deps = deps
    this.clock = deps.clock
  }

  start(): void {
    this.loop = this.run()
    this.beats = setInterval(() => void this.beat(), BEAT_MS)
  }

  /** New mail may be there: look now instead of at the next second, and do not finish the turns of bulk mail before. */
  wake(): void {
    this.hasNews = true
    this.goOn()
  }

  private goOn(): void {
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
      trouble: this.trouble ?? this.sortTrouble,
    }
  }

  /** Claims nothing more, finishes what is in flight within `graceMs`, gives the rest back. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true
    this.wake()
    await this.loop
    this.loop = null
    await Promise.all(this.sorting.values())
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
      else if (this.lingers && !this.stopping) await new Promise((resolve) => setTimeout(resolve, LINGER_MS))
    }
  }

  /** One look at every lane. Returns how long there is nothing to do, in milliseconds. */
  private async round(): Promise<number> {
    const now = this.clock.now()
    this.hasNews = false
    this.rounds += 1
    const lanes = await selectLanes(this.deps.database.db)
    const workspaceIds = new Set(lanes.map((lane) => lane.workspaceId))
    const pictures = await readPictures(this.deps.database.db, workspaceIds, await this.misalignmentsOf(workspaceIds))
    let waitMs = IDLE_WAIT_MS
    const waitUntil = (at: Date) => {
      waitMs = Math.min(waitMs, at.getTime() - now.getTime())
    }
    const errands: Errand[] = []
    for (const lane of lanes) {
      const picture = pictures.get(lane.workspaceId)
      if (lane.nextDueAt > now) waitUntil(lane.nextDueAt)
      else if (picture && isForsaken(lane, picture)) await this.unpin(lane)
      else if (picture && isUnsorted(lane, picture)) this.sort(lane, picture)
      else if (picture) errands.push({ lane, ways: waysOf(picture, lane, now) })
    }
    for (const { ways } of errands) for (const { until } of ways.obstacles) if (until && until > now) waitUntil(until)
    const claimed = await this.serveAll(errands, now)
    if (this.turns.size > MAX_TURNS) this.turns.clear()
    this.retireIdle()
    this.lingers = claimed > 0 && claimed < SMALL_ROUND
    return claimed > 0 ? 0 : Math.max(1, waitMs)
  }

  /** What the DNS decides is read every few seconds, not at every look. */
  private async misalignmentsOf(workspaceIds: ReadonlySet<WorkspaceId>): Promise<Misalignments> {
    const nowMs = this.clock.monotonicMs()
    const known = this.misalignments
    if (known && nowMs - known.readAtMs < ALIGNMENT_MS && [...workspaceIds].every((id) => known.found.has(id))) return known.found
    const found = await readMisalignments(this.deps.database.db, workspaceIds)
    this.misalignments = { readAtMs: nowMs, found }
    return found
  }

  /** Fair turns: sign-in codes first, and within a stream whose turn is longest ago. News ends the turns of bulk mail, once one had its own. */
  private async serveAll(errands: readonly Errand[], now: Date): Promise<number> {
    const shares = new Shares(errands)
    let claimed = 0
    let trouble: Error | null = null
    for (const errand of inFairOrder(errands, this.turns).slice(0, MAX_LANES_A_ROUND)) {
      if (this.stopping || (this.hasNews && claimed > 0 && errand.lane.stream === 'bulk')) break
      this.turns.set(errand.lane.id, this.rounds)
      // What is wrong with one lane is told when all the others have had their turn.
      claimed += await this.serve(errand, shares, now).catch((error: Error) => {
        if (isDatabaseUnavailable(error)) throw error
        trouble ??= error
        return 0
      })
    }
    if (trouble) throw trouble
    return claimed
  }

  private async serve({ lane, ways }: Errand, shares: Shares, now: Date): Promise<number> {
    let claimed = 0
    for (const probe of ways.probes) claimed += await this.probe(lane, ways, probe, now)
    const way = chooseWay(ways.open, this.deps.random())
    if (!way) return claimed
    const sender = await this.senderOf(lane, way.route)
    if (!sender) return claimed
    const room = shares.of(senderKeyOf(lane, way.route), () => sender.room(), lane.stream)
    // Where weights share the mail out, it goes in small portions, so that the shares are kept in small amounts as well.
    const portion = ways.open.length > 1 ? Math.max(8, Math.floor(room / 8)) : room
    const limit = Math.min(room, portion, way.room)
    if (limit < 1) return claimed
    this.claims += 1
    return claimed + (await sender.claim(toServing(lane, ways, way), limit))
  }

  /** One message finds out whether what was closed works again; one process at a time may send it. */
  private async probe(lane: WaitingLane, ways: Ways, { way, of }: Ways['probes'][number], now: Date): Promise<number> {
    const { db } = this.deps.database
    const sender = await this.senderOf(lane, way.route)
    if (!sender || (of === 'route' && !sender.isIdle)) return 0
    const until = new Date(now.getTime() + PROBE_LEASE_MS)
    const key = { workspaceId: lane.workspaceId, routeId: way.route.id, receiver: lane.receiver ?? OTHER }
    const taken =
      of === 'route'
        ? await takeProbe(db, lane.workspaceId, way.route.id, sender.id, until, now)
        : await takeReceiverProbe(db, key, sender.id, until, now)
    if (!taken) return 0
    this.claims += 1
    const claimed = await sender.claim({ ...toServing(lane, ways, way), probing: of }, 1)
    if (claimed > 0) return claimed
    if (of === 'route') await returnProbe(db, lane.workspaceId, way.route.id, sender.id)
    else await returnReceiverProbe(db, key, sender.id)
    return 0
  }

  /** Chosen in the moment in which it was removed: what was to take that route takes the one that the rules say. */
  private async unpin({ workspaceId, viaRoute }: WaitingLane): Promise<void> {
    if (viaRoute) await this.deps.database.transaction(ENGINE, (tx) => unpinRoute(tx, workspaceId, viaRoute))
    this.wake()
  }

  /** Looking names up takes its time: other lanes go on meanwhile. */
  private sort(lane: WaitingLane, picture: Picture): void {
    if (this.sorting.has(lane.id) || this.sorting.size >= MAX_SORTING) return
    const done = sortLane(this.deps.database, this.deps.receivers, lane, picture, this.clock.now())
      .then(
        () => {
          this.sortTrouble = null
          this.wake()
        },
        (error: Error) => {
          this.sortTrouble = `Looking up who receives waiting mail failed: ${error.message}`
          this.deps.log.warn({ err: error }, 'waiting mail could not be sorted; trying again')
        },
      )
      .finally(() => this.sorting.delete(lane.id))
    this.sorting.set(lane.id, done)
  }

  /** Direct routes have a sender for each receiver that is known by name: one that answers slowly keeps nobody else waiting. */
  private async senderOf(lane: WaitingLane, wanted: RouteState): Promise<Sender | null> {
    const key = senderKeyOf(lane, wanted)
    const existing = this.senders.get(key)
    if (existing && !existing.isLost && existing.route.version === wanted.version) return existing
    if (existing) this.retire(key, existing)
    const route = await findRoute(this.deps.database.db, lane.workspaceId, wanted.id)
    if (!route) return null
    const provider = await this.openProvider(route, lane.receiver)
    if (!provider) return null
    const id = newId<DispatcherId>(this.clock.now().getTime())
    this.ids.add(id)
    const sender = await Sender.open({ ...this.deps, wake: () => this.goOn() }, route, provider, id)
    this.senders.set(key, sender)
    return sender
  }

  /** Null for a route whose settings cannot be used (a password that no longer opens): its mail waits with that reason, the others go on. */
  private async openProvider(route: Route, receiver: string | null): Promise<Provider | null> {
    try {
      return await this.deps.openProvider(route, receiver)
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
  private retire(key: string, sender: Sender): void {
    this.senders.delete(key)
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
    for (const [key, sender] of this.senders) {
      if (sender.isLost || (sender.isIdle && nowMs - sender.lastUsedMs > SENDER_IDLE_MS)) this.retire(key, sender)
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
  const place = way.kind === 'smtp' ? { host: way.settings.host, port: way.settings.port } : { host: way.kind, port: null }
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

function isForsaken({ viaRoute }: WaitingLane, picture: Picture): boolean {
  return viaRoute !== null && !picture.routes.some((route) => route.id === viaRoute)
}

/** What a lane's mail is served with. */
function toServing(lane: WaitingLane, ways: Ways, way: OpenWay): Serving {
  return {
    lane,
    limits: { paceIds: way.paces.map((pace) => pace.id), warmUps: way.warmUps },
    trip: ways.rule?.trip ?? null,
    hasOtherWays: ways.open.some((other) => other.route.id !== way.route.id),
    probing: null,
  }
}
