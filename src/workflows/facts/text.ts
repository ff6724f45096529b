/** Texts of nodes: Liquid, with what a run may look at. What cannot be filled in is said, and nothing is sent half. */
import { type Escaping, explain, newTurn, type Parsed, parseLiquid } from '../../templates/liquid.ts'
import type { Values } from '../interpret/state.ts'

/** A text that could not be made; the sentence is for whoever wrote it. */
export class TextError extends Error {
  override readonly name = 'TextError'
}

/** Of texts of versions, which never change: reading one takes longer than filling it in. */
const READ_MAX = 1_000
const READ_CHARACTERS_MAX = 2_000
const read = new Map<string, Parsed>()

function parsedOf(template: string, escaping: Escaping): Parsed {
  const key = `${escaping} ${template}`
  const known = read.get(key)
  if (known) return known
  const parsed = parseLiquid(template, escaping)
  if (template.length > READ_CHARACTERS_MAX) return parsed
  if (read.size >= READ_MAX) read.clear()
  read.set(key, parsed)
  return parsed
}

export function renderText(template: string, scope: Values, escaping: Escaping, now: Date): string {
  if (!template.includes('{')) return template
  const parsed = parsedOf(template, escaping)
  if (!parsed.ok) throw new TextError(parsed.sentence)
  try {
    return newTurn(escaping, scope, now).render(parsed.nodes)
  } catch (error) {
    throw new TextError(explain(error).sentence)
  }
}
