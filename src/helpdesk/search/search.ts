/** Searching conversations: a list whose first condition is words. */
import type { Actor } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Db, Tx } from '../../db/database.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import type { ConversationId, InboxId } from '../../lib/ids.ts'
import type { ConversationFilter } from '../list/filter.ts'
import { fewOf, listConversations, questionOf, rowsOf } from '../list/list.ts'
import type { Question } from '../list/list-queries.ts'
import type { ConversationRow } from '../list/row.ts'
import { ofPeople, ofPeopleAbout } from './by-people.ts'
import { wordsOf } from './highlight.ts'
import {
  condition,
  notFoundAbove,
  type Snippet,
  type Source,
  selectByMessageId,
  selectByNumber,
  selectEnd,
  selectEstimate,
  selectInboxBySlug,
  selectPlaceAt,
  selectQuestion,
  selectRarest,
  selectSlice,
  selectSnippets,
} from './search-queries.ts'
import { type Is, momentOf, numberIn, type SearchQuery, type Term } from './search-query.ts'

export type { Snippet } from './search-queries.ts'

export interface SearchPage {
  readonly items: readonly (ConversationRow & { readonly snippet: Snippet | null })[]
  readonly next: string | null
}

export interface SearchAsked {
  readonly query: SearchQuery
  readonly after: string | null
  readonly limit: number
}

const LIST = 'search'

/** What was asked for by number or id first, then whatever has the words, newest first; at the end people whose name or address is like them. */
export async function searchConversations(
  tx: Db | Tx,
  actor: Actor,
  { query, after, limit }: SearchAsked,
  now: Date,
): Promise<SearchPage> {
  const [below] = after === null ? [] : decodeCursor(LIST, after, [(part) => /^([0-9]{1,15}|w.{1,480})$/s.test(part)])
  const { filter, also, before, since } = await demandsOf(tx, actor, query, now)
  const asked = { filter, sort: 'latest' as const, also }
  const terms = [...query.terms.filter(({ without }) => !without), ...namesAsTerms(query)]
  const text = terms.length > 0 ? await selectQuestion(tx, terms) : null

  if (text === null && query.number === null) {
    const walked = await listConversations(tx, actor, { ...asked, after: below?.startsWith('w') ? below.slice(1) : null, limit })
    const next = walked.next && encodeCursor(LIST, [`w${walked.next}`])
    return { items: walked.items.map((row) => ({ ...row, snippet: null })), next }
  }
  const question = { ...(await questionOf(tx, actor, asked)), limit: limit + 1 }
  const first = below === undefined ? await namedExactly(tx, actor, query) : []
  const bounds = {
    below: before && (await selectPlaceAt(tx, actor.workspaceId, before)),
    from: (since && (await selectPlaceAt(tx, actor.workspaceId, since))) ?? 0,
  }
  const words =
    text === null ? NOTHING_FOUND : await walkBack(tx, question, text, terms, below === undefined ? null : Number(below), bounds)
  const isShort = below === undefined && words.next === null && words.found.length < limit && query.number === null
  const people = isShort
    ? [...(await ofPeople(tx, actor, query.terms, limit)), ...(await ofPeopleAbout(tx, question, query.terms))]
    : []
  const ids = [...new Set([...first, ...words.found.slice(0, limit).map(({ id }) => id), ...people])]
  const rows = await rowsOf(tx, actor, asked, ids)
  const last = words.found.length > limit ? words.found[limit - 1]?.place : words.next
  return {
    items: await withSnippets(tx, actor, rows, wordsOf(query)),
    next: last === null || last === undefined ? null : encodeCursor(LIST, [String(last)]),
  }
}

const NOTHING_FOUND = { found: [], next: null } as const

/** Where nothing more is demanded than words, a person's words lead to them as well. */
function namesAsTerms({ from, to }: SearchQuery): Term[] {
  return [...from, ...to].map((text) => ({ text, exact: false, without: false }))
}

async function namedExactly(tx: Db | Tx, actor: Actor, query: SearchQuery): Promise<ConversationId[]> {
  const [only, ...others] = query.terms
  const number = query.number ?? (only && others.length === 0 && !only.without ? numberIn(only.text) : null)
  if (number !== null) return await selectByNumber(tx, actor.workspaceId, number)
  const [, id] = /^<?([^\s<>@]+@[^\s<>@]+)>?$/.exec(only?.text ?? '') ?? []
  return id !== undefined && others.length === 0 ? await selectByMessageId(tx, actor.workspaceId, `<${id}>`) : []
}

const SHELF = 1_000
/** So many matches are read and sorted at once: few enough for a page in some tens of milliseconds. */
const CANDIDATES = 4_000
/** So many rows that have the rarest word are looked at for the others, in one look. */
const READ = 2_500
/** What the planner takes for a word it does not know: most such words stand in far fewer rows. */
const UNKNOWN = 0.0055
/** Words that every thirtieth conversation has are met soon on a walk over the newest, without any index. */
const COMMON = 1 / 30
const ROWS = 1_500
/** After so many looks a page ends where it is, and says that there is more further back: nobody waits for a search of everything. */
const MAX_LOOKS = 4
/** The index gives what is newer once more with each look. */
const INDEX_LOOKS = 2

interface Found {
  readonly id: ConversationId
  readonly place: number
}
interface Bounds {
  /** Of the page before, or of `before:`. */
  readonly below: number | null
  /** Of `after:`: what is below it need not be looked at. */
  readonly from: number
}

/**
 * From the newest back. Rare words are read from the index, all of them at once; common ones are met among the newest rows; those in between are asked of
 * as many of the newest shelves as will have enough of them. None of the three reads more than some thousand rows.
 */
async function walkBack(
  tx: Db | Tx,
  question: Question,
  text: string,
  terms: readonly Term[],
  start: number | null,
  bounds: Bounds,
): Promise<{ found: readonly Found[]; next: number | null }> {
  const above = start === null ? [] : [notFoundAbove(question.workspaceId, text, start)]
  const demanded = { ...question, also: [...(question.also ?? []), ...above] }
  const few = await fewOf(tx, question)
  let below = Math.min(
    start ?? Number.MAX_SAFE_INTEGER,
    bounds.below ?? Number.MAX_SAFE_INTEGER,
    await selectEnd(tx, question.workspaceId),
  )
  const sourceAt = few ? () => ({ kind: 'ids', ids: few }) as const : await sourceFor(tx, text, terms)
  const found = new Map<ConversationId, number>()
  for (let look = 1; look <= MAX_LOOKS && below > bounds.from; look += 1) {
    const source = sourceAt(below, look)
    const slice = await selectSlice(tx, demanded, text, source, below)
    for (const { id, place } of slice.found) if (!found.has(id)) found.set(id, place)
    const isCut = source.kind !== 'ids' && slice.candidates >= source.atMost && slice.lastPlace !== null
    if (isCut) below = slice.lastPlace ?? 0
    else below = source.kind === 'index' && source.lowest !== null ? source.lowest * SHELF : 0
    if (found.size >= question.limit || (source.kind === 'index' && look >= INDEX_LOOKS)) break
  }
  return { found: [...found].map(([id, place]) => ({ id, place })), next: below > bounds.from ? below : null }
}

async function sourceFor(tx: Db | Tx, text: string, terms: readonly Term[]): Promise<(below: number, look: number) => Source> {
  const { matching, rows } = await selectEstimate(tx, text)
  if (matching >= rows * COMMON) return () => ({ kind: 'rows', atMost: ROWS })
  const rarest = (await selectRarest(tx, terms)) ?? { key: text, matching }
  const { key } = rarest
  if (rarest.matching <= Math.max(READ, rows * UNKNOWN)) return () => ({ kind: 'index', key, lowest: null, atMost: CANDIDATES })
  // As many shelves as have enough of what is asked for, but no more than can be read; a fourth of them is often enough.
  const shelves = Math.ceil(Math.min(CANDIDATES / 2 / matching, READ / rarest.matching) * (rows / SHELF))
  return (below, look) => {
    const lowest = Math.floor((below - 1) / SHELF) - Math.ceil(look === 1 ? shelves / 4 : shelves) + 1
    return { kind: 'index', key, lowest: lowest <= 0 ? null : lowest, atMost: CANDIDATES }
  }
}

/** The operators, as lists understand them. */
async function demandsOf(tx: Db | Tx, actor: Actor, query: SearchQuery, now: Date) {
  const { workspaceId } = actor
  const inboxId = query.in === null ? undefined : ((await selectInboxBySlug(tx, workspaceId, query.in)) as InboxId | null)
  const assignee = query.assignee === null ? undefined : await assigneeNamed(tx, actor, query.assignee)
  const filter: ConversationFilter = {
    ...marksOf(query.is),
    ...(inboxId && { inbox: inboxId }),
    ...(assignee && { assignee }),
    ...(query.tag.length > 0 && { tag: [...query.tag] }),
    ...(query.has.includes('attachment') && { has_files: true }),
    ...(query.has.includes('note') && { has_note: true as const }),
  }
  const moment = (word: string | null) => (word === null ? null : momentOf(word, now))
  const [before, since] = [moment(query.before), moment(query.after)]
  const also = [
    ...query.from.map((text) => condition.from(workspaceId, text)),
    ...query.to.map((text) => condition.to(workspaceId, text)),
    ...(before ? [condition.before(before)] : []),
    ...(since ? [condition.after(since)] : []),
    ...query.terms.filter(({ without }) => without).map((term) => condition.without(workspaceId, term)),
    ...(inboxId === null || assignee === null ? [condition.nobody] : []),
  ]
  return { filter, also, before, since }
}

/** Several statuses are alternatives; everything else has to be true together. */
function marksOf(is: readonly Is[]): ConversationFilter {
  const statuses = is.filter((each) => each === 'open' || each === 'pending' || each === 'closed' || each === 'spam')
  const says = (word: Is) => is.includes(word)
  return {
    ...(statuses.length > 0 && { status: statuses }),
    ...(says('snoozed') && { snoozed: true }),
    ...(says('waiting') && { waiting: true }),
    ...(says('unassigned') ? { assignee: 'none' as const } : says('mine') ? { assignee: 'me' as const } : {}),
    ...(says('unread') && { unread: true as const }),
    ...(says('starred') && { starred: true as const }),
    ...(says('followed') && { followed: true as const }),
    ...(says('deleted') && { deleted: true as const }),
  }
}

/** `me`, `none`, or a person by name or address; null: there is nobody like that. */
async function assigneeNamed(
  tx: Db | Tx,
  actor: Actor,
  word: string,
): Promise<NonNullable<ConversationFilter['assignee']> | null> {
  if (word === 'me' || word === 'none') return word
  const people = await rosterOf(tx, actor.workspaceId)
  const fits = (text: string) => text.toLowerCase().includes(word)
  return (
    (people.find(({ email }) => email.toLowerCase() === word) ?? people.find(({ name, email }) => fits(name) || fits(email)))
      ?.id ?? null
  )
}

async function withSnippets(tx: Db | Tx, actor: Actor, rows: readonly ConversationRow[], words: readonly string[]) {
  const snippets = await selectSnippets(
    tx,
    actor.workspaceId,
    rows.map(({ id }) => id),
    words,
  )
  return rows.map((row) => ({ ...row, snippet: snippets.find(({ conversationId }) => conversationId === row.id) ?? null }))
}
