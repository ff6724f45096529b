import { z } from 'zod'
import { FIELD_TYPES } from '../../helpdesk/triage/custom-field.ts'
import { COLORS } from '../../helpdesk/triage/tag.ts'
import { endpoint } from '../endpoint.ts'
import { flagInUrl, id, line } from './shapes.ts'
import { exampleField, exampleLabel, FieldDefinition, Label } from './triage.ts'

const reading = { permission: 'conversations.read', transaction: 'read' } as const
const managing = { permission: 'inboxes.manage', transaction: 'write' } as const
const color = z.enum(COLORS)
const allOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.null() })

export const listStatusLabels = endpoint({
  method: 'GET',
  path: '/v1/status-labels',
  summary: 'Labels: names for shades of a status.',
  ...reading,
  reply: allOf(Label),
  example: { reply: { items: [exampleLabel], next: null } },
})
const labelParams = z.strictObject({ id: id<'status_label'>() })
const exampleLabelParams = { id: exampleLabel.id }
export const createStatusLabel = endpoint({
  method: 'POST',
  path: '/v1/status-labels',
  summary: 'Add a label to a status.',
  ...managing,
  body: z.strictObject({ name: line(1, 50), status: Label.shape.status, color: color.default('grey') }),
  reply: Label,
  status: 201,
  errors: ['setting_name_taken', 'too_many_of_these'],
  example: { body: { name: 'Waiting for parts', status: 'pending', color: 'yellow' }, reply: exampleLabel },
})
export const changeStatusLabel = endpoint({
  method: 'PATCH',
  path: '/v1/status-labels/:id',
  summary: 'Rename or recolour a label. Its status stays.',
  ...managing,
  params: labelParams,
  body: z.strictObject({ name: line(1, 50), color }).partial(),
  reply: Label,
  errors: ['not_found', 'setting_name_taken'],
  example: { params: exampleLabelParams, body: { name: 'Waiting' }, reply: { ...exampleLabel, name: 'Waiting' } },
})
export const removeStatusLabel = endpoint({
  method: 'DELETE',
  path: '/v1/status-labels/:id',
  summary: 'Remove a label. Conversations keep their status.',
  ...managing,
  params: labelParams,
  errors: ['not_found'],
  example: { params: exampleLabelParams },
})
export const orderStatusLabels = endpoint({
  method: 'PUT',
  path: '/v1/status-labels',
  summary: 'Put the labels in order.',
  ...managing,
  body: z.strictObject({ ids: z.array(id<'status_label'>()).max(100) }),
  reply: allOf(Label),
  example: { body: { ids: [exampleLabel.id] }, reply: { items: [exampleLabel], next: null } },
})

export const listCustomFields = endpoint({
  method: 'GET',
  path: '/v1/custom-fields',
  summary: 'Fields that conversations have beside the usual ones.',
  ...reading,
  reply: allOf(FieldDefinition),
  example: { reply: { items: [exampleField], next: null } },
})
const fieldParams = z.strictObject({ id: id<'custom_field'>() })
const exampleFieldParams = { id: exampleField.id }
const fieldBody = {
  inbox_id: id<'inbox'>().nullable().describe('Null: of every inbox.'),
  name: line(1, 100),
  options: z.array(line(1, 200)).max(200).describe('Of `choice` and `choices`.'),
  is_required: z.boolean().describe('Before a conversation is closed.'),
  in_list: z.boolean(),
}
export const createCustomField = endpoint({
  method: 'POST',
  path: '/v1/custom-fields',
  summary: 'Add a field to the conversations of an inbox, or of every inbox.',
  ...managing,
  body: z.strictObject({
    type: z.enum(FIELD_TYPES),
    name: fieldBody.name,
    inbox_id: fieldBody.inbox_id.default(null),
    options: fieldBody.options.default([]),
    is_required: fieldBody.is_required.default(false),
    in_list: fieldBody.in_list.default(false),
  }),
  reply: FieldDefinition,
  status: 201,
  errors: ['not_found', 'setting_name_taken', 'too_many_of_these'],
  example: {
    body: { type: 'text', name: 'Order', inbox_id: null, options: [], is_required: true, in_list: false },
    reply: exampleField,
  },
})
export const changeCustomField = endpoint({
  method: 'PATCH',
  path: '/v1/custom-fields/:id',
  summary: 'Change a field. Its type stays.',
  ...managing,
  params: fieldParams,
  body: z.strictObject(fieldBody).partial(),
  reply: FieldDefinition,
  errors: ['not_found', 'setting_name_taken'],
  example: { params: exampleFieldParams, body: { is_required: true }, reply: exampleField },
})
export const removeCustomField = endpoint({
  method: 'DELETE',
  path: '/v1/custom-fields/:id',
  summary: 'Remove a field, and what stands in it.',
  ...managing,
  params: fieldParams,
  errors: ['not_found'],
  example: { params: exampleFieldParams },
})
export const orderCustomFields = endpoint({
  method: 'PUT',
  path: '/v1/custom-fields',
  summary: 'Put the fields in order.',
  ...managing,
  body: z.strictObject({ ids: z.array(id<'custom_field'>()).max(200) }),
  reply: allOf(FieldDefinition),
  example: { body: { ids: [exampleField.id] }, reply: { items: [exampleField], next: null } },
})

export const TagView = z
  .object({ name: z.string(), color: z.string(), conversations: z.int().describe('Counted up to 1000; 0 when not asked for.') })
  .meta({ id: 'Tag' })
export type TagView = z.output<typeof TagView>
const exampleTag = { name: 'vip', color: 'violet', conversations: 12 }

export const listTags = endpoint({
  method: 'GET',
  path: '/v1/tags',
  summary: 'The tags that conversations have or may have.',
  ...reading,
  params: z.strictObject({ counted: flagInUrl.optional().describe('`1`: with how many conversations have each.') }),
  reply: allOf(TagView),
  example: { reply: { items: [exampleTag], next: null } },
})
const tagParams = z.strictObject({ name: z.string().min(1).max(50) })
export const createTag = endpoint({
  method: 'POST',
  path: '/v1/tags',
  summary: 'Add a tag. One that is used for the first time is added by that.',
  ...managing,
  body: z.strictObject({ name: line(1, 60), color: color.default('grey') }),
  reply: TagView,
  status: 201,
  errors: ['setting_name_taken'],
  example: { body: { name: 'vip', color: 'violet' }, reply: { ...exampleTag, conversations: 0 } },
})
export const changeTag = endpoint({
  method: 'PATCH',
  path: '/v1/tags/:name',
  summary: 'Rename or recolour a tag in every conversation. The name of another tag makes one of both.',
  ...managing,
  params: tagParams,
  body: z.strictObject({ name: line(1, 60), color }).partial(),
  reply: TagView,
  errors: ['not_found'],
  example: { params: { name: 'vip' }, body: { color: 'violet' }, reply: { ...exampleTag, conversations: 0 } },
})
export const removeTag = endpoint({
  method: 'DELETE',
  path: '/v1/tags/:name',
  summary: 'Take a tag off every conversation.',
  ...managing,
  params: tagParams,
  errors: ['not_found'],
  example: { params: { name: 'vip' } },
})

export const triageSettingEndpoints = [
  listStatusLabels,
  createStatusLabel,
  changeStatusLabel,
  removeStatusLabel,
  orderStatusLabels,
  listCustomFields,
  createCustomField,
  changeCustomField,
  removeCustomField,
  orderCustomFields,
  listTags,
  createTag,
  changeTag,
  removeTag,
] as const
