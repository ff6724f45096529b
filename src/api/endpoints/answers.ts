import { z } from 'zod'
import { CONVERSATION_STATUSES } from '../../helpdesk/conversation.ts'
import { MAX_FILES, MAX_HTML, MAX_UPLOAD_BYTES, QUOTES } from '../../helpdesk/drafts/draft.ts'
import { download, endpoint } from '../endpoint.ts'
import { ConversationAddress, type ConversationView, ItemAddress } from './conversations.ts'
import { id, isoDate, line } from './shapes.ts'
import { FieldValues } from './triage.ts'

const Addresses = z.array(z.string().min(1).max(2_000)).max(500)
const html = z.string().max(MAX_HTML)
const files = z.array(id<'upload'>()).max(MAX_FILES)
const status = z.enum(CONVERSATION_STATUSES).nullable().optional().describe("Left out or null: as the inbox's settings say.")
const assignee = id<'user'>().nullable().optional().describe("Left out: as the inbox's settings say. Null: nobody.")
const seen = id<'conversation_item'>()
  .nullable()
  .optional()
  .describe(
    'The newest message or note that its writer saw (`last_said`): what came in since refuses it. Left out or null: send it anyway.',
  )

const answer = {
  from: z
    .string()
    .max(2_000)
    .nullable()
    .optional()
    .describe("The inbox's address or an alias that may send; its own when left out."),
  to: Addresses.optional(),
  cc: Addresses.optional(),
  bcc: Addresses.optional(),
  subject: line(0, 900).nullable().optional(),
  html: html.describe('What is written, as HTML; it is cleaned. Pictures: `/v1/uploads/{id}/content`.'),
  files: files.optional().describe('Uploads that go along.'),
  status,
  assignee_id: assignee,
  seen,
}

export const ReplyBody = z
  .strictObject({ ...answer, quote: z.enum(QUOTES).optional().describe('What was said before, below it.') })
  .meta({ id: 'ReplyBody' })
export const ForwardBody = z
  .strictObject({
    ...answer,
    items: z
      .array(id<'conversation_item'>())
      .max(200)
      .optional()
      .describe('Which messages. Left out: all between us and customers. Never a note.'),
  })
  .meta({ id: 'ForwardBody' })
export const NoteBody = z
  .strictObject({
    html,
    files: files.optional(),
    mentions: z
      .strictObject({ users: z.array(id<'user'>()).max(200).optional(), teams: z.array(id<'team'>()).max(50).optional() })
      .optional()
      .describe('Who is told by name.'),
    status: z.enum(CONVERSATION_STATUSES).optional(),
    assignee_id: assignee,
  })
  .meta({ id: 'NoteBody' })

const Said = z.object({
  item_id: id<'conversation_item'>(),
  undo_until: isoDate.nullable().describe('Until then it can be taken back; null: it is on its way.'),
})

const exampleItem = { item_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1c', undo_until: '2026-11-21T12:00:15.000Z' }
const address = { id: '17' }
const itemAddress = { id: '17', item_id: exampleItem.item_id }
const ANSWER_ERRORS = [
  'not_found',
  'conversation_moved_on',
  'conversation_deleted',
  'conversation_merged',
  'invalid_address',
  'recipient_needed',
  'sender_not_of_inbox',
  'nothing_written',
  'too_many_recipients',
  'too_many_attachments',
  'attachments_too_large',
  'text_too_large',
  'message_too_large',
  'cannot_work',
  'fields_missing',
] as const

export const reply = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/replies',
  summary: 'Answer a customer.',
  description: 'The mail, the message in the conversation, its new status and assignee, and who is told: all of it or nothing.',
  permission: 'conversations.write',
  transaction: 'write',
  params: ConversationAddress,
  body: ReplyBody,
  reply: Said,
  status: 201,
  errors: [...ANSWER_ERRORS],
  example: {
    params: address,
    body: { to: ['Bob <bob@example.org>'], html: '<p>It is on its way.</p>', status: 'pending' },
    reply: exampleItem,
  },
})

export const forward = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/forwards',
  summary: 'Pass messages on to somebody else.',
  description:
    'Only messages from and to customers, never notes. Answers to it come into this conversation; the customer does not get them.',
  permission: 'conversations.write',
  transaction: 'write',
  params: ConversationAddress,
  body: ForwardBody,
  reply: Said,
  status: 201,
  errors: [...ANSWER_ERRORS],
  example: { params: address, body: { to: ['carrier@example.net'], html: '<p>Where is this one?</p>' }, reply: exampleItem },
})

export const addNote = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/notes',
  summary: 'Say something to colleagues.',
  permission: 'conversations.write',
  transaction: 'write',
  params: ConversationAddress,
  body: NoteBody,
  reply: Said,
  status: 201,
  errors: [
    'not_found',
    'nothing_written',
    'conversation_deleted',
    'conversation_merged',
    'too_many_attachments',
    'text_too_large',
    'cannot_work',
    'fields_missing',
  ],
  example: { params: address, body: { html: '<p>The carrier lost it.</p>' }, reply: { ...exampleItem, undo_until: null } },
})

export const StartBody = z
  .strictObject({
    inbox_id: id<'inbox'>(),
    channel: z
      .enum(['email', 'phone', 'web'])
      .optional()
      .describe('`email`, the default, is sent. `phone` and `web` write down what a customer said.'),
    from: answer.from,
    to: Addresses.optional(),
    cc: Addresses.optional(),
    bcc: Addresses.optional(),
    customer: z.string().max(2_000).optional().describe('Of `phone` and `web`: whose words these are.'),
    subject: line(1, 900),
    html,
    files: files.optional(),
    status,
    assignee_id: assignee,
    tags: z.array(line(1, 50)).max(50).optional(),
    fields: FieldValues.optional(),
    draft_id: id<'conversation_draft'>().optional().describe('The draft it was written as; it ends with this.'),
  })
  .meta({ id: 'StartBody' })

export const startConversation = endpoint({
  method: 'POST',
  path: '/v1/conversations',
  summary: 'Begin a conversation.',
  permission: 'conversations.write',
  transaction: 'write',
  body: StartBody,
  reply: z.object({
    id: id<'conversation'>(),
    number: z.int(),
    item_id: id<'conversation_item'>(),
    undo_until: isoDate.nullable(),
  }),
  status: 201,
  errors: [...ANSWER_ERRORS, 'wrong_state', 'field_wrong', 'too_many_tags'],
  example: {
    body: {
      inbox_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1b',
      to: ['bob@example.org'],
      subject: 'Your order',
      html: '<p>It is here.</p>',
    },
    reply: { id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a', number: 18, ...exampleItem },
  },
})

export const undoSend = endpoint({
  method: 'POST',
  path: '/v1/conversations/:id/items/:item_id/undo',
  summary: 'Take back what has not left yet.',
  description:
    'Possible for as long as the inbox is set to wait. It is a draft again, exactly as it was, and the conversation is as it was before.',
  permission: 'conversations.write',
  transaction: 'write',
  params: ItemAddress,
  reply: z.object({ draft_id: id<'conversation_draft'>(), mode: z.enum(['reply', 'note', 'forward', 'new']) }),
  errors: ['not_found', 'undo_too_late'],
  example: { params: itemAddress, reply: { draft_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1d', mode: 'reply' } },
})

export const editItem = endpoint({
  method: 'PATCH',
  path: '/v1/conversations/:id/items/:item_id',
  summary: 'Correct a note, an entry of a call, or our copy of an answer; or fold a message away.',
  description: 'What was sent is not sent again. What it said before is kept.',
  permission: 'conversations.write',
  transaction: 'write',
  params: ItemAddress,
  body: z.strictObject({ html: html.optional(), hidden: z.boolean().optional() }),
  errors: ['not_found', 'wrong_state', 'nothing_written', 'text_too_large', 'conversation_deleted', 'conversation_merged'],
  example: { params: itemAddress, body: { html: '<p>The carrier found it.</p>' } },
})

export const printConversation = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/print',
  summary: 'The conversation as a page for paper.',
  permission: 'conversations.read',
  transaction: 'none',
  params: ConversationAddress.extend({
    notes: z.enum(['0', '1']).optional().describe('`1`: with notes.'),
    zone: z.string().max(64).optional().describe('In whose time the dates are, as `Europe/Berlin`; UTC when left out.'),
  }),
  reply: download,
  produces: 'text/html',
  errors: ['not_found', 'invalid_request'],
  example: { params: address },
})

const DraftBody = z.strictObject({
  from: z.string().max(2_000).nullable(),
  to: Addresses,
  cc: Addresses,
  bcc: Addresses,
  subject: z.string().max(900).nullable(),
  html,
  quote: z.enum(QUOTES),
  files,
  items: z.array(id<'conversation_item'>()).max(200).nullable(),
  inbox_id: id<'inbox'>().nullable(),
  channel: z.enum(['email', 'phone', 'web']).optional().describe('Of a conversation that is to begin; left out: `email`.'),
})
export const UploadView = z
  .object({
    id: id<'upload'>(),
    filename: z.string(),
    content_type: z.string(),
    size_bytes: z.number(),
    is_picture: z.boolean().describe('It can be shown: `/v1/uploads/{id}/content`.'),
  })
  .meta({ id: 'Upload' })
export type UploadView = z.output<typeof UploadView>

export const DraftView = z
  .object({
    id: id<'conversation_draft'>(),
    mode: z.enum(['reply', 'note', 'forward', 'new']),
    version: z.int(),
    content: DraftBody,
    uploads: z.array(UploadView),
    preview: z.string(),
    updated_at: isoDate,
  })
  .meta({ id: 'Draft' })
export type DraftView = z.output<typeof DraftView>

const exampleContent = {
  ...{
    from: null,
    to: ['bob@example.org'],
    cc: [],
    bcc: [],
    subject: null,
    html: '<p>It is</p>',
    quote: 'none',
    files: [],
    items: null,
    inbox_id: null,
  },
}
const exampleDraft = {
  ...{
    id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1d',
    mode: 'reply',
    version: 1,
    content: exampleContent,
    uploads: [],
    preview: 'It is',
  },
  updated_at: '2026-11-21T12:00:00.000Z',
}
const SaveDraft = z.strictObject({
  version: z
    .int()
    .min(0)
    .nullable()
    .describe('The one you had, 0 for none: another is refused. Null: write over whatever there is.'),
  content: DraftBody,
})

export const listDrafts = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/drafts',
  summary: 'What you are writing in a conversation.',
  permission: 'conversations.write',
  transaction: 'read',
  params: ConversationAddress,
  reply: z.object({ items: z.array(DraftView), next: z.null() }),
  errors: ['not_found', 'person_needed'],
  example: { params: address, reply: { items: [exampleDraft], next: null } },
})

const DraftAddress = ConversationAddress.extend({ mode: z.enum(['reply', 'note', 'forward']) })

export const saveDraft = endpoint({
  method: 'PUT',
  path: '/v1/conversations/:id/drafts/:mode',
  summary: 'Keep what you are writing.',
  permission: 'conversations.write',
  transaction: 'write',
  params: DraftAddress,
  body: SaveDraft,
  reply: DraftView,
  errors: ['not_found', 'person_needed', 'draft_changed'],
  example: { params: { ...address, mode: 'reply' }, body: { version: 0, content: exampleContent }, reply: exampleDraft },
})

export const dropDraft = endpoint({
  method: 'DELETE',
  path: '/v1/conversations/:id/drafts/:mode',
  summary: 'Throw a draft away.',
  permission: 'conversations.write',
  transaction: 'write',
  params: DraftAddress,
  errors: ['not_found', 'person_needed'],
  example: { params: { ...address, mode: 'reply' } },
})

export const listNewDrafts = endpoint({
  method: 'GET',
  path: '/v1/drafts',
  summary: 'Conversations that you have begun to write.',
  permission: 'conversations.write',
  transaction: 'read',
  reply: z.object({ items: z.array(DraftView), next: z.null() }),
  errors: ['person_needed'],
  example: { reply: { items: [{ ...exampleDraft, mode: 'new' }], next: null } },
})

const NewDraftAddress = z.object({ draft_id: id<'conversation_draft'>() })

export const saveNewDraft = endpoint({
  method: 'PUT',
  path: '/v1/drafts/:draft_id',
  summary: 'Keep a conversation that you begin to write. You choose its id.',
  permission: 'conversations.write',
  transaction: 'write',
  params: NewDraftAddress,
  body: SaveDraft,
  reply: DraftView,
  errors: ['not_found', 'person_needed', 'draft_changed'],
  example: {
    params: { draft_id: exampleDraft.id },
    body: { version: 0, content: exampleContent },
    reply: { ...exampleDraft, mode: 'new' },
  },
})

export const dropNewDraft = endpoint({
  method: 'DELETE',
  path: '/v1/drafts/:draft_id',
  summary: 'Throw a conversation away that was not begun.',
  permission: 'conversations.write',
  transaction: 'write',
  params: NewDraftAddress,
  errors: ['not_found', 'person_needed'],
  example: { params: { draft_id: exampleDraft.id } },
})

const exampleUpload = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1e',
  filename: 'map.png',
  content_type: 'image/png',
  size_bytes: 4711,
  is_picture: true,
}

export const uploadFile = endpoint({
  method: 'POST',
  path: '/v1/uploads',
  summary: 'Hand in a file that is to be attached.',
  description: `Up to ${MAX_UPLOAD_BYTES / 1_048_576} MB. What no draft and no saved reply names is forgotten after 30 days; what was sent is kept with its message.`,
  permission: 'conversations.write',
  transaction: 'write',
  body: z.strictObject({
    filename: line(1, 255),
    content_type: z.string().max(255).optional(),
    content: z.string().describe('The bytes in base64.'),
  }),
  reply: UploadView,
  status: 201,
  maxBodyBytes: Math.ceil((MAX_UPLOAD_BYTES * 4) / 3) + 10_000,
  errors: ['invalid_request', 'storage_full'],
  example: { body: { filename: 'map.png', content_type: 'image/png', content: 'iVBORw0KGgo=' }, reply: exampleUpload },
})

export const getUpload = endpoint({
  method: 'GET',
  path: '/v1/uploads/:upload_id/content',
  summary: 'A file that was handed in. Pictures are shown, everything else is a download.',
  permission: 'conversations.write',
  transaction: 'none',
  params: z.object({ upload_id: id<'upload'>() }),
  reply: download,
  produces: 'application/octet-stream',
  errors: ['not_found', 'not_kept'],
  example: { params: { upload_id: exampleUpload.id } },
})

export const answerEndpoints = [
  startConversation,
  reply,
  forward,
  addNote,
  undoSend,
  editItem,
  printConversation,
  listDrafts,
  saveDraft,
  dropDraft,
  listNewDrafts,
  saveNewDraft,
  dropNewDraft,
  uploadFile,
  getUpload,
] as const

export type { ConversationView }
