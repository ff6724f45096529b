import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { hasNews, type LogPosition, lockAndReach, lockFollowers, moveFollowers, reachOf } from './queries.ts'

export {
  endOfLog,
  eventsAfter,
  eventsBetween,
  eventsOfTime,
  eventsOfTypes,
  hasNews,
  type LogPosition,
  newestOfTypes,
  newsFor,
  type PositionedEvent,
  placeOfFollower,
  REBASED_TXID,
  rebasedSeq,
  rebaseLog,
  stretchOfLog,
  type WantedEvents,
  waitForFollower,
  wantedEvents,
} from './queries.ts'

/** Somebody who learns from the log. `apply` works on everything after `from` up to and including `to`, in the transaction of its cursor. */
export interface Follower {
  readonly name: string
  apply(tx: Tx, from: LogPosition, to: LogPosition, now: Date): Promise<void>
}

const EVENTS_A_STEP = 5_000

/**
 * Moves a follower on by one step. Its effects and its cursor share a transaction: after a crash neither is there, or both. Returns how many events
 * it read; zero when there are none, or when another process moves it at this moment.
 */
export function followOnce(database: Database, follower: Follower, now: Date): Promise<number> {
  return followTogether(database, [follower], now)
}

/**
 * As followOnce, for followers that read the same stretch in one transaction: those furthest behind go first, and no further than the next
 * ones, so that sooner or later all of them go together. A fault of one undoes the step of all.
 */
export async function followTogether(database: Database, followers: readonly Follower[], now: Date): Promise<number> {
  return (await stepTogether(database, followers, now)).count
}

interface Step {
  readonly count: number
  /** It went as far as a step goes, or only up to where others stand: there was more to read. */
  readonly isCut: boolean
}

const NOTHING: Step = { count: 0, isCut: false }

async function stepTogether(database: Database, followers: readonly Follower[], now: Date): Promise<Step> {
  const names = followers.map(({ name }) => name)
  if (!(await hasNews(database.db, names))) return NOTHING
  return database.transaction(ENGINE, async (tx) => {
    const locked = (await lockFollowers(tx, names, now)).toSorted((a, b) => compare(a.at, b.at))
    const from = locked[0]?.at
    if (!from) return NOTHING
    const reach = await reachOf(tx, from, EVENTS_A_STEP)
    if (!reach) return NOTHING
    const ahead = locked.find(({ at }) => compare(at, from) > 0)?.at
    const to = ahead && compare(ahead, reach.to) < 0 ? ahead : reach.to
    const moving = new Set(locked.filter(({ at }) => compare(at, from) === 0).map(({ name }) => name))
    for (const follower of followers) if (moving.has(follower.name)) await follower.apply(tx, from, to, now)
    await moveFollowers(tx, [...moving], to, now)
    return { count: reach.count, isCut: reach.count >= EVENTS_A_STEP || to !== reach.to }
  })
}

/**
 * As followOnce, for a follower that has work of its own beside: it is called although there is nothing to read, and `from` is `to` then. Null when
 * another process moves it at this moment; otherwise how many events it read.
 */
export async function followAnyway(database: Database, follower: Follower, now: Date): Promise<number | null> {
  const step = async (tx: Tx) => {
    const locked = (await lockAndReach(tx, follower.name, EVENTS_A_STEP)) ?? (await begin(tx))
    if (!locked) return null
    const { at, reach } = locked
    await follower.apply(tx, at, reach?.to ?? at, now)
    if (reach) await moveFollowers(tx, [follower.name], reach.to, now)
    return reach?.count ?? 0
  }
  // The first time ever, or somebody else has it.
  const begin = async (tx: Tx) => {
    const [first] = await lockFollowers(tx, [follower.name], now)
    return first ? { at: first.at, reach: await reachOf(tx, first.at, EVENTS_A_STEP) } : null
  }
  return database.transaction(ENGINE, step, { prepared: true })
}

/**
 * Until they have read what there was to read. What is written meanwhile is for the next time: while mail leaves there is always a little more, and many
 * small steps cost many times what a few large ones do. A follower that fails holds up itself alone: each is then moved by itself, and
 * what failed is thrown.
 */
export async function followAll(database: Database, followers: readonly Follower[], now: () => Date): Promise<void> {
  try {
    while ((await stepTogether(database, followers, now())).isCut);
  } catch (error) {
    if (followers.length === 1) throw error
    const faults: unknown[] = []
    for (const follower of followers) await followAll(database, [follower], now).catch((fault) => faults.push(fault))
    if (faults.length > 0) throw faults[0]
  }
}

function compare(a: LogPosition, b: LogPosition): number {
  return Number(BigInt(a.txid) - BigInt(b.txid)) || Number(BigInt(a.seq) - BigInt(b.seq))
}
