/**
 * What agents may change of a conversation, and what follows from it.
 *
 *   status → another one        its label goes; closed: it wakes and nobody waits; opened again: the customer waits as long as they really do
 *   label                       brings its status along
 *   closed                      only when the required fields of its inbox are filled in
 *   inbox → another one         who may not work there is not assigned any more
 *   snoozed                     only while open or pending, and only until later
 *   deleted, merged             nothing changes until it is restored or parted
 *
 * Every change has its inverse, and says what it expects to find: an undo never takes back what somebody else did since.
 */
import type { ContactId, ConversationId, InboxId, TeamId, UserId } from '../../lib/ids.ts'
import { type Conversation, type ConversationStatus, type Priority, withStatus } from '../conversation.ts'
import type { CustomFieldId, StatusLabelId } from '../inbox.ts'
import { type CustomField, fieldsOf, missingBeforeClosing, readFieldValue } from './custom-field.ts'
import { MAX_TAGS } from './tag.ts'

export interface StatusLabel {
  readonly id: StatusLabelId
  readonly name: string
  readonly status: Exclude<ConversationStatus, 'spam'>
  readonly color: string
  readonly position: number
}

/** Columns that are set to a value. */
export interface Settable {
  readonly inboxId: InboxId
  readonly subject: string
  readonly status: ConversationStatus
  readonly labelId: StatusLabelId | null
  readonly priority: Priority
  readonly assigneeId: UserId | null
  readonly teamId: TeamId | null
  readonly requester: string
  readonly dueAt: Date | null
  readonly snoozedUntil: Date | null
  readonly autoReplyOff: boolean
}
export const SETTABLE = [
  'inboxId',
  'subject',
  'status',
  'labelId',
  'priority',
  'assigneeId',
  'teamId',
  'requester',
  'dueAt',
  'snoozedUntil',
  'autoReplyOff',
] as const satisfies readonly (keyof Settable)[]

export type FieldValues = Readonly<Record<string, unknown>>

/** Null in `fields` takes a value away. */
export type Change = Partial<Settable> & {
  readonly addTags?: readonly string[]
  readonly removeTags?: readonly string[]
  readonly fields?: FieldValues
}

/** What the page showed when somebody decided: only what they change matters. */
export type Seen = Partial<Settable> & { readonly fields?: FieldValues }

/** What has to be known beside the conversation. */
export interface Circumstances {
  /** The label that is to be set. */
  readonly label: StatusLabel | null
  /** Of the whole workspace, in their order. */
  readonly fields: readonly CustomField[]
  mayWork(userId: UserId, inboxId: InboxId): boolean
  /** The first message of the customer that nobody answered. */
  waitingSince(id: ConversationId): Date | null
  /** Whose address the new requester is. */
  readonly contactId: ContactId | null
}

export type Obstacle =
  | { readonly code: 'deleted' | 'merged' | 'cannot_sleep' | 'not_later' | 'too_many_tags' | 'cannot_work' }
  | { readonly code: 'label_of_another_status'; readonly label: string; readonly status: ConversationStatus }
  | { readonly code: 'fields_missing'; readonly names: readonly string[] }
  | { readonly code: 'field_wrong'; readonly id: string; readonly name: string; readonly why: string }

export type Verdict = { readonly ok: true; readonly after: Conversation } | { readonly ok: false; readonly because: Obstacle }

/** The conversation as the change leaves it; the very same object when nothing changes. */
export function applyChange(before: Conversation, change: Change, known: Circumstances, now: Date): Verdict {
  if (before.mergedInto !== null) return refused({ code: 'merged' })
  if (before.deletedAt !== null) return refused({ code: 'deleted' })
  const moved = inPlace(before, change, known)
  if (change.assigneeId && !known.mayWork(change.assigneeId, moved.inboxId)) return refused({ code: 'cannot_work' })

  const filled = withFields(moved, change.fields ?? {}, known.fields)
  if (!filled.ok) return filled
  const tags = withTags(before.tags, change)
  if (tags.length > MAX_TAGS) return refused({ code: 'too_many_tags' })

  const stated = withLabel({ ...filled.after, tags }, change, known, now)
  if (!stated.ok) return stated
  const slept = withSnooze(stated.after, change.snoozedUntil, now)
  if (!slept.ok) return slept
  const isSame = differencesOf(before, slept.after).length === 0
  return { ok: true, after: isSame ? before : { ...slept.after, updatedAt: now } }
}

function refused(because: Obstacle): Verdict {
  return { ok: false, because }
}

function inPlace(before: Conversation, change: Change, { mayWork, contactId }: Circumstances): Conversation {
  const inboxId = change.inboxId ?? before.inboxId
  const kept =
    before.assigneeId !== null && inboxId !== before.inboxId && !mayWork(before.assigneeId, inboxId) ? null : before.assigneeId
  const isOther = change.requester !== undefined && change.requester !== before.requester
  return {
    ...before,
    inboxId,
    subject: change.subject ?? before.subject,
    priority: change.priority ?? before.priority,
    assigneeId: change.assigneeId === undefined ? kept : change.assigneeId,
    teamId: change.teamId === undefined ? before.teamId : change.teamId,
    requester: change.requester ?? before.requester,
    contactId: isOther ? contactId : before.contactId,
    dueAt: change.dueAt === undefined ? before.dueAt : change.dueAt,
    autoReplyOff: change.autoReplyOff ?? before.autoReplyOff,
  }
}

function withFields(before: Conversation, given: FieldValues, all: readonly CustomField[]): Verdict {
  const values: Record<string, unknown> = { ...before.fields }
  for (const [id, value] of Object.entries(given)) {
    const field = fieldsOf(all, before.inboxId).find((each) => each.id === id)
    if (!field) return refused({ code: 'field_wrong', id, name: id, why: 'is no field of this inbox' })
    const read = readFieldValue(field, value)
    if (!read.ok) return refused({ code: 'field_wrong', id, name: field.name, why: read.why })
    if (read.value === null) delete values[id]
    else values[id] = read.value
  }
  return { ok: true, after: { ...before, fields: values as Record<CustomFieldId, unknown> } }
}

function withTags(before: readonly string[], { addTags = [], removeTags = [] }: Change): readonly string[] {
  return [...new Set([...before, ...addTags])].filter((tag) => !removeTags.includes(tag))
}

function withLabel(before: Conversation, change: Change, known: Circumstances, now: Date): Verdict {
  const { label } = known
  const status = change.status ?? label?.status ?? before.status
  if (label && label.status !== status)
    return refused({ code: 'label_of_another_status', label: label.name, status: label.status })
  if (status === 'closed' && before.status !== 'closed') {
    const missing = missingBeforeClosing(known.fields, before)
    if (missing.length > 0) return refused({ code: 'fields_missing', names: missing.map(({ name }) => name) })
  }
  const keptLabel = status === before.status ? before.labelId : null
  const labelId = change.labelId === undefined ? keptLabel : change.labelId
  if (status === before.status) return { ok: true, after: { ...before, labelId } }
  const waitingSince = before.status === 'closed' ? known.waitingSince(before.id) : before.waitingSince
  return { ok: true, after: withStatus({ ...before, labelId, waitingSince }, status, now) }
}

function withSnooze(before: Conversation, until: Date | null | undefined, now: Date): Verdict {
  if (until === undefined || until?.getTime() === before.snoozedUntil?.getTime()) return { ok: true, after: before }
  if (until !== null && before.status !== 'open' && before.status !== 'pending') return refused({ code: 'cannot_sleep' })
  if (until !== null && until <= now) return refused({ code: 'not_later' })
  return { ok: true, after: { ...before, snoozedUntil: until } }
}

/** What the end of its sleep makes of it: it is open again, so that it stands where work is looked for. */
export function awake(conversation: Conversation, now: Date): Conversation {
  const opened = conversation.status === 'open' ? conversation : { ...withStatus(conversation, 'open', now), labelId: null }
  return { ...opened, snoozedUntil: null, lastAt: now, updatedAt: now }
}

export type Aspect = keyof Settable | 'tags' | 'fields'

/** Which of its aspects two states of a conversation differ in. */
export function differencesOf(before: Conversation, after: Conversation): Aspect[] {
  const aspects: Aspect[] = SETTABLE.filter((key) => !isEqual(before[key], after[key]))
  if (!isEqual(before.tags, after.tags)) aspects.push('tags')
  if (changedFields(before.fields, after.fields).length > 0) aspects.push('fields')
  return aspects
}

export function changedFields(before: FieldValues, after: FieldValues): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((id) => !isEqual(before[id], after[id]))
}

/** Dates, texts, numbers and short lists of them. */
export function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}

/** Leads from `after` back to `before`, and says what it expects to find there. */
export function inverseOf(before: Conversation, after: Conversation): { readonly change: Change; readonly seen: Seen } {
  const aspects = differencesOf(before, after).filter((aspect) => aspect !== 'tags' && aspect !== 'fields')
  const values = (of: Conversation) => Object.fromEntries(aspects.map((key) => [key, of[key]])) as Partial<Settable>
  const fields = changedFields(before.fields, after.fields)
  const fieldValues = (of: FieldValues) => ({ fields: Object.fromEntries(fields.map((id) => [id, of[id] ?? null])) })
  const addTags = before.tags.filter((tag) => !after.tags.includes(tag))
  const removeTags = after.tags.filter((tag) => !before.tags.includes(tag))
  return {
    change: {
      ...values(before),
      ...(addTags.length > 0 && { addTags }),
      ...(removeTags.length > 0 && { removeTags }),
      ...(fields.length > 0 && fieldValues(before.fields)),
    },
    seen: { ...values(after), ...(fields.length > 0 && fieldValues(after.fields)) },
  }
}

/** The first thing that is not as it was seen, unless it already is as it is wanted. Null: nothing has changed under their hands. */
export function conflictWith(
  conversation: Conversation,
  seen: Seen,
  change: Change,
): { readonly aspect: Aspect; readonly fieldId: string | null } | null {
  for (const key of SETTABLE) {
    if (!(key in seen) || isEqual(seen[key], conversation[key])) continue
    if (key in change && isEqual(change[key], conversation[key])) continue
    return { aspect: key, fieldId: null }
  }
  const values: FieldValues = conversation.fields
  for (const [id, value] of Object.entries(seen.fields ?? {})) {
    if (!isEqual(value, values[id]) && !isEqual(change.fields?.[id], values[id])) return { aspect: 'fields', fieldId: id }
  }
  return null
}
