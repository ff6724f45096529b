/**
 * Runs that go on in lanes of their own, many in one transaction: what came for them, or is due. Their lanes are locked together, nobody is waited for, and
 * what they come to is one statement. What takes more than going, waiting and computing is left out: it gets a transaction of its own.
 */
import { SECOND } from '../../lib/clock.ts'
import { NeedsTransaction, NO_TRANSACTION } from './failure.ts'
import type { Lane } from './lane-queries.ts'
import { LaneTurn, LETTERS_AT_ONCE } from './lane-turn.ts'
import { readTogether, type TakenLane, takingTogether } from './take-queries.ts'
import { writeTogether } from './together-write.ts'
import type { TurnDeps } from './tools.ts'
import type { TurnResult, Written } from './write-back.ts'

export type TogetherEnd =
  | { readonly kind: 'done'; readonly written: Written; readonly nodes: number }
  /** Somebody else has it, or had it. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'needs_transaction' }
  | { readonly kind: 'broke'; readonly error: unknown }

interface WentOn extends TurnResult {
  readonly nodes: number
}

/** So many are one transaction at most. */
export const TOGETHER_AT_ONCE = 32
const MAX_MS = 200
const STATEMENT_TIMEOUT_MS = 5 * SECOND

/** Versions whose runs go on with more than that. */
const needy = new Set<string>()

export function mayGoTogether({ crashes, solo, versionId }: Lane): boolean {
  return crashes === 0 && !solo && versionId !== undefined && !needy.has(versionId)
}

/** By lane; of those that it did not come to there is nothing. What it throws may be the fault of one: then nothing of any is written. */
export async function burstTogether(deps: TurnDeps, lanes: readonly Lane[], now: Date): Promise<ReadonlyMap<Lane, TogetherEnd>> {
  return await deps.database.transactionFrom(
    takingTogether(lanes, LETTERS_AT_ONCE, now),
    async (tx, opened) => {
      const taken = readTogether(opened)
      const ends = new Map<Lane, TogetherEnd>(
        lanes.filter(({ id }) => !taken.has(id)).map((lane) => [lane, { kind: 'lost' }] as const),
      )
      const made = new Map<Lane, WentOn>()
      const startedMs = deps.monotonicMs()
      for (const lane of lanes) {
        const own = taken.get(lane.id)
        if (!own) continue
        if (made.size > 0 && deps.monotonicMs() - startedMs > MAX_MS) break
        deps.failpoints.reach('workflow_claimed')
        // Read once each; not by those who go on without a transaction.
        for (const { versionId } of own.standing.runs) await deps.versions.of(tx, lane.workspaceId, versionId)
        const end = await goOn(deps, lane, own, now)
        if ('kind' in end) ends.set(lane, end)
        else made.set(lane, end)
      }
      if (made.size === 0) return ends
      const written = await writeTogether(tx, [...made.values()], now)
      for (const [nth, [lane, { nodes }]] of [...made].entries())
        ends.set(lane, { kind: 'done', written: written[nth] as Written, nodes })
      deps.failpoints.reach('workflow_before_commit')
      return ends
    },
    { statementTimeoutMs: STATEMENT_TIMEOUT_MS, prepared: true },
  )
}

async function goOn(deps: TurnDeps, lane: Lane, taken: TakenLane, now: Date): Promise<WentOn | TogetherEnd> {
  const { workspaceId, id, versionId } = lane
  const { crashes, key, ...work } = taken
  // What it is asked under the lock may be another thing than it was when it was chosen.
  if (crashes > 0) return { kind: 'needs_transaction' }
  try {
    const went = await new LaneTurn(deps, NO_TRANSACTION, { workspaceId, id, crashes, key }, work, now).run()
    if (isPlain(went)) return went
  } catch (error) {
    if (!(error instanceof NeedsTransaction)) return { kind: 'broke', error }
    if (versionId !== undefined) needy.add(versionId)
  }
  return { kind: 'needs_transaction' }
}

/** One run that was there before, without branches, and nothing but its own letters. */
function isPlain({ runs, verdicts, end, hasForwarded }: TurnResult): boolean {
  const [run] = runs
  return (
    runs.length === 1 &&
    run?.saved != null &&
    run.saved.forks.length === 0 &&
    run.state.forks.length === 0 &&
    verdicts.length === 0 &&
    end.parked.length === 0 &&
    !end.unpark &&
    !end.isLeft &&
    !hasForwarded
  )
}
