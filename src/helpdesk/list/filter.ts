/**
 * What a list of conversations shows and in which order: the question of lists, folders, saved views and searches, the same everywhere. `me` and `mine`
 * are said of whoever asks, so that one view serves everybody.
 */
import { z } from 'zod'
import type { ContactId, InboxId, TeamId, UserId } from '../../lib/ids.ts'
import { CHANNELS, CONVERSATION_STATUSES, type ConversationStatus, PRIORITIES } from '../conversation.ts'
import type { CustomFieldId, StatusLabelId } from '../inbox.ts'

const uuid = <Id extends string>() => z.uuid() as unknown as z.ZodType<Id, string>
export const MAX_TAGS_ASKED = 10
const MAX_FIELDS_ASKED = 5

export const ConversationFilter = z
  .strictObject({
    inbox: uuid<InboxId>(),
    status: z.array(z.enum(CONVERSATION_STATUSES)).min(1).max(CONVERSATION_STATUSES.length),
    assignee: z.union([z.enum(['me', 'none']), uuid<UserId>()]),
    team: z.union([z.literal('none'), uuid<TeamId>()]),
    tag: z.array(z.string().min(1).max(50)).min(1).max(MAX_TAGS_ASKED),
    priority: z.array(z.enum(PRIORITIES)).min(1).max(PRIORITIES.length),
    label: uuid<StatusLabelId>(),
    channel: z.enum(CHANNELS),
    has_files: z.boolean(),
    has_note: z.literal(true),
    waiting: z.boolean(),
    snoozed: z.boolean(),
    starred: z.literal(true),
    followed: z.literal(true),
    drafts: z.literal(true),
    /** New to whoever asks (seen/seen.ts). */
    unread: z.literal(true),
    deleted: z.literal(true),
    contact: uuid<ContactId>(),
    /** Custom field → the value it must have; of several choices: one that must be among them. */
    fields: z
      .record(uuid<CustomFieldId>(), z.union([z.string().max(1_000), z.number(), z.boolean()]))
      .refine((fields) => Object.keys(fields).length <= MAX_FIELDS_ASKED, `must have at most ${MAX_FIELDS_ASKED} fields`),
  })
  .partial()
export type ConversationFilter = z.output<typeof ConversationFilter>

/**
 * `waiting` shows who waits and nobody else, the longest first; `due` what has a day, `wakes` what sleeps. Whatever is deleted is in the order of
 * its end.
 */
export const SORTS = ['latest', 'oldest', 'waiting', 'newest', 'first', 'priority', 'due', 'wakes'] as const
export type Sort = (typeof SORTS)[number]

/** Statuses that can fit: fewer walks, and no walk at all where nothing can. */
export function statusesOf(filter: ConversationFilter, sort: Sort): readonly ConversationStatus[] {
  const asked = filter.status ?? CONVERSATION_STATUSES
  const onlyAwaited = filter.waiting || filter.snoozed || sort === 'waiting' || sort === 'due' || sort === 'wakes'
  return [...new Set(asked)].filter((status) => !onlyAwaited || status === 'open' || status === 'pending')
}

/** What is stored of a custom field of several choices is a list. */
export function fieldPatterns(fields: NonNullable<ConversationFilter['fields']>): readonly [object, object][] {
  return Object.entries(fields).map(([id, value]) => [{ [id]: value }, { [id]: [value] }])
}
