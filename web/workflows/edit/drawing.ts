/** What every part of the editor shares: the graph, what is done to it, and what is known of the world around it. */
import { createContext, use } from 'react'
import type { Names, Problem } from '../../../src/workflows/definition/node-type.ts'
import type { References } from '../references.ts'
import type { TrialState } from '../trial/use-trial.ts'
import type { Act, Editor } from './editor.ts'
import type { Place } from './graph-acts.ts'

export interface Counts {
  readonly waiting: number
  readonly held: number
  readonly passed: number
}

export interface Drawing {
  readonly editor: Editor
  readonly act: (act: Act) => void
  readonly references: References
  readonly names: Names
  readonly problems: readonly Problem[]
  readonly counts: ReadonlyMap<string, Counts>
  /** Opens the picker: for a way, or for a trigger. */
  readonly pick: (at: Place | 'trigger') => void
  /** Opens the step's settings and gives them the focus. */
  readonly edit: (id: string, field?: string | null) => void
  readonly remove: (id: string) => void
  readonly because: string | null
  readonly trial: TrialState
}

export const DrawingContext = createContext<Drawing | null>(null)

export function useDrawing(): Drawing {
  const drawing = use(DrawingContext)
  if (drawing === null) throw new Error('There is no workflow around this.')
  return drawing
}

export const seed = (): string => crypto.randomUUID().slice(0, 8)
