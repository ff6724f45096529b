import { z } from 'zod'
import { KEY_SCOPES } from '../../accounts/actor.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

export const KeyScope = z.enum(KEY_SCOPES)

export const ApiKey = z
  .object({
    id: id<'api_key'>(),
    name: z.string(),
    prefix: z.string().describe('Its first characters, to recognise it by.'),
    scopes: z.array(KeyScope),
    created_at: isoDate,
    created_by: z.string().nullable(),
    last_used_at: isoDate.nullable().describe('To the minute.'),
    expires_at: isoDate.nullable(),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.output<typeof ApiKey>

const exampleKey = {
  id: '0193e0a0-2222-7abc-9def-0123456789ab',
  name: 'Shop backend',
  prefix: 'wb_7Kq2',
  scopes: ['send'],
  created_at: '2026-11-21T09:00:00.000Z',
  created_by: 'Ann',
  last_used_at: null,
  expires_at: null,
}

export const listApiKeys = endpoint({
  method: 'GET',
  path: '/v1/api-keys',
  summary: 'The API keys of the workspace, newest first.',
  permission: 'keys.manage',
  transaction: 'read',
  reply: z.object({ items: z.array(ApiKey), next: z.null() }),
  example: { reply: { items: [exampleKey], next: null } },
})
export const createApiKey = endpoint({
  method: 'POST',
  path: '/v1/api-keys',
  summary: 'Make an API key. The answer is the only place where it is ever shown.',
  description:
    '`send` may send and read deliveries, `read` may look at deliveries and routes, `full` may do everything. Nobody can give a key more than they may do themselves.',
  permission: 'keys.manage',
  transaction: 'write',
  body: z.strictObject({
    name: line(1, 100),
    scopes: z.array(KeyScope).min(1).max(KEY_SCOPES.length),
    expires_at: isoDate.optional(),
  }),
  reply: ApiKey.extend({ key: z.string() }),
  status: 201,
  errors: ['too_many_keys'],
  example: {
    body: { name: 'Shop backend', scopes: ['send'] },
    reply: { ...exampleKey, key: 'wb_7Kq2mWcX9bTz4RfL8nHv3PyD6sGj1AeUoQ5iNkVrB0x' },
  },
})
export const revokeApiKey = endpoint({
  method: 'DELETE',
  path: '/v1/api-keys/:id',
  summary: 'Revoke an API key, at once and for good.',
  permission: 'keys.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'api_key'>() }),
  errors: ['not_found'],
  example: { params: { id: exampleKey.id } },
})

export const keyEndpoints = [listApiKeys, createApiKey, revokeApiKey] as const
