/** Segments are kept, counted and looked into. Whoever reads people by one does so as the owner of the tables: behind row-level security no index would serve. */
import type { RawBuilder } from 'kysely'
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { type Db, sqlStateOf, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type ContactId, newId, type WorkspaceId } from '../../lib/ids.ts'
import { type ContactName, contactNames } from '../contact-names.ts'
import {
  countPeople,
  deleteSegment,
  forLargeSets,
  isMember,
  membersOf,
  peopleOf,
  replaceMembers,
  type Segment,
  type SegmentId,
  selectKnown,
  selectSegment,
  selectSegmentByName,
  upsertSegment,
} from './queries.ts'
import { explain, fits, problemOf, type Tree } from './segment.ts'

export { type Segment, type SegmentId, selectSegment as findSegment, selectSegments as listSegments } from './queries.ts'

export interface SegmentChange {
  readonly name?: string
  readonly tree?: Tree
  readonly kind?: Segment['kind']
}

export async function createSegment(
  tx: Tx,
  wanted: SegmentChange & { readonly name: string; readonly tree: Tree },
  actor: Actor,
  now: Date,
): Promise<Segment> {
  const plain = {
    id: newId<SegmentId>(now.getTime()),
    kind: 'live' as const,
    takenAt: null,
    version: 0,
    createdAt: now,
    updatedAt: now,
  }
  return await save(tx, { ...plain, name: wanted.name, tree: wanted.tree }, wanted, actor, now)
}

/**
 * A snapshot that is saved as one again is taken anew. `version` as it was read: what somebody else saved in between is not overwritten; null does not
 * ask.
 */
export async function changeSegment(
  tx: Tx,
  id: SegmentId,
  change: SegmentChange,
  version: number | null,
  actor: Actor,
  now: Date,
): Promise<Segment> {
  const segment = await selectSegment(tx, actor.workspaceId, id, { lock: true })
  if (!segment) throw new Refusal('not_found', { what: 'segment' })
  if (version !== null && version !== segment.version)
    throw new Refusal('changed_meanwhile', { happened: 'Somebody changed this segment' })
  return await save(tx, segment, change, actor, now)
}

async function save(tx: Tx, before: Segment, change: SegmentChange, actor: Actor, now: Date): Promise<Segment> {
  const { workspaceId } = actor
  const segment = { ...before, ...change, version: before.version + 1, updatedAt: now }
  const problem = problemOf(segment.tree)
  if (problem !== null) throw new Refusal('invalid_request', { why: problem, pointer: '/tree' })
  const taken = ({ name }: Pick<Segment, 'name'>) =>
    new Refusal('invalid_request', { why: `There is a segment “${name}” already.`, pointer: '/name' })
  const other = await selectSegmentByName(tx, workspaceId, segment.name)
  if (other && other.id !== segment.id) throw taken(other)
  const isTaken = segment.kind === 'snapshot' && (change.kind === 'snapshot' || change.tree !== undefined)
  const saved = { ...segment, takenAt: segment.kind === 'live' ? null : isTaken ? now : segment.takenAt }
  await upsertSegment(tx, workspaceId, saved).catch((error: unknown) => {
    throw sqlStateOf(error) === '23505' ? taken(saved) : error
  })
  if (isTaken || segment.kind === 'live')
    await replaceMembers(tx, workspaceId, saved.id, isTaken ? peopleOf(saved.tree, workspaceId, now) : null)
  const event = { type: 'segment.changed' as const, workspaceId, subjectId: saved.id, actor: actorReference(actor) }
  await append(tx, { ...event, data: { name: saved.name } }, now)
  return saved
}

export async function removeSegment(tx: Tx, id: SegmentId, actor: Actor): Promise<void> {
  if (!(await deleteSegment(tx, actor.workspaceId, id))) throw new Refusal('not_found', { what: 'segment' })
}

/**
 * Whom a segment means, as a statement that selects their ids (`id`): to be put into another statement, so that a million of them never leave the
 * database. Only in a transaction of the engine.
 */
export async function resolveSegment(
  tx: Db | Tx,
  workspaceId: WorkspaceId,
  id: SegmentId,
  now: Date,
): Promise<RawBuilder<{ id: ContactId }>> {
  const segment = await selectSegment(tx, workspaceId, id)
  if (!segment) throw new Refusal('not_found', { what: 'segment' })
  return segment.kind === 'snapshot' ? membersOf(id, workspaceId) : peopleOf(segment.tree, workspaceId, now)
}

export { peopleOf as resolveTree } from './queries.ts'

export interface Meant {
  readonly count: number
  readonly sample: readonly ContactName[]
}

const SAMPLE = 10

/** How many a tree means, and the newest of them. Only in a transaction of the engine. */
export async function lookAtTree(tx: Tx, workspaceId: WorkspaceId, tree: Tree, now: Date): Promise<Meant> {
  const problem = problemOf(tree)
  if (problem !== null) throw new Refusal('invalid_request', { why: problem, pointer: '/tree' })
  return await lookAt(tx, workspaceId, peopleOf(tree, workspaceId, now))
}

export async function lookAtSegment(tx: Tx, workspaceId: WorkspaceId, id: SegmentId, now: Date): Promise<Meant> {
  return await lookAt(tx, workspaceId, await resolveSegment(tx, workspaceId, id, now))
}

async function lookAt(tx: Tx, workspaceId: WorkspaceId, people: RawBuilder<{ id: ContactId }>): Promise<Meant> {
  await forLargeSets(tx)
  const { count, newest } = await countPeople(tx, people, SAMPLE)
  const names = await contactNames(tx, workspaceId, newest)
  return { count, sample: newest.flatMap((id) => names.get(id) ?? []) }
}

/** Why somebody is meant by a tree, or not: each condition, whether it holds, and what was seen. */
export async function whyInTree(db: Db | Tx, workspaceId: WorkspaceId, tree: Tree, contactId: ContactId, now: Date) {
  const known = (await selectKnown(db, workspaceId, [contactId])).get(contactId)
  if (!known) throw new Refusal('not_found', { what: 'contact' })
  return { isIn: fits(tree, known, now), conditions: explain(tree, known, now) }
}

/** The same of a segment. Who is in a snapshot was decided when it was taken; the conditions are those of now. */
export async function whyInSegment(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { id, kind, tree }: Segment,
  contactId: ContactId,
  now: Date,
) {
  const why = await whyInTree(db, workspaceId, tree, contactId, now)
  return kind === 'live' ? why : { ...why, isIn: await isMember(db, workspaceId, id, contactId) }
}

export { selectKnown as knownPeople }
