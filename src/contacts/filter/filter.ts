/** Which contacts a list of them shows: on a list, in a segment, with a tag, with a value in a field; all that are said hold. */
import type { RawBuilder } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { ListId } from '../consent/queries.ts'
import { findList } from '../lists.ts'
import { TEXT_FIELDS, type TextField, type Tree } from '../segments/segment.ts'
import { resolveSegment, resolveTree, type SegmentId } from '../segments/segments.ts'
import { selectAmong, selectPage, within } from './queries.ts'
import type { ContactSort } from './sorts.ts'

export interface ContactFilter {
  readonly list?: string | undefined
  readonly segment?: string | undefined
  readonly tag?: string | undefined
  /** A field of contacts by its name, or one of the workspace's own by its key. */
  readonly field?: string | undefined
  /** What the field contains. */
  readonly value?: string | undefined
}

export function isFiltered({ list, segment, tag, field }: ContactFilter): boolean {
  return [list, segment, tag, field].some((one) => one !== undefined)
}

/** As a set of ids for another statement, only as the owner of the tables. Refuses a list or segment that is gone. */
export async function peopleIn(
  tx: Db | Tx,
  workspaceId: WorkspaceId,
  filter: ContactFilter,
  now: Date,
): Promise<RawBuilder<{ id: ContactId }>> {
  if (filter.list !== undefined && !(await findList(tx, workspaceId, filter.list as ListId)))
    throw new Refusal('not_found', { what: 'list' })
  const fitting = resolveTree(treeOf(filter), workspaceId, now)
  if (filter.segment === undefined) return fitting
  return within(fitting, await resolveSegment(tx, workspaceId, filter.segment as SegmentId, now))
}

function treeOf({ list, tag, field, value = '' }: ContactFilter): Tree {
  const all: Tree[] = []
  if (list !== undefined)
    all.push({
      any: (['subscribed', 'pending', 'unsubscribed'] as const).map((status) => ({ kind: 'list' as const, list, status })),
    })
  if (tag !== undefined) all.push({ kind: 'tag', tag })
  if (field !== undefined) all.push(fieldIs(field, value))
  return { all }
}

function fieldIs(field: string, value: string): Tree {
  if (TEXT_FIELDS.includes(field as TextField))
    return { kind: 'field', field: field as TextField, op: value === '' ? 'is_not_empty' : 'contains', value }
  const data = { kind: 'data' as const, key: field, type: 'text' as const }
  if (value === '') return { ...data, op: 'is_not_empty', value }
  const number = Number(value)
  return {
    any: [
      { ...data, op: 'contains', value },
      { ...data, op: 'has', value },
      ...(Number.isFinite(number) ? [{ ...data, op: 'is' as const, value: number }] : []),
    ],
  }
}

export interface FilterPage {
  readonly sort: ContactSort
  /** The last one of the page before: its name, where they are sorted by it, and its id. */
  readonly after: readonly [name: string, id: string] | null
  readonly limit: number
}

/** A page of ids, with what it goes on behind. */
export async function listFiltered(
  tx: Tx,
  workspaceId: WorkspaceId,
  filter: ContactFilter,
  page: FilterPage,
  now: Date,
): Promise<{ readonly id: ContactId; readonly name: string }[]> {
  return await selectPage(tx, workspaceId, isFiltered(filter) ? await peopleIn(tx, workspaceId, filter, now) : null, page)
}

/** Those of these who fit. */
export async function peopleAmong(
  tx: Tx,
  workspaceId: WorkspaceId,
  filter: ContactFilter,
  ids: readonly ContactId[],
  now: Date,
): Promise<ReadonlySet<ContactId>> {
  return new Set(await selectAmong(tx, ids, await peopleIn(tx, workspaceId, filter, now)))
}
