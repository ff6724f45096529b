/** Fields that configs of several nodes have. What a person typed wrong is said in a sentence that names the remedy. */
import { z } from 'zod'
import { lengthMs } from '../condition.ts'

const MAX_LENGTH_MS = 3_650 * 86_400_000

/** `45s`, `30m`, `12h`, `3d`, `2w`. */
export const Length = z
  .string({ error: 'Say how long, as in 30m, 12h, 3d or 2w.' })
  .refine((text) => (lengthMs(text) ?? 0) > 0, 'Say how long, as in 30m, 12h, 3d or 2w.')
  .refine((text) => (lengthMs(text) ?? 0) <= MAX_LENGTH_MS, 'Ten years is the longest time.')

/** CEL; whether it can be read is `check.ts`'s to say. */
export const Expression = z
  .string({ error: 'Write an expression, as in vars.reminders + 1.' })
  .min(1, 'Write an expression, as in vars.reminders + 1.')
  .max(2_000, 'An expression has at most 2,000 characters.')

/** A port that the workflow's author names. */
export const PortKey = z
  .string({ error: 'Give it a short name.' })
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'A name begins with a small letter; then come small letters, digits and _, 40 at most.')

export const Label = z.string().min(1, 'Say in a word or two what it is.').max(60, 'A label has at most 60 characters.')

/** Liquid; with words that come from what happened. */
export function text(what: string, max: number): z.ZodString {
  return z
    .string({ error: `Write ${what}.` })
    .min(1, `Write ${what}.`)
    .max(max, `At most ${max.toLocaleString('en')} characters.`)
}

export const Nothing = z.strictObject({})

/** 'a, b and c'. */
export function listed(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

const UNITS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' }

/** '3 days' for `3d`. */
export function lengthInWords(length: string): string {
  const parts = /^(\d+)([smhdw])$/.exec(length.trim())
  return parts ? counted(Number(parts[1]), UNITS[parts[2] ?? ''] ?? '') : length
}
