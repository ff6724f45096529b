/** What the engine is given: what nodes do, and what they may see. */
import type { Database, Tx } from '../../db/database.ts'
import type { Failpoints } from '../../lib/failpoint.ts'
import type { Values } from '../interpret/state.ts'
import type { RunFacts, Step } from '../steps/step.ts'
import type { Versions } from './versions.ts'

export interface Tools {
  /** Type → what it does. */
  readonly steps: ReadonlyMap<string, Step>
  /** What conditions, texts and expressions see of the run's subject, beside what the run itself knows: `conversation`, `contact`, … */
  readSubject(tx: Tx, run: Pick<RunFacts, 'workspaceId' | 'subject' | 'cause'>): Promise<Values>
  /** Liquid, within limits. */
  text(template: string, scope: Values): Promise<string>
}

/** What turns are done with. */
export interface TurnDeps {
  readonly database: Database
  readonly tools: Tools
  readonly versions: Versions
  readonly failpoints: Failpoints
  readonly random: () => number
  readonly monotonicMs: () => number
}
