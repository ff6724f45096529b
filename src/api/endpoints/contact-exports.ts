import { z } from 'zod'
import { download, endpoint } from '../endpoint.ts'
import { contactFilter } from './contacts.ts'
import { id, isoDate } from './shapes.ts'

const Scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('list'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('segment'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('filter'), ...contactFilter }).describe('As the list of contacts narrows them down.'),
  z.strictObject({ kind: z.literal('contacts'), ids: z.array(z.uuid()).min(1).max(10_000) }),
])
export const ContactExport = z
  .object({
    id: id<'contact_export'>(),
    format: z.enum(['csv', 'jsonl']),
    scope: Scope,
    state: z.enum(['running', 'done', 'failed']),
    rows: z.int(),
    bytes: z.int(),
    problem: z.string(),
    created_at: isoDate,
    finished_at: isoDate.nullable(),
  })
  .meta({ id: 'ContactExport' })
export type ContactExport = z.output<typeof ContactExport>

const example = {
  id: '0193e0a0-bbbb-7abc-9def-0123456789ab',
  format: 'csv',
  scope: { kind: 'list', id: '0193e0a0-7777-7abc-9def-0123456789ab' },
  state: 'done',
  rows: 2_100,
  bytes: 312_004,
  problem: '',
  created_at: '2026-11-21T12:00:00.000Z',
  finished_at: '2026-11-21T12:00:01.000Z',
}
const byId = z.strictObject({ id: id<'contact_export'>() })

export const startContactExport = endpoint({
  method: 'POST',
  path: '/v1/contact-exports',
  summary: 'Write contacts to a file: all, those of a list or a segment, or chosen ones.',
  description:
    'CSV whose cells no spreadsheet takes for formulas, or JSON lines, with fields, tags and where they stand with lists.',
  permission: 'audience.manage',
  transaction: 'write',
  body: z.strictObject({ format: z.enum(['csv', 'jsonl']), scope: Scope }),
  reply: ContactExport,
  status: 202,
  errors: ['not_found'],
  example: { body: { format: 'csv', scope: example.scope }, reply: { ...example, state: 'running', finished_at: null } },
})
export const listContactExports = endpoint({
  method: 'GET',
  path: '/v1/contact-exports',
  summary: 'Exports of contacts, newest first: the last 100. They are kept for a week.',
  permission: 'audience.manage',
  transaction: 'read',
  reply: z.object({ items: z.array(ContactExport) }),
  example: { reply: { items: [example] } },
})
export const getContactExport = endpoint({
  method: 'GET',
  path: '/v1/contact-exports/:id',
  summary: 'How an export stands.',
  permission: 'audience.manage',
  transaction: 'read',
  params: byId,
  reply: ContactExport,
  errors: ['not_found'],
  example: { params: { id: example.id }, reply: example },
})
export const downloadContactExport = endpoint({
  method: 'GET',
  path: '/v1/contact-exports/:id/file',
  summary: 'The file of an export that is done.',
  permission: 'audience.manage',
  transaction: 'none',
  params: byId,
  reply: download,
  produces: 'application/octet-stream',
  errors: ['not_found', 'wrong_state'],
  example: { params: { id: example.id } },
})

export const contactExportEndpoints = [startContactExport, listContactExports, getContactExport, downloadContactExport] as const
