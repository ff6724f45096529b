/** Fields that configs of several nodes have. What a person typed wrong is said in a sentence that names the remedy. */
import { z } from 'zod'
import { Condition as AnyCondition, lengthMs } from '../condition.ts'
import type { Reference, Role } from '../node-type.ts'

/** A field with its name on forms, and what it is. */
export function as<T extends z.ZodType>(schema: T, title: string, role?: Role): T {
  return schema.meta(role === undefined ? { title } : { title, role }) as T
}

const MAX_LENGTH_MS = 3_650 * 86_400_000
const LENGTH = 'Say how long, as in 30m, 12h, 3d or 2w.'

/** `45s`, `30m`, `12h`, `3d`, `2w`. */
export const Length = z
  .string({ error: LENGTH })
  .refine((text) => (lengthMs(text) ?? 0) > 0, LENGTH)
  .refine((text) => (lengthMs(text) ?? 0) <= MAX_LENGTH_MS, 'Ten years is the longest time.')
  .meta({ role: 'length' })

/** CEL; whether it can be read is `check.ts`'s to say. */
export const Expression = z
  .string({ error: 'Write an expression, as in vars.reminders + 1.' })
  .min(1, 'Write an expression, as in vars.reminders + 1.')
  .max(2_000, 'An expression has at most 2,000 characters.')
  .meta({ role: 'expression' })

export const Condition = AnyCondition.meta({ role: 'condition' })

/** A port, an input or an output that the workflow's author names. */
export const Key = z
  .string({ error: 'Give it a short name.' })
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'A name begins with a small letter; then come small letters, digits and _, 40 at most.')

export const Label = z
  .string({ error: 'Say in a word or two what it is.' })
  .min(1, 'Say in a word or two what it is.')
  .max(60, 'A label has at most 60 characters.')

/** Variable → expression. */
export const Expressions = z.record(Key, Expression)

/** Liquid; `what` is what the person is asked for. */
export function text(what: string, max: number): z.ZodString {
  return z
    .string({ error: `Write ${what}.` })
    .min(1, `Write ${what}.`)
    .max(max, `At most ${max.toLocaleString('en')} characters.`)
    .meta({ role: 'text' })
}

const CHOOSE: Readonly<Record<Reference, string>> = {
  inbox: 'an inbox',
  user: 'somebody',
  team: 'a team',
  tag: 'a tag',
  label: 'a label',
  field: 'a field',
  list: 'a list',
  contact_field: 'a field',
  segment: 'a segment',
  template: 'a template',
  sender: 'a sender',
  workflow: 'a workflow',
  form: 'a form',
  campaign: 'a campaign',
  calendar: 'a calendar',
  secret: 'a secret',
}

/** The id of something, or its name where names are what it is known by. */
export function ref(kind: Reference): z.ZodString {
  const choose = `Choose ${CHOOSE[kind]}.`
  return z.string({ error: choose }).min(1, choose).max(200, 'This is too long to be one.').meta({ role: kind })
}

export function refs(kind: Reference, max = 50): z.ZodArray<z.ZodString> {
  return z.array(ref(kind)).min(1, `Choose at least one: ${CHOOSE[kind]}.`).max(max, `At most ${max}.`)
}

export const Nothing = z.strictObject({})
export type Nothing = z.infer<typeof Nothing>

/** What a form's rows may not have twice. */
export function areDistinct(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length
}
