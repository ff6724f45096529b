/**
 * What joining two conversations makes of the one that stays, and what taking it back makes of it again.
 *
 * The one that stays keeps its number, subject and requester, and takes from the other what it lacks; what matters more wins: open before closed,
 * urgent before low, the earlier date. Taken back, each column goes to what it was, unless somebody changed it since.
 */
import type { InboxId, UserId } from '../../lib/ids.ts'
import { type Conversation, PRIORITIES, withStatus } from '../conversation.ts'
import type { CustomFieldId } from '../inbox.ts'
import { type CustomField, fieldsOf } from './custom-field.ts'
import { MAX_TAGS } from './tag.ts'
import { type FieldValues, isEqual } from './triage.ts'

/** What follows from the items alone, counted anew whenever items move. */
export interface Facts {
  readonly items: number
  readonly hasFiles: boolean
  readonly preview: string
  readonly lastCustomerAt: Date | null
  readonly lastAgentAt: Date | null
  /** The first message of the customer that nobody answered. */
  readonly waitingSince: Date | null
  readonly lastAt: Date | null
}

export function withFacts(conversation: Conversation, facts: Facts): Conversation {
  const lastAt = facts.lastAt ?? conversation.createdAt
  const waitingSince = conversation.status === 'closed' ? null : facts.waitingSince
  return { ...conversation, ...facts, lastAt, waitingSince }
}

/** Columns that joining may change and that people may change as well. */
const KEPT = ['priority', 'assigneeId', 'teamId', 'contactId', 'requester', 'dueAt', 'autoReplyOff'] as const
export type Kept = Pick<Conversation, (typeof KEPT)[number] | 'status' | 'labelId' | 'snoozedUntil' | 'tags' | 'fields'>

export function keptOf(c: Conversation): Kept {
  const { priority, assigneeId, teamId, contactId, requester, dueAt, autoReplyOff, status, labelId, snoozedUntil, tags, fields } =
    c
  return { priority, assigneeId, teamId, contactId, requester, dueAt, autoReplyOff, status, labelId, snoozedUntil, tags, fields }
}

export function joined(
  target: Conversation,
  source: Conversation,
  known: { readonly fields: readonly CustomField[]; mayWork(userId: UserId, inboxId: InboxId): boolean },
  now: Date,
): Conversation {
  const livelier = RANK.indexOf(source.status) < RANK.indexOf(target.status) ? source : target
  const mayTakeOver = source.assigneeId !== null && known.mayWork(source.assigneeId, target.inboxId)
  const asked = target.requester === '' ? source : target
  const own = new Set<string>(fieldsOf(known.fields, target.inboxId).map(({ id }) => id))
  const taken = Object.entries(source.fields as FieldValues).filter(([id]) => own.has(id))
  const stated = withStatus({ ...target, labelId: livelier.labelId }, livelier.status, now)
  return {
    ...stated,
    priority: PRIORITIES[Math.min(PRIORITIES.indexOf(target.priority), PRIORITIES.indexOf(source.priority))] ?? target.priority,
    assigneeId: target.assigneeId ?? (mayTakeOver ? source.assigneeId : null),
    teamId: target.teamId ?? source.teamId,
    contactId: asked.contactId,
    requester: asked.requester,
    dueAt: earlier(target.dueAt, source.dueAt),
    autoReplyOff: target.autoReplyOff || source.autoReplyOff,
    snoozedUntil: sleepOf([target, source]),
    tags: [...new Set([...target.tags, ...source.tags])].slice(0, MAX_TAGS),
    fields: { ...Object.fromEntries(taken), ...target.fields } as Record<CustomFieldId, unknown>,
    updatedAt: now,
  }
}
const RANK: readonly Conversation['status'][] = ['open', 'pending', 'closed', 'spam']

function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

/** It sleeps only when all that is live of it does. */
function sleepOf(both: readonly Conversation[]): Date | null {
  const live = both.filter(({ status }) => status === 'open' || status === 'pending')
  if (live.length === 0 || live.some(({ snoozedUntil }) => snoozedUntil === null)) return null
  return live.map(({ snoozedUntil }) => snoozedUntil).reduce(earlier, null)
}

/** The target after its source left again. `before` and `after` are of the moment of joining. */
export function parted(current: Conversation, before: Kept, after: Kept, now: Date): Conversation {
  const back: Record<string, unknown> = {}
  for (const key of KEPT) if (isEqual(current[key], after[key])) back[key] = before[key]
  const isOurs = current.status === after.status && isEqual(current.labelId, after.labelId)
  const labelId = isOurs ? before.labelId : current.labelId
  const stated = withStatus({ ...current, ...back, labelId } as Conversation, isOurs ? before.status : current.status, now)
  const wanted = isEqual(current.snoozedUntil, after.snoozedUntil) ? before.snoozedUntil : current.snoozedUntil
  const maySleep = (stated.status === 'open' || stated.status === 'pending') && wanted !== null && wanted > now
  const fields = Object.entries(current.fields as FieldValues).filter(
    ([id, value]) => (before.fields as FieldValues)[id] !== undefined || !isEqual(value, (after.fields as FieldValues)[id]),
  )
  return {
    ...stated,
    snoozedUntil: maySleep ? wanted : null,
    tags: current.tags.filter((tag) => before.tags.includes(tag) || !after.tags.includes(tag)),
    fields: Object.fromEntries(fields) as Record<CustomFieldId, unknown>,
    updatedAt: now,
  }
}

/** The one that others are joined into when nobody says: the earliest. */
export function defaultTarget<C extends Pick<Conversation, 'number'>>(conversations: readonly C[]): C | undefined {
  return conversations.reduce<C | undefined>((first, each) => (first && first.number < each.number ? first : each), undefined)
}

/** Joining can be taken back for so long. */
export const UNMERGE_HOURS = 24
