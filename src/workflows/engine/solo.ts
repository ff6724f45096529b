/**
 * Runs that begin in lanes of their own, where nobody else can have anything to do: they are worked out first, many of them, and written by one statement.
 * That is a transaction too, and the only one. What takes more than going and computing gets one of its own.
 */
import { NeedsTransaction, NO_TRANSACTION } from './failure.ts'
import type { Lane } from './lane-queries.ts'
import { LaneTurn } from './lane-turn.ts'
import { writeSolos } from './solo-write.ts'
import { NOTHING_STANDS } from './standing.ts'
import type { TurnDeps } from './tools.ts'
import type { TurnResult, Written } from './write-back.ts'

export type SoloEnd =
  | { readonly kind: 'done'; readonly written: Written; readonly nodes: number }
  /** Somebody else has it, or had it. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'needs_transaction' }
  | { readonly kind: 'broke'; readonly error: unknown }

export interface WorkedOut extends TurnResult {
  readonly lane: Lane
  readonly letterId: string
  readonly runId: string
  readonly nodes: number
}

/** So many are one statement at most. */
export const SOLOS_AT_ONCE = 64
const MAX_MS = 200

/** Versions whose runs begin with more than going and computing. */
const needy = new Set<string>()

export function isSolo({ solo, crashes }: Lane): boolean {
  return crashes === 0 && solo?.letter.what === 'start' && solo.letter.runId !== undefined && !needy.has(solo.letter.versionId)
}

/** By lane; of those that it did not come to there is nothing. What it throws may be the fault of one: then nothing of any is written. */
export async function soloBurst(deps: TurnDeps, lanes: readonly Lane[], now: Date): Promise<ReadonlyMap<Lane, SoloEnd>> {
  const ends = new Map<Lane, SoloEnd>()
  const made: WorkedOut[] = []
  const startedMs = deps.monotonicMs()
  for (const lane of lanes) {
    if (ends.size + made.length > 0 && deps.monotonicMs() - startedMs > MAX_MS) break
    const end = await workOut(deps, lane, now)
    if ('kind' in end) ends.set(lane, end)
    else made.push(end)
  }
  if (made.length === 0) return ends
  deps.failpoints.reach('workflow_before_commit')
  const written = await deps.database.statement((db) => writeSolos(db, made, now))
  for (const { lane, nodes } of made) {
    const own = written.get(lane.id)
    ends.set(lane, own ? { kind: 'done', written: own, nodes } : { kind: 'lost' })
  }
  return ends
}

async function workOut(deps: TurnDeps, lane: Lane, now: Date): Promise<WorkedOut | SoloEnd> {
  const { workspaceId, id, solo } = lane
  // What was switched off meanwhile is rare, and takes a look at more.
  if (solo?.letter.what !== 'start' || !solo.letter.runId || lane.isOn !== true) return { kind: 'needs_transaction' }
  const { versionId, runId } = solo.letter
  deps.failpoints.reach('workflow_claimed')
  try {
    await deps.versions.of(deps.database.db, workspaceId, versionId)
    const own = { workspaceId, id, crashes: 0, key: 'run:' }
    // The switch was looked at when the lane was: however old the letter is, it need not be asked for again.
    const work = { box: [{ ...solo, at: now }], due: [], place: solo.place, standing: NOTHING_STANDS }
    const result = await new LaneTurn(deps, NO_TRANSACTION, own, work, now).run()
    // Branches are rows that only some begin with.
    if (result.runs.every(({ state }) => state.forks.length === 0)) return { ...result, lane, letterId: solo.id, runId }
  } catch (error) {
    if (!(error instanceof NeedsTransaction)) return { kind: 'broke', error }
  }
  needy.add(versionId)
  return { kind: 'needs_transaction' }
}
