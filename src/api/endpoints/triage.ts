import { z } from 'zod'
import { CONVERSATION_STATUSES, PRIORITIES } from '../../helpdesk/conversation.ts'
import { FIELD_TYPES } from '../../helpdesk/triage/custom-field.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

const Settable = z
  .strictObject({
    inbox_id: id<'inbox'>().describe('Moves it. You need access to that inbox.'),
    subject: line(1, 1_000),
    status: z.enum(CONVERSATION_STATUSES),
    label_id: id<'status_label'>().nullable().describe('Brings its status along.'),
    priority: z.enum(PRIORITIES),
    assignee_id: id<'user'>().nullable().describe('Somebody with access to the inbox.'),
    team_id: id<'team'>().nullable(),
    requester: z.string().min(3).max(320).describe('The address that answers go to. Who asked before goes on taking part.'),
    due_at: isoDate.nullable(),
    snoozed_until: isoDate.nullable().describe('In the future, and only while it is open or pending.'),
    auto_reply_off: z.boolean(),
  })
  .partial()
export const FieldValues = z.record(z.uuid(), z.unknown()).describe('Custom field id → value; null takes it away.')
const tags = z.array(z.string().min(1).max(60)).max(50)

export const Seen = Settable.extend({ fields: FieldValues.optional() })
export type Seen = z.output<typeof Seen>
export const ChangeFields = Settable.extend({
  add_tags: tags.optional(),
  remove_tags: tags.optional(),
  fields: FieldValues.optional(),
})
export type ChangeFields = z.output<typeof ChangeFields>

const ids = z.array(id<'conversation'>()).min(1).max(500)
const one = id<'conversation'>()
export const Undo = z
  .discriminatedUnion('act', [
    z.strictObject({ act: z.literal('change'), ids, change: ChangeFields, seen: Seen }),
    z.strictObject({ act: z.enum(['delete', 'restore', 'unmerge']), ids }),
    z.strictObject({ act: z.literal('merge'), ids, into: one }),
    z.strictObject({ act: z.enum(['link', 'unlink']), id: one, other: one }),
    z.strictObject({
      act: z.enum(['add_participant', 'remove_participant']),
      id: one,
      address: z.string().max(320),
      name: z.string().max(200),
    }),
    z.strictObject({ act: z.enum(['follow', 'unfollow']), id: one, user_id: id<'user'>() }),
  ])
  .meta({ id: 'Undo' })
export type Undo = z.output<typeof Undo>

const Done = z.object({
  undo: z.array(Undo).describe('Send it to `/v1/conversations/undo` to take this back. Empty when nothing changed.'),
})
const MadeConversation = Done.extend({ id: one, number: z.int() })

const params = z.strictObject({ id: one })
const exampleId = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a'
const otherId = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1f'
const userId = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b10'
const exampleParams = { id: exampleId }
const undone = {
  undo: [{ act: 'change', ids: [exampleId], change: { status: 'open' }, seen: { status: 'closed' } }],
}
const MEANWHILE = ['changed_meanwhile', 'conversation_deleted', 'conversation_merged'] as const
const CHANGES = [
  'not_found',
  'invalid_address',
  'wrong_state',
  'cannot_sleep',
  'not_later',
  'too_many_tags',
  'cannot_work',
  'label_of_another_status',
  'fields_missing',
  'field_wrong',
  ...MEANWHILE,
] as const
const acting = { permission: 'conversations.write', transaction: 'write' } as const

export const changeConversation = endpoint({
  method: 'PATCH',
  path: '/v1/conversations/:id',
  summary: 'Change a conversation: status, assignee, tags, fields, and so on.',
  description:
    'What is left out stays. `if` says what you saw when you decided: where that is no longer so, nothing is changed and the answer says who was quicker. The answer has the way back.',
  ...acting,
  params,
  body: ChangeFields.extend({ if: Seen.optional() }),
  reply: Done,
  errors: CHANGES,
  example: { params: exampleParams, body: { status: 'closed', if: { status: 'open' } }, reply: undone },
})

export const undoActs = endpoint({
  method: 'POST',
  path: '/v1/conversations/undo',
  summary: 'Take acts back, by what their answers gave.',
  description: 'All of it or nothing. What somebody else changed since is never taken back.',
  ...acting,
  body: z.strictObject({ acts: z.array(Undo).min(1).max(50) }),
  reply: Done,
  errors: [...CHANGES, 'not_mergeable', 'not_unmergeable', 'too_many_links', 'too_many_participants'],
  example: { body: { acts: undone.undo }, reply: { undo: [] } },
})

export const deleteConversation = endpoint({
  method: 'DELETE',
  path: '/v1/conversations/:id',
  summary: 'Delete a conversation. For 30 days it can be restored.',
  ...acting,
  params,
  reply: Done,
  errors: ['not_found', 'conversation_merged'],
  example: { params: exampleParams, reply: { undo: [{ act: 'restore', ids: [exampleId] }] } },
})

export const restoreConversation = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/restore',
  summary: 'Bring a deleted conversation back.',
  ...acting,
  params,
  reply: Done,
  errors: ['not_found', 'conversation_merged'],
  example: { params: exampleParams, reply: { undo: [{ act: 'delete', ids: [exampleId] }] } },
})

export const mergeConversations = endpoint({
  method: 'POST',
  path: '/v1/conversations/merge',
  summary: 'Make one conversation of several.',
  description:
    'What was said moves into the one that stays, in the order of time; later answers to any of them land there. For a day it can be taken back.',
  ...acting,
  body: z.strictObject({
    ids: z.array(one).min(1).max(20),
    into: one.optional().describe('The one that stays; the earliest when left out.'),
  }),
  reply: MadeConversation,
  errors: ['not_found', 'not_mergeable', 'conversation_deleted', 'conversation_merged'],
  example: {
    body: { ids: [exampleId, otherId] },
    reply: { id: exampleId, number: 17, undo: [{ act: 'unmerge', ids: [otherId] }] },
  },
})

export const splitConversation = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/split',
  summary: 'Make a conversation of its own of some messages.',
  description: 'Later answers to these messages land in the new one.',
  ...acting,
  params,
  body: z.strictObject({ items: z.array(id<'conversation_item'>()).min(1).max(500), subject: line(1, 1_000).optional() }),
  reply: MadeConversation,
  status: 201,
  errors: ['not_found', 'not_splittable', 'conversation_deleted', 'conversation_merged'],
  example: {
    params: exampleParams,
    body: { items: ['0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c'], subject: 'Invoice' },
    reply: { id: otherId, number: 18, undo: [{ act: 'merge', ids: [otherId], into: exampleId }] },
  },
})

export const cloneConversation = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/clone',
  summary: 'Copy a conversation.',
  description: 'The copy has everything that was said. Answers to mail of the first one go on landing in the first.',
  ...acting,
  params,
  reply: MadeConversation,
  status: 201,
  errors: ['not_found', 'too_large_to_clone', 'conversation_deleted', 'conversation_merged'],
  example: { params: exampleParams, reply: { id: otherId, number: 18, undo: [{ act: 'delete', ids: [otherId] }] } },
})

const linkParams = z.strictObject({ id: one, other_id: one })
const exampleLink = { id: exampleId, other_id: otherId }
export const linkConversation = endpoint({
  method: 'PUT',
  path: '/v1/conversations/:id/links/:other_id',
  summary: 'Say that two conversations belong together.',
  ...acting,
  params: linkParams,
  reply: Done,
  errors: ['not_found', 'too_many_links'],
  example: { params: exampleLink, reply: { undo: [{ act: 'unlink', id: exampleId, other: otherId }] } },
})

export const unlinkConversation = endpoint({
  method: 'DELETE',
  path: '/v1/conversations/:id/links/:other_id',
  summary: 'Say that they do not.',
  ...acting,
  params: linkParams,
  reply: Done,
  errors: ['not_found'],
  example: { params: exampleLink, reply: { undo: [{ act: 'link', id: exampleId, other: otherId }] } },
})

const Participating = Done.extend({
  warnings: z.array(z.string()).describe('What to think of before mail goes there. Never a block.'),
})
const participant = { act: 'remove_participant', id: exampleId, address: 'carl@example.org', name: 'Carl' }
export const addParticipant = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/participants',
  summary: 'Let somebody take part: answers to all go to them too.',
  ...acting,
  params,
  body: z.strictObject({ address: z.string().min(3).max(320), name: line(0, 200).default('') }),
  reply: Participating,
  errors: ['not_found', 'invalid_address', 'too_many_participants', 'conversation_deleted', 'conversation_merged'],
  example: {
    params: exampleParams,
    body: { address: 'carl@example.org', name: 'Carl' },
    reply: { warnings: [], undo: [participant] },
  },
})

export const removeParticipant = endpoint({
  method: 'DELETE',
  path: '/v1/conversations/:id/participants/:address',
  summary: 'Take somebody out. Mail that names them does not bring them back.',
  ...acting,
  params: z.strictObject({ id: one, address: z.string().min(3).max(320) }),
  reply: Participating,
  errors: ['not_found', 'conversation_deleted', 'conversation_merged'],
  example: {
    params: { ...exampleParams, address: 'carl@example.org' },
    reply: { warnings: [], undo: [{ ...participant, act: 'add_participant' }] },
  },
})

const followParams = z.strictObject({ id: one, user_id: id<'user'>() })
const exampleFollow = { ...exampleParams, user_id: userId }
export const followConversation = endpoint({
  method: 'PUT',
  path: '/v1/conversations/:id/followers/:user_id',
  summary: 'Let somebody follow a conversation: they are told what happens in it.',
  ...acting,
  params: followParams,
  reply: Done,
  errors: ['not_found', 'cannot_work', 'conversation_deleted', 'conversation_merged'],
  example: { params: exampleFollow, reply: { undo: [{ act: 'unfollow', id: exampleId, user_id: userId }] } },
})

export const unfollowConversation = endpoint({
  method: 'DELETE',
  path: '/v1/conversations/:id/followers/:user_id',
  summary: 'Let them follow it no longer.',
  ...acting,
  params: followParams,
  reply: Done,
  errors: ['not_found', 'conversation_deleted', 'conversation_merged'],
  example: { params: exampleFollow, reply: { undo: [{ act: 'follow', id: exampleId, user_id: userId }] } },
})

export const starConversation = endpoint({
  method: 'PUT',
  path: '/v1/conversations/:id/star',
  summary: 'Give a conversation your star.',
  ...acting,
  params,
  errors: ['not_found', 'person_needed'],
  example: { params: exampleParams },
})

export const unstarConversation = endpoint({
  method: 'DELETE',
  path: '/v1/conversations/:id/star',
  summary: 'Take your star away.',
  ...acting,
  params,
  errors: ['not_found', 'person_needed'],
  example: { params: exampleParams },
})

const Named = z.object({ name: z.string() })
export const FieldDefinition = z
  .object({
    id: id<'custom_field'>(),
    inbox_id: id<'inbox'>().nullable().describe('Null: of every inbox.'),
    name: z.string(),
    type: z.enum(FIELD_TYPES),
    options: z.array(z.string()),
    is_required: z.boolean().describe('Before a conversation is closed.'),
    in_list: z.boolean(),
    position: z.int(),
  })
  .meta({ id: 'CustomField' })
export type FieldDefinition = z.output<typeof FieldDefinition>

export const Label = z
  .object({
    id: id<'status_label'>(),
    name: z.string(),
    status: z.enum(['open', 'pending', 'closed']),
    color: z.string(),
    position: z.int(),
  })
  .meta({ id: 'StatusLabel' })
export type Label = z.output<typeof Label>

export const exampleField = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b20',
  inbox_id: null,
  name: 'Order',
  type: 'text',
  options: [],
  is_required: true,
  in_list: false,
  position: 1,
}
export const exampleLabel = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b21',
  name: 'Waiting for parts',
  status: 'pending',
  color: 'yellow',
  position: 1,
}

export const getConversationChoices = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/choices',
  summary: 'What can be chosen for a conversation: people with access, teams, labels, tags, fields, inboxes.',
  permission: 'conversations.read',
  transaction: 'read',
  params,
  reply: z.object({
    agents: z.array(Named.extend({ id: id<'user'>() })).describe('Who may be assigned.'),
    teams: z.array(Named.extend({ id: id<'team'>() })),
    labels: z.array(Label),
    tags: z.array(Named.extend({ color: z.string() })),
    fields: z.array(FieldDefinition).describe('Of its inbox.'),
    inboxes: z.array(Named.extend({ id: id<'inbox'>() })).describe('Where you may move it.'),
    links: z.array(
      z.object({ id: one, number: z.int(), subject: z.string(), status: z.enum(CONVERSATION_STATUSES), kind: z.string() }),
    ),
    merged: z
      .array(z.object({ id: one, number: z.int(), subject: z.string(), until: isoDate }))
      .describe('What was merged into it, and until when that can be taken back.'),
  }),
  errors: ['not_found'],
  example: {
    params: exampleParams,
    reply: {
      agents: [{ id: userId, name: 'Ann' }],
      teams: [],
      labels: [exampleLabel],
      tags: [{ name: 'vip', color: 'violet' }],
      fields: [exampleField],
      inboxes: [{ id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1b', name: 'Support' }],
      links: [{ id: otherId, number: 18, subject: 'Invoice', status: 'open', kind: 'split' }],
      merged: [],
    },
  },
})

export const triageEndpoints = [
  changeConversation,
  getConversationChoices,
  undoActs,
  deleteConversation,
  restoreConversation,
  mergeConversations,
  splitConversation,
  cloneConversation,
  linkConversation,
  unlinkConversation,
  addParticipant,
  removeParticipant,
  followConversation,
  unfollowConversation,
  starConversation,
  unstarConversation,
] as const
