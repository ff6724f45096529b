/** Lists of conversations, a page at a time. */
import type { Actor } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import { contactNames } from '../../contacts/contact-names.ts'
import type { Db, Tx } from '../../db/database.ts'
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts'
import type { ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { reachOf } from '../access/reach.ts'
import { selectMarkedUnseen } from '../seen/seen-queries.ts'
import type { ConversationFilter, Sort } from './filter.ts'
import {
  countUpTo,
  FEW,
  keyChecks,
  MARKS,
  type Question,
  type StoredRow,
  selectFieldEstimate,
  selectMarked,
  selectNoted,
  selectOfContact,
  selectPage,
  selectRows,
  selectTagEstimate,
  selectTagged,
  selectUnreadPlaces,
  type UnreadPlace,
} from './list-queries.ts'
import type { ConversationRow } from './row.ts'

export interface Asked {
  readonly filter: ConversationFilter
  readonly sort: Sort
  /** What a search demands besides. */
  readonly also?: Question['also']
}

export interface PageAsked extends Asked {
  /** Where the page before ended. */
  readonly after: string | null
  readonly limit: number
}

export interface ConversationPage {
  readonly items: readonly ConversationRow[]
  readonly next: string | null
}

/** Three statements at most, whatever is asked for, and none of them counts or skips. */
export async function listConversations(tx: Db | Tx, actor: Actor, asked: PageAsked): Promise<ConversationPage> {
  const list = `conversations ${asked.filter.deleted ? 'deleted' : asked.sort}`
  const after = asked.after === null ? null : decodeCursor(list, asked.after, keyChecks(asked.filter, asked.sort))
  const question = { ...(await questionOf(tx, actor, asked)), after, limit: asked.limit + 1 }
  const found = await selectPage(tx, question, await fewOf(tx, question))
  const shown = found.slice(0, asked.limit)
  const last = found.length > asked.limit ? shown.at(-1) : undefined
  return { items: await withNames(tx, actor.workspaceId, shown), next: last ? encodeCursor(list, last.key) : null }
}

/** How many a list has, counted no further than `limit`. */
export async function countConversations(tx: Db | Tx, actor: Actor, asked: Asked, limit: number): Promise<number> {
  const question = { ...(await questionOf(tx, actor, asked)), limit }
  return await countUpTo(tx, question, await fewOf(tx, question))
}

/** Where what is unread stands, as far as the newest `limit` of it. */
export async function unreadPlaces(tx: Db | Tx, actor: Actor, limit: number): Promise<UnreadPlace[]> {
  if (actor.kind !== 'user') return []
  const question = await questionOf(tx, actor, { filter: { unread: true }, sort: 'latest' })
  return await selectUnreadPlaces(tx, { ...question, limit })
}

/** Those of these ids that fit, in the order of the ids. */
export async function rowsOf(
  tx: Db | Tx,
  actor: Actor,
  asked: Asked,
  ids: readonly ConversationId[],
): Promise<readonly ConversationRow[]> {
  if (ids.length === 0) return []
  const found = await selectRows(tx, await questionOf(tx, actor, asked), ids)
  const rows = new Map((await withNames(tx, actor.workspaceId, found)).map((row) => [row.id, row]))
  return ids.flatMap((id) => rows.get(id) ?? [])
}

/** Those of these ids that fit, whoever reaches them: for what goes through all of a workspace. `me` is said of `userId`. */
export async function conversationsAmong(
  tx: Db | Tx,
  workspaceId: WorkspaceId,
  { filter, userId }: { readonly filter: ConversationFilter; readonly userId: UserId | null },
  ids: readonly ConversationId[],
): Promise<ReadonlySet<ConversationId>> {
  const marked = filter.unread && userId ? await selectMarkedUnseen(tx, workspaceId, userId) : undefined
  const of = { workspaceId, userId, reach: { all: true as const }, filter, sort: 'latest' as const, also: [] }
  const found = await selectRows(tx, { ...of, marked, after: null, limit: 0 }, ids)
  return new Set(found.map(({ id }) => id))
}

export async function questionOf(tx: Db | Tx, actor: Actor, { filter, sort, also = [] }: Asked): Promise<Question> {
  const { workspaceId } = actor
  const userId = actor.kind === 'user' ? actor.id : null
  const marked = filter.unread && userId ? await selectMarkedUnseen(tx, workspaceId, userId) : undefined
  return { workspaceId, userId, reach: await reachOf(tx, actor), filter, sort, also, marked, after: null, limit: 0 }
}

/** A tag that so many have is met soon on any walk, and need not be looked up. */
const MANY_TAGGED = 4 * FEW
/** The same of a value of a field, which takes longer to look up: each row has to be read. */
const MANY_FILLED = 1.5 * FEW

/** Ids of what is asked for, where something in the question leaves only few; null: a walk meets one soon. */
export async function fewOf(tx: Db | Tx, question: Question): Promise<ConversationId[] | null> {
  const { workspaceId, filter } = question
  for (const mark of MARKS) {
    const marked = filter[mark] ? await selectMarked(tx, question, mark) : null
    if (marked) return marked
  }
  const ofContact = filter.contact ? await selectOfContact(tx, workspaceId, filter.contact) : null
  if (ofContact) return ofContact
  const noted = filter.has_note ? await selectNoted(tx, workspaceId) : null
  if (noted) return noted
  if (filter.deleted || !(filter.tag || filter.fields)) return null
  if (
    filter.tag
      ? (await selectTagEstimate(tx, filter.tag)) > MANY_TAGGED
      : (await selectFieldEstimate(tx, filter.fields ?? {})) > MANY_FILLED
  )
    return null
  return await selectTagged(tx, question)
}

async function withNames(tx: Db | Tx, workspaceId: WorkspaceId, rows: readonly StoredRow[]): Promise<ConversationRow[]> {
  const users = rows.flatMap(({ assigneeId, drafters }) => [...(assigneeId ? [assigneeId] : []), ...drafters])
  const nameOf = await nameActors(
    tx,
    workspaceId,
    users.map((id) => `user:${id}`),
  )
  const person = (id: UserId) => ({ id, name: nameOf(`user:${id}`).name ?? '' })
  const contacts = await contactNames(
    tx,
    workspaceId,
    rows.flatMap(({ contactId }) => contactId ?? []),
  )
  return rows.map(({ assigneeId, contactId, requester, drafters, key: _, ...row }) => {
    const contact = contactId ? contacts.get(contactId) : undefined
    return {
      ...row,
      assignee: assigneeId && person(assigneeId),
      customer: { id: contactId, name: contact?.name ?? '', address: requester || (contact?.address ?? '') },
      drafts: drafters.map(person),
    }
  })
}
