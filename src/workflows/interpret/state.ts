/**
 * Where a run stands: tokens on nodes. A run goes on as long as it has one. Everything here is a value; what moves a token is `advance.ts` and
 * `moves.ts`.
 *
 * - A token is `ready` (its node is to be done at `dueAt`), `waiting` (for the first of its arms, or for `dueAt` where there is one) or `held` (a person
 *   is needed, `trouble` says why).
 * - A fork has as many branches as `total`; each of them has arrived at the join, died on the way, or is a token whose innermost frame names it.
 *   A fork is gone when it closed.
 */
import type { Json } from '../definition/graph.ts'

export type Values = { readonly [key: string]: Json }

/** In which branch or round of a loop a token is: innermost last. */
export interface Frame {
  readonly fork: string
  /** 0-based: the branch, or the item. */
  readonly branch: number
  readonly item?: Json
}

/** What a waiting token waits for. The first arm that is hit decides the port. */
export interface Arm {
  readonly port: string
  /** Kind of happening, as in happening.ts. */
  readonly on: string
  /** Of what: `conversation:<id>`, `message:<id>`, `name:<event name>`, … */
  readonly key: string
  /** Equal values that the happening must have; absent: any. */
  readonly where?: Values
}

export interface Trouble {
  /** A failure class of mail, `invalid`, `limit`, `poison`, `unhandled:<port>`, … */
  readonly class: string
  readonly sentence: string
  /** The failure port that leads nowhere, when that is why. */
  readonly port?: string
  readonly at: Date
}

export type TokenState = 'ready' | 'waiting' | 'held'

export interface Token {
  readonly id: string
  readonly node: string
  /** The how-manieth arrival at its node this is, from 1: with the node, what names the effects of this passage. The same in every try. */
  readonly visit: number
  readonly state: TokenState
  /** Ready: when its node is done. Waiting: when the time-out comes, or null. */
  readonly dueAt: Date | null
  /** The port that `dueAt` leads to while it waits. */
  readonly timeoutPort: string | null
  readonly arms: readonly Arm[]
  /** Tries of this node so far, 0 before the first. */
  readonly attempt: number
  readonly frames: readonly Frame[]
  /** What the node keeps for itself between its start and its end, as the message it sent. */
  readonly memo: Values
  readonly arrivedAt: Date
  readonly trouble: Trouble | null
}

export interface Fork {
  readonly id: string
  readonly node: string
  readonly kind: 'fork' | 'each'
  readonly total: number
  /** Branches that must arrive before it goes on. For `each`: all. */
  readonly need: number
  readonly arrived: number
  readonly dead: number
  /** Of `fork`: where branches come together, once one did; it may be a death elsewhere that lets the others go on. */
  readonly join: string | null
  /** Of `each`: what is gone through, and how many of them at a time. */
  readonly items: readonly Json[]
  readonly atOnce: number
  /** Of `each`: items that were begun. */
  readonly begun: number
  /** Frames of the token that came in. */
  readonly frames: readonly Frame[]
}

export type RunStatus = 'running' | 'completed' | 'cancelled'

export interface RunState {
  readonly status: RunStatus
  readonly vars: Values
  readonly outputs: Values
  readonly tokens: readonly Token[]
  readonly forks: readonly Fork[]
  /** Arrivals at nodes since the beginning, or since a person let it go on beyond its limit. */
  readonly steps: number
  readonly visits: Readonly<Record<string, number>>
  /** Why it ended, in a word: `end`, `ran_out`, `cancelled`, `deadline`, `restarted`. */
  readonly endReason: string | null
}
