/** What a turn leaves behind in its lane: which letters are done with, and when there is something to do again. */
import { dueAt } from '../interpret/next.ts'
import type { LaneEnd } from './lane-end-queries.ts'
import type { Lane } from './lane-queries.ts'
import type { LiveRun } from './live-run.ts'
import type { Work } from './take-queries.ts'

export interface TurnDone {
  readonly runs: readonly LiveRun[]
  readonly taken: readonly string[]
  readonly parked: readonly string[]
  /** It had to stop before it was through. */
  readonly isUnfinished: boolean
  readonly hasPutAside: boolean
}

export function endOfTurn(
  lane: Lane & { readonly key: string },
  { box, due }: Pick<Work, 'box' | 'due'>,
  { runs, taken, parked: queued, isUnfinished, hasPutAside }: TurnDone,
  atOnce: number,
  now: Date,
): LaneEnd {
  const ended = runs.filter(({ state }) => state.status !== 'running')
  // Whatever waits for its turn is asked again; what came in this very turn has to be, too.
  const unpark = ended.some(({ row }) => row.sole)
  const parked = unpark ? [] : queued
  const done = new Set([...taken, ...parked])
  const isLeft = box.some(({ id }) => !done.has(id))
  const hasMore = isLeft || isUnfinished || box.length === atOnce || due.length === atOnce
  const isSpent = ended.length === runs.length && parked.length === 0 && (runs.length > 0 || box.length > 0)
  return {
    ...{ lane, taken, parked, isLeft: isLeft || box.length === atOnce },
    runs: runs.map(({ row }) => row.id),
    due: hasMore ? now : earliest(runs.map(({ state }) => dueAt(state))),
    isOver: lane.key.startsWith('run:') && !hasMore && isSpent,
    unpark,
    crashes: hasPutAside ? 1 : hasMore ? lane.crashes : 0,
  }
}

function earliest(dates: readonly (Date | null)[]): Date | null {
  return dates.reduce((first, date) => (first === null || (date !== null && date < first) ? date : first), null)
}
