/** The runs that a turn has in hand: those that its work is about, and those that it asks for on the way. */
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Token } from '../interpret/state.ts'
import type { RunId } from '../steps/step.ts'
import { type LiveRun, loadRuns, runsStanding } from './live-run.ts'
import { holdUnreadable } from './run-queries.ts'
import type { Work } from './take-queries.ts'
import type { Versions } from './versions.ts'

export class TurnRuns {
  readonly #tx: Tx
  readonly #versions: Versions
  readonly #workspaceId: WorkspaceId
  readonly #runs = new Map<string, LiveRun>()
  readonly #runOfWait = new Map<string, RunId>()

  constructor(tx: Tx, versions: Versions, workspaceId: WorkspaceId) {
    this.#tx = tx
    this.#versions = versions
    this.#workspaceId = workspaceId
  }

  async load({ due, standing }: Pick<Work, 'due' | 'standing'>, now: Date): Promise<void> {
    const runOf = new Map(standing.tokens.map(({ token, runId }) => [token.id, runId as RunId]))
    for (const { id, tokenId } of standing.waits) this.#runOfWait.set(id, runOf.get(tokenId) as RunId)
    const found = await runsStanding(this.#tx, this.#versions, this.#workspaceId, standing)
    for (const [id, run] of found) this.#runs.set(id, run)
    const unread = due.filter(({ runId }) => !this.#runs.has(runId)).map(({ runId }) => runId)
    // They would be due for ever, and nobody could move them.
    if (unread.length > 0) await holdUnreadable(this.#tx, this.#workspaceId, unread, now)
  }

  all(): LiveRun[] {
    return [...this.#runs.values()]
  }

  add(run: LiveRun): void {
    this.#runs.set(run.row.id, run)
  }

  known(id: RunId): LiveRun | undefined {
    return this.#runs.get(id)
  }

  /** Read if it was not yet; null: it is over, or nobody can read it. */
  async find(id: RunId): Promise<LiveRun | null> {
    const known = this.#runs.get(id)
    if (known) return known
    const found = (await loadRuns(this.#tx, this.#versions, this.#workspaceId, [id])).get(id) ?? null
    if (found) this.#runs.set(id, found)
    return found
  }

  /** Whose wait this is; undefined where somebody was faster: another arm, the time, or a person. */
  waiting(waitId: string): { readonly run: LiveRun; readonly token: Token; readonly port: string } | undefined {
    const run = this.#runs.get(this.#runOfWait.get(waitId) ?? '')
    const wait = run?.waits.get(waitId)
    const token = run?.state.tokens.find(({ id }) => id === wait?.tokenId)
    if (!run || !wait || token?.state !== 'waiting' || token.arms !== wait.arms) return undefined
    return { run, token, port: wait.port }
  }

  /** The run and the token of a wait, whatever became of it since. */
  ofWait(waitId: string): { readonly run: LiveRun; readonly tokenId: string } | undefined {
    const run = this.#runs.get(this.#runOfWait.get(waitId) ?? '')
    const tokenId = run?.waits.get(waitId)?.tokenId
    return run && tokenId !== undefined ? { run, tokenId } : undefined
  }
}
