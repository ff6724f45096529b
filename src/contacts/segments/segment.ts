/**
 * Who is meant: a tree of and, or and not over what is known of people. A condition says it in a sentence, is asked of the database by bound parameters
 * (compile.ts), and of one person in memory by `fits`: a property test holds the three together. Pure and isomorphic.
 */
import { ACTIVITY_KINDS, type ActivityKind } from '../activity/activity.ts'
import type { CustomData, FieldType } from '../custom-data.ts'

export const TEXT_FIELDS = [
  'name',
  'first_name',
  'last_name',
  'company',
  'job_title',
  'external_id',
  'language',
  'time_zone',
  'note',
] as const
export type TextField = (typeof TEXT_FIELDS)[number]
export const TEXT_OPERATORS = ['is', 'is_not', 'contains', 'starts_with', 'is_empty', 'is_not_empty'] as const
export type TextOperator = (typeof TEXT_OPERATORS)[number]
export const VALUE_OPERATORS = [
  'is',
  'is_not',
  'contains',
  'starts_with',
  'less',
  'more',
  'last_days',
  'next_days',
  'has',
  'is_empty',
  'is_not_empty',
] as const
export type ValueOperator = (typeof VALUE_OPERATORS)[number]
export const STANDING_CHOICES = ['subscribed', 'pending', 'unsubscribed', 'none'] as const

/** Days before now, or a moment (ISO 8601). */
export type Since = { readonly days: number } | { readonly at: string }

export type Condition =
  | { readonly kind: 'field'; readonly field: TextField; readonly op: TextOperator; readonly value: string }
  | {
      readonly kind: 'data'
      readonly key: string
      readonly type: FieldType
      readonly op: ValueOperator
      readonly value: string | number | boolean
    }
  | { readonly kind: 'address'; readonly op: 'domain_is' | 'contains' | 'none'; readonly value: string }
  | { readonly kind: 'tag'; readonly tag: string }
  /** How they stand with a list; and that they have since a time, where it is said. */
  | {
      readonly kind: 'list'
      readonly list: string
      readonly status: (typeof STANDING_CHOICES)[number]
      readonly since?: Since | null | undefined
    }
  | { readonly kind: 'created'; readonly when: 'before' | 'after'; readonly since: Since }
  /** What somebody did, or what became of mail to them; of one campaign, and since a time, where these are said. */
  | { readonly kind: 'activity'; readonly activity: ActivityKind; readonly campaign: string | null; readonly since: Since | null }
  | { readonly kind: 'import'; readonly import: string }

export type Tree = { readonly all: readonly Tree[] } | { readonly any: readonly Tree[] } | { readonly not: Tree } | Condition

export const MAX_CONDITIONS = 100
export const MAX_DEPTH = 10

/** One person, as far as trees ask of them. */
export interface Known {
  readonly fields: Readonly<Record<TextField, string>>
  readonly data: CustomData
  readonly addresses: readonly string[]
  readonly tags: readonly string[]
  readonly lists: Readonly<Record<string, { readonly status: 'subscribed' | 'pending' | 'unsubscribed'; readonly since: Date }>>
  readonly createdAt: Date
  readonly activity: readonly { readonly kind: ActivityKind; readonly campaignId: string | null; readonly at: Date }[]
  readonly imports: readonly string[]
}

export function momentOf(since: Since, now: Date): Date {
  return 'at' in since ? new Date(since.at) : new Date(now.getTime() - since.days * 86_400_000)
}

const FURTHEST_DAYS = 36_500

/** The first and the last day of so many days before today, or after it; as dates are written in fields. Between nothing where it is no number. */
export function daysAround(op: 'last_days' | 'next_days', wanted: number, now: Date): readonly [string, string] {
  if (!Number.isFinite(wanted)) return ['9', '0']
  const days = Math.min(FURTHEST_DAYS, Math.max(0, Math.trunc(wanted)))
  const day = (offset: number) => new Date(now.getTime() + offset * 86_400_000).toISOString().slice(0, 10)
  return op === 'last_days' ? [day(-days), day(0)] : [day(0), day(days)]
}

export function fits(tree: Tree, person: Known, now: Date): boolean {
  if ('all' in tree) return tree.all.every((one) => fits(one, person, now))
  if ('any' in tree) return tree.any.some((one) => fits(one, person, now))
  if ('not' in tree) return !fits(tree.not, person, now)
  switch (tree.kind) {
    case 'field':
      return textFits(tree.op, person.fields[tree.field], tree.value)
    case 'data':
      return valueFits(tree, person.data[tree.key], now)
    case 'address': {
      const value = tree.value.toLowerCase()
      if (tree.op === 'none') return person.addresses.length === 0
      if (tree.op === 'contains') return person.addresses.some((address) => address.includes(value))
      return person.addresses.some((address) => address.slice(address.lastIndexOf('@') + 1) === value)
    }
    case 'tag':
      return person.tags.includes(tree.tag)
    case 'list':
      return standingFits(tree, person.lists[tree.list], now)
    case 'created': {
      const moment = momentOf(tree.since, now).getTime()
      return tree.when === 'after' ? person.createdAt.getTime() >= moment : person.createdAt.getTime() < moment
    }
    case 'activity': {
      const from = tree.since ? momentOf(tree.since, now).getTime() : Number.NEGATIVE_INFINITY
      return person.activity.some(
        ({ kind, campaignId, at }) =>
          kind === tree.activity && (tree.campaign === null || campaignId === tree.campaign) && at.getTime() >= from,
      )
    }
    case 'import':
      return person.imports.includes(tree.import)
  }
}

function standingFits(
  { status, since }: Extract<Condition, { kind: 'list' }>,
  stands: Known['lists'][string] | undefined,
  now: Date,
): boolean {
  if (!stands || status === 'none') return !stands && status === 'none'
  return stands.status === status && (!since || stands.since >= momentOf(since, now))
}

function textFits(op: TextOperator, text: string, value: string): boolean {
  const [has, wanted] = [text.toLowerCase(), value.toLowerCase()]
  switch (op) {
    case 'is':
      return has === wanted
    case 'is_not':
      return has !== wanted
    case 'contains':
      return has.includes(wanted)
    case 'starts_with':
      return has.startsWith(wanted)
    case 'is_empty':
      return text === ''
    case 'is_not_empty':
      return text !== ''
  }
}

/** What is not known is empty: it is nothing, starts with nothing, and is neither more nor less. */
function valueFits(
  { op, value, type }: Extract<Condition, { kind: 'data' }>,
  has: CustomData[string] | undefined,
  now: Date,
): boolean {
  const isEmpty = has === undefined
  if (op === 'is_empty') return isEmpty
  if (op === 'is_not_empty') return !isEmpty
  if (op === 'is_not') return isEmpty || !same(has, value)
  if (isEmpty) return false
  if (op === 'is') return same(has, value)
  if (op === 'last_days' || op === 'next_days') {
    const [from, to] = daysAround(op, Number(value), now)
    return type === 'date' && typeof has === 'string' && has >= from && has <= to
  }
  if (op === 'has') return Array.isArray(has) && has.includes(String(value))
  if (op === 'less' || op === 'more') {
    if (type === 'number') return typeof has === 'number' && (op === 'less' ? has < Number(value) : has > Number(value))
    if (type === 'date') return typeof has === 'string' && (op === 'less' ? has < String(value) : has > String(value))
    return false
  }
  if (typeof has !== 'string') return false
  return textFits(op, has, String(value))
}

function same(has: CustomData[string], value: string | number | boolean): boolean {
  if (typeof has === 'string') return has.toLowerCase() === String(value).toLowerCase()
  return has === value
}

export interface Explained {
  readonly condition: Condition
  readonly holds: boolean
  /** What is known of them where the condition looks. */
  readonly seen: string
}

/** Which conditions hold and which do not, in the order of the tree: why somebody is in, or out. */
export function explain(tree: Tree, person: Known, now: Date): Explained[] {
  if ('all' in tree) return tree.all.flatMap((one) => explain(one, person, now))
  if ('any' in tree) return tree.any.flatMap((one) => explain(one, person, now))
  if ('not' in tree) return explain(tree.not, person, now)
  return [{ condition: tree, holds: fits(tree, person, now), seen: seenBy(tree, person) }]
}

function seenBy(condition: Condition, person: Known): string {
  switch (condition.kind) {
    case 'field':
      return person.fields[condition.field].slice(0, SEEN_MAX) || 'empty'
    case 'data': {
      const has = person.data[condition.key]
      if (has === undefined) return 'nothing'
      if (typeof has === 'boolean') return has ? 'yes' : 'no'
      return (Array.isArray(has) ? has.join(', ') : String(has)).slice(0, SEEN_MAX) || 'nothing'
    }
    case 'address':
      return few(person.addresses) || 'no address'
    case 'tag':
      return few(person.tags) || 'no tags'
    case 'list': {
      const stands = person.lists[condition.list]
      return stands ? `${stands.status} since ${dayOf(stands.since)}` : 'never on it'
    }
    case 'created':
      return `known since ${dayOf(person.createdAt)}`
    case 'activity': {
      const times = person.activity.flatMap(({ kind, campaignId, at }) =>
        kind === condition.activity && (condition.campaign === null || campaignId === condition.campaign) ? [at.getTime()] : [],
      )
      if (times.length === 0) return 'never'
      const last = dayOf(new Date(Math.max(...times)))
      return times.length === 1 ? `once, on ${last}` : `${times.length} times, last on ${last}`
    }
    case 'import':
      return person.imports.includes(condition.import) ? 'came with it' : 'did not come with it'
  }
}

const SEEN_MAX = 200
const FEW = 5

function few(list: readonly string[]): string {
  return list.length <= FEW ? list.join(', ') : `${list.slice(0, FEW).join(', ')} and ${list.length - FEW} more`
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}

/** What is wrong with a tree as a whole; null when nothing is. */
export function problemOf(tree: Tree): string | null {
  if (conditionsOf(tree).length > MAX_CONDITIONS) return `A segment has at most ${MAX_CONDITIONS} conditions.`
  if (depthOf(tree) > MAX_DEPTH) return `Groups stand at most ${MAX_DEPTH} deep in one another.`
  return null
}

export function conditionsOf(tree: Tree): Condition[] {
  if ('all' in tree) return tree.all.flatMap(conditionsOf)
  if ('any' in tree) return tree.any.flatMap(conditionsOf)
  return 'not' in tree ? conditionsOf(tree.not) : [tree]
}

function depthOf(tree: Tree): number {
  if ('all' in tree) return 1 + Math.max(0, ...tree.all.map(depthOf))
  if ('any' in tree) return 1 + Math.max(0, ...tree.any.map(depthOf))
  return 'not' in tree ? 1 + depthOf(tree.not) : 0
}

/** What ids are called, where a sentence names them. */
export interface Names {
  readonly list: (id: string) => string
  readonly campaign: (id: string) => string
  readonly field: (key: string) => string
  readonly import: (id: string) => string
}

const OPERATORS: Readonly<Record<ValueOperator, string>> = {
  is: 'is',
  is_not: 'is not',
  contains: 'contains',
  starts_with: 'starts with',
  less: 'is less than',
  more: 'is more than',
  last_days: 'is within the last',
  next_days: 'is within the next',
  has: 'has',
  is_empty: 'is empty',
  is_not_empty: 'is not empty',
}
const ACTIVITIES: Readonly<Record<ActivityKind, string>> = {
  sent: 'was sent',
  delivered: 'got',
  bounced: 'bounced',
  complained: 'complained about',
  opened: 'opened',
  clicked: 'followed a link of',
  unsubscribed: 'unsubscribed from',
  wrote: 'wrote to us',
  replied: 'answered',
}

export function sentenceOf(condition: Condition, names: Names): string {
  switch (condition.kind) {
    case 'field':
      return compared(condition.field.replaceAll('_', ' '), condition.op, condition.value)
    case 'data':
      return compared(names.field(condition.key), condition.op, condition.value)
    case 'address':
      if (condition.op === 'none') return 'has no address'
      return condition.op === 'contains' ? `an address contains “${condition.value}”` : `has an address at ${condition.value}`
    case 'tag':
      return `is tagged “${condition.tag}”`
    case 'list': {
      const stands = STANDS[condition.status](names.list(condition.list))
      return condition.since && condition.status !== 'none' ? `${stands} since ${momentWords(condition.since)}` : stands
    }
    case 'created':
      return `known ${condition.when === 'after' ? 'since' : 'from before'} ${momentWords(condition.since)}`
    case 'activity': {
      const what =
        condition.activity === 'wrote' ? '' : condition.campaign === null ? ' a mail' : ` ${names.campaign(condition.campaign)}`
      return `${ACTIVITIES[condition.activity]}${what}${condition.since ? ` since ${momentWords(condition.since)}` : ''}`
    }
    case 'import':
      return `came with the import ${names.import(condition.import)}`
  }
}

const STANDS: Readonly<Record<(typeof STANDING_CHOICES)[number], (list: string) => string>> = {
  subscribed: (list) => `is subscribed to ${list}`,
  pending: (list) => `has not confirmed ${list} yet`,
  unsubscribed: (list) => `left ${list}`,
  none: (list) => `was never on ${list}`,
}

function compared(name: string, op: ValueOperator, value: string | number | boolean): string {
  if (op === 'last_days' || op === 'next_days') return `${name} ${OPERATORS[op]} ${value === 1 ? 'day' : `${value} days`}`
  if (typeof value === 'boolean') return `${name} ${OPERATORS[op]} ${value ? 'yes' : 'no'}`
  return op === 'is_empty' || op === 'is_not_empty' ? `${name} ${OPERATORS[op]}` : `${name} ${OPERATORS[op]} “${value}”`
}

function momentWords(since: Since): string {
  if ('at' in since) return since.at.slice(0, 10)
  return since.days === 1 ? 'a day ago' : `${since.days} days ago`
}

export { ACTIVITY_KINDS }
