/** Searching: ids come from the index by functions of the owner (migrations/0029), what of them may be seen is decided here. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, ConversationId, ItemId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { ItemKind } from '../item.ts'
import { statusesOf } from '../list/filter.ts'
import { conditionsOf, type Question, statusIs } from '../list/list-queries.ts'
import type { Term } from './search-query.ts'

type Piece = RawBuilder<unknown>

/** The terms as PostgreSQL asks for them, or null when they hold no word. Denied ones are not in it: they are a condition of their own. */
export async function selectQuestion(db: Db | Tx, terms: readonly Term[]): Promise<string | null> {
  const { rows } = await sql<{ question: string | null }>`select ${questionIn(terms)}::text as question`.execute(db)
  return rows[0]?.question ?? null
}

function questionIn(terms: readonly Term[]): Piece {
  const flags = (values: readonly boolean[]) => sql`${`{${values.map((value) => (value ? 't' : 'f')).join(',')}}`}::boolean[]`
  return sql`search_question(${textArray(terms.map(({ text }) => text))}::text[], ${flags(terms.map(({ exact }) => exact))}, ${flags(terms.map(() => false))})`
}

/** One past the newest place of a workspace. */
export async function selectEnd(db: Db | Tx, workspaceId: WorkspaceId): Promise<number> {
  const { rows } = await sql<{ place: number }>`
    select t.place::float8 as place from conversation_text as t where t.workspace_id = ${workspaceId} order by t.place desc limit 1`.execute(
    db,
  )
  return (rows[0]?.place ?? -1) + 1
}

export interface Slice {
  readonly found: readonly { readonly id: ConversationId; readonly place: number }[]
  /** How many had the words, before the other conditions. */
  readonly candidates: number
  /** Where the last of the candidates stood; null without any. */
  readonly lastPlace: number | null
}

/** Where candidates come from: the index (of all shelves, or from one on), the newest rows one after the other, or conversations that are known. */
export type Source =
  | { readonly kind: 'index'; readonly key: string; readonly lowest: number | null; readonly atMost: number }
  | { readonly kind: 'rows'; readonly atMost: number }
  | { readonly kind: 'ids'; readonly ids: readonly ConversationId[] }

/** What has the words below a place, and fits, newest first. `seen` is how far a walk over rows came. */
export async function selectSlice(db: Db | Tx, question: Question, text: string, source: Source, below: number): Promise<Slice> {
  const { workspaceId, limit } = question
  const conditions = sql.join([...conditionsOf(question), statusIs(statusesOf(question.filter, question.sort))], sql` and `)
  const { rows } = await sql<{ candidates: number; lastPlace: number | null; ids: ConversationId[]; places: number[] }>`
    with candidate as materialized (${candidatesFrom(source, workspaceId, text, below)}),
    fitting as (
      select candidate.conversation_id as id, max(candidate.place) as place
        from candidate
        join conversation as c on c.workspace_id = ${workspaceId} and c.id = candidate.conversation_id
       where candidate.has_words and ${conditions}
       group by candidate.conversation_id
       order by max(candidate.place) desc
       limit ${limit}
    )
    select (select count(*) from candidate) as candidates, (select min(place)::float8 from candidate) as "lastPlace",
           array(select id::text from fitting order by place desc) as ids, array(select place::float8 from fitting order by place desc) as places`.execute(
    db,
  )
  const row = rows[0]
  return {
    found: (row?.ids ?? []).map((id, i) => ({ id, place: row?.places[i] ?? 0 })),
    candidates: row?.candidates ?? 0,
    lastPlace: row?.lastPlace ?? null,
  }
}

function candidatesFrom(source: Source, workspaceId: WorkspaceId, text: string, below: number): Piece {
  switch (source.kind) {
    case 'index':
      return sql`select conversation_id, place, true as has_words
                   from search_conversation_text(${workspaceId}, ${source.key}::tsquery, ${text}::tsquery, ${source.lowest}::int, ${below}, ${source.atMost})`
    case 'rows':
      return sql`select t.conversation_id, t.place, t.words @@ ${text}::tsquery as has_words
                   from conversation_text as t where t.workspace_id = ${workspaceId} and t.place < ${below} order by t.place desc limit ${source.atMost}`
    case 'ids':
      return sql`select t.conversation_id, t.place, t.words @@ ${text}::tsquery as has_words
                   from conversation_text as t
                  where t.workspace_id = ${workspaceId} and t.conversation_id = any (${plainArray(source.ids)}::uuid[]) and t.place < ${below}`
  }
}

/** How many rows have the words, and how many there are, by what the planner knows. */
export async function selectEstimate(db: Db | Tx, text: string): Promise<{ readonly matching: number; readonly rows: number }> {
  const { rows } = await sql<{
    matching: number
    rows: number
  }>`select matching, rows from estimate_conversation_text(${text}::tsquery)`.execute(db)
  return rows[0] ?? { matching: 0, rows: 0 }
}

export interface Rarest {
  /** The word as the index is asked for it. */
  readonly key: string
  readonly matching: number
}

/** Of all the words the one that the fewest rows have. Those of a phrase are asked for one by one. */
export async function selectRarest(db: Db | Tx, terms: readonly Term[]): Promise<Rarest | null> {
  const words = terms.flatMap(({ text, exact }) =>
    text
      .split(/[^\p{L}\p{M}\p{N}]+/u)
      .filter((word) => word !== '')
      .map((word) => ({ word, exact })),
  )
  const { rows } = await sql<Rarest>`
    select q.key::text as key, e.matching
      from unnest(${textArray(words.map(({ word }) => word))}::text[], ${`{${words.map(({ exact }) => (exact ? 't' : 'f')).join(',')}}`}::boolean[]) as w(word, exact)
      cross join lateral (select search_question(array[w.word], array[w.exact], array[false]) as key) as q
      cross join lateral estimate_conversation_text(q.key) as e
     where q.key is not null
     order by e.matching limit 1`.execute(db)
  return rows[0] ?? null
}

/** About where the index stood at a time: one past the newest of the conversations that rested then. Null: at its beginning. */
export async function selectPlaceAt(db: Db | Tx, workspaceId: WorkspaceId, at: Date): Promise<number | null> {
  const { rows } = await sql<{ place: number | null }>`
    select max(t.place)::float8 + 1 as place
      from unnest(array['open', 'pending', 'closed', 'spam']) as s(status)
      cross join lateral (
        select c.id from conversation as c
         where c.workspace_id = ${workspaceId} and c.status = s.status and c.deleted_at is null and c.last_at < ${at} order by c.last_at desc, c.id desc limit 20
      ) as rested
      join conversation_text as t on t.workspace_id = ${workspaceId} and t.conversation_id = rested.id`.execute(db)
  return rows[0]?.place ?? null
}

/** A conversation of several parts is found where the newest of its parts has the words: older parts are passed over on later pages. */
export function notFoundAbove(workspaceId: WorkspaceId, text: string, place: number): Piece {
  return sql`not exists (select from conversation_text as above
                          where above.workspace_id = ${workspaceId} and above.conversation_id = c.id and above.place >= ${place} and above.words @@ ${text}::tsquery)`
}

export async function selectByNumber(db: Db | Tx, workspaceId: WorkspaceId, number: number): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select id from conversation where workspace_id = ${workspaceId} and number = ${number}`.execute(db)
  return rows.map(({ id }) => id)
}

export async function selectByMessageId(db: Db | Tx, workspaceId: WorkspaceId, rfcId: string): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select distinct conversation_id as id from conversation_reference where workspace_id = ${workspaceId} and rfc_id = ${rfcId} limit 50`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

/** The newest conversations of each of these people. Index: conversation_of_contact. */
export async function selectOfPeople(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  contacts: readonly ContactId[],
  each: number,
): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select c.id
      from unnest(${plainArray(contacts)}::uuid[]) with ordinality as person(id, rank)
      cross join lateral (
        select k.id from conversation as k where k.workspace_id = ${workspaceId} and k.contact_id = person.id order by k.id desc limit ${each}
      ) as c
     order by person.rank, c.id desc`.execute(db)
  return rows.map(({ id }) => id)
}

export async function selectInboxBySlug(db: Db | Tx, workspaceId: WorkspaceId, slug: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select id from inbox where workspace_id = ${workspaceId} and slug = ${slug}`.execute(
    db,
  )
  return rows[0]?.id ?? null
}

const like = (text: string) => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** Conditions that no column of a conversation says. They are asked of few: of what has the words already, or of what a walk passes. */
export const condition = {
  from: (workspaceId: WorkspaceId, text: string): Piece => sql`
    (lower(c.requester) like ${like(text)} or exists (
      select from conversation_item as i
       where i.workspace_id = ${workspaceId} and i.conversation_id = c.id and i.kind <> 'activity' and lower(i.from_name || ' ' || i.from_address) like ${like(text)}))`,
  to: (workspaceId: WorkspaceId, text: string): Piece => sql`
    exists (
      select from conversation_item as i
       where i.workspace_id = ${workspaceId} and i.conversation_id = c.id and i.kind <> 'activity' and lower(i.recipients::text) like ${like(text)})`,
  before: (at: Date): Piece => sql`c.last_at < ${at}`,
  after: (at: Date): Piece => sql`c.last_at >= ${at}`,
  without: (workspaceId: WorkspaceId, term: Term): Piece => sql`
    not exists (
      select from conversation_text as t
       where t.workspace_id = ${workspaceId} and t.conversation_id = c.id and t.words @@ ${questionIn([term])})`,
  nobody: sql`false`,
} as const

export interface Snippet {
  readonly conversationId: ConversationId
  readonly itemId: ItemId
  readonly kind: ItemKind
  readonly userId: UserId | null
  readonly fromName: string
  readonly createdAt: Date
  readonly text: string
}

/** How much of an item is looked through for a snippet, and how much of it is shown. */
const LOOKED_THROUGH = 20_000
const BEFORE_HIT = 60
const SNIPPET = 240

/** The newest item of each conversation that has one of the words, around the first of them. */
export async function selectSnippets(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ConversationId[],
  words: readonly string[],
): Promise<Snippet[]> {
  if (ids.length === 0 || words.length === 0) return []
  const { rows } = await sql<Snippet>`
    select hit.conversation_id as "conversationId", hit.id as "itemId", hit.kind, hit.user_id as "userId", hit.from_name as "fromName", hit.created_at as "createdAt",
           case when hit.at > ${sql.lit(BEFORE_HIT + 1)} then '… ' else '' end
             || regexp_replace(substr(hit.body_text, greatest(1, hit.at - ${sql.lit(BEFORE_HIT)}), ${sql.lit(SNIPPET)}), '\\s+', ' ', 'g') as text
      from unnest(${plainArray(ids)}::uuid[]) as wanted(id)
      cross join lateral (
        select i.conversation_id, i.id, i.kind, i.user_id, i.from_name, i.created_at, i.body_text, place.at
          from (select * from conversation_item as every
                 where every.workspace_id = ${workspaceId} and every.conversation_id = wanted.id and every.kind <> 'activity' and every.hidden_at is null
                 order by every.id desc limit 50) as i
          cross join lateral (
            select min(nullif(strpos(lower(left(i.body_text, ${sql.lit(LOOKED_THROUGH)})), word), 0)) as at from unnest(${textArray(words)}::text[]) as word
          ) as place
         where place.at is not null
         order by i.id desc
         limit 1
      ) as hit`.execute(db)
  return rows
}
