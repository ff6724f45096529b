/** Texts of nodes: Liquid, with what a run may look at. What cannot be filled in is said, and nothing is sent half. */
import { type Escaping, explain, newTurn, parseLiquid } from '../../templates/liquid.ts'
import type { Values } from '../interpret/state.ts'

/** A text that could not be made; the sentence is for whoever wrote it. */
export class TextError extends Error {
  override readonly name = 'TextError'
}

export function renderText(template: string, scope: Values, escaping: Escaping, now: Date): string {
  if (!template.includes('{')) return template
  const parsed = parseLiquid(template, escaping)
  if (!parsed.ok) throw new TextError(parsed.sentence)
  try {
    return newTurn(escaping, scope, now).render(parsed.nodes)
  } catch (error) {
    throw new TextError(explain(error).sentence)
  }
}
