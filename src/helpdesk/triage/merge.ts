/**
 * Joining conversations, and taking it back. What was said moves, with the ids that answers to it name: every item stands in one conversation at any
 * time, and whoever reads, searches or matches needs to know nothing of merging. What is left of the joined one leads to the other.
 */
import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { HOUR } from '../../lib/clock.ts'
import type { ConversationId } from '../../lib/ids.ts'
import { afterCustomerMessage, type Conversation } from '../conversation.ts'
import { findConversation } from '../conversations.ts'
import { moveDrafts } from '../drafts/drafts.ts'
import { leaveTraces, lockReachable, refuseNotLive, type Trace, type TriageDeps, type Undo, workersOf } from './act.ts'
import { copyPeople, insertMerge, moveItems, removePeople, selectFollowing, selectItemIds, takeMerge } from './merge-queries.ts'
import { defaultTarget, type Facts, joined, keptOf, parted, UNMERGE_HOURS, withFacts } from './merging.ts'
import { saveConversations, selectFacts, selectFields } from './queries.ts'

export const MAX_MERGED_AT_ONCE = 20

export interface Merged {
  readonly target: Conversation
  readonly undo: readonly Undo[]
}

/** `into`: the one that stays; the earliest of them when left out. */
export async function mergeConversations(
  tx: Tx,
  deps: TriageDeps,
  ids: readonly ConversationId[],
  into: ConversationId | null,
  actor: Actor,
  now: Date,
): Promise<Merged> {
  const { workspaceId } = actor
  const wanted = new Set(into === null ? ids : [into, ...ids])
  if (wanted.size < 2) throw new Refusal('not_mergeable', { why: 'Choose at least two different conversations.' })
  const all = await lockReachable(tx, [...wanted], actor)
  if (all.length < wanted.size) throw new Refusal('not_found', { what: 'conversation' })
  for (const each of all) await refuseNotLive(tx, each)
  const first = into === null ? defaultTarget(all) : all.find(({ id }) => id === into)
  if (!first) throw new Refusal('not_found', { what: 'conversation' })

  const sources = all.filter(({ id }) => id !== first.id).sort((a, b) => a.number - b.number)
  const { mayWork } = await workersOf(tx, workspaceId, [first.inboxId])
  const fields = await selectFields(tx, workspaceId)
  let target = first
  for (const source of sources) {
    const before = keptOf(target)
    target = joined(target, source, { fields, mayWork }, now)
    const items = await selectItemIds(tx, workspaceId, source.id)
    await moveItems(tx, workspaceId, items, source.id, target.id)
    await moveDrafts(tx, workspaceId, source.id, target, now)
    const people = await copyPeople(tx, workspaceId, source, target, now)
    const links = { sourceId: source.id, targetId: target.id, mergedAt: now }
    await insertMerge(tx, workspaceId, { ...links, items, before, after: keptOf(target), ...people })
  }
  target = withFacts(target, factsIn(await selectFacts(tx, workspaceId, [target.id]), target.id))
  const gone = sources.map((source) => ({ ...source, mergedInto: target.id, updatedAt: now }))
  await saveConversations(tx, [target, ...gone])
  await leaveTraces(tx, deps, workspaceId, mergeTraces(target, gone), actor, now)
  return { target, undo: [{ act: 'unmerge', ids: gone.map(({ id }) => id) }] }
}

function mergeTraces(target: Conversation, sources: readonly Conversation[]): Trace[] {
  const here = sources.map((source) => ({ what: 'merged', name: titleOf(source) }))
  const numbers = sources.map(({ number }) => number)
  return [
    ...sources.map((source): Trace => {
      const activities = [{ what: 'merged_into', name: titleOf(target) }]
      return { conversation: source, activities, type: 'conversation.merged', data: { into: target.id } }
    }),
    { conversation: target, activities: here, changes: { merged: [null, numbers] } },
  ]
}

/** As a line names another conversation. */
export function titleOf({ number, subject }: Pick<Conversation, 'number' | 'subject'>): string {
  return `#${number} ${subject.slice(0, 200)}`.trim()
}

export function factsIn(facts: ReadonlyMap<ConversationId, Facts>, id: ConversationId): Facts {
  return facts.get(id) ?? NO_FACTS
}
const NO_FACTS: Facts = {
  items: 0,
  hasFiles: false,
  preview: '',
  lastCustomerAt: null,
  lastAgentAt: null,
  waitingSince: null,
  lastAt: null,
}

/**
 * Parts them again, for a day. What had moved goes back, except what was moved on since; what the customers of the one wrote into the other since
 * goes with them. What agents answered since stays where they answered it.
 */
export async function unmergeConversations(
  tx: Tx,
  deps: TriageDeps,
  ids: readonly ConversationId[],
  actor: Actor,
  now: Date,
): Promise<readonly Undo[]> {
  const undo: Undo[] = []
  for (const id of ids) undo.push(...(await unmerge(tx, deps, id, actor, now)))
  return undo
}

async function unmerge(tx: Tx, deps: TriageDeps, id: ConversationId, actor: Actor, now: Date): Promise<Undo[]> {
  const { workspaceId } = actor
  const targetId = (await findConversation(tx, workspaceId, id))?.mergedInto
  const both = await lockReachable(tx, targetId ? [id, targetId] : [id], actor)
  const source = both.find((each) => each.id === id)
  if (!source) throw new Refusal('not_found', { what: 'conversation' })
  const target = both.find((each) => each.id === source.mergedInto)
  if (!target) throw new Refusal('not_unmergeable', { why: 'This conversation is not part of another one that you can see.' })
  if (target.mergedInto !== null)
    throw new Refusal('not_unmergeable', { why: `Conversation #${target.number} was merged further. Take that back first.` })
  await refuseNotLive(tx, target)
  const merge = await takeMerge(tx, workspaceId, id)
  if (!merge || now.getTime() - merge.mergedAt.getTime() > UNMERGE_HOURS * HOUR)
    throw new Refusal('not_unmergeable', {
      why: `Merging can be taken back for ${UNMERGE_HOURS} hours. Split off what belongs elsewhere.`,
    })

  const since = await selectFollowing(tx, workspaceId, merge)
  await moveItems(tx, workspaceId, [...merge.items, ...since], target.id, source.id)
  await removePeople(tx, workspaceId, merge)
  const facts = await selectFacts(tx, workspaceId, [source.id, target.id])
  const alone: Conversation = { ...source, mergedInto: null, updatedAt: now }
  const freed = withFacts(since.length > 0 ? afterCustomerMessage(alone, now) : alone, factsIn(facts, source.id))
  const left = withFacts(parted(target, merge.before, merge.after, now), factsIn(facts, target.id))
  await saveConversations(tx, [freed, left])
  await leaveTraces(
    tx,
    deps,
    workspaceId,
    [
      {
        conversation: freed,
        activities: [{ what: 'unmerged', name: titleOf(left) }],
        type: 'conversation.unmerged',
        data: { from: left.id },
      },
      {
        conversation: left,
        activities: [{ what: 'unmerged', name: titleOf(freed) }],
        changes: { merged: [[freed.number], null] },
      },
    ],
    actor,
    now,
  )
  return [{ act: 'merge', ids: [freed.id], into: left.id }]
}
