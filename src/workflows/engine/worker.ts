/**
 * Works in lanes: several at a time, each in a transaction of its own. Any number of processes may; a lane's row is its lock. What broke before is tried
 * alone, with nothing else under way: should it end the process again, it is known what did.
 */
import { isDatabaseUnavailable } from '../../db/database.ts'
import { SECOND } from '../../lib/clock.ts'
import type { Log } from '../../log.ts'
import { type BurstDeps, burst } from './burst.ts'
import { createHand, type HandDeps } from './hand.ts'
import { countCrash } from './hand-queries.ts'
import { type Lane, selectLanesToDo, selectSuspect } from './lane-queries.ts'
import { isSolo, SOLOS_AT_ONCE, type SoloEnd, soloBurst } from './solo.ts'
import { burstTogether, mayGoTogether, TOGETHER_AT_ONCE, type TogetherEnd } from './together.ts'
import { both, type Done } from './write-back.ts'

export interface WorkerDeps extends BurstDeps, HandDeps {
  readonly log: Log
  readonly mayClaim: () => boolean
  /** Lanes at a time. */
  readonly atOnce: number
  /** Told after each burst: somebody reads the log, and looks after what is held. */
  readonly done: (what: { readonly waits: number; readonly held: number; readonly events: number }) => void
}

export interface LaneWorker {
  /** Does what is due, until nothing is. */
  drain(): Promise<void>
  /** Something was brought. False: nobody is at work who would look. */
  poke(): boolean
  /** Bursts, nodes and broken transactions since the beginning. */
  counts(): { readonly bursts: number; readonly nodes: number; readonly broken: number }
  stop(): Promise<void>
}

const LANES_AT_ONCE = 64
const LOOK_FOR_BROKEN_MS = SECOND
/** Then those that broke before have their turn. */
const A_TURN_MS = 2 * SECOND

export function createLaneWorker(deps: WorkerDeps): LaneWorker {
  const { database, clock, log } = deps
  const hand = createHand(deps)
  /** Lanes that are being worked in, and what is under way: one lane, or some that begin together. */
  const busy = new Set<string>()
  const units = new Set<Promise<void>>()
  let begins = 0
  const counts = { bursts: 0, nodes: 0, broken: 0 }
  let stopping = false
  let fault: Error | null = null
  let poked = Promise.withResolvers<void>()
  let hasNews = false
  /** Some lane that is in hand has more to do than one turn. */
  let isMoreLeft = false
  /** Whoever pokes now is heard: nothing comes in between the last look at it and the end. */
  let isFlowing = false
  let lookedAloneMs = Number.NEGATIVE_INFINITY

  /** All that is due and never broke, at most for one turn. False: there is no more at this moment. */
  async function flow(): Promise<boolean> {
    isFlowing = true
    try {
      return await flowing()
    } finally {
      isFlowing = false
    }
  }

  async function flowing(): Promise<boolean> {
    const endsMs = deps.monotonicMs() + A_TURN_MS
    let queue: Lane[] = []
    let isDry = false
    for (;;) {
      const isOver = stopping || fault !== null || !deps.mayClaim() || deps.monotonicMs() > endsMs
      if (!isOver && !isDry && queue.length < deps.atOnce) {
        hasNews = false
        poked = Promise.withResolvers<void>()
        const { lanes, isAll } = await claim([...busy, ...queue.map(({ id }) => id)])
        queue = [...queue, ...lanes]
        isDry = isAll
      }
      if (stopping || fault !== null) queue = []
      while (units.size < deps.atOnce) {
        const unit = nextUnit(queue)
        if (unit.length === 0) break
        queue = queue.filter((lane) => !unit.includes(lane))
        begin(unit)
      }
      if (units.size === 0 && queue.length === 0) {
        if ((isDry && !hasNews) || isOver) {
          isFlowing = false
          return !(isDry && !hasNews) && !stopping && fault === null
        }
        isDry = false
        continue
      }
      // Who could take more looks as soon as somebody brings something; the others when they have room.
      const hasRoom = !isOver && queue.length < deps.atOnce
      if (!hasRoom || !hasNews) await Promise.race(hasRoom ? [...units, poked.promise] : units)
      if (hasNews) isDry = false
    }
  }

  function poke(): boolean {
    hasNews = true
    poked.resolve()
    return isFlowing
  }

  async function claim(taken: readonly string[]): Promise<{ readonly lanes: readonly Lane[]; readonly isAll: boolean }> {
    const found = await database.statement((tx) => selectLanesToDo(tx, { busy: taken, limit: LANES_AT_ONCE }, clock.now()))
    if (found.lanes.length > 0) await hand.hold([...taken, ...found.lanes.map(({ id }) => id)])
    return found
  }

  /** The first, and if that is a run that begins alone, all such: meanwhile those that come gather for the next time. */
  function nextUnit(queue: readonly Lane[]): readonly Lane[] {
    const first = queue.find((lane) => begins === 0 || !isSolo(lane))
    if (!first) return []
    if (isSolo(first)) return queue.filter(isSolo).slice(0, SOLOS_AT_ONCE)
    if (!mayGoTogether(first)) return [first]
    return queue.filter((one) => mayGoTogether(one) && one.workspaceId === first.workspaceId).slice(0, TOGETHER_AT_ONCE)
  }

  function begin(unit: readonly Lane[]): void {
    const [lane] = unit as readonly [Lane]
    const isBegin = isSolo(lane)
    if (isBegin) begins += 1
    for (const { id } of unit) busy.add(id)
    const working = (isBegin ? beginTogether(unit) : unit.length > 1 ? goOnTogether(unit) : work(lane))
      .catch((error: Error) => {
        fault = error
      })
      .finally(() => {
        if (isBegin) begins -= 1
        units.delete(working)
        for (const { id } of unit) busy.delete(id)
        // Not before: whoever looked while they were still in hand would pass them by, and find nothing else to do.
        if (isMoreLeft) poke()
        isMoreLeft = false
      })
    units.add(working)
  }

  async function work(lane: Lane): Promise<void> {
    try {
      const done = await burst(deps, lane, clock.now())
      // What steps wrote into the log is not counted.
      if (done) tell(1, { ...done, events: done.events + done.nodes })
    } catch (error) {
      await broke(lane, error)
    }
  }

  async function beginTogether(lanes: readonly Lane[]): Promise<void> {
    const ends = await soloBurst(deps, lanes, clock.now()).catch(async (error: unknown) => {
      if (isDatabaseUnavailable(error)) throw error
      // It may be the fault of one: that one fails alone then, with its lane locked.
      for (const lane of lanes) await (lanes.length > 1 ? beginTogether([lane]) : work(lane))
      return null
    })
    if (ends !== null) await settle(lanes, ends)
  }

  async function goOnTogether(lanes: readonly Lane[]): Promise<void> {
    const ends = await burstTogether(deps, lanes, clock.now()).catch(async (error: unknown) => {
      if (isDatabaseUnavailable(error)) throw error
      for (const lane of lanes) await work(lane)
      return null
    })
    if (ends !== null) await settle(lanes, ends)
  }

  async function settle(lanes: readonly Lane[], ends: ReadonlyMap<Lane, SoloEnd | TogetherEnd>): Promise<void> {
    const done = [...ends.values()].flatMap((end) => (end.kind === 'done' ? [{ ...end.written, nodes: end.nodes }] : []))
    if (done.length > 0) tell(done.length, done.reduce(both))
    // Some took so long that the others are looked for anew.
    if (ends.size < lanes.length) isMoreLeft = true
    for (const [lane, end] of ends) {
      if (end.kind === 'broke') await broke(lane, end.error)
      if (end.kind === 'needs_transaction') await work(lane)
    }
  }

  function tell(bursts: number, done: Done): void {
    deps.failpoints.reach('workflow_after_commit')
    counts.bursts += bursts
    counts.nodes += done.nodes
    if (done.hasMore) isMoreLeft = true
    deps.done(done)
  }

  async function broke(lane: Lane, error: unknown): Promise<void> {
    counts.broken += 1
    lookedAloneMs = Number.NEGATIVE_INFINITY
    if (isDatabaseUnavailable(error)) throw error
    log.error({ err: error as Error, lane: lane.id, crashes: lane.crashes }, 'work on a workflow broke off')
    const dueAt = new Date(clock.now().getTime() + SECOND * 4 ** Math.min(lane.crashes, 3))
    await countCrash(database.db, lane, dueAt)
  }

  /** Those that broke before, each alone. */
  async function alone(): Promise<boolean> {
    if (deps.monotonicMs() - lookedAloneMs < LOOK_FOR_BROKEN_MS) return false
    lookedAloneMs = deps.monotonicMs()
    let some = false
    for (let nth = 0; nth < LANES_AT_ONCE && !stopping && deps.mayClaim(); nth++) {
      const lane = await selectSuspect(database.db, clock.now())
      if (!lane) return some
      some = true
      await hand.hold([lane.id])
      await work(lane)
    }
    return some
  }

  async function drain(): Promise<void> {
    fault = null
    await hand.lookForDead()
    const before = counts.bursts + counts.broken
    let hasMore = true
    while (hasMore && !stopping && fault === null && deps.mayClaim()) {
      hasMore = await flow()
      if (await alone()) hasMore = true
    }
    // Where work is done all the time, the row is written over; where none is, it goes.
    if (busy.size === 0 && counts.bursts + counts.broken === before) await hand.drop()
    if (fault !== null) throw fault
  }

  return {
    drain,
    poke,
    counts: () => ({ ...counts }),
    async stop() {
      stopping = true
      await Promise.allSettled(units)
      await hand.drop().catch(() => {})
    },
  }
}
