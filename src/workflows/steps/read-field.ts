import type { Json } from '../definition/graph.ts'
import type { Values } from '../interpret/state.ts'

/** `conversation.subject` of what is there. */
export function readField(scope: Values, field: string): Json | undefined {
  let value: Json | undefined = scope as Json
  for (const name of field.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return undefined
    value = (value as Values)[name]
  }
  return value
}
