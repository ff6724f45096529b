/** The turn of one lane: what came for it, then what is due, and what that makes ready. */
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { LogPosition } from '../../events/follow.ts'
import { cancel } from '../interpret/moves.ts'
import { nextReady } from '../interpret/next.ts'
import type { Token } from '../interpret/state.ts'
import type { RunId } from '../steps/step.ts'
import { callOff } from './attempt.ts'
import type { Act, BoxRow, Hit, Start } from './box.ts'
import { interpretDeps } from './context.ts'
import { countParked, type Lane } from './lane-queries.ts'
import { type LiveRun, take } from './live-run.ts'
import { CRASHES_MAX, putAside } from './put-aside.ts'
import { insertBox } from './route-queries.ts'
import { start } from './start.ts'
import type { Work } from './take-queries.ts'
import { doStep, hitToken, type TokenPlace, timeOutToken } from './token-moves.ts'
import type { TurnDeps } from './tools.ts'
import { TurnBudget } from './turn-budget.ts'
import { endOfTurn } from './turn-end.ts'
import { TurnRuns } from './turn-runs.ts'
import type { Verdict } from './verdict.ts'
import type { TurnResult } from './write-back.ts'

/** So many letters are read at a time. */
export const LETTERS_AT_ONCE = 50
/** Starts of a workflow that wait for its run about one subject to end. Those that were let wait are not refused when their turn is near. */
const MAX_QUEUED = 40

/** The state of one turn: it lives as long as its transaction. */
export class LaneTurn {
  readonly #deps: TurnDeps
  readonly #tx: Tx
  readonly #lane: Lane & { readonly key: string }
  readonly #work: Work
  readonly #now: Date
  readonly #place: TokenPlace
  readonly #budget: TurnBudget
  readonly #runs: TurnRuns
  readonly #verdicts: (Verdict & { workspaceId: string })[] = []
  readonly #taken: string[] = []
  readonly #parked: BoxRow[] = []
  readonly #calledOff = new Map<LiveRun, number>()
  #hasPutAside = false
  #hasForwarded = false

  constructor(deps: TurnDeps, tx: Tx, lane: Lane & { readonly key: string }, work: Work, now: Date) {
    this.#deps = deps
    this.#tx = tx
    this.#lane = lane
    this.#work = work
    this.#now = now
    this.#runs = new TurnRuns(tx, deps.versions, lane.workspaceId)
    this.#place = { tx, deps, now, runs: () => this.#runs.all() }
    this.#budget = new TurnBudget(deps.monotonicMs, lane.crashes)
  }

  /** Does it all but for writing it back. */
  async run(): Promise<TurnResult & { readonly nodes: number }> {
    const { box, due, place } = this.#work
    await this.#runs.load(this.#work, this.#now)
    if (this.#lane.crashes >= CRASHES_MAX) await this.#putAside()
    else {
      // What a turn before this one had begun goes on first: whether a run is still there when something new comes must not hang on how busy we are.
      await this.#drainAll()
      for (const row of box) {
        if (this.#budget.isSpent()) break
        await this.#open(row)
      }
      for (const { id, runId } of due) {
        if (this.#budget.isSpent()) break
        const run = this.#runs.known(runId)
        if (run) await this.#move(run, id, place)
      }
      await this.#drainAll()
    }
    return { ...(await this.#result()), nodes: this.#budget.nodes }
  }

  async #open(row: BoxRow): Promise<void> {
    const { letter } = row
    this.#budget.thing()
    if (letter.what === 'start' && !(await this.#start(letter, row))) return void this.#parked.push(row)
    if (letter.what === 'hit') await this.#hit(letter, row.place)
    if (letter.what === 'act') await this.#act(letter)
    this.#taken.push(row.id)
  }

  /** False: it waits for its turn. */
  async #start(letter: Start, row: BoxRow): Promise<boolean> {
    const { workspaceId, id: laneId } = this.#lane
    const { tools, versions } = this.#deps
    const startDeps = { tx: this.#tx, tools, versions, now: this.#now, runOf: (id: RunId) => this.#runs.find(id) }
    const started = await start(startDeps, workspaceId, laneId, letter, row, this.#runs.all())
    if (started.kind === 'queued' && (await this.#hasRoomFor(letter))) return false
    if (started.kind === 'began') {
      const { run, verdict } = started
      this.#runs.add(run)
      if (verdict) this.#verdicts.push({ ...verdict, workspaceId })
      await this.#drain(run)
      return true
    }
    if (started.kind === 'elsewhere') {
      await insertBox(this.#tx, [{ workspaceId, laneId: started.laneId, letter, place: row.place, at: row.at }])
      this.#hasForwarded = true
      return true
    }
    const { workflowId } = letter
    const full = { workflowId, subjectId: null, runId: null, verdict: 'queue_full', trace: [], jobId: letter.jobId } as const
    await this.#refuse(letter, started.kind === 'refused' ? started.verdict : full)
    return true
  }

  async #hasRoomFor({ workflowId }: Start): Promise<boolean> {
    const here = this.#parked.filter(({ letter }) => letter.what === 'start' && letter.workflowId === workflowId).length
    const { workspaceId, id } = this.#lane
    return here + (await countParked(this.#tx, workspaceId, id, workflowId)) < MAX_QUEUED
  }

  /** It is not begun, and whoever waits for this run hears that there is none. */
  async #refuse({ runId, parentId, workflowId }: Start, verdict: Verdict): Promise<void> {
    const { workspaceId } = this.#lane
    this.#verdicts.push({ ...verdict, workspaceId, asked: runId })
    if (!parentId || !runId) return
    const data = { run_id: runId, workflow_id: workflowId, status: 'refused', reason: verdict.verdict, outputs: {} }
    await append(this.#tx, { type: 'workflow.run_ended', workspaceId, subjectId: runId, data }, this.#now)
  }

  async #hit({ waitId, happening }: Hit, place: LogPosition): Promise<void> {
    const waiting = this.#runs.waiting(waitId)
    if (!waiting) return
    await hitToken(this.#place, waiting, happening, place)
    this.#budget.node()
    await this.#drain(waiting.run)
  }

  async #act({ runId, reason }: Act): Promise<void> {
    const run = await this.#runs.find(runId)
    if (run) take(run, cancel(run.state, reason, interpretDeps(run, this.#now)), this.#work.place)
  }

  /** A token whose time has come. */
  async #move(run: LiveRun, id: string, place: LogPosition): Promise<void> {
    const token = run.state.tokens.find((one) => one.id === id)
    if (token === undefined || token.dueAt === null || token.dueAt > this.#now) return
    this.#budget.thing()
    if (token.state === 'waiting') {
      await timeOutToken(this.#place, run, token, place)
      this.#budget.node()
    } else if (token.state === 'ready') await this.#do(run, token)
    await this.#drain(run)
  }

  async #drain(run: LiveRun): Promise<void> {
    for (;;) {
      const token = run.state.status === 'running' ? nextReady(run.state, this.#now) : null
      if (!token) return
      if (this.#budget.isSpent()) return
      this.#budget.thing()
      await this.#do(run, token)
    }
  }

  /** What other moves of this turn, or a turn before it, made ready. */
  async #drainAll(): Promise<void> {
    for (const run of this.#runs.all()) await this.#drain(run)
  }

  async #do(run: LiveRun, token: Token): Promise<void> {
    this.#budget.node()
    this.#deps.failpoints.reach('workflow_node')
    await doStep(this.#place, run, token, run.places.get(token.id) ?? this.#work.place)
    await this.#callOff(run)
  }

  /** What was called off since the last time. */
  async #callOff(run: LiveRun): Promise<void> {
    const from = this.#calledOff.get(run) ?? 0
    this.#calledOff.set(run, run.dropped.length)
    await callOff(this.#place, run, run.dropped.slice(from))
  }

  async #putAside(): Promise<void> {
    this.#hasPutAside = true
    this.#budget.leaveTheRest()
    const { letter, start: begun } = putAside(this.#work, this.#runs, this.#now)
    if (begun) {
      const { workflowId } = begun
      await this.#refuse(begun, { workflowId, subjectId: null, runId: null, verdict: 'poison', trace: [] })
    }
    if (letter !== undefined) this.#taken.push(letter)
  }

  async #result(): Promise<TurnResult> {
    const runs = this.#runs.all()
    for (const run of runs) if (run.state.status !== 'running' && run.saved !== run.state) await this.#callOff(run)
    const [taken, parked] = [this.#taken, this.#parked.map(({ id }) => id)]
    const done = { runs, taken, parked, isUnfinished: this.#budget.isUnfinished, hasPutAside: this.#hasPutAside }
    const end = endOfTurn(this.#lane, this.#work, done, LETTERS_AT_ONCE, this.#now)
    return { runs, verdicts: this.#verdicts, end, hasForwarded: this.#hasForwarded }
  }
}
