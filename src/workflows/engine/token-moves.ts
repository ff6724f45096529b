/** What becomes of one token: its step is done, what it waited for happened, or its time came. */
import type { LogPosition } from '../../events/follow.ts'
import type { Json } from '../definition/graph.ts'
import type { Happening } from '../happening.ts'
import { advance } from '../interpret/advance.ts'
import { hit, timeOut } from '../interpret/moves.ts'
import type { StepResult } from '../interpret/result.ts'
import type { Token } from '../interpret/state.ts'
import { attempt, type StepPlace } from './attempt.ts'
import { interpretDeps, prepareToLeave } from './context.ts'
import { failure } from './failure.ts'
import { type LiveRun, take } from './live-run.ts'

/** `runs`: all that the turn has in hand, as they are at that moment. */
export interface TokenPlace extends StepPlace {
  readonly runs: () => readonly LiveRun[]
}

function known({ deps }: TokenPlace, run: LiveRun, token: Token) {
  const node = run.graph.nodes[token.node]
  return { node, step: deps.tools.steps.get(node?.type ?? '') }
}

export async function doStep(place: TokenPlace, run: LiveRun, token: Token, standsAt: LogPosition): Promise<void> {
  const { tx, deps, now } = place
  const { node, step } = known(place, run, token)
  const result: StepResult =
    node && step
      ? await attempt(place, place.runs(), { run, token, node, isPure: step.isPure === true }, (context, config) =>
          step.run(context, config),
        )
      : failure('invalid', `This version of Waybill does not know the step “${node?.type ?? token.node}”.`)
  await prepareToLeave(tx, deps.tools, run, node)
  take(run, advance(run.graph, run.state, token.id, result, interpretDeps(run, now)), standsAt)
}

export async function hitToken(
  place: TokenPlace,
  { run, token, port }: { readonly run: LiveRun; readonly token: Token; readonly port: string },
  happening: Happening,
  standsAt: LogPosition,
): Promise<void> {
  const { tx, deps, now } = place
  const { node, step } = known(place, run, token)
  await prepareToLeave(tx, deps.tools, run, node)
  const hitBy = step?.hit?.bind(step)
  if (!node || !hitBy) {
    take(run, hit(run.graph, run.state, token.id, port, happening.facts as Json, interpretDeps(run, now)), standsAt)
    return
  }
  const of = { run, token, node, isPure: false }
  const result = await attempt(place, place.runs(), of, (context, config) => hitBy(context, config, port, happening))
  take(run, advance(run.graph, run.state, token.id, result, interpretDeps(run, now)), standsAt)
}

export async function timeOutToken(place: TokenPlace, run: LiveRun, token: Token, standsAt: LogPosition): Promise<void> {
  const { tx, deps, now } = place
  const { node, step } = known(place, run, token)
  await prepareToLeave(tx, deps.tools, run, node)
  const interpret = interpretDeps(run, now)
  const timeOutBy = step?.timeOut?.bind(step)
  if (!node || !timeOutBy) {
    take(run, timeOut(run.graph, run.state, token.id, interpret), standsAt)
    return
  }
  const of = { run, token, node, isPure: false }
  const result = await attempt(place, place.runs(), of, (context, config) => timeOutBy(context, config))
  take(run, advance(run.graph, run.state, token.id, result, interpret), standsAt)
}
