/** The turn of one lane: what came for it, then what is due, and what that makes ready. */
import type { Database, Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { Failpoints } from '../../lib/failpoint.ts'
import type { Json, Node } from '../definition/graph.ts'
import type { Happening } from '../happening.ts'
import { advance } from '../interpret/advance.ts'
import { cancel, hit, hold, timeOut } from '../interpret/moves.ts'
import { nextReady } from '../interpret/next.ts'
import type { StepResult } from '../interpret/result.ts'
import type { Token } from '../interpret/state.ts'
import type { RunId } from '../steps/step.ts'
import { attempt, callOff, type Doing, type StepPlace } from './attempt.ts'
import type { Act, BoxRow, Hit, Start } from './box.ts'
import { interpretDeps, prepareToLeave } from './context.ts'
import { failure } from './failure.ts'
import type { Lane, SoloLetter, Work } from './lane-queries.ts'
import { type LiveRun, loadRuns, runsStanding, take } from './live-run.ts'
import { holdUnreadable } from './run-queries.ts'
import { start } from './start.ts'
import type { Tools } from './tools.ts'
import { endOfTurn } from './turn-end.ts'
import type { Verdict } from './verdict.ts'
import type { Versions } from './versions.ts'
import { type Written, writeBack } from './write-back.ts'

export interface TurnDeps {
  readonly database: Database
  readonly tools: Tools
  readonly versions: Versions
  readonly failpoints: Failpoints
  readonly random: () => number
  readonly monotonicMs: () => number
}

export const MAX_NODES = 50
const MAX_MS = 200
/** So many letters are read at a time. */
export const LETTERS_AT_ONCE = 50
/** After so many crashes with the same thing in hand it is put aside. */
export const CRASHES_MAX = 3

type Writing = (tx: Tx, letter: SoloLetter | null) => Promise<Written>

/** The state of one turn: it lives as long as its transaction. */
export class LaneTurn {
  readonly #deps: TurnDeps
  readonly #tx: Tx
  readonly #lane: Lane & { readonly key: string }
  readonly #work: Work
  readonly #now: Date
  readonly #place: StepPlace
  readonly #startedMs: number
  readonly #runs = new Map<string, LiveRun>()
  readonly #runOfWait = new Map<string, RunId>()
  readonly #verdicts: (Verdict & { workspaceId: string })[] = []
  readonly #taken: string[] = []
  readonly #parked: string[] = []
  readonly #calledOff = new Map<LiveRun, number>()
  #nodes = 0
  #things = 0
  #isUnfinished = false
  #hasPutAside = false

  constructor(deps: TurnDeps, tx: Tx, lane: Lane & { readonly key: string }, work: Work, now: Date) {
    this.#deps = deps
    this.#tx = tx
    this.#lane = lane
    this.#work = work
    this.#now = now
    this.#place = { tx, deps, now }
    this.#startedMs = deps.monotonicMs()
  }

  /** `commit` is given what writes everything at the end. */
  async run(commit?: (write: Writing) => Promise<Written>): Promise<Written & { nodes: number }> {
    const { box, due, place } = this.#work
    await this.#load()
    if (this.#lane.crashes >= CRASHES_MAX) await this.#putAside()
    else {
      // What a turn before this one had begun goes on first: whether a run is still there when something new comes must not hang on how busy we are.
      for (const run of this.#runs.values()) await this.#drain(run)
      for (const row of box) {
        if (this.#isSpent()) break
        await this.#open(row)
      }
      for (const { id, runId } of due) {
        if (this.#isSpent()) break
        const run = this.#runs.get(runId)
        if (run) await this.#move(run, id, place)
      }
      await this.#drainAll()
    }
    const write = await this.#prepareToWrite()
    const written = await (commit ? commit(write) : write(this.#tx, null))
    return { ...written, nodes: this.#nodes }
  }

  /**
   * What broke before goes one by one, so that it is known what breaks. One thing is always done, though the machine stood still since the turn began:
   * else nothing would be done for as long as it does, and a letter that nobody opened must not be taken for one that is done with.
   */
  #isSpent(): boolean {
    const isSpent =
      this.#things > 0 &&
      (this.#nodes >= MAX_NODES || this.#lane.crashes > 0 || this.#deps.monotonicMs() - this.#startedMs > MAX_MS)
    if (isSpent) this.#isUnfinished = true
    return isSpent
  }

  async #load(): Promise<void> {
    const { due, standing } = this.#work
    const { workspaceId } = this.#lane
    const runOf = new Map(standing.tokens.map(({ token, runId }) => [token.id, runId as RunId]))
    for (const { id, tokenId } of standing.waits) this.#runOfWait.set(id, runOf.get(tokenId) as RunId)
    for (const [id, run] of await runsStanding(this.#tx, this.#deps.versions, workspaceId, standing)) this.#runs.set(id, run)
    const unread = due.filter(({ runId }) => !this.#runs.has(runId)).map(({ runId }) => runId)
    // They would be due for ever, and nobody could move them.
    if (unread.length > 0) await holdUnreadable(this.#tx, workspaceId, unread, this.#now)
  }

  async #runOf(id: RunId): Promise<LiveRun | null> {
    const known = this.#runs.get(id)
    if (known) return known
    const found = (await loadRuns(this.#tx, this.#deps.versions, this.#lane.workspaceId, [id])).get(id) ?? null
    if (found) this.#runs.set(id, found)
    return found
  }

  async #open(row: BoxRow): Promise<void> {
    const { letter } = row
    this.#things += 1
    if (letter.what === 'start' && !(await this.#start(letter, row))) return void this.#parked.push(row.id)
    if (letter.what === 'hit') await this.#hit(letter, row.place)
    if (letter.what === 'act') await this.#act(letter)
    this.#taken.push(row.id)
  }

  /** False: it waits for its turn. */
  async #start(letter: Start, row: BoxRow): Promise<boolean> {
    const { workspaceId, id: laneId } = this.#lane
    const { tools, versions } = this.#deps
    const startDeps = { tx: this.#tx, tools, versions, now: this.#now, runOf: (id: RunId) => this.#runOf(id) }
    const started = await start(startDeps, workspaceId, laneId, letter, row, [...this.#runs.values()])
    if (started.kind === 'queued' && this.#parked.length < MAX_QUEUED) return false
    if (started.kind === 'began') {
      const { run, verdict } = started
      this.#runs.set(run.row.id, run)
      if (verdict) this.#verdicts.push({ ...verdict, workspaceId })
      await this.#drain(run)
      return true
    }
    const { workflowId } = letter
    const full = { workflowId, subjectId: null, runId: null, verdict: 'queue_full', trace: [] } as const
    const verdict = started.kind === 'refused' ? started.verdict : full
    this.#verdicts.push({ ...verdict, workspaceId })
    await this.#tellParent(letter, verdict.verdict)
    return true
  }

  /** Whoever waits for this run hears that there is none. */
  async #tellParent({ runId, parentId, workflowId }: Start, reason: string): Promise<void> {
    if (!parentId || !runId) return
    const { workspaceId } = this.#lane
    const data = { run_id: runId, workflow_id: workflowId, status: 'refused', reason, outputs: {} }
    await append(this.#tx, { type: 'workflow.run_ended', workspaceId, subjectId: runId, data }, this.#now)
  }

  async #hit({ waitId, happening }: Hit, place: LogPosition): Promise<void> {
    const run = this.#runs.get(this.#runOfWait.get(waitId) ?? '')
    const wait = run?.waits.get(waitId)
    const token = run?.state.tokens.find(({ id }) => id === wait?.tokenId)
    // Somebody was faster: another arm, the time, or a person.
    if (!run || !wait || token?.state !== 'waiting' || token.arms !== wait.arms) return
    const node = run.graph.nodes[token.node]
    const step = this.#deps.tools.steps.get(node?.type ?? '')
    await prepareToLeave(this.#tx, this.#deps.tools, run, node)
    if (node && step?.hit) {
      const hitBy = step.hit.bind(step)
      const result = await this.#attempt(run, token, node, (context, config) => hitBy(context, config, wait.port, happening))
      take(run, advance(run.graph, run.state, token.id, result, interpretDeps(run, this.#now)), place)
    } else take(run, hit(run.graph, run.state, token.id, wait.port, factsOf(happening), interpretDeps(run, this.#now)), place)
    this.#nodes += 1
    await this.#drain(run)
  }

  async #act({ runId, reason }: Act): Promise<void> {
    const run = await this.#runOf(runId)
    if (run) take(run, cancel(run.state, reason, interpretDeps(run, this.#now)), this.#work.place)
  }

  /** A token whose time has come. */
  async #move(run: LiveRun, id: string, place: LogPosition): Promise<void> {
    const token = run.state.tokens.find((one) => one.id === id)
    if (token === undefined || token.dueAt === null || token.dueAt > this.#now) return
    this.#things += 1
    if (token.state === 'waiting') {
      await this.#timeOut(run, token, place)
      this.#nodes += 1
    } else if (token.state === 'ready') await this.#do(run, token)
    await this.#drain(run)
  }

  async #timeOut(run: LiveRun, token: Token, place: LogPosition): Promise<void> {
    const node = run.graph.nodes[token.node]
    const step = this.#deps.tools.steps.get(node?.type ?? '')
    await prepareToLeave(this.#tx, this.#deps.tools, run, node)
    const deps = interpretDeps(run, this.#now)
    if (node && step?.timeOut) {
      const timeOutBy = step.timeOut.bind(step)
      const result = await this.#attempt(run, token, node, (context, config) => timeOutBy(context, config))
      take(run, advance(run.graph, run.state, token.id, result, deps), place)
    } else take(run, timeOut(run.graph, run.state, token.id, deps), place)
  }

  async #drain(run: LiveRun): Promise<void> {
    for (;;) {
      const token = run.state.status === 'running' ? nextReady(run.state, this.#now) : null
      if (!token) return
      if (this.#isSpent()) return
      this.#things += 1
      await this.#do(run, token)
    }
  }

  /** What other moves of this turn made ready. */
  async #drainAll(): Promise<void> {
    for (const run of this.#runs.values()) await this.#drain(run)
  }

  async #do(run: LiveRun, token: Token): Promise<void> {
    this.#nodes += 1
    this.#deps.failpoints.reach('workflow_node')
    const node = run.graph.nodes[token.node]
    const step = this.#deps.tools.steps.get(node?.type ?? '')
    const result: StepResult =
      node && step
        ? await this.#attempt(run, token, node, (context, config) => step.run(context, config), step.isPure)
        : failure('invalid', `This version of Waybill does not know the step “${node?.type ?? token.node}”.`)
    await prepareToLeave(this.#tx, this.#deps.tools, run, node)
    const place = run.places.get(token.id) ?? this.#work.place
    take(run, advance(run.graph, run.state, token.id, result, interpretDeps(run, this.#now)), place)
    await this.#callOff(run)
  }

  #attempt(run: LiveRun, token: Token, node: Node, work: Doing, isPure = false): Promise<StepResult> {
    return attempt(this.#place, [...this.#runs.values()], { run, token, node, isPure }, work)
  }

  /** What was called off since the last time. */
  async #callOff(run: LiveRun): Promise<void> {
    const from = this.#calledOff.get(run) ?? 0
    this.#calledOff.set(run, run.dropped.length)
    await callOff(this.#place, run, run.dropped.slice(from))
  }

  /** The first thing that is in hand ended processes, or broke, again and again: a person looks at it, and the others go on. */
  async #putAside(): Promise<void> {
    this.#hasPutAside = true
    this.#isUnfinished = true
    const [row] = this.#work.box
    const trouble = {
      class: 'poison',
      sentence: 'Waybill broke off at this step, time and again. It is not tried any more by itself.',
    }
    const holdToken = (run: LiveRun | undefined, id: string) => {
      if (run) take(run, hold(run.state, id, trouble, interpretDeps(run, this.#now)), this.#work.place)
    }
    if (!row) {
      const [first] = this.#work.due
      if (first) holdToken(this.#runs.get(first.runId), first.id)
      return
    }
    const { letter } = row
    if (letter.what === 'hit') {
      const run = this.#runs.get(this.#runOfWait.get(letter.waitId) ?? '')
      holdToken(run, run?.waits.get(letter.waitId)?.tokenId ?? '')
    }
    if (letter.what === 'start') {
      const { workflowId } = letter
      const { workspaceId } = this.#lane
      this.#verdicts.push({ workspaceId, workflowId, subjectId: null, runId: null, verdict: 'poison', trace: [] })
      await this.#tellParent(letter, 'poison')
    }
    this.#taken.push(row.id)
  }

  async #prepareToWrite(): Promise<Writing> {
    const runs = [...this.#runs.values()]
    for (const run of runs) if (run.state.status !== 'running' && run.saved !== run.state) await this.#callOff(run)
    const [taken, parked] = [this.#taken, this.#parked]
    const done = { runs, taken, parked, isUnfinished: this.#isUnfinished, hasPutAside: this.#hasPutAside }
    const end = endOfTurn(this.#lane, this.#work, done, LETTERS_AT_ONCE, this.#now)
    return (tx, letter) =>
      writeBack(tx, this.#lane.id, runs, this.#verdicts, letter ? { ...end, taken: [] } : end, this.#now, letter)
  }
}

/** Starts that wait for one lane's run to end. */
const MAX_QUEUED = 40

function factsOf({ facts }: Happening): Json {
  return facts as Json
}
