/** OpenAPI 3.1 of every endpoint, written from the same values that route the requests. Pure: docs/openapi.json is this, committed. */
import { z } from 'zod'
import { type ErrorCode, REFUSALS } from '../errors.ts'
import { download, type Endpoint, errorsOf, nothing } from './endpoint.ts'
import { ENDPOINT_GROUPS } from './endpoints/all.ts'

type Json = Record<string, unknown>

const VERSION = '1.0.0'

export function openApi(): Json {
  const schemas: Record<string, Json> = { Problem: PROBLEM }
  const paths: Record<string, Json> = {}
  for (const { name, endpoints } of ENDPOINT_GROUPS) {
    for (const endpoint of endpoints) {
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
      paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint, name, schemas) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Waybill',
      version: VERSION,
      description:
        'A self-hosted email operations server: every message has a waybill. Send JSON, authenticate with an API key as a bearer token, and read errors by their `code` (RFC 9457). Lists are read page by page: give the `next` of one page as `after` for the following one.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: ENDPOINT_GROUPS.map(({ name }) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer wb_…`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-waybill',
          description: 'The cookie that signing in sets; `waybill_session` where the server is reached over plain http.',
        },
      },
    },
  }
}

function operation(endpoint: Endpoint, tag: string, schemas: Record<string, Json>): Json {
  const parameters = parametersOf(endpoint, schemas)
  return {
    operationId: operationId(endpoint),
    tags: [tag],
    summary: endpoint.summary,
    ...(endpoint.description && { description: endpoint.description }),
    security: endpoint.permission === 'public' ? [] : [{ key: [] }, { session: [] }],
    ...(endpoint.permission !== 'public' && endpoint.permission !== 'signed_in' && { 'x-permission': endpoint.permission }),
    ...(parameters.length > 0 && { parameters }),
    ...(endpoint.body !== nothing && {
      requestBody: {
        required: true,
        content: contentOf(endpoint, schemas),
      },
    }),
    responses: { [endpoint.status]: success(endpoint, schemas), ...failures(errorsOf(endpoint)) },
  }
}

function contentOf(endpoint: Endpoint, schemas: Record<string, Json>): Json {
  if (!endpoint.consumes)
    return { 'application/json': { schema: schemaOf(endpoint.body, schemas), example: endpoint.example.body } }
  const ofType = (example: unknown) => ({ schema: { type: 'string' }, example })
  return Object.fromEntries(endpoint.consumes.map((type) => [type, ofType(endpoint.example.body)]))
}

/** `PUT /v1/messages/:id/cancel` is put_messages_id_cancel: stable as long as the address is. */
function operationId(endpoint: Endpoint): string {
  return `${endpoint.method.toLowerCase()}_${endpoint.path
    .replace('/v1/', '')
    .replace(/[:{}]/g, '')
    .replace(/[^a-z0-9]+/gi, '_')}`
}

function parametersOf(endpoint: Endpoint, schemas: Record<string, Json>): Json[] {
  const { properties = {}, required = [] } = schemaOf(endpoint.params, schemas) as {
    properties?: Record<string, Json>
    required?: string[]
  }
  const inPath = new Set([...endpoint.path.matchAll(/:(\w+)/g)].map((match) => match[1]))
  const parameters: Json[] = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: inPath.has(name) ? 'path' : 'query',
    required: inPath.has(name) || required.includes(name),
    ...(description !== undefined && { description }),
    schema,
    ...(endpoint.example.params?.[name] !== undefined && { example: endpoint.example.params[name] }),
  }))
  if (endpoint.idempotent) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Any text of up to 256 characters of your own, new for each message. Repeating the request with it gives the first answer and sends nothing.',
      schema: { type: 'string', minLength: 1, maxLength: 256 },
    })
  }
  return parameters
}

function success(endpoint: Endpoint, schemas: Record<string, Json>): Json {
  const description = { 200: 'Done.', 201: 'Made.', 202: 'Taken: stored durably.', 204: 'Done; there is nothing to say.' }[
    endpoint.status
  ]
  if (endpoint.reply === nothing) return { description }
  const schema = endpoint.reply === download ? { type: 'string' } : schemaOf(endpoint.reply, schemas)
  const example = endpoint.example.reply === undefined ? {} : { example: endpoint.example.reply }
  return { description, content: { [endpoint.produces ?? 'application/json']: { schema, ...example } } }
}

function failures(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) byStatus.set(REFUSALS[code].status, [...(byStatus.get(REFUSALS[code].status) ?? []), code])
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      {
        description: all.map((code) => `\`${code}\`: ${REFUSALS[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

/** The form that travels. Schemas with an id become components, each written once. */
function schemaOf(schema: z.ZodType, schemas: Record<string, Json>): Json {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, { io: 'input', override: tidy }) as Json & { $defs?: Record<string, Json> }
  for (const [name, definition] of Object.entries($defs)) schemas[name] = toComponent(definition)
  return toComponent(rest)
}

function toComponent({ id: _, ...definition }: Json): Json {
  return JSON.parse(JSON.stringify(definition).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
}

/** zod spells out what a format already says. */
function tidy({ jsonSchema }: { jsonSchema: Json }): void {
  if (jsonSchema.format !== undefined || jsonSchema.type === 'integer') delete jsonSchema.pattern
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
}

const PROBLEM: Json = {
  type: 'object',
  description: 'Why a request was refused (RFC 9457).',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'What programs branch on.', enum: Object.keys(REFUSALS) },
    detail: { type: 'string', description: 'A sentence for people.' },
    pointer: { type: 'string', description: 'JSON pointer to the field of the body that is wrong.' },
    errors: {
      type: 'array',
      description: 'Each wrong field, where several are.',
      items: {
        type: 'object',
        required: ['detail'],
        properties: { pointer: { type: 'string' }, parameter: { type: 'string' }, detail: { type: 'string' } },
      },
    },
    limit: { type: 'integer', description: 'The limit that was passed.' },
    retry_after: { type: 'integer', description: 'Seconds, as in the header Retry-After.' },
    reference: { type: 'string', description: 'Of a fault of the server: the same stands in its log.' },
  },
}
