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
  name: z.string().max(200),
  typeName: z.string().nullish(),
  isArray: z.boolean().nullish(),
  value: z.unknown().optional(),
})

export const Definition = z.looseObject({
  name: z.string().nullish(),
  definitionId: z.string().nullish(),
  description: z.string().nullish(),
  variables: z.array(Variable).max(500).nullish(),
  inputs: z
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
