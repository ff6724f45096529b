import { type Actor, actorReference } from '../../accounts/actor.ts'
import { keyOfAddress, saveContacts } from '../../contacts/save-contact.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { type ConversationId, type ItemId, newId } from '../../lib/ids.ts'
import type { Correspondent } from '../../mail/received-head.ts'
import type { Conversation } from '../conversation.ts'
import { addParticipants, insertConversation } from '../conversations.ts'
import { takeNumber } from '../numbers.ts'
import { leaveTraces, lockLive, type TriageDeps, type Undo } from './act.ts'
import { copyParticipantRows, insertLink } from './link-queries.ts'
import { factsIn, titleOf } from './merge.ts'
import { type Chosen, copyItems, moveItems, selectChosen, selectOwnAddresses, selectSaidIds } from './merge-queries.ts'
import { withFacts } from './merging.ts'
import { saveConversations, selectFacts } from './queries.ts'

export interface Made {
  readonly conversation: Conversation
  readonly undo: readonly Undo[]
}

const MAX_SPLIT = 500

/**
 * Chosen items become a conversation of their own, with the ids that answers to them name: later mail follows the item it answers. Who wrote the
 * first of them asks there; who was addressed in them takes part.
 */
export async function splitConversation(
  tx: Tx,
  deps: TriageDeps,
  id: ConversationId,
  { items, subject }: { readonly items: readonly ItemId[]; readonly subject: string | null },
  actor: Actor,
  now: Date,
): Promise<Made> {
  const { workspaceId } = actor
  const source = await lockLive(tx, id, actor)
  const chosen = await selectChosen(tx, workspaceId, id, items.slice(0, MAX_SPLIT))
  if (chosen.length === 0 || chosen.length < new Set(items).size)
    throw new Refusal('not_splittable', { why: `Choose messages or notes of this conversation, at most ${MAX_SPLIT}.` })
  const said = await selectSaidIds(tx, workspaceId, id, MAX_SPLIT + 1)
  if (said.length === chosen.length)
    throw new Refusal('not_splittable', { why: 'At least one message has to stay behind. To keep both, clone the conversation.' })

  const asker = chosen.find(({ kind, fromAddress }) => kind === 'customer' && keyOfAddress(fromAddress) !== null)
  const made = await begun(tx, source, subject ?? source.subject, asker ?? null, now)
  await insertConversation(tx, made)
  const moved = await moveItems(
    tx,
    workspaceId,
    chosen.map((item) => item.id),
    source.id,
    made.id,
  )
  await addParticipants(tx, made, await peopleOf(tx, made, chosen, actorReference(actor), now), now)
  const facts = await selectFacts(tx, workspaceId, [source.id, made.id])
  const after = withFacts(made, factsIn(facts, made.id))
  const left = { ...withFacts(source, factsIn(facts, source.id)), updatedAt: now }
  await saveConversations(tx, [after, left])
  await insertLink(tx, { workspaceId, a: source.id, b: made.id, kind: 'split' }, now)
  await leaveTraces(
    tx,
    deps,
    workspaceId,
    [
      {
        conversation: left,
        activities: [{ what: 'split_off', name: titleOf(after), to: moved.length }],
        changes: { split: [null, after.number] },
      },
      {
        conversation: after,
        activities: [{ what: 'split_from', name: titleOf(source) }],
        type: 'conversation.split',
        data: { from: source.id },
      },
    ],
    actor,
    now,
  )
  return { conversation: after, undo: [{ act: 'merge', ids: [after.id], into: source.id }] }
}

/** A new one beside `source`, in the same hands. */
async function begun(
  tx: Tx,
  source: Conversation,
  subject: string,
  asker: Pick<Chosen, 'fromAddress' | 'contactId'> | null,
  now: Date,
): Promise<Conversation> {
  return {
    ...source,
    id: newId<ConversationId>(now.getTime()),
    number: await takeNumber(tx, source.workspaceId),
    subject,
    ...(asker && { requester: asker.fromAddress, contactId: asker.contactId }),
    status: 'open',
    labelId: source.status === 'open' ? source.labelId : null,
    closedAt: null,
    snoozedUntil: null,
    mergedInto: null,
    deletedAt: null,
    lastAt: now,
    createdAt: now,
    updatedAt: now,
  }
}

async function peopleOf(tx: Tx, { workspaceId, requester }: Conversation, chosen: readonly Chosen[], by: string, now: Date) {
  const people = new Map<string, Correspondent>()
  for (const { kind, fromAddress, fromName, recipients } of chosen) {
    const from = kind === 'customer' ? [{ address: fromAddress, name: fromName }] : []
    for (const person of kind === 'note' ? [] : [...from, ...(recipients.to ?? []), ...(recipients.cc ?? [])]) {
      const address = keyOfAddress(person.address)
      if (address !== null && address !== requester.toLowerCase()) people.set(address, { ...person, address })
    }
  }
  const ours = await selectOwnAddresses(tx, workspaceId, [...people.keys()])
  const others = [...people.values()].filter(({ address }) => !ours.has(address)).slice(0, MAX_SPLIT)
  const contacts = await saveContacts(tx, workspaceId, others, by, now)
  return others.map((person) => ({ ...person, contactId: contacts.get(person.address) ?? null }))
}

export const MAX_CLONED = 1_000

/** The same once more, apart from it from then on. What was done is not copied, only what was said. */
export async function cloneConversation(tx: Tx, deps: TriageDeps, id: ConversationId, actor: Actor, now: Date): Promise<Made> {
  const { workspaceId } = actor
  const source = await lockLive(tx, id, actor)
  const said = await selectSaidIds(tx, workspaceId, id, MAX_CLONED + 1)
  if (said.length > MAX_CLONED) throw new Refusal('too_large_to_clone', { limit: MAX_CLONED })
  const made = await begun(tx, source, source.subject, null, now)
  await insertConversation(tx, made)
  const ids = said.map((from) => ({ from, to: newId<ItemId>(now.getTime()) }))
  await copyItems(tx, workspaceId, source.id, made.id, ids)
  await copyParticipantRows(tx, workspaceId, source.id, made.id)
  const after = withFacts(made, factsIn(await selectFacts(tx, workspaceId, [made.id]), made.id))
  await saveConversations(tx, [after])
  await insertLink(tx, { workspaceId, a: source.id, b: made.id, kind: 'clone' }, now)
  await leaveTraces(
    tx,
    deps,
    workspaceId,
    [
      { conversation: source, activities: [{ what: 'cloned', name: titleOf(after) }], changes: { cloned: [null, after.number] } },
      {
        conversation: after,
        activities: [{ what: 'cloned_from', name: titleOf(source) }],
        type: 'conversation.started',
        data: { channel: after.channel },
      },
    ],
    actor,
    now,
  )
  return { conversation: after, undo: [{ act: 'delete', ids: [after.id] }] }
}
