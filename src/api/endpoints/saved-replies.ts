import { z } from 'zod'
import { MAX_HTML } from '../../helpdesk/drafts/draft.ts'
import { endpoint } from '../endpoint.ts'
import { UploadView } from './answers.ts'
import { id, isoDate, line } from './shapes.ts'

export const SavedReply = z
  .object({
    id: id<'saved_reply'>(),
    parent_id: id<'saved_reply'>().nullable().describe('The folder it lies in.'),
    inbox_id: id<'inbox'>().nullable().describe('Null: of every inbox.'),
    is_folder: z.boolean(),
    name: z.string(),
    html: z.string().describe('With variables: `{{ contact.first_name | there }}`.'),
    text: z.string(),
    uploads: z.array(UploadView),
    position: z.int(),
    updated_at: isoDate,
  })
  .meta({ id: 'SavedReply' })
export type SavedReply = z.output<typeof SavedReply>

const wish = {
  parent_id: id<'saved_reply'>().nullable().optional(),
  inbox_id: id<'inbox'>().nullable().optional(),
  name: line(1, 200),
  html: z.string().max(MAX_HTML).optional(),
  uploads: z.array(id<'upload'>()).max(20).optional(),
  position: z.int().min(0).max(100_000).optional(),
}
const exampleReply = {
  id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1f',
  parent_id: null,
  inbox_id: null,
  is_folder: false,
  name: 'On its way',
  html: '<p>Hello {{ contact.first_name | there }}</p>',
  text: 'Hello {{ contact.first_name | there }}',
  uploads: [],
  position: 0,
  updated_at: '2026-11-21T12:00:00.000Z',
}
const address = z.object({ id: id<'saved_reply'>() })
const exampleAddress = { id: exampleReply.id }

export const listSavedReplies = endpoint({
  method: 'GET',
  path: '/v1/saved-replies',
  summary: 'Texts that are used again, with their folders.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(SavedReply), next: z.null() }),
  example: { reply: { items: [exampleReply], next: null } },
})

export const createSavedReply = endpoint({
  method: 'POST',
  path: '/v1/saved-replies',
  summary: 'Save a text, or make a folder.',
  permission: 'conversations.write',
  transaction: 'write',
  body: z.strictObject({ ...wish, is_folder: z.boolean().optional() }),
  reply: SavedReply,
  status: 201,
  errors: ['not_found', 'too_many_saved_replies'],
  example: { body: { name: exampleReply.name, html: exampleReply.html }, reply: exampleReply },
})

export const changeSavedReply = endpoint({
  method: 'PATCH',
  path: '/v1/saved-replies/:id',
  summary: 'Change a saved text or a folder, or move it.',
  permission: 'conversations.write',
  transaction: 'write',
  params: address,
  body: z.strictObject({ ...wish, name: wish.name.optional() }),
  reply: SavedReply,
  errors: ['not_found'],
  example: { params: exampleAddress, body: { name: 'On its way' }, reply: exampleReply },
})

export const removeSavedReply = endpoint({
  method: 'DELETE',
  path: '/v1/saved-replies/:id',
  summary: 'Remove a saved text, or a folder with everything in it.',
  permission: 'conversations.write',
  transaction: 'write',
  params: address,
  errors: ['not_found'],
  example: { params: exampleAddress },
})

export const fillSavedReply = endpoint({
  method: 'GET',
  path: '/v1/saved-replies/:id/filled',
  summary: 'A saved text with its variables filled in.',
  permission: 'conversations.read',
  transaction: 'read',
  params: address.extend({
    conversation: z.string().max(36).optional().describe('The id or number of the conversation it is for.'),
    inbox: id<'inbox'>().optional().describe('Of a conversation that is to begin: where it is written.'),
    to: z.string().max(2_000).optional().describe('Of a conversation that is to begin: whom it is written to.'),
  }),
  reply: z.object({ html: z.string(), uploads: z.array(UploadView) }),
  errors: ['not_found'],
  example: { params: { ...exampleAddress, conversation: '17' }, reply: { html: '<p>Hello Bob</p>', uploads: [] } },
})

export const savedReplyEndpoints = [
  listSavedReplies,
  createSavedReply,
  changeSavedReply,
  removeSavedReply,
  fillSavedReply,
] as const
