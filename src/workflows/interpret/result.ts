/** What doing a node came to: the closed union between a node's step and the interpreter. */
import type { Json } from '../definition/graph.ts'
import type { Arm, Values } from './state.ts'

export type StepResult =
  /** Done; leave by this port. `output` is what expressions of `set` see as `result`. */
  | { readonly kind: 'go'; readonly port: string; readonly vars?: Values; readonly output?: Json }
  /** Park until the first arm is hit, or `until` comes and leads to `timeoutPort`. */
  | {
      readonly kind: 'wait'
      readonly arms: readonly Arm[]
      readonly until: Date | null
      readonly timeoutPort: string | null
      readonly memo?: Values
      readonly vars?: Values
    }
  /** One branch for each port; when `need` of them have come to the join, it goes on there and the others are called off. */
  | { readonly kind: 'fork'; readonly ports: readonly string[]; readonly need: number }
  /** Once for every item, `atOnce` at a time: each begins at the port `item`; `done` is left by when the last one is through. */
  | { readonly kind: 'each'; readonly items: readonly Json[]; readonly atOnce: number }
  | { readonly kind: 'join' }
  | { readonly kind: 'break' }
  | { readonly kind: 'end'; readonly outputs: Values }
  /**
   * It did not work. `retryAt`: it may work later, and is tried again as often as the node or the class of failure says. Otherwise: leave by the failure port `port` if it leads somewhere, else the token is held and the run
   * waits for a person.
   */
  | {
      readonly kind: 'fail'
      readonly class: string
      readonly sentence: string
      readonly retryAt: Date | null
      readonly port: string | null
      readonly output?: Json
    }

/** Ports that the interpreter itself takes: of a loop, and of the place where branches come together. */
export const EACH_PORTS = { item: 'item', done: 'done' } as const
export const JOIN_PORTS = { out: 'out', short: 'short' } as const

/** One line of a run's story, in order. What a node said of itself is `detail`; sentences are made of it when somebody looks. */
export interface StepLine {
  readonly node: string
  readonly visit: number
  readonly what:
    | 'done'
    | 'waits'
    | 'hit'
    | 'timed_out'
    | 'retries'
    | 'held'
    | 'forked'
    | 'joined'
    | 'branch_ended'
    | 'cancelled'
    | 'ended'
    | 'skipped'
    /** It goes on by another version of its workflow. */
    | 'moved'
  readonly port: string | null
  readonly at: Date
  readonly detail: Values
}
