import { type Actor, actorReference } from '../../accounts/actor.ts'
import { keyOfAddress, saveContacts } from '../../contacts/save-contact.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId, ConversationId, InboxId, TeamId } from '../../lib/ids.ts'
import { mayEnter, reachOf } from '../access/reach.ts'
import type { Conversation } from '../conversation.ts'
import { addParticipants } from '../conversations.ts'
import type { CustomFieldId, StatusLabelId } from '../inbox.ts'
import { findInbox } from '../inboxes.ts'
import type { Activity } from '../item.ts'
import { type Acted, leaveTraces, lockReachable, refusalFor, type Trace, type TriageDeps, type Undo, workersOf } from './act.ts'
import {
  insertTags,
  lastActivity,
  saveConversations,
  selectFacts,
  selectFields,
  selectLabels,
  selectNames,
  teamExists,
} from './queries.ts'
import { tagName } from './tag.ts'
import {
  applyChange,
  type Change,
  type Circumstances,
  changedFields,
  conflictWith,
  differencesOf,
  inverseOf,
  isEqual,
  type Seen,
} from './triage.ts'

interface Pair {
  readonly before: Conversation
  readonly after: Conversation
}

/**
 * Changes conversations, each with its line and its event; agents are told once of all that is theirs now. The number of statements depends neither on
 * how many conversations there are nor on how many agents.
 *
 * With `seen`, whatever is no longer as it was seen refuses the whole act and says who changed it; the lock makes the second of two wait for the first.
 */
export async function changeConversations(
  tx: Tx,
  deps: TriageDeps,
  ids: readonly ConversationId[],
  given: Change,
  actor: Actor,
  now: Date,
  seen: Seen = {},
): Promise<Acted> {
  const change = await normal(tx, given, actor)
  const locked = await lockReachable(tx, ids, actor)
  const workers = await workersOf(tx, actor.workspaceId, [
    ...locked.map(({ inboxId }) => inboxId),
    ...(change.inboxId ? [change.inboxId] : []),
  ])
  for (const conversation of locked) await refuseConflict(tx, conversation, seen, change, workers.nameOf)

  const known = await circumstancesOf(tx, locked, change, actor, workers.mayWork, now)
  const refused: Acted['refused'][number][] = []
  const pairs: Pair[] = []
  for (const before of locked) {
    const verdict = applyChange(before, change, known, now)
    if (!verdict.ok) refused.push({ id: before.id, number: before.number, because: verdict.because })
    else if (verdict.after !== before) pairs.push({ before, after: verdict.after })
  }
  if (change.addTags) await insertTags(tx, actor.workspaceId, change.addTags, now)
  await saveConversations(
    tx,
    pairs.map(({ after }) => after),
  )
  await keepRequesters(tx, pairs, now)
  await leaveTraces(tx, deps, actor.workspaceId, await tracesOf(tx, pairs, actor, workers.nameOf), actor, now)
  const found = new Set(locked.map(({ id }) => id))
  return {
    changed: pairs.map(({ after }) => after),
    refused,
    missing: ids.filter((id) => !found.has(id)),
    undo: undoOf(pairs),
  }
}

/** The same for one: what stands in its way is refused. */
export async function changeConversation(
  tx: Tx,
  deps: TriageDeps,
  id: ConversationId,
  change: Change,
  actor: Actor,
  now: Date,
  seen: Seen = {},
): Promise<readonly Undo[]> {
  return (await onlyOne(tx, actor, changeConversations(tx, deps, [id], change, actor, now, seen))).undo
}

export async function onlyOne(tx: Tx, { workspaceId }: Actor, acting: Promise<Acted>): Promise<Acted> {
  const acted = await acting
  const [obstacle] = acted.refused
  if (acted.missing.length > 0) throw new Refusal('not_found', { what: 'conversation' })
  if (obstacle) throw await refusalFor(tx, workspaceId, obstacle)
  return acted
}

/** As it is stored, or refused: what does not depend on any one conversation. */
async function normal(tx: Tx, change: Change, actor: Actor): Promise<Change> {
  const addTags = change.addTags?.map(readTag)
  const removeTags = change.removeTags?.map(readTag)
  const subject = change.subject?.trim()
  if (subject === '') throw new Refusal('invalid_request', { why: 'A subject has at least one character.', pointer: '/subject' })
  const requester = change.requester === undefined ? undefined : keyOfAddress(change.requester)
  if (requester === null) throw new Refusal('invalid_address', { text: change.requester ?? '', pointer: '/requester' })
  if (change.teamId && !(await teamExists(tx, actor.workspaceId, change.teamId)))
    throw new Refusal('not_found', { what: 'team', pointer: '/team_id' })
  if (change.inboxId) await refuseInbox(tx, change.inboxId, actor)
  return {
    ...change,
    ...(addTags && { addTags }),
    ...(removeTags && { removeTags }),
    ...(subject !== undefined && { subject }),
    ...(requester !== undefined && { requester }),
  }
}

function readTag(text: string): string {
  const name = tagName(text)
  if (name === null)
    throw new Refusal('invalid_request', {
      why: 'A tag has 1 to 50 characters, without commas and line breaks.',
      pointer: '/add_tags',
    })
  return name
}

async function refuseInbox(tx: Tx, id: InboxId, actor: Actor): Promise<void> {
  const inbox = mayEnter(await reachOf(tx, actor), id) ? await findInbox(tx, actor.workspaceId, id) : null
  if (!inbox) throw new Refusal('not_found', { what: 'inbox', pointer: '/inbox_id' })
  if (inbox.closedAt !== null)
    throw new Refusal('wrong_state', { what: 'inbox', state: 'closed', action: 'given conversations', pointer: '/inbox_id' })
}

async function refuseConflict(
  tx: Tx,
  conversation: Conversation,
  seen: Seen,
  change: Change,
  nameOf: (id: Conversation['assigneeId']) => string | null,
): Promise<void> {
  const conflict = conflictWith(conversation, seen, change)
  if (!conflict) return
  const last = await lastActivity(tx, conversation.workspaceId, conversation.id, LINES[conflict.aspect])
  const who =
    last?.activity.by ?? nameOf(last?.userId ?? null) ?? (last?.userId ? 'Somebody who has left' : 'A message or a rule')
  const [what, to] = [WORDS[conflict.aspect], last?.activity.to]
  const happened = last && typeof to === 'string' ? `${who} changed ${what} to “${to}”` : `${who} changed ${what}`
  throw new Refusal('changed_meanwhile', {
    happened,
    pointer: `/if/${POINTERS[conflict.aspect]}${conflict.fieldId ? `/${conflict.fieldId}` : ''}`,
  })
}

/** Which lines tell of an aspect. */
const LINES: Readonly<Record<keyof typeof WORDS, readonly string[]>> = {
  inboxId: ['moved'],
  subject: ['subject'],
  status: ['status', 'woken'],
  labelId: ['status'],
  priority: ['priority'],
  assigneeId: ['assignee', 'moved'],
  teamId: ['team'],
  requester: ['requester'],
  dueAt: ['due'],
  snoozedUntil: ['snoozed', 'woken'],
  autoReplyOff: ['auto_reply'],
  tags: ['tags'],
  fields: ['field'],
}
const WORDS = {
  inboxId: 'the inbox',
  subject: 'the subject',
  status: 'the status',
  labelId: 'the label',
  priority: 'the priority',
  assigneeId: 'the assignee',
  teamId: 'the team',
  requester: 'the requester',
  dueAt: 'the due date',
  snoozedUntil: 'the snooze',
  autoReplyOff: 'the auto-reply',
  tags: 'the tags',
  fields: 'a field',
} as const
const POINTERS: Readonly<Record<keyof typeof WORDS, string>> = {
  inboxId: 'inbox_id',
  subject: 'subject',
  status: 'status',
  labelId: 'label_id',
  priority: 'priority',
  assigneeId: 'assignee_id',
  teamId: 'team_id',
  requester: 'requester',
  dueAt: 'due_at',
  snoozedUntil: 'snoozed_until',
  autoReplyOff: 'auto_reply_off',
  tags: 'tags',
  fields: 'fields',
}

async function circumstancesOf(
  tx: Tx,
  locked: readonly Conversation[],
  change: Change,
  actor: Actor,
  mayWork: Circumstances['mayWork'],
  now: Date,
): Promise<Circumstances> {
  const { workspaceId } = actor
  const label = change.labelId ? ((await selectLabels(tx, workspaceId)).find(({ id }) => id === change.labelId) ?? null) : null
  if (change.labelId && !label) throw new Refusal('not_found', { what: 'label', pointer: '/label_id' })
  const status = change.status ?? label?.status
  const fields = change.fields || status === 'closed' ? await selectFields(tx, workspaceId) : []
  const opened = status && status !== 'closed' ? locked.filter((conversation) => conversation.status === 'closed') : []
  const facts = await selectFacts(
    tx,
    workspaceId,
    opened.map(({ id }) => id),
  )
  const { requester } = change
  const contacts: ReadonlyMap<string, ContactId> = requester
    ? await saveContacts(tx, workspaceId, [{ name: '', address: requester }], actorReference(actor), now)
    : new Map()
  return {
    label,
    fields,
    mayWork,
    waitingSince: (id) => facts.get(id)?.waitingSince ?? null,
    contactId: contacts.get(requester ?? '') ?? null,
  }
}

/** Who asked until now goes on taking part. */
async function keepRequesters(tx: Tx, pairs: readonly Pair[], now: Date): Promise<void> {
  for (const { before, after } of pairs) {
    const address = keyOfAddress(before.requester)
    if (before.requester === after.requester || address === null) continue
    await addParticipants(tx, after, [{ name: '', address, contactId: before.contactId }], now)
  }
}

async function tracesOf(
  tx: Tx,
  pairs: readonly Pair[],
  actor: Actor,
  personOf: (id: Conversation['assigneeId']) => string | null,
): Promise<Trace[]> {
  const both = pairs.flatMap(({ before, after }) => [before, after])
  const isRenamed = (key: 'inboxId' | 'teamId' | 'labelId') => pairs.some(({ before, after }) => before[key] !== after[key])
  const fields = [...new Set(pairs.flatMap(({ before, after }) => changedFields(before.fields, after.fields)))] as CustomFieldId[]
  const needed = isRenamed('inboxId') || isRenamed('teamId') || isRenamed('labelId') || fields.length > 0
  const names = needed
    ? await selectNames(tx, actor.workspaceId, {
        inboxes: distinct(both.map(({ inboxId }) => inboxId)),
        teams: distinct(both.map(({ teamId }) => teamId)) as TeamId[],
        labels: distinct(both.map(({ labelId }) => labelId)) as StatusLabelId[],
        fields,
      })
    : new Map<string, string>()
  const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? null))
  return pairs.map((pair) => traceOf(pair, nameOf, personOf))
}

function distinct<T>(values: readonly (T | null)[]): T[] {
  return [...new Set(values)].filter((value) => value !== null)
}

function traceOf(
  { before, after }: Pair,
  nameOf: (id: string | null) => string | null,
  personOf: (id: Conversation['assigneeId']) => string | null,
): Trace {
  const aspects = new Set(differencesOf(before, after))
  const activities: Activity[] = []
  const line = (what: string, from: unknown, to: unknown, name?: string | null) =>
    activities.push({ what, from, to, ...(name && { name }) })
  if (aspects.has('inboxId')) line('moved', nameOf(before.inboxId), nameOf(after.inboxId))
  if (aspects.has('status') || aspects.has('labelId'))
    line('status', nameOf(before.labelId) ?? before.status, nameOf(after.labelId) ?? after.status)
  if (aspects.has('assigneeId')) line('assignee', personOf(before.assigneeId), personOf(after.assigneeId))
  if (aspects.has('teamId')) line('team', nameOf(before.teamId), nameOf(after.teamId))
  if (aspects.has('priority')) line('priority', before.priority, after.priority)
  if (aspects.has('subject')) line('subject', before.subject, after.subject)
  if (aspects.has('requester')) line('requester', before.requester, after.requester)
  if (aspects.has('dueAt')) line('due', before.dueAt, after.dueAt)
  // What sleeps wakes by being closed: its status tells that already.
  if (aspects.has('snoozedUntil') && !(aspects.has('status') && after.snoozedUntil === null))
    line('snoozed', before.snoozedUntil, after.snoozedUntil)
  if (aspects.has('autoReplyOff')) line('auto_reply', !before.autoReplyOff, !after.autoReplyOff)
  if (aspects.has('tags'))
    line(
      'tags',
      before.tags.filter((tag) => !after.tags.includes(tag)),
      after.tags.filter((tag) => !before.tags.includes(tag)),
    )
  const values = (of: Conversation) => of.fields as Readonly<Record<string, unknown>>
  for (const id of changedFields(before.fields, after.fields)) line('field', values(before)[id], values(after)[id], nameOf(id))

  const isGiven = (aspects.has('assigneeId') && after.assigneeId !== null) || (aspects.has('teamId') && after.teamId !== null)
  const causes = [...(aspects.has('inboxId') ? (['moved'] as const) : []), ...(isGiven ? (['assigned'] as const) : [])]
  return { conversation: after, activities, changes: changesOf(before, after), causes }
}

/** As webhooks and live pages hear of it: by the names of the API. */
function changesOf(before: Conversation, after: Conversation): Record<string, unknown> {
  const of = (conversation: Conversation, aspect: keyof typeof POINTERS) => conversation[aspect] ?? null
  return Object.fromEntries(
    differencesOf(before, after)
      .filter((aspect) => !isEqual(of(before, aspect), of(after, aspect)))
      .map((aspect) => [POINTERS[aspect], [of(before, aspect), of(after, aspect)]]),
  )
}

/** Conversations that go back the same way go together. */
function undoOf(pairs: readonly Pair[]): Undo[] {
  const ways = new Map<string, Extract<Undo, { act: 'change' }>>()
  for (const { before, after } of pairs) {
    const { change, seen } = inverseOf(before, after)
    const key = JSON.stringify([change, seen])
    const way = ways.get(key)
    ways.set(key, { act: 'change', ids: [...(way?.ids ?? []), after.id], change, seen })
  }
  return [...ways.values()]
}
