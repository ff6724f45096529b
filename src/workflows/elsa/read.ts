/** Workflow definitions of Elsa 3 as JSON, as far as they are read here. What is not named is kept and ignored. */
import { z } from 'zod'

export const Expression = z.looseObject({ type: z.string().default('Literal'), value: z.unknown().optional() })
/** `{ typeName, expression: { type, value } }`, or a plain value. */
const Input = z.looseObject({ expression: Expression.nullish() })

export interface Activity {
  readonly type: string
  readonly id: string
  readonly name?: string | null | undefined
  readonly [property: string]: unknown
}
export const Activity: z.ZodType<Activity> = z.looseObject({
  type: z.string().min(1).max(300),
  id: z.string().min(1).max(200),
  name: z.string().nullish(),
}) as z.ZodType<Activity>

const End = z.looseObject({ activity: z.string(), port: z.string().nullish() })
export const Connection = z.looseObject({ source: End, target: End })
export type Connection = z.infer<typeof Connection>

const Variable = z.looseObject({
  id: z.string().nullish(),
  name: z.string().max(200),
  typeName: z.string().nullish(),
  isArray: z.boolean().nullish(),
  value: z.unknown().optional(),
})

export type DefinedVariable = z.infer<typeof Variable>

export const Definition = z.looseObject({
  name: z.string().nullish(),
  definitionId: z.string().nullish(),
  description: z.string().nullish(),
  variables: z.array(Variable).max(500).nullish(),
  inputs: z
    .array(z.looseObject({ name: z.string(), type: z.string().nullish() }))
    .max(500)
    .nullish(),
  outputs: z
    .array(z.looseObject({ name: z.string(), type: z.string().nullish() }))
    .max(500)
    .nullish(),
  root: Activity,
})
export type Definition = z.infer<typeof Definition>

export interface Given {
  /** 'Literal', 'JavaScript', 'Liquid', 'Variable', 'Object', 'Input', 'CSharp', 'Python'. */
  readonly kind: string
  readonly value: unknown
}

/** What an activity was given for an input; null: nothing. */
export function given(activity: Activity, input: string): Given | null {
  const raw = activity[input]
  if (raw === undefined || raw === null) return null
  const read = typeof raw === 'object' ? Input.safeParse(raw) : null
  const expression = read?.success ? read.data.expression : null
  if (expression) return { kind: expression.type, value: unwrapped(expression.value) }
  return typeof raw === 'object' && 'typeName' in raw ? null : { kind: 'Literal', value: raw }
}

/** Older exports write a literal as `{ value }`. */
function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'value' in value && Object.keys(value).length <= 2 ? value.value : value
}

/** Several of something: as a list, or as the text of one, which is how designers write it down. */
export function listIn(found: Given | null, plain?: unknown): readonly unknown[] {
  const value = found?.value ?? plain
  if (Array.isArray(value)) return value
  if (typeof value !== 'string' || !value.trim().startsWith('[')) return []
  try {
    const read: unknown = JSON.parse(value)
    return Array.isArray(read) ? read : []
  } catch {
    return []
  }
}

/** Variables of the workflow, and of all composites in it: here they are all the run's. */
export function variablesIn(root: unknown): readonly DefinedVariable[] {
  const found: DefinedVariable[] = []
  walk(root, (one) => {
    if (typeof one.type === 'string') found.push(...(z.array(Variable).max(500).safeParse(one.variables).data ?? []))
  })
  return found
}

/** Newer designers name a variable by its id alone: it is called by its name from here on. */
export function withNames(root: unknown, variables: readonly DefinedVariable[]): void {
  const names = new Map(variables.flatMap(({ id, name }) => (id ? [[id, name] as const] : [])))
  const named = (value: unknown): unknown => {
    const id = typeof value === 'string' ? value : (value as { id?: unknown } | null)?.id
    const name = typeof id === 'string' ? names.get(id) : undefined
    return name === undefined ? value : { id, name }
  }
  walk(root, (one) => {
    if (one.type === 'Variable' && 'value' in one) one.value = named(one.value)
    if (one.variable !== undefined) one.variable = named(one.variable)
  })
}

const MAX_WALKED = 100_000

function walk(root: unknown, visit: (one: Record<string, unknown>) => void): void {
  const left: unknown[] = [root]
  for (let n = 0; left.length > 0 && n < MAX_WALKED; n++) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null) continue
    if (!Array.isArray(next)) visit(next as Record<string, unknown>)
    left.push(...Object.values(next))
  }
}

/** Those that stand in it, as they stand there: who is who is told by the object. */
export function activitiesIn(value: unknown): readonly Activity[] {
  return z.array(Activity).max(2_000).safeParse(value).success ? (value as readonly Activity[]) : []
}

export function activityIn(value: unknown): Activity | null {
  return Activity.safeParse(value).success ? (value as Activity) : null
}

/** `SendEmail` of `Elsa.SendEmail`. */
export function kindOf({ type }: Activity): string {
  return type.split('.').at(-1) ?? type
}
