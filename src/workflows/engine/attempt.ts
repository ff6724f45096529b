/** One step, done or taken back, in the transaction of its turn. */
import type { Tx } from '../../db/database.ts'
import { savepoint } from '../../db/savepoint.ts'
import { configOf } from '../definition/catalogue.ts'
import type { Node } from '../definition/graph.ts'
import type { StepResult } from '../interpret/result.ts'
import type { Token } from '../interpret/state.ts'
import type { StepContext } from '../steps/step.ts'
import { contextOf, type Surroundings } from './context.ts'
import { failure, failureOf, kept } from './failure.ts'
import type { LiveRun } from './live-run.ts'

/** Where and when steps are done. */
export interface StepPlace {
  readonly tx: Tx
  readonly deps: Surroundings
  readonly now: Date
}

export type Doing = (context: StepContext, config: unknown) => StepResult | Promise<StepResult>

export interface Attempted {
  readonly run: LiveRun
  readonly token: Token
  readonly node: Node
  readonly isPure: boolean
}

/** A step that fails leaves nothing behind, and breaks nothing else. `runs`: all that this turn has in hand. */
export async function attempt(
  { tx, deps, now }: StepPlace,
  runs: readonly LiveRun[],
  { run, token, node, isPure }: Attempted,
  work: Doing,
): Promise<StepResult> {
  const config = configOfNode(node)
  if (config === null) return failure('invalid', 'The settings of this step cannot be read.')
  const context = contextOf(tx, run, token, node, deps, now)
  try {
    return isPure ? await work(context, config) : await savepoint(tx, async () => kept(await work(context, config)))
  } catch (error) {
    return failureOf(error, now)
  } finally {
    // What a step changed, the next one sees; and so does every other run of this lane.
    if (!isPure) for (const other of runs) other.subject = null
  }
}

/** Of what was ended from outside its steps may have something to take back. */
export async function callOff({ tx, deps, now }: StepPlace, run: LiveRun, tokens: readonly Token[]): Promise<void> {
  for (const token of tokens) {
    const node = run.graph.nodes[token.node]
    const drop = deps.tools.steps.get(node?.type ?? '')?.drop
    const config = node && drop ? configOfNode(node) : null
    if (node && drop && config !== null) await drop(contextOf(tx, run, token, node, deps, now), config)
  }
}

const configs = new WeakMap<Node, { readonly config: unknown }>()

/** A version's nodes stay the same: the settings of each are read once. */
function configOfNode(node: Node): unknown {
  const known = configs.get(node)
  if (known) return known.config
  const config = configOf(node)
  configs.set(node, { config })
  return config
}
