/** What people do with acts on many contacts: see what one would do, begin it, look at it, take it back. */
import type { RawBuilder } from 'kysely'
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { type ContactId, newId, type WorkspaceId } from '../../lib/ids.ts'
import { readTags } from '../contact.ts'
import { peopleIn } from '../filter/filter.ts'
import { findList } from '../lists.ts'
import { countPeople, forLargeSets } from '../segments/queries.ts'
import {
  type ActCounts,
  type ActRefusal,
  type ActScope,
  type ContactActId,
  leftOf,
  type ManyAct,
  NO_COUNTS,
  outcomeOf,
} from './act.ts'
import {
  type ContactAct,
  countStandings,
  countTagged,
  deleteParts,
  insertAct,
  selectAct,
  stillThere,
  updateAct,
} from './queries.ts'

export { type ActRow, type ContactAct, selectActRows as listActRows, selectActs as listActs } from './queries.ts'

export const MAX_CHOSEN = 10_000

export async function startAct(
  tx: Tx,
  { act, scope }: Pick<ContactAct, 'act' | 'scope'>,
  actor: Actor,
  now: Date,
): Promise<ContactAct> {
  const { workspaceId } = actor
  const wanted = await checked(tx, workspaceId, act)
  await whom(tx, workspaceId, scope, now)
  const begun: ContactAct = {
    ...{ workspaceId, act: wanted, scope, state: 'choosing', counts: NO_COUNTS, cursor: null, problem: '', finishedAt: null },
    id: newId<ContactActId>(now.getTime()),
    actor: actorReference(actor),
    createdAt: now,
  }
  await insertAct(tx, begun)
  return begun
}

async function checked(tx: Db | Tx, workspaceId: WorkspaceId, act: ManyAct): Promise<ManyAct> {
  if ('tag' in act) {
    const [tag] = readTags([act.tag]) ?? []
    if (tag === undefined) throw new Refusal('invalid_request', { why: 'A tag has 1 to 60 characters.', pointer: '/act/tag' })
    return { ...act, tag }
  }
  const list = await findList(tx, workspaceId, act.list)
  if (!list) throw new Refusal('not_found', { what: 'list' })
  if (act.kind === 'unsubscribe') return act
  if (list.archivedAt) throw new Refusal('invalid_request', { why: 'This list is archived.', pointer: '/act/list' })
  if (act.reason.trim() === '') {
    const why = 'Say how these people agreed, or why it is right all the same: it is kept with each of them as the proof.'
    throw new Refusal('invalid_request', { why, pointer: '/act/reason' })
  }
  return act
}

/** Refuses a list or a segment that is gone. */
export async function whom(
  tx: Db | Tx,
  workspaceId: WorkspaceId,
  scope: ActScope,
  now: Date,
): Promise<RawBuilder<{ id: ContactId }>> {
  return scope.kind === 'contacts' ? stillThere(workspaceId, scope.ids) : await peopleIn(tx, workspaceId, scope, now)
}

/** What it would do if it began now; without an act whom it means. As the owner of the tables. */
export async function expectAct(
  tx: Tx,
  workspaceId: WorkspaceId,
  { act, scope }: { readonly act: ManyAct | null; readonly scope: ActScope },
  now: Date,
): Promise<ActCounts> {
  const people = await whom(tx, workspaceId, scope, now)
  await forLargeSets(tx)
  if (act === null) return { ...NO_COUNTS, people: (await countPeople(tx, people, 1)).count }
  if ('tag' in act) {
    const { people: all, tagged } = await countTagged(tx, workspaceId, people, act.tag.trim())
    const already = act.kind === 'tag' ? tagged : all - tagged
    return { ...NO_COUNTS, people: all, changed: all - already, already }
  }
  const list = await findList(tx, workspaceId, act.list)
  if (!list) throw new Refusal('not_found', { what: 'list' })
  let counts = NO_COUNTS
  for (const { was, n } of await countStandings(tx, workspaceId, people, act.list)) {
    const outcome = outcomeOf(act, was, list.optIn)
    counts = { ...counts, people: counts.people + n }
    if (outcome.kind === 'already') counts = { ...counts, already: counts.already + n }
    else if (outcome.kind !== 'changed') counts = { ...counts, refused: refusedMore(counts.refused, outcome.kind, n) }
    else {
      const pending = counts.pending + (outcome.became === 'pending' ? n : 0)
      counts = { ...counts, changed: counts.changed + n, pending }
    }
  }
  return counts
}

export function refusedMore(refused: ActCounts['refused'], why: ActRefusal, n: number): ActCounts['refused'] {
  return { ...refused, [why]: (refused[why] ?? 0) + n }
}

export async function readAct(db: Db | Tx, workspaceId: WorkspaceId, id: ContactActId): Promise<ContactAct> {
  const act = await selectAct(db, workspaceId, id)
  if (!act) throw new Refusal('not_found', { what: 'act' })
  return act
}

/** What is done stays, and can be undone; whom it did not come to is left as they are. It waits for the step under way. */
export async function stopAct(tx: Tx, id: ContactActId, actor: Actor, now: Date): Promise<ContactAct> {
  const act = await mustLock(tx, id, actor)
  if (act.state === 'stopped') return act
  if (act.state !== 'choosing' && act.state !== 'running')
    throw new Refusal('wrong_state', { what: 'act', state: act.state, action: 'stopped' })
  const counts = { ...act.counts, left: leftOf(act.counts) }
  const stopped: ContactAct = { ...act, state: 'stopped', counts, finishedAt: now }
  await deleteParts(tx, act)
  await updateAct(tx, stopped)
  return stopped
}

export async function undoAct(tx: Tx, id: ContactActId, actor: Actor): Promise<ContactAct> {
  const act = await mustLock(tx, id, actor)
  if (act.state !== 'done' && act.state !== 'stopped')
    throw new Refusal('wrong_state', { what: 'act', state: act.state, action: 'undone' })
  const undoing = { ...act, state: 'undoing' as const, cursor: null, finishedAt: null }
  await updateAct(tx, undoing)
  return undoing
}

async function mustLock(tx: Tx, id: ContactActId, { workspaceId }: Actor): Promise<ContactAct> {
  const act = await selectAct(tx, workspaceId, id, { lock: true })
  if (!act) throw new Refusal('not_found', { what: 'act' })
  return act
}
