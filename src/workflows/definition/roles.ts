/** Finds all values of a kind in a config: expressions, texts, conditions, what points to something. The fields of the schemas say what they are. */
import { z } from 'zod'
import type { NodeType, Role } from './node-type.ts'

export interface Found {
  readonly role: Role
  /** Path within the config, as in `arms.0.value`. */
  readonly field: string
  readonly value: unknown
}

interface Schema {
  readonly role?: Role
  readonly const?: unknown
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

const SCHEMAS = new WeakMap<NodeType, Schema>()

function schemaOf(type: NodeType): Schema {
  const known = SCHEMAS.get(type)
  if (known !== undefined) return known
  const made = z.toJSONSchema(type.config, { io: 'input' }) as Schema
  SCHEMAS.set(type, made)
  return made
}

export function valuesIn(type: NodeType, config: unknown): Found[] {
  const found: Found[] = []
  walk(schemaOf(type), config, '', found)
  return found
}

function walk(schema: Schema, value: unknown, field: string, found: Found[]): void {
  if (value === undefined || value === null) return
  if (schema.role !== undefined) found.push({ role: schema.role, field, value })
  // Rows of conditions are looked at as conditions.
  if (schema.role === 'condition') return
  const choice = (schema.anyOf ?? schema.oneOf)?.find((one) => fits(one, value))
  if (choice !== undefined) walk(choice, value, field, found)
  if (Array.isArray(value) && schema.items !== undefined) {
    for (const [at, one] of value.entries()) walk(schema.items, one, within(field, String(at)), found)
  } else if (typeof value === 'object') {
    for (const [key, one] of Object.entries(value)) {
      const of =
        schema.properties?.[key] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined)
      if (of !== undefined) walk(of, one, within(field, key), found)
    }
  }
}

function within(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`
}

/** Of several shapes, the one that the value has: told by what is fixed in it, and by its keys. */
function fits(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined) return schema.const === value
  const type = Array.isArray(value) ? 'array' : typeof value
  const wanted = schema.type === 'integer' ? 'number' : schema.type
  if (wanted !== undefined && wanted !== type) return false
  if (type !== 'object' || schema.properties === undefined) return true
  const { properties } = schema
  return Object.entries(value as object).every(([key, one]) => {
    const of = properties[key]
    return of !== undefined && (of.const === undefined || of.const === one)
  })
}
