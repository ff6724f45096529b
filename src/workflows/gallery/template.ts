/** A workflow to begin with: ready, but for what only its owner can choose, which is left empty and is among its problems. */
import type { z } from 'zod'
import { check } from '../definition/check.ts'
import type { Graph, SCHEMA } from '../definition/graph.ts'
import type { Problem } from '../definition/node-type.ts'

export interface Template {
  readonly key: string
  readonly title: string
  /** One or two sentences, for whoever looks for one. */
  readonly about: string
  readonly graph: z.input<typeof Graph> & { readonly schema: typeof SCHEMA }
}

/** Where an inbox, a team, a list has to be chosen. */
export const CHOOSE = ''

/** What has to be chosen before it can be published: all that is wrong with it. */
export function choicesOf({ graph }: Template, now: Date): Problem[] {
  return check(graph, { now }).problems.filter(({ severity }) => severity === 'error')
}

/** All ways on which mail may not have been delivered, into one step. */
export function undelivered(to: string): Readonly<Record<string, string>> {
  return { failed: to, suppressed: to, expired: to, unknown: to }
}
