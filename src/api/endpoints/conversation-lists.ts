import { z } from 'zod'
import { CHANNELS, CONVERSATION_STATUSES, PRIORITIES } from '../../helpdesk/conversation.ts'
import { ITEM_KINDS } from '../../helpdesk/item.ts'
import { ConversationFilter, SORTS } from '../../helpdesk/list/filter.ts'
import { MAX_SEARCH_LENGTH } from '../../helpdesk/search/search-query.ts'
import { endpoint } from '../endpoint.ts'
import { flagInUrl, id, isoDate, pageOf, pageParams } from './shapes.ts'
import { ChangeFields, Undo } from './triage.ts'

const Person = z.object({ id: id<'user'>(), name: z.string() })

export const ConversationRow = z
  .object({
    id: id<'conversation'>(),
    number: z.int(),
    inbox_id: id<'inbox'>(),
    subject: z.string(),
    preview: z.string().describe('The beginning of what was said last.'),
    channel: z.enum(CHANNELS),
    status: z.enum(CONVERSATION_STATUSES),
    label: z.object({ id: id<'status_label'>(), name: z.string(), color: z.string() }).nullable(),
    priority: z.enum(PRIORITIES),
    assignee: Person.nullable(),
    team: z.object({ id: id<'team'>(), name: z.string() }).nullable(),
    customer: z.object({ id: id<'contact'>().nullable(), name: z.string(), address: z.string() }),
    tags: z.array(z.string()),
    fields: z
      .array(z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]) }))
      .describe('At most five of its own fields: those that are shown in lists.'),
    items: z.int().describe('Messages and notes.'),
    has_files: z.boolean(),
    waiting_since: isoDate.nullable().describe('The first message of the customer that nobody has answered.'),
    last_at: isoDate,
    snoozed_until: isoDate.nullable(),
    due_at: isoDate.nullable(),
    deleted_at: isoDate.nullable(),
    starred: z.boolean(),
    unread: z.boolean().describe('Something was said that you have not seen, or you marked it so.'),
    drafts: z.array(Person).describe('Who has begun to write something.'),
  })
  .meta({ id: 'ConversationRow' })
export type ConversationRow = z.output<typeof ConversationRow>

export const Sort = z.enum(SORTS)

/** `a,b` in a URL. */
function several<T extends z.ZodType<string, string>>(each: T) {
  return z.codec(z.string().min(1).max(600), z.array(each).min(1).max(10), {
    decode: (text) => text.split(',') as z.input<T>[],
    encode: (values) => values.join(','),
  })
}
const jsonInUrl = z.codec(z.string().max(2_000), ConversationFilter.shape.fields.unwrap(), {
  decode: (text, context) => {
    try {
      return JSON.parse(text) as Record<string, string>
    } catch {
      context.issues.push({ code: 'custom', message: 'must be an object of JSON', input: text })
      return z.NEVER
    }
  },
  encode: (value) => JSON.stringify(value),
})
const yes = z.codec(z.literal('1'), z.literal(true), { decode: () => true as const, encode: () => '1' as const })

/** A filter as it stands in a URL: lists with commas, yes and no as 1 and 0. */
export const filterParams = {
  inbox: id<'inbox'>().optional(),
  status: several(z.enum(CONVERSATION_STATUSES)).optional().describe('One, or several with commas: `open,pending`.'),
  assignee: z
    .union([z.enum(['me', 'none']), id<'user'>()])
    .optional()
    .describe('A user, `me`, or `none`.'),
  team: z
    .union([z.literal('none'), id<'team'>()])
    .optional()
    .describe('A team, or `none`.'),
  tag: several(z.string().min(1).max(50)).optional().describe('All of them: `billing,vip`.'),
  priority: several(z.enum(PRIORITIES)).optional().describe('One, or several with commas.'),
  label: id<'status_label'>().optional(),
  channel: z.enum(CHANNELS).optional(),
  has_files: flagInUrl.optional(),
  has_note: yes.optional(),
  waiting: flagInUrl.optional().describe('Whether a message of the customer is unanswered.'),
  snoozed: flagInUrl.optional().describe('Left out: what sleeps is among the others.'),
  starred: yes.optional().describe('By you.'),
  followed: yes.optional().describe('By you.'),
  drafts: yes.optional().describe('In which you have begun to write.'),
  unread: yes.optional().describe('Open or pending, with something that you have not seen; or marked so by you.'),
  deleted: yes.optional().describe('What was deleted, the latest first; it is in no other list.'),
  contact: id<'contact'>().optional(),
  fields: jsonInUrl.optional().describe('Custom fields and the value they have, as JSON: `{"<id of the field>":"gold"}`.'),
}

const exampleRow = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
  number: 17,
  inbox_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1b',
  subject: 'Where is my parcel?',
  preview: 'I ordered last week and have heard nothing since.',
  channel: 'email',
  status: 'open',
  label: null,
  priority: 'normal',
  assignee: null,
  team: null,
  customer: { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c', name: 'Bob Byte', address: 'bob@example.org' },
  tags: ['parcel'],
  fields: [{ name: 'Order', value: 'A-1043' }],
  items: 1,
  has_files: false,
  waiting_since: '2026-11-21T12:00:00.000Z',
  last_at: '2026-11-21T12:00:00.000Z',
  snoozed_until: null,
  due_at: null,
  deleted_at: null,
  starred: false,
  unread: true,
  drafts: [],
}

export const listConversations = endpoint({
  method: 'GET',
  path: '/v1/conversations',
  summary: 'Conversations that you may see, by any mixture of filters.',
  description:
    'Give `view` for a saved view; filters beside it change it. The order `waiting` shows who waits and nobody else, the longest first; `due` what has a day, `wakes` what sleeps.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({
    ...filterParams,
    view: id<'saved_view'>().optional(),
    sort: Sort.optional().describe('`latest` when left out.'),
    ...pageParams,
  }),
  reply: pageOf(ConversationRow),
  errors: ['invalid_cursor', 'not_found'],
  example: { params: { status: 'open', assignee: 'none', limit: '50' }, reply: { items: [exampleRow], next: null } },
})

export const FolderCounts = z
  .object({
    unassigned: z.int(),
    mine: z.int(),
    open: z.int(),
    pending: z.int(),
    closed: z.int(),
    spam: z.int(),
    snoozed: z.int(),
    deleted: z.int(),
  })
  .describe('`unassigned` and `mine` are among the open ones; what sleeps is in none but `snoozed`.')
  .meta({ id: 'FolderCounts' })
export type FolderCounts = z.output<typeof FolderCounts>

const UnreadCounts = z
  .object({ unassigned: z.int(), mine: z.int(), open: z.int(), pending: z.int() })
  .meta({ id: 'UnreadCounts' })

export const ConversationCounts = z
  .object({
    all: FolderCounts,
    inboxes: z
      .array(FolderCounts.extend({ id: id<'inbox'>(), name: z.string(), slug: z.string() }))
      .describe('Those that you may see, by name.'),
    teams: z.array(z.object({ id: id<'team'>(), name: z.string(), open: z.int(), mine: z.boolean().describe('You are in it.') })),
    drafts: z.int().describe('Counted up to 100.'),
    starred: z.int().describe('Counted up to 100.'),
    unread: z
      .object({
        all: UnreadCounts,
        inboxes: z.array(UnreadCounts.extend({ id: id<'inbox'>() })),
        teams: z.array(z.object({ id: id<'team'>(), open: z.int() })),
      })
      .describe(
        'What is new to you: of the newest 500 such conversations, what stands where. Only inboxes and teams that have some.',
      ),
  })
  .meta({ id: 'ConversationCounts' })
export type ConversationCounts = z.output<typeof ConversationCounts>

const exampleCounts = { unassigned: 2, mine: 1, open: 5, pending: 3, closed: 120, spam: 4, snoozed: 1, deleted: 0 }

export const countConversations = endpoint({
  method: 'GET',
  path: '/v1/conversations/counts',
  summary: 'How many conversations are in which folder, by inbox and by team.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: ConversationCounts,
  example: {
    reply: {
      all: exampleCounts,
      inboxes: [{ id: exampleRow.inbox_id, name: 'Support', slug: 'support', ...exampleCounts }],
      teams: [{ id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1d', name: 'Returns', open: 2, mine: true }],
      drafts: 1,
      starred: 0,
      unread: {
        all: { unassigned: 1, mine: 0, open: 2, pending: 0 },
        inboxes: [{ id: exampleRow.inbox_id, unassigned: 1, mine: 0, open: 2, pending: 0 }],
        teams: [],
      },
    },
  },
})

export const FoundConversation = ConversationRow.extend({
  snippet: z
    .object({
      item_id: id<'conversation_item'>(),
      kind: z.enum(ITEM_KINDS),
      from: z.string(),
      at: isoDate,
      pieces: z.array(z.object({ text: z.string(), is_hit: z.boolean() })),
    })
    .nullable()
    .describe('Where the words stand; null when only the subject, a person or a file has them.'),
  subject_pieces: z.array(z.object({ text: z.string(), is_hit: z.boolean() })),
}).meta({ id: 'FoundConversation' })
export type FoundConversation = z.output<typeof FoundConversation>

export const searchConversations = endpoint({
  method: 'GET',
  path: '/v1/search',
  summary: 'Conversations in which words stand anywhere: subject, messages, notes, people, files, tags, number.',
  description:
    'Words are found by their beginning, those in quotation marks as they are written, those after `-` must not be there. Operators: `from:` `to:` `tag:` `in:` (slug of an inbox) `assignee:` `number:` `is:open` (or `pending`, `closed`, `spam`, `snoozed`, `waiting`, `unassigned`, `mine`, `unread`, `starred`, `followed`, `deleted`) `has:attachment` (or `note`) `before:` `after:` (`2026-11-01`, `2026`, `7d`). An exact number comes first, then what is newest. A page may be short and still have a `next`: then nothing was found in the newest part, and there is more to look through.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ q: z.string().min(1).max(MAX_SEARCH_LENGTH), ...pageParams }),
  reply: z.object({
    items: z.array(FoundConversation),
    next: z.string().nullable(),
    strange: z.array(z.string()).describe('Operators that were not understood, and taken as words.'),
  }),
  errors: ['invalid_cursor'],
  example: {
    params: { q: 'parcel is:open from:bob' },
    reply: {
      items: [
        {
          ...exampleRow,
          snippet: {
            item_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1e',
            kind: 'customer',
            from: 'Bob Byte',
            at: '2026-11-21T12:00:00.000Z',
            pieces: [
              { text: 'Where is my ', is_hit: false },
              { text: 'parcel', is_hit: true },
              { text: '?', is_hit: false },
            ],
          },
          subject_pieces: [
            { text: 'Where is my ', is_hit: false },
            { text: 'parcel', is_hit: true },
            { text: '?', is_hit: false },
          ],
        },
      ],
      next: null,
      strange: [],
    },
  },
})

const MANY = 500

export const changeManyConversations = endpoint({
  method: 'POST',
  path: '/v1/conversations/bulk',
  summary:
    'Do one thing to several conversations: assign, set a status, tag, move, snooze, delete, restore, star, mark as read or unread.',
  description:
    'What can be done is done, and the answer says which could not and why. Each gets its line and its event, as if it had been the only one; agents are told once of all that is assigned or moved.',
  permission: 'conversations.write',
  transaction: 'write',
  body: z
    .strictObject({
      ids: z.array(id<'conversation'>()).min(1).max(MANY),
      act: z.enum(['change', 'delete', 'restore', 'star', 'unstar', 'read', 'unread']).default('change'),
      set: ChangeFields.default({}).describe('Of `change`: what it sets. Null takes away.'),
    })
    .refine(({ act, set }) => (act === 'change') === Object.keys(set).length > 0, {
      path: ['set'],
      message: 'must say what to change, and only when the act is a change',
    }),
  reply: z.object({
    changed: z.array(id<'conversation'>()),
    refused: z.array(z.object({ id: id<'conversation'>(), number: z.int(), code: z.string(), detail: z.string() })),
    missing: z.array(id<'conversation'>()).describe('Not there, or not for you to see.'),
    undo: z.array(Undo).describe('Send it to `/v1/conversations/undo` to take this back.'),
  }),
  errors: ['not_found', 'invalid_address', 'wrong_state'],
  example: {
    body: { ids: [exampleRow.id], act: 'change', set: { status: 'closed', add_tags: ['done'] } },
    reply: { changed: [exampleRow.id], refused: [], missing: [], undo: [] },
  },
})

const readParams = z.strictObject({ id: z.string().min(1).max(36).describe('Its id or its number.') })

export const readConversation = endpoint({
  method: 'PUT',
  path: '/v1/conversations/:id/read',
  summary: 'Say that you have seen a conversation.',
  description: 'It is new to you again when something more is said. Nobody else is told.',
  permission: 'signed_in',
  transaction: 'write',
  params: readParams,
  body: z.strictObject({
    through: isoDate
      .optional()
      .describe('What was said up to here you saw: `last_at` of what is shown. All of it when left out.'),
  }),
  errors: ['not_found', 'person_needed'],
  example: { params: { id: exampleRow.id }, body: { through: '2026-11-21T12:00:00.000Z' } },
})

export const unreadConversation = endpoint({
  method: 'DELETE',
  path: '/v1/conversations/:id/read',
  summary: 'Mark a conversation as unread, for yourself.',
  permission: 'signed_in',
  transaction: 'write',
  params: readParams,
  errors: ['not_found', 'person_needed'],
  example: { params: { id: exampleRow.id } },
})

export const readAllConversations = endpoint({
  method: 'POST',
  path: '/v1/conversations/read-all',
  summary: 'Say that you have seen all that was said until now, in every conversation.',
  permission: 'signed_in',
  transaction: 'write',
  errors: ['person_needed'],
  example: {},
})

export const conversationListEndpoints = [
  readConversation,
  unreadConversation,
  readAllConversations,
  changeManyConversations,
  listConversations,
  countConversations,
  searchConversations,
] as const
