/** `{{ name }}` in a text that is written once for many recipients: the text between, and the names in their order. */
export interface Pieces {
  /** One more than there are names. */
  readonly literals: readonly string[]
  readonly names: readonly string[]
}

const PLACEHOLDER = /\{\{\s{0,10}([A-Za-z_][A-Za-z0-9_.]{0,63})\s{0,10}\}\}/g

export function piecesOf(text: string): Pieces {
  const literals: string[] = []
  const names: string[] = []
  let at = 0
  for (const found of text.matchAll(PLACEHOLDER)) {
    literals.push(text.slice(at, found.index))
    names.push(found[1] ?? '')
    at = found.index + found[0].length
  }
  literals.push(text.slice(at))
  return { literals, names }
}

/** Puts values in the places of the names. */
export function fill({ literals, names }: Pieces, values: Readonly<Record<string, string>>): string {
  let out = literals[0] ?? ''
  for (let i = 0; i < names.length; i++) out += `${values[names[i] ?? ''] ?? ''}${literals[i + 1] ?? ''}`
  return out
}
