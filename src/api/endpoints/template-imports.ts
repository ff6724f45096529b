import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id } from './shapes.ts'

export const ImportedTemplates = z
  .object({
    source: z.enum(['keila', 'listmonk']),
    templates: z.array(
      z.object({
        id: id<'template'>().nullable().describe('Null where it was only tried.'),
        name: z.string(),
        format: z.string(),
        notes: z.array(z.string()).describe('What could not be carried over.'),
      }),
    ),
    passed_over: z.array(z.string()).describe('Those that are none of mail for many, or empty.'),
  })
  .meta({ id: 'ImportedTemplates' })
export type ImportedTemplates = z.output<typeof ImportedTemplates>

export const importTemplates = endpoint({
  method: 'POST',
  path: '/v1/templates/from-elsewhere',
  summary: 'Bring templates of Keila or listmonk, in the language of ours.',
  description:
    '`answer` is what their `GET /api/v1/templates` or `GET /api/templates` answers. What has no equivalent here is taken out and named.',
  permission: 'campaigns.manage',
  transaction: 'write',
  maxBodyBytes: 32 * 1024 * 1024,
  body: z.strictObject({ answer: z.unknown(), only_try: z.boolean().optional().describe('Nothing is kept.') }),
  reply: ImportedTemplates,
  errors: ['import_refused', 'too_many_templates'],
  example: {
    body: {
      answer: {
        data: [{ id: 1, name: 'Default', type: 'campaign', body: '<h1>{{ .Campaign.Subject }}</h1>{{ template "content" . }}' }],
      },
    },
    reply: {
      source: 'listmonk',
      templates: [{ id: '0193e0a0-5555-7abc-9def-0123456789ab', name: 'Default', format: 'html', notes: [] }],
      passed_over: [],
    },
  },
})

export const templateImportEndpoints = [importTemplates] as const
