/** What a definition is checked against, beyond itself. */
import type { FieldType } from './condition.ts'
import type { Graph } from './graph.ts'
import type { Reference } from './node-type.ts'

export interface World {
  readonly now: Date
  /** The workflow that is looked at, where it has an id already. */
  readonly workflowId?: string
  /** Is there such a thing, and can it be used? */
  has?(kind: Reference, id: string): boolean
  /** The domain of a sender whose mail nobody signs; null: somebody does. */
  unsigned?(sender: string): string | null
  /** What a field is; null: there is none of that name. */
  fieldType?(field: string): FieldType | null
  /** What is wrong with a text (Liquid); null: nothing. */
  faultOfText?(text: string): string | null
  /** What a text (Liquid) asks for, as paths; nothing where it cannot be read. */
  pathsOfText?(text: string, isHtml: boolean): readonly string[]
  /** What runs now: nodes keep what they are. */
  readonly previous?: Graph | null
  /** Which workflows the published version of a workflow runs. */
  runs?(workflowId: string): readonly string[]
}
