/** How values of configs are said in sentences. */

import { type Condition, groupOf, type Operator, type Row } from '../condition.ts'
import { FIELDS } from '../fields.ts'
import type { Names, Reference } from '../node-type.ts'

/** 'a, b and c'. */
export function listed(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

export function quoted(text: string): string {
  return `“${cut(text)}”`
}

/** As much of a text as a sentence bears. */
export function cut(text: string, max = 60): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > max ? `${line.slice(0, max - 1).trimEnd()}…` : line
}

export function named(names: Names, kind: Reference, ids: readonly string[], last: 'and' | 'or' = 'and'): string {
  return listed(
    ids.map((id) => names.of(kind, id)),
    last,
  )
}

const UNITS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' }

/** '3 days' for `3d`. */
export function lengthInWords(length: string): string {
  const parts = /^(\d+)([smhdw])$/.exec(length.trim())
  return parts ? counted(Number(parts[1]), UNITS[parts[2] ?? ''] ?? '') : length
}

const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  contains_not: 'does not contain',
  begins_with: 'begins with',
  ends_with: 'ends with',
  matches: 'matches',
  is_any_of: 'is one of',
  is_none_of: 'is none of',
  less_than: 'is less than',
  at_most: 'is at most',
  greater_than: 'is greater than',
  at_least: 'is at least',
  before: 'is before',
  after: 'is after',
  older_than: 'is longer ago than',
  younger_than: 'is not longer ago than',
  has: 'has',
  has_not: 'does not have',
  has_any_of: 'has one of',
  is_true: 'is so',
  is_false: 'is not so',
  is_set: 'is there',
  is_empty: 'is empty',
}

/** 'the subject contains “invoice” and the status is “open”'; empty where nothing is asked. */
export function conditionInWords(condition: Condition, names: Names): string {
  const group = groupOf(condition)
  if (group === null) return rowInWords(condition as Row, names)
  const parts = group.of.map((one) => inBrackets(one, conditionInWords(one, names))).filter((one) => one !== '')
  if (parts.length === 0) return ''
  return group.how === 'none' ? `none of: ${parts.join('; ')}` : listed(parts, group.how === 'all' ? 'and' : 'or')
}

function inBrackets(condition: Condition, words: string): string {
  const group = groupOf(condition)
  return group !== null && group.of.length > 1 ? `(${words})` : words
}

function rowInWords({ field, op, value }: Row, names: Names): string {
  const kind = FIELDS.find((one) => one.name === field)?.of
  const say = (one: unknown) => (typeof one === 'string' ? quoted(kind ? names.of(kind, one) : one) : String(one))
  const words = `${fieldInWords(field)} ${OPERATOR_WORDS[op]}`
  if (value === undefined || value === null) return words
  if (op === 'older_than' || op === 'younger_than') return `${words} ${lengthInWords(String(value))}`
  return `${words} ${Array.isArray(value) ? listed(value.map(say), 'or') : say(value)}`
}

/** 'Subject' of a known field, 'reminders' for `vars.reminders`. */
function fieldInWords(name: string): string {
  const known = FIELDS.find((one) => one.name === name)
  if (known !== undefined) return `“${known.label}”`
  return (name.split('.').at(-1) ?? name).replaceAll('_', ' ')
}
