/**
 * What people type into the search field.
 *
 *   refund "exact words" -without          words; found by their beginning too, unless in quotation marks
 *   from:ann@example.org  to:"Bob Byte"    who wrote, who was written to
 *   tag:billing  in:support  assignee:me   number:4711
 *   is:open      pending closed spam snoozed waiting unassigned mine unread starred followed deleted
 *   has:attachment  has:note  before:2026-11-01  after:7d
 *
 * Nothing that can be typed is an error: what is not understood is searched for as words, and named, so that it can be said.
 */
export const OPERATORS = ['from', 'to', 'tag', 'is', 'has', 'in', 'assignee', 'number', 'before', 'after'] as const
export type Operator = (typeof OPERATORS)[number]

export const IS = [
  'open',
  'pending',
  'closed',
  'spam',
  'snoozed',
  'waiting',
  'unassigned',
  'mine',
  'unread',
  'starred',
  'followed',
  'deleted',
] as const
export type Is = (typeof IS)[number]
export const HAS = ['attachment', 'note'] as const
export type Has = (typeof HAS)[number]

export interface Term {
  readonly text: string
  /** In quotation marks: as it is written, not also as the beginning of a longer word. */
  readonly exact: boolean
  readonly without: boolean
}

export interface SearchQuery {
  readonly terms: readonly Term[]
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly tag: readonly string[]
  readonly is: readonly Is[]
  readonly has: readonly Has[]
  readonly in: string | null
  readonly assignee: string | null
  readonly number: number | null
  /** A day (`2026-11-01`, `2026-11`, `2026`) or an age (`7d`, `2w`, `3m`, `1y`). */
  readonly before: string | null
  readonly after: string | null
  /** Operators whose value means nothing: searched for as words. */
  readonly strange: readonly string[]
}

export const MAX_SEARCH_LENGTH = 500
const MAX_TERMS = 12
const MAX_EACH = 5

const NOTHING: SearchQuery = {
  terms: [],
  from: [],
  to: [],
  tag: [],
  is: [],
  has: [],
  in: null,
  assignee: null,
  number: null,
  before: null,
  after: null,
  strange: [],
}

/** A sign, an operator, then a text in quotation marks (an open one ends with the line) or up to the next blank. */
const TOKEN = /(-?)(?:([a-z]{2,10}):)?(?:["“”]([^"“”]*)(?:["“”]|$)|([^\s"“”]+))/giu

export function parseSearch(text: string): SearchQuery {
  let query = NOTHING
  for (const [whole, sign = '', name = '', quoted, plain = ''] of text.slice(0, MAX_SEARCH_LENGTH).matchAll(TOKEN)) {
    const value = (quoted ?? plain).trim()
    const operator = OPERATORS.find((each) => each === name.toLowerCase())
    const with_ = operator && sign === '' && value !== '' ? withOperator(query, operator, value) : null
    if (with_) query = with_
    else if (operator)
      query = {
        ...withTerm(query, { text: value, exact: false, without: sign !== '' }),
        strange: [...query.strange, whole].slice(0, MAX_EACH),
      }
    else
      query = withTerm(query, {
        text: name === '' ? value : `${name}:${value}`,
        exact: quoted !== undefined,
        without: sign !== '',
      })
  }
  return query
}

/** Null when the value means nothing to the operator. */
function withOperator(query: SearchQuery, operator: Operator, value: string): SearchQuery | null {
  const word = value.toLowerCase()
  switch (operator) {
    case 'from':
    case 'to':
      return { ...query, [operator]: added(query[operator], word) }
    case 'tag':
      return { ...query, tag: added(query.tag, word) }
    case 'is': {
      const is = IS.find((each) => each === word)
      return is ? { ...query, is: added(query.is, is, IS.length) } : null
    }
    case 'has': {
      const has = word === 'file' || word === 'files' || word === 'attachments' ? 'attachment' : HAS.find((each) => each === word)
      return has ? { ...query, has: added(query.has, has) } : null
    }
    case 'in':
    case 'assignee':
      return { ...query, [operator]: word }
    case 'number': {
      const number = numberIn(word)
      return number === null ? null : { ...query, number }
    }
    case 'before':
    case 'after':
      return isMoment(word) ? { ...query, [operator]: word } : null
  }
}

function withTerm(query: SearchQuery, term: Term): SearchQuery {
  const saysSomething = /[\p{L}\p{N}]/u.test(term.text)
  return saysSomething && query.terms.length < MAX_TERMS ? { ...query, terms: [...query.terms, term] } : query
}

function added<T>(values: readonly T[], value: T, limit = MAX_EACH): readonly T[] {
  return values.includes(value) ? values : [...values, value].slice(0, limit)
}

/** `4711` or `#4711`. */
export function numberIn(text: string): number | null {
  const [, digits] = /^#?(\d{1,15})$/.exec(text.trim()) ?? []
  return digits === undefined ? null : Number(digits)
}

const DAY_LIKE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/
const AGE = /^(\d{1,4})([dwmy])$/

function isMoment(word: string): boolean {
  return AGE.test(word) || dayOf(word) !== null
}

/** The beginning of a day, month or year (UTC), or so long ago. */
export function momentOf(word: string, now: Date): Date | null {
  const [, count, unit] = AGE.exec(word) ?? []
  if (count === undefined) return dayOf(word)
  const at = new Date(now)
  if (unit === 'd' || unit === 'w') at.setUTCDate(at.getUTCDate() - Number(count) * (unit === 'w' ? 7 : 1))
  else at.setUTCMonth(at.getUTCMonth() - Number(count) * (unit === 'y' ? 12 : 1))
  // Before the year 1 nothing was written.
  return at.getUTCFullYear() < 1 ? new Date(0) : at
}

function dayOf(word: string): Date | null {
  const [, year, month = '01', day = '01'] = DAY_LIKE.exec(word) ?? []
  if (year === undefined || year === '0000') return null
  const at = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return Number.isNaN(at.getTime()) || at.getUTCDate() !== Number(day) ? null : at
}

/** As it could have been typed. */
export function formatSearch(query: SearchQuery): string {
  const quote = (text: string) => (/\s|^$/.test(text) ? `"${text}"` : text)
  return [
    ...query.terms.map(({ text, exact, without }) => `${without ? '-' : ''}${exact ? `"${text}"` : text}`),
    ...(['from', 'to', 'tag', 'is', 'has'] as const).flatMap((name) => query[name].map((value) => `${name}:${quote(value)}`)),
    ...(['in', 'assignee', 'number', 'before', 'after'] as const).flatMap((name) => {
      const value = query[name]
      return value === null ? [] : [`${name}:${quote(String(value))}`]
    }),
  ].join(' ')
}
