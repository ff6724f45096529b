/** Who takes part in a conversation, who follows it and for whom it has a star; and which others belong to it. */
import { type Actor, actorReference, can } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import { contactIdsOf, keyOfAddress, saveContacts } from '../../contacts/save-contact.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ConversationId, UserId } from '../../lib/ids.ts'
import { accessInto, levelIn } from '../access/reach.ts'
import type { Conversation } from '../conversation.ts'
import { leaveTraces, lockLive, lockReachable, type TriageDeps, type Undo, userOf } from './act.ts'
import {
  countLinks,
  deleteLink,
  insertLink,
  selectKnown,
  selectParticipants,
  setFollower,
  setStar,
  upsertParticipant,
} from './link-queries.ts'
import { titleOf } from './merge.ts'

export { selectFollowers as followersOf } from './link-queries.ts'

export const MAX_PARTICIPANTS = 200
export const MAX_LINKS = 100

export interface Person {
  readonly address: string
  readonly name: string
}

/** What to think of before mail goes to an address: said, never a block. */
export async function warningsAbout(tx: Tx, conversation: Conversation, address: string): Promise<readonly string[]> {
  const { workspaceId, requester } = conversation
  const key = keyOfAddress(address) ?? ''
  const known = await selectKnown(tx, workspaceId, key)
  const contacts = await contactIdsOf(tx, workspaceId, [key])
  const agent = (await rosterOf(tx, workspaceId)).find(({ email }) => email.toLowerCase() === key)
  const domainOf = (text: string) => text.toLowerCase().split('@').at(-1) ?? ''
  const isStranger = !contacts.has(key) && known.inbox === null && !agent
  return [
    ...(known.inbox === null ? [] : [`${key} is an address of your inbox ${known.inbox}: what is sent to it comes back to you.`]),
    ...(agent || known.isAgentAddress
      ? [`${key} belongs to ${agent?.name ?? 'an agent'}: as a participant they get what customers get.`]
      : []),
    ...(isStranger ? [`${key} has never written to you. Check its spelling.`] : []),
    ...(requester !== '' && domainOf(requester) !== domainOf(key)
      ? [`${key} is not at ${domainOf(requester)}, where ${requester} is.`]
      : []),
  ]
}

export interface TookPart {
  readonly warnings: readonly string[]
  readonly undo: readonly Undo[]
}

export async function addParticipant(
  tx: Tx,
  deps: TriageDeps,
  id: ConversationId,
  person: Person,
  actor: Actor,
  now: Date,
): Promise<TookPart> {
  const conversation = await lockLive(tx, id, actor)
  const address = keyOfAddress(person.address)
  if (address === null) throw new Refusal('invalid_address', { text: person.address, pointer: '/address' })
  const warnings = await warningsAbout(tx, conversation, address)
  if (address === conversation.requester.toLowerCase()) return { warnings: [], undo: [] }
  const there = await selectParticipants(tx, conversation.workspaceId, id, MAX_PARTICIPANTS + 1)
  const isThere = there.some((each) => each.address === address)
  if (!isThere && there.length >= MAX_PARTICIPANTS) throw new Refusal('too_many_participants', { limit: MAX_PARTICIPANTS })
  const contacts = await saveContacts(tx, conversation.workspaceId, [{ address, name: person.name }], actorReference(actor), now)
  const contactId = contacts.get(address) ?? null
  const isNew = await upsertParticipant(
    tx,
    conversation.workspaceId,
    id,
    { address, name: person.name, contactId, isRemoved: false },
    now,
  )
  if (!isNew) return { warnings, undo: [] }
  const activities = [{ what: 'participant_added', name: address }]
  const changes = { participants: [null, address] }
  await leaveTraces(tx, deps, conversation.workspaceId, [{ conversation, activities, changes }], actor, now)
  return { warnings, undo: [{ act: 'remove_participant', id, address, name: person.name }] }
}

/** They stay out: an answer that names them does not bring them back. */
export async function removeParticipant(
  tx: Tx,
  deps: TriageDeps,
  id: ConversationId,
  given: string,
  actor: Actor,
  now: Date,
): Promise<TookPart> {
  const conversation = await lockLive(tx, id, actor)
  const address = keyOfAddress(given)
  const there = await selectParticipants(tx, conversation.workspaceId, id, MAX_PARTICIPANTS * 10)
  const person = there.find((each) => each.address === address)
  if (!person) throw new Refusal('not_found', { what: 'participant' })
  if (person.isRemoved) return { warnings: [], undo: [] }
  await upsertParticipant(tx, conversation.workspaceId, id, { ...person, isRemoved: true }, now)
  const activities = [{ what: 'participant_removed', name: person.address }]
  const changes = { participants: [person.address, null] }
  await leaveTraces(tx, deps, conversation.workspaceId, [{ conversation, activities, changes }], actor, now)
  return { warnings: [], undo: [{ act: 'add_participant', id, address: person.address, name: person.name }] }
}

/** For oneself or for another, who must be able to see it. */
export async function setFollowing(
  tx: Tx,
  deps: TriageDeps,
  id: ConversationId,
  { userId, follows }: { readonly userId: UserId; readonly follows: boolean },
  actor: Actor,
  now: Date,
): Promise<readonly Undo[]> {
  const conversation = await lockLive(tx, id, actor)
  const { workspaceId } = conversation
  const person = (await rosterOf(tx, workspaceId)).find((each) => each.id === userId)
  if (follows) {
    const access = await accessInto(tx, workspaceId, conversation.inboxId)
    if (!person || !access) throw new Refusal('not_found', { what: 'member' })
    const level = levelIn(access, person)
    const mayRead = can({ kind: 'user', id: userId, name: '', workspaceId, role: person.role }, 'conversations.read')
    if (!mayRead || level === 'none' || (level === 'assigned_only' && conversation.assigneeId !== userId))
      throw new Refusal('cannot_work', { pointer: '/user_id' })
  }
  if (!(await setFollower(tx, workspaceId, id, userId, follows))) return []
  const isOther = userOf(actor) !== userId
  const what = follows ? 'follower_added' : 'follower_removed'
  const activities = isOther ? [{ what, name: person?.name ?? '' }] : []
  const changes = { followers: follows ? [null, userId] : [userId, null] }
  await leaveTraces(tx, deps, workspaceId, [{ conversation, activities, changes }], actor, now)
  return [{ act: follows ? 'unfollow' : 'follow', id, userId }]
}

/** A star is one's own: nobody is told, and nothing is written down. */
export async function setStarred(tx: Tx, id: ConversationId, isStarred: boolean, actor: Actor, now: Date): Promise<void> {
  const userId = userOf(actor)
  if (userId === null) throw new Refusal('person_needed')
  const [conversation] = await lockReachable(tx, [id], actor)
  if (!conversation) throw new Refusal('not_found', { what: 'conversation' })
  await setStar(tx, actor.workspaceId, id, userId, isStarred, now)
}

export async function linkConversations(
  tx: Tx,
  deps: TriageDeps,
  { id, other }: { readonly id: ConversationId; readonly other: ConversationId },
  actor: Actor,
  now: Date,
): Promise<readonly Undo[]> {
  const [one, another] = await bothOf(tx, id, other, actor)
  for (const each of [one, another])
    if ((await countLinks(tx, actor.workspaceId, each.id)) >= MAX_LINKS) throw new Refusal('too_many_links', { limit: MAX_LINKS })
  const { workspaceId } = actor
  if (!(await insertLink(tx, { workspaceId, a: one.id, b: another.id, kind: 'related' }, now))) return []
  await tellBoth(tx, deps, 'linked', [one, another], actor, now)
  return [{ act: 'unlink', id, other }]
}

export async function unlinkConversations(
  tx: Tx,
  deps: TriageDeps,
  { id, other }: { readonly id: ConversationId; readonly other: ConversationId },
  actor: Actor,
  now: Date,
): Promise<readonly Undo[]> {
  const [one, another] = await bothOf(tx, id, other, actor)
  if (!(await deleteLink(tx, actor.workspaceId, id, other))) return []
  await tellBoth(tx, deps, 'unlinked', [one, another], actor, now)
  return [{ act: 'link', id, other }]
}

async function bothOf(
  tx: Tx,
  id: ConversationId,
  other: ConversationId,
  actor: Actor,
): Promise<readonly [Conversation, Conversation]> {
  if (id === other)
    throw new Refusal('invalid_request', { why: 'A conversation is not linked with itself.', pointer: '/other_id' })
  const both = await lockReachable(tx, [id, other], actor)
  const [one, another] = [both.find((each) => each.id === id), both.find((each) => each.id === other)]
  if (!one || !another) throw new Refusal('not_found', { what: 'conversation' })
  return [one, another]
}

async function tellBoth(
  tx: Tx,
  deps: TriageDeps,
  what: 'linked' | 'unlinked',
  [one, another]: readonly [Conversation, Conversation],
  actor: Actor,
  now: Date,
): Promise<void> {
  const changesTo = ({ number }: Conversation) => ({ links: what === 'linked' ? [null, number] : [number, null] })
  await leaveTraces(
    tx,
    deps,
    actor.workspaceId,
    [
      { conversation: one, activities: [{ what, name: titleOf(another) }], changes: changesTo(another) },
      { conversation: another, activities: [{ what, name: titleOf(one) }], changes: changesTo(one) },
    ],
    actor,
    now,
  )
}
