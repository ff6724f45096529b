/** What a step is given to work with. */
import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { type Id, newId } from '../../lib/ids.ts'
import { evaluate } from '../definition/expression.ts'
import type { Json, Node } from '../definition/graph.ts'
import type { Deps } from '../interpret/draft.ts'
import type { RunState, Token, Values } from '../interpret/state.ts'
import type { RunFacts, StepContext } from '../steps/step.ts'
import type { LiveRun } from './live-run.ts'
import type { Tools } from './tools.ts'

export interface Surroundings {
  readonly tools: Tools
  readonly random: () => number
}

export function contextOf(
  tx: Tx,
  run: LiveRun,
  token: Token,
  node: Node,
  { tools, random }: Surroundings,
  now: Date,
): StepContext {
  const scope = () => scopeOf(tx, tools, run, token)
  return {
    ...{ tx, run: run.facts, state: run.state, token, nodeId: token.node, node, now, random, scope },
    key: `${run.row.id}:${token.node}:${token.visit}`,
    actor: actorOf(run.facts),
    newId: <T extends Id<string>>() => newId<T>(),
    text: async (template) => await tools.text(template, await scope()),
    value: async (expression) => evaluate(expression, await scope()),
  }
}

/** The workflow, as whoever keeps records writes it. */
export function actorOf({ id, workflowName, workspaceId }: RunFacts): Actor {
  return { kind: 'workflow', id, name: workflowName, workspaceId }
}

/** What is known of a run without looking anything up. */
export function ownScope(facts: RunFacts, state: RunState, token: Token | null): Values {
  const item = token?.frames.findLast((frame) => frame.item !== undefined)?.item
  return {
    vars: state.vars,
    inputs: facts.inputs,
    event: facts.cause.facts as Values,
    run: { id: facts.id, workflow: facts.workflowName, started_at: facts.startedAt.toISOString(), is_test: facts.isTest },
    ...(item !== undefined && { item }),
  }
}

async function scopeOf(tx: Tx, tools: Tools, run: LiveRun, token: Token): Promise<Values> {
  run.subject ??= await tools.readSubject(tx, run.facts)
  return { ...run.subject, ...ownScope(run.facts, run.state, token) }
}

/** Before a node with `set` is left: its expressions cannot wait for anything. */
export async function prepareToLeave(tx: Tx, tools: Tools, run: LiveRun, node: Node | undefined): Promise<void> {
  if (node?.set && run.subject === null) run.subject = await tools.readSubject(tx, run.facts)
}

export function interpretDeps(run: Pick<LiveRun, 'facts' | 'subject'>, now: Date): Deps {
  return {
    now,
    newId: () => newId(),
    evaluate: (expression: string, state: RunState, token: Token, result: Json) =>
      evaluate(expression, { ...run.subject, ...ownScope(run.facts, state, token), result }),
  }
}
