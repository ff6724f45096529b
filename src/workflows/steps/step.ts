/**
 * What nodes do, beside what they are (`definition/`). A step runs within the transaction of its burst: it reads and writes rows of ours by the verbs
 * that people's pages use, and nothing else. What needs the network is a row that somebody else carries out, and whose end happens later.
 */
import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import type { Id, WorkspaceId } from '../../lib/ids.ts'
import type { Json, Node } from '../definition/graph.ts'
import type { Happening } from '../happening.ts'
import type { StepResult } from '../interpret/result.ts'
import type { RunState, Token, Values } from '../interpret/state.ts'

export type WorkflowId = Id<'workflow'>
export type VersionId = Id<'workflow_version'>
export type RunId = Id<'workflow_run'>

/** What stays the same all through a run. */
export interface RunFacts {
  readonly workspaceId: WorkspaceId
  readonly id: RunId
  readonly workflowId: WorkflowId
  readonly workflowName: string
  readonly versionId: VersionId
  readonly subject: { readonly kind: 'conversation' | 'contact'; readonly id: string } | null
  readonly cause: Happening
  readonly inputs: Values
  readonly parentId: RunId | null
  readonly depth: number
  readonly isTest: boolean
  readonly startedAt: Date
}

export interface StepContext {
  readonly tx: Tx
  readonly run: RunFacts
  readonly state: RunState
  readonly token: Token
  readonly nodeId: string
  readonly node: Node
  /** `<run>:<node>:<visit>`: what an effect names itself by, so that it is there once. */
  readonly key: string
  /** In whose name it acts: the workflow. */
  readonly actor: Actor
  readonly now: Date
  readonly random: () => number
  newId<T extends Id<string>>(): T
  /** What text and expressions see: `vars`, `inputs`, `event`, `item`, `conversation`, `contact`, `run`. Read when first asked for. */
  scope(): Promise<Values>
  /** Liquid, within limits. */
  text(template: string): Promise<string>
  /** CEL, within limits. */
  value(expression: string): Promise<Json>
}

export interface Step<C = unknown> {
  /** Of definition/catalogue.ts. */
  readonly type: string
  /** It writes no row, and need not be guarded against what it leaves behind. */
  readonly isPure?: boolean
  run(context: StepContext, config: C): Promise<StepResult> | StepResult
  /** What comes of what it waited for; absent: leave by the arm's port, with the happening's facts as `result`. */
  hit?(context: StepContext, config: C, port: string, happening: Happening): Promise<StepResult> | StepResult
  /** Its time came before anything else; absent: leave by the port that the wait named, with nothing as `result`. */
  timeOut?(context: StepContext, config: C): Promise<StepResult> | StepResult
  /** The token was called off while it stood here: what it began and nobody waits for any more is taken back. */
  drop?(context: StepContext, config: C): Promise<void>
}

/** Thrown by a step that could not do it. What it had written before that is taken back, as it is where a failure without an output is returned. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure'
  readonly result: Extract<StepResult, { kind: 'fail' }>

  constructor(failureClass: string, sentence: string, port: string | null, retryAt: Date | null = null) {
    super(sentence)
    this.result = { kind: 'fail', class: failureClass, sentence, retryAt, port }
  }
}

export function step<C>(one: Step<C>): Step<C> {
  return one
}
