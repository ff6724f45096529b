/** A node's config as fields of a form: read from the schema that checks it, and from what its fields say of themselves (their roles). */
import { z } from 'zod'
import type { Json } from '../../../src/workflows/definition/graph.ts'
import type { NodeType, Role } from '../../../src/workflows/definition/node-type.ts'

/** As much of JSON Schema as configs have. */
export interface Schema {
  readonly role?: Role
  readonly title?: string
  readonly const?: string
  readonly enum?: readonly string[]
  readonly default?: Json
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null'
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

const SCHEMAS = new WeakMap<NodeType, Schema>()

export function schemaOf(type: NodeType): Schema {
  const known = SCHEMAS.get(type)
  if (known !== undefined) return known
  const made = z.toJSONSchema(type.config, { io: 'input' }) as Schema
  SCHEMAS.set(type, made)
  return made
}

export function choicesOf(schema: Schema): readonly Schema[] {
  return schema.anyOf ?? schema.oneOf ?? []
}

/** What may be left empty (null): the schema of what stands there else, with its title. */
export function nullable(schema: Schema): { readonly inner: Schema; readonly mayBeNull: boolean } {
  const choices = choicesOf(schema)
  if (schema.role !== undefined || !choices.some((one) => one.type === 'null')) return { inner: schema, mayBeNull: false }
  const rest = choices.filter((one) => one.type !== 'null')
  const inner = rest.length === 1 ? (rest[0] as Schema) : { anyOf: rest }
  const title = schema.title ?? inner.title
  return { inner: title === undefined ? inner : { ...inner, title }, mayBeNull: true }
}

/** The object of several that a value is: told by what is fixed in it, else by its keys. */
export function variantOf(schema: Schema, value: unknown): Schema | null {
  if (typeof value !== 'object' || value === null) return null
  const keys = Object.keys(value)
  const given = value as Record<string, unknown>
  return (
    choicesOf(schema).find(({ properties = {} }) => {
      const tag = tagOf(properties)
      return tag === null ? keys.every((key) => key in properties) : given[tag] === properties[tag]?.const
    }) ?? null
  )
}

/** The property that tells variants apart. */
export function tagOf(properties: Readonly<Record<string, Schema>>): string | null {
  return Object.keys(properties).find((key) => properties[key]?.const !== undefined) ?? null
}

/** A value to begin with, as empty as the schema bears. */
export function blank(schema: Schema): Json {
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (schema.role === 'condition') return { all: [] }
  if (schema.role === 'after') return { for: '1d' }
  if (schema.role === 'length') return '1d'
  if (schema.enum !== undefined) return schema.enum[0] ?? null
  const choices = choicesOf(schema)
  if (choices.length > 0) return choices.some((one) => one.type === 'null') ? null : blank(choices[0] as Schema)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries((schema.required ?? []).map((key) => [key, blank(schema.properties?.[key] ?? {})]))
    case 'array':
      return []
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    default:
      return ''
  }
}

export function blankOf(type: NodeType): Json {
  return blank(schemaOf(type))
}

/** A config that is not filled in yet, with what its schema would fill in. */
export function withDefaults(type: NodeType, config: Readonly<Record<string, Json>>): Record<string, Json> {
  const { properties = {} } = schemaOf(type)
  const defaults = Object.entries(properties).flatMap(([key, schema]) =>
    schema.default === undefined ? [] : [[key, schema.default] as const],
  )
  return { ...Object.fromEntries(defaults), ...config }
}
