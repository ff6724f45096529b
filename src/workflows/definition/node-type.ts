/**
 * What kinds of nodes there are, as far as everybody may know: how a node is written down, where it leads, what it says of itself. Pure, for the
 * page as for the server. What a node does is `steps/`, and is reached by its type.
 */
import type { z } from 'zod'
import type { Node, Subject } from './graph.ts'

export const GROUPS = ['trigger', 'logic', 'conversation', 'contact', 'email', 'wait', 'flow', 'data', 'http', 'people'] as const
export type Group = (typeof GROUPS)[number]

export interface Port {
  readonly key: string
  /** In words, as on the line that leaves the node: 'Yes', 'Not delivered'. */
  readonly label: string
  /** Taken when something went wrong. Where it leads nowhere, the run is held and people are told; it never ends as if all were well. */
  readonly isFailure?: boolean
}

/** What a value of a config may point to. */
export const REFERENCES = [
  'inbox',
  'user',
  'team',
  'tag',
  'label',
  'field',
  'list',
  'contact_field',
  'segment',
  'template',
  'sender',
  'workflow',
  'form',
  'campaign',
  'calendar',
  'secret',
] as const
export type Reference = (typeof REFERENCES)[number]

/**
 * What a value of a config is, beyond its shape: the schema's fields say it of themselves (`meta`), for forms and for whoever looks for all of a kind.
 * `text` is Liquid, `expression` CEL, `condition` what condition.ts says.
 */
export type Role = Reference | 'text' | 'html' | 'expression' | 'condition' | 'length' | 'after' | 'variable'

/** What values point to, by name, for sentences. Unknown ones are named by what is there. */
export interface Names {
  of(kind: Reference, id: string): string
}

/** One thing that is wrong with a definition, and how to mend it. */
export interface Problem {
  readonly code: string
  /** `error` keeps from publishing; `warning` must be acknowledged. */
  readonly severity: 'error' | 'warning'
  readonly node: string | null
  /** Path within the node's config, as in `arms.0.after`; null: the node as a whole. */
  readonly field: string | null
  readonly sentence: string
  readonly fix: string
}

export type NodeKind =
  /** Where runs begin; never entered. */
  | 'trigger'
  /** Done within the burst. */
  | 'instant'
  /** Parks the token until something happened, or a time came. */
  | 'wait'
  /** Splits a token into several, and brings them together. */
  | 'fork'
  | 'join'
  | 'each'
  | 'break'
  | 'end'

export interface NodeType<C = unknown> {
  readonly type: string
  readonly group: Group
  readonly kind: NodeKind
  /** Two or three words, as on the picker. */
  readonly title: string
  /** One sentence, for the picker and the manual. */
  readonly about: string
  /** About what a workflow must be for this node to make sense; absent: any. */
  readonly subjects?: readonly Subject[]
  readonly config: z.ZodType<C>
  /** A config to begin with, where the schema alone gives none. */
  readonly start?: C
  ports(config: C): readonly Port[]
  /** What this node does, as a person would say it, from its config. */
  sentence(config: C, names: Names): string
  /** What schema and graph cannot say. */
  problems?(config: C, node: Node): readonly Omit<Problem, 'node'>[]
}

/** Keeps the config's type on its way into the catalogue. */
export function nodeType<C>(type: NodeType<C>): NodeType<C> {
  return type
}
