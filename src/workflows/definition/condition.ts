/**
 * Conditions as people put them together: rows of field, operator and value, in groups of `all`, `any` and `none`. They are data, so that a page can show
 * them; and judging them leaves a trace, so that it can say why a rule did, or did not, act: what was seen, and what was wanted.
 */
import { z } from 'zod'
import { Json } from './graph.ts'
import { faultOfPattern, matches } from './regex.ts'

/** What a field is, which decides what may be asked of it. */
export const FIELD_TYPES = ['text', 'texts', 'number', 'boolean', 'date', 'choice', 'set'] as const
export type FieldType = (typeof FIELD_TYPES)[number]

/**
 * `texts` are several of which one suffices (To, all addresses of a customer), `set` several that are chosen from a list (tags). Text is compared without
 * regard to case and to white space around it.
 */
export const OPERATORS = {
  is: ['text', 'texts', 'number', 'choice', 'date'],
  is_not: ['text', 'texts', 'number', 'choice'],
  contains: ['text', 'texts'],
  contains_not: ['text', 'texts'],
  begins_with: ['text', 'texts'],
  ends_with: ['text', 'texts'],
  matches: ['text', 'texts'],
  is_any_of: ['text', 'choice', 'number'],
  is_none_of: ['text', 'choice', 'number'],
  less_than: ['number'],
  at_most: ['number'],
  greater_than: ['number'],
  at_least: ['number'],
  before: ['date'],
  after: ['date'],
  /** A length of time ago, at least: `3d`. */
  older_than: ['date'],
  younger_than: ['date'],
  has: ['set'],
  has_not: ['set'],
  has_any_of: ['set'],
  is_true: ['boolean'],
  is_false: ['boolean'],
  is_set: ['text', 'texts', 'number', 'boolean', 'date', 'choice', 'set'],
  is_empty: ['text', 'texts', 'number', 'boolean', 'date', 'choice', 'set'],
} as const satisfies Record<string, readonly FieldType[]>
export type Operator = keyof typeof OPERATORS
export const OPERATOR_NAMES = Object.keys(OPERATORS) as [Operator, ...Operator[]]

/** Those that hold where there is nothing to look at: whoever is in nobody's hands is not in Ann's. */
const NEGATIVE: ReadonlySet<Operator> = new Set(['is_not', 'contains_not', 'is_none_of', 'has_not', 'is_empty', 'is_false'])
const WITHOUT_VALUE: ReadonlySet<Operator> = new Set(['is_true', 'is_false', 'is_set', 'is_empty'])
const OF_MANY: ReadonlySet<Operator> = new Set(['is_any_of', 'is_none_of', 'has_any_of'])

const MAX_ROWS = 100
const MAX_DEPTH = 5
/** Rows that hold a pattern against a text, which takes longer than all others. */
const MAX_PATTERNS = 20
const MAX_WANTED = 200

export const Row = z.strictObject({
  /** `conversation.subject`, `customer.email`, `event.from`, `vars.reminders`, … */
  field: z.string().regex(/^[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]{1,60}){0,3}$/, 'a field, as in conversation.subject'),
  op: z.enum(OPERATOR_NAMES),
  value: Json.optional(),
})
export type Row = z.infer<typeof Row>

export type Condition =
  | Row
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly none: readonly Condition[] }

const Tree: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    Row,
    z.strictObject({ all: z.array(Tree).max(MAX_ROWS) }),
    z.strictObject({ any: z.array(Tree).max(MAX_ROWS) }),
    z.strictObject({ none: z.array(Tree).max(MAX_ROWS) }),
  ]),
)

export const Condition: z.ZodType<Condition> = Tree.superRefine((condition, context) => {
  const rows = rowsOf(condition)
  if (rows.length > MAX_ROWS) context.addIssue({ code: 'custom', message: `at most ${MAX_ROWS} rows; these are ${rows.length}` })
  const patterns = rows.filter(({ op }) => op === 'matches').length
  if (patterns > MAX_PATTERNS)
    context.addIssue({ code: 'custom', message: `at most ${MAX_PATTERNS} rows with a pattern; these are ${patterns}` })
  if (depthOf(condition) > MAX_DEPTH) context.addIssue({ code: 'custom', message: `groups are at most ${MAX_DEPTH} deep` })
})

export const ALWAYS: Condition = { all: [] }

export function groupOf(
  condition: Condition,
): { readonly how: 'all' | 'any' | 'none'; readonly of: readonly Condition[] } | null {
  if ('all' in condition) return { how: 'all', of: condition.all }
  if ('any' in condition) return { how: 'any', of: condition.any }
  if ('none' in condition) return { how: 'none', of: condition.none }
  return null
}

export function rowsOf(condition: Condition): readonly Row[] {
  const group = groupOf(condition)
  return group ? group.of.flatMap(rowsOf) : [condition as Row]
}

function depthOf(condition: Condition): number {
  const group = groupOf(condition)
  return group ? 1 + Math.max(0, ...group.of.map(depthOf)) : 0
}

/** What is wrong with a row, given what its field is; null: nothing. */
export function faultOfRow(row: Row, type: FieldType): string | null {
  const { op, value } = row
  if (!(OPERATORS[op] as readonly FieldType[]).includes(type))
    return `${row.field} cannot be asked whether it ${op.replaceAll('_', ' ')}.`
  if (WITHOUT_VALUE.has(op)) return null
  if (OF_MANY.has(op)) {
    if (!Array.isArray(value) || value.length === 0) return `${op} needs a list of values with at least one.`
    return value.length > MAX_WANTED ? `${op} takes at most ${MAX_WANTED} values; these are ${value.length}.` : null
  }
  if (value === undefined || value === null || value === '') return `${op} needs a value.`
  if (op === 'matches') {
    // As PCRE is written elsewhere: the strokes would be looked for in the text.
    const within = /^\/(.*)\/[imsux]+$/s.exec(String(value))?.[1]
    if (within !== undefined)
      return `The pattern stands between strokes, which are a part of it here. Write ${within}; case is not looked at.`
    const fault = faultOfPattern(String(value))
    return fault === null ? null : `The pattern cannot be used: ${fault}.`
  }
  if (op === 'older_than' || op === 'younger_than')
    return lengthMs(value) === null ? `${op} needs a length of time, as in 30m, 12h, 3d or 2w.` : null
  if (type === 'number' && numberOf(value) === null) return `${op} needs a number.`
  if (type === 'date' && dateOf(value) === null)
    return `${op} needs a date or a moment, as in 2026-11-22 or 2026-11-22T10:00:00Z.`
  return null
}

/** What came of a condition, row by row. Nothing is left out: a person wants to know all that would have to be otherwise. */
export type Trace =
  | { readonly field: string; readonly op: Operator; readonly wanted: Json; readonly seen: Json; readonly holds: boolean }
  | { readonly how: 'all' | 'any' | 'none'; readonly of: readonly Trace[]; readonly holds: boolean }

/** Text in a trace is cut: it is read, not used. */
const MAX_SEEN = 500

/**
 * Judges a condition by what `read` says of its fields; undefined or null is a field without a value. An empty group of `any` holds as one of `all` does:
 * nothing was asked.
 */
export function judge(condition: Condition, read: (field: string) => Json | undefined, now: Date): Trace {
  const group = groupOf(condition)
  if (!group) return judgeRow(condition as Row, read, now)
  const of = group.of.map((one) => judge(one, read, now))
  const holds =
    group.how === 'all'
      ? of.every((one) => one.holds)
      : group.how === 'any'
        ? of.length === 0 || of.some((one) => one.holds)
        : !of.some((one) => one.holds)
  return { how: group.how, of, holds }
}

function judgeRow(row: Row, read: (field: string) => Json | undefined, now: Date): Trace {
  const seen = read(row.field) ?? null
  const wanted = row.value ?? null
  return { field: row.field, op: row.op, wanted, seen: cut(seen), holds: holdsOf(row.op, seen, wanted, now) }
}

function holdsOf(op: Operator, seen: Json, wanted: Json, now: Date): boolean {
  if (isEmpty(seen)) return NEGATIVE.has(op)
  const each = Array.isArray(seen) ? (seen as readonly Json[]) : [seen]
  const some = (test: (one: Json) => boolean) => each.some(test)
  const many = Array.isArray(wanted) ? (wanted as readonly Json[]) : [wanted]
  switch (op) {
    case 'is':
    case 'has':
      return some((one) => same(one, wanted))
    case 'is_not':
    case 'has_not':
      return !some((one) => same(one, wanted))
    case 'is_any_of':
    case 'has_any_of':
      return some((one) => many.some((want) => same(one, want)))
    case 'is_none_of':
      return !some((one) => many.some((want) => same(one, want)))
    case 'contains':
      return some((one) => folded(one).includes(folded(wanted)))
    case 'contains_not':
      return !some((one) => folded(one).includes(folded(wanted)))
    case 'begins_with':
      return some((one) => folded(one).startsWith(folded(wanted)))
    case 'ends_with':
      return some((one) => folded(one).endsWith(folded(wanted)))
    case 'matches':
      return some((one) => matches(String(one), String(wanted)))
    case 'less_than':
      return compared(seen, wanted, (a, b) => a < b)
    case 'at_most':
      return compared(seen, wanted, (a, b) => a <= b)
    case 'greater_than':
      return compared(seen, wanted, (a, b) => a > b)
    case 'at_least':
      return compared(seen, wanted, (a, b) => a >= b)
    case 'before':
      return moments(seen, wanted, (a, b) => a < b)
    case 'after':
      return moments(seen, wanted, (a, b) => a > b)
    case 'older_than':
      return aged(seen, wanted, now, (age, length) => age >= length)
    case 'younger_than':
      return aged(seen, wanted, now, (age, length) => age < length)
    case 'is_true':
      return seen === true
    case 'is_false':
      return seen !== true
    case 'is_set':
      return true
    case 'is_empty':
      return false
  }
}

function isEmpty(value: Json): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function folded(value: Json): string {
  return String(value).normalize('NFC').toLowerCase().trim()
}

function same(a: Json, b: Json): boolean {
  if (typeof a === 'number' || typeof b === 'number') {
    const [x, y] = [numberOf(a), numberOf(b)]
    if (x !== null && y !== null) return x === y
  }
  return folded(a) === folded(b)
}

function compared(seen: Json, wanted: Json, test: (a: number, b: number) => boolean): boolean {
  const [a, b] = [numberOf(seen), numberOf(wanted)]
  return a !== null && b !== null && test(a, b)
}

function moments(seen: Json, wanted: Json, test: (a: number, b: number) => boolean): boolean {
  const [a, b] = [dateOf(seen), dateOf(wanted)]
  return a !== null && b !== null && test(a, b)
}

function aged(seen: Json, wanted: Json, now: Date, test: (age: number, length: number) => boolean): boolean {
  const [at, length] = [dateOf(seen), lengthMs(wanted)]
  return at !== null && length !== null && test(now.getTime() - at, length)
}

function numberOf(value: Json): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

function dateOf(value: Json): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(value)) return null
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : at
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds of `45s`, `30m`, `12h`, `3d`, `2w`; null for what is none. */
export function lengthMs(value: Json): number | null {
  const parts = typeof value === 'string' ? /^(\d{1,6})([smhdw])$/.exec(value.trim()) : null
  return parts ? Number(parts[1]) * (UNIT_MS[parts[2] as string] as number) : null
}

function cut(value: Json): Json {
  if (typeof value === 'string' && value.length > MAX_SEEN) return `${value.slice(0, MAX_SEEN)}…`
  if (Array.isArray(value)) return (value as readonly Json[]).slice(0, 50).map(cut)
  return value
}
