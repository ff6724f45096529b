import { z } from 'zod'
import { CONTENT_FORMATS, MAX_BODY } from '../../templates/content.ts'
import { SLOT_KINDS } from '../../templates/slots.ts'
import { endpoint } from '../endpoint.ts'
import { ContentPreview } from './content.ts'
import { BlockDocument, ContentFields, MAX_CONTENT_BYTES, slotValues } from './content-shapes.ts'
import { id, isoDate, line } from './shapes.ts'

const said = {
  name: line(1, 200),
  description: line(0, 1_000),
  format: z.enum(CONTENT_FORMATS),
  body: z
    .string()
    .max(MAX_BODY)
    .describe('With slots: `{% slot name %}what stands there until it is filled{% endslot %}`. Of all formats but `blocks`.'),
  blocks: BlockDocument.nullable().describe('Of the format `blocks`, where slots are blocks.'),
  fields: ContentFields,
}

export const Template = z
  .object({
    id: id<'template'>(),
    version: z.int(),
    ...said,
    slots: z.array(z.object({ name: z.string(), kind: z.enum(SLOT_KINDS), text: z.string() })),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Template' })
export type Template = z.output<typeof Template>

const ID = '0193e0a0-5555-7abc-9def-0123456789ab'
const exampleTemplate = {
  id: ID,
  version: 1,
  name: 'Plain letter',
  description: 'Words and nothing else.',
  format: 'html' as const,
  body: '<h1>{% slot title line %}News{% endslot %}</h1>{% slot content %}Write here.{% endslot %}',
  blocks: null,
  fields: [],
  slots: [
    { name: 'title', kind: 'line' as const, text: 'News' },
    { name: 'content', kind: 'markdown' as const, text: 'Write here.' },
  ],
  created_at: '2026-11-22T10:00:00.000Z',
  updated_at: '2026-11-22T10:00:00.000Z',
}
const byId = z.strictObject({ id: id<'template'>() })

export const listTemplates = endpoint({
  method: 'GET',
  path: '/v1/templates',
  summary: 'Templates, by name.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Template.omit({ body: true, blocks: true, fields: true })), next: z.null() }),
  example: {
    reply: {
      items: [
        {
          id: ID,
          version: 1,
          name: 'Plain letter',
          description: 'Words and nothing else.',
          format: 'html',
          slots: exampleTemplate.slots,
          created_at: exampleTemplate.created_at,
          updated_at: exampleTemplate.updated_at,
        },
      ],
      next: null,
    },
  },
})
export const getTemplate = endpoint({
  method: 'GET',
  path: '/v1/templates/:id',
  summary: 'One template.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: Template,
  errors: ['not_found'],
  example: { params: { id: ID }, reply: exampleTemplate },
})
export const createTemplate = endpoint({
  method: 'POST',
  path: '/v1/templates',
  summary: 'Make a template: of what you write, of one of ours, or of another one.',
  permission: 'campaigns.manage',
  transaction: 'write',
  maxBodyBytes: MAX_CONTENT_BYTES,
  body: z
    .strictObject({
      ...said,
      ready: z.string().max(40).describe('One of `GET /v1/ready-templates`, to begin with.'),
      copy_of: id<'template'>().describe('Another template, to begin with.'),
    })
    .partial(),
  reply: Template,
  status: 201,
  errors: ['not_found', 'too_many_templates'],
  example: { body: { ready: 'letter', name: 'Plain letter' }, reply: exampleTemplate },
})
export const changeTemplate = endpoint({
  method: 'PATCH',
  path: '/v1/templates/:id',
  summary: 'Change a template. Drafts that use it follow; what was started does not.',
  permission: 'campaigns.manage',
  transaction: 'write',
  maxBodyBytes: MAX_CONTENT_BYTES,
  params: byId,
  body: z
    .strictObject({ ...said, version: z.int().describe('As it was read: a change in between is not overwritten.') })
    .partial(),
  reply: Template,
  errors: ['not_found', 'changed_meanwhile'],
  example: { params: { id: ID }, body: { name: 'Plain letter', version: 1 }, reply: exampleTemplate },
})
export const removeTemplate = endpoint({
  method: 'DELETE',
  path: '/v1/templates/:id',
  summary: 'Remove a template that no draft uses.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found', 'in_use'],
  example: { params: { id: ID } },
})
export const previewTemplate = endpoint({
  method: 'POST',
  path: '/v1/templates/preview',
  summary: 'How a template looks, saved or not.',
  permission: 'campaigns.manage',
  transaction: 'none',
  maxBodyBytes: MAX_CONTENT_BYTES,
  body: z.strictObject({
    format: said.format,
    body: said.body,
    blocks: said.blocks,
    fields: said.fields,
    slots: slotValues.optional(),
    contact_id: id<'contact'>().nullable().optional(),
  }),
  reply: ContentPreview,
  errors: ['not_found'],
  example: {
    body: { format: 'html', body: '<p>{% slot content %}Write here.{% endslot %}</p>', blocks: null, fields: [] },
    reply: {
      reader: { contact_id: null, name: 'Ann Smith', address: 'ann@example.org' },
      problems: [],
      sentence: null,
      texts: { to_name: '', subject: '', html: '<p><p>Write here.</p></p>', text: 'Write here.\n', html_bytes: 25 },
      paths: [],
    },
  },
})
export const listReadyTemplates = endpoint({
  method: 'GET',
  path: '/v1/ready-templates',
  summary: 'Templates to begin with.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({
    items: z.array(z.object({ key: z.string(), name: z.string(), description: z.string(), format: z.enum(CONTENT_FORMATS) })),
    next: z.null(),
  }),
  example: {
    reply: {
      items: [{ key: 'letter', name: 'Plain letter', description: 'Words and nothing else.', format: 'html' }],
      next: null,
    },
  },
})

export const templateEndpoints = [
  listTemplates,
  createTemplate,
  getTemplate,
  changeTemplate,
  removeTemplate,
  previewTemplate,
  listReadyTemplates,
] as const
