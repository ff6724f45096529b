/** What zod found wrong, as sentences that name the field. */
import type { z } from 'zod'
import type { FieldError } from '../errors.ts'
import { nearestOf } from '../lib/nearest.ts'
import { escapePointer } from './json.ts'

type Issue = z.core.$ZodIssue
/** Where the fields are: in the body they have a JSON pointer, in path and query a name. */
export type Where = 'body' | 'parameters'

const MAX_ERRORS = 20
const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  undefined: 'left out',
}

export function wrongFields(issues: readonly Issue[], where: Where, knownFields: readonly string[]): FieldError[] {
  return issues
    .slice(0, MAX_ERRORS)
    .flatMap((issue) => unfold(issue, knownFields))
    .slice(0, MAX_ERRORS)
    .map(({ path, text }) => ({
      ...(where === 'body'
        ? { pointer: path.map((key) => `/${escapePointer(String(key))}`).join('') }
        : { parameter: String(path[0] ?? '') }),
      detail: `${text.charAt(0).toUpperCase()}${text.slice(1)}.`,
    }))
}

/** One sentence for all of them: the document's `detail`. */
export function summaryOf(errors: readonly FieldError[], where: Where): string {
  const [first] = errors
  if (!first) return 'Something in the request is wrong.'
  if (errors.length > 1)
    return `${errors.length} things in the ${where === 'body' ? 'body' : 'address'} are wrong; \`errors\` names each.`
  const text = first.detail.charAt(0).toLowerCase() + first.detail.slice(1)
  if (where === 'parameters') return `The parameter ${first.parameter} ${text}`
  return first.pointer === '' ? `The body ${text}` : `The field ${first.pointer} ${text}`
}

interface Found {
  readonly path: readonly PropertyKey[]
  readonly text: string
}

function unfold(issue: Issue, knownFields: readonly string[]): Found[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_ERRORS).map((key) => ({
      path: [...issue.path, key],
      text: unknownField(key, issue.path.length === 0 ? knownFields : []),
    }))
  }
  if (issue.code === 'invalid_union') return fromUnion(issue, knownFields)
  if (issue.code === 'invalid_key') return [{ path: issue.path, text: `has a name that ${textOf(issue.issues[0])}` }]
  return [{ path: issue.path, text: textOf(issue) }]
}

function unknownField(key: string, knownFields: readonly string[]): string {
  const near = key.length <= 40 ? nearestOf(key, knownFields) : null
  return near ? `is not known here; perhaps ${near} was meant` : 'is not known here'
}

/** The alternative that went furthest is the one that was meant. */
function fromUnion(issue: Extract<Issue, { code: 'invalid_union' }>, knownFields: readonly string[]): Found[] {
  const alternatives = issue.errors.map((errors) => errors.flatMap((each) => unfold(each, knownFields)))
  const deepest = alternatives.reduce<Found[] | null>((best, each) => (depthOf(each) > depthOf(best ?? []) ? each : best), null)
  if (deepest) return deepest.map((found) => ({ ...found, path: [...issue.path, ...found.path] }))
  const names = [
    ...new Set(
      issue.errors.flatMap((errors) => errors.map((each) => (each.code === 'invalid_type' ? nameOf(each.expected) : null))),
    ),
  ]
  const missing = issue.errors.some((errors) => errors.some(isMissing))
  if (missing) return [{ path: issue.path, text: 'is missing' }]
  const known = names.filter((name) => name !== null)
  return [{ path: issue.path, text: known.length > 0 ? `must be ${known.join(' or ')}` : 'is none of what is possible here' }]
}

function depthOf(found: readonly Found[]): number {
  return Math.max(0, ...found.map(({ path }) => path.length))
}

function textOf(issue: Issue | undefined): string {
  switch (issue?.code) {
    case 'invalid_type':
      return isMissing(issue) ? 'is missing' : `must be ${nameOf(issue.expected)}`
    case 'too_small':
      return tooSmall(issue)
    case 'too_big':
      return `must ${issue.origin === 'string' || issue.origin === 'array' ? 'have' : 'be'} at most ${issue.maximum}${unitOf(issue.origin)}`
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'invalid_format':
      return formatText(issue)
    case 'custom':
      return issue.message
    default:
      return 'is not what is expected here'
  }
}

function isMissing(issue: Issue): boolean {
  return issue.code === 'invalid_type' && /received undefined$/.test(issue.message)
}

function nameOf(expected: string): string {
  return NAMES[expected] ?? expected
}

function tooSmall(issue: Extract<Issue, { code: 'too_small' }>): string {
  const counted = issue.origin === 'string' || issue.origin === 'array'
  if (counted && Number(issue.minimum) === 1) return 'must not be empty'
  if (counted && issue.message.startsWith('must')) return issue.message
  return `must ${counted ? 'have' : 'be'} at least ${issue.minimum}${unitOf(issue.origin)}`
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' items' : ''
}

function formatText(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  if (issue.format === 'uuid') return 'must be an id (a UUID)'
  if (issue.format === 'datetime') return 'must be a time such as 2026-11-21T12:00:00Z'
  return issue.message.startsWith('must') ? issue.message : 'does not have the right form'
}
