import { type Escaping, isOutput, type Template } from './liquid.ts'

/**
 * Most places of a mail are one field of a person and nothing else. Those are read without the library, which takes ten times as long for them: a
 * campaign has as many as its people times its places. What is not a short text, or none, is left to the library.
 */
const ONE_FIELD = /^\{\{-?\s*contact\.([a-z][a-z0-9_]*)\s*-?\}\}$/
/** Of anything, also of a text, these are how long it is and what is in it. */
const COMPUTED: ReadonlySet<string> = new Set(['size', 'first', 'last'])
/** Far below what the limits of rendering are about. */
const SHORT = 10_000

/** The field that an output is; null for any other node. */
export function plainField(node: Template): string | null {
  const field = isOutput(node) ? ONE_FIELD.exec(node.token.getText())?.[1] : undefined
  return field === undefined || COMPUTED.has(field) ? null : field
}

/** What the library would make of it; null: it has to be asked. */
export function plainValue(contact: Readonly<Record<string, unknown>>, field: string, escaping: Escaping): string | null {
  const value = Object.hasOwn(contact, field) ? contact[field] : ''
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string' || value.length > SHORT) return null
  return escaping === 'html' ? escaped(value) : value
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }

function escaped(text: string): string {
  return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '') : text
}
