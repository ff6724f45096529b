import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { hashOf } from '../gateway/request-hash.ts'
import { underKey } from '../gateway/under-key.ts'
import { isId } from '../lib/ids.ts'
import { createTokenBuckets } from '../lib/token-bucket.ts'
import type { Json } from '../workflows/definition/graph.ts'
import { refuseLong } from '../workflows/start-run.ts'
import type { WorkflowId } from '../workflows/steps/step.ts'
import { ADDRESS_PATH, type Address, findCalled, isAddress, takeCall } from '../workflows/triggers/addresses.ts'
import { createBodyBudgets, takeBytes } from './body.ts'
import type { ServerDeps } from './deps.ts'
import { parseJson, refuseUnsafe } from './json.ts'

/** Of one address. */
const LIMITS = { perSecond: 20, burst: 200, keys: 10_000 }
/** As it comes; as JSON it may have as many characters as the payload of an event. */
const MAX_BODY_BYTES = 64 * 1024
const MAX_QUERY = 50
const PATH = `${ADDRESS_PATH}:workflow/:node/:secret`
const KEY = /^[\x21-\x7e]{1,150}$/

type Params = { readonly workflow: string; readonly node: string; readonly secret: string }

/** Where other programs begin workflows: outside of /v1, without a sign-in. The answer means that it is written down; whether a run begins, its workflow says. */
export async function serveWorkflowIn(
  fastify: FastifyInstance,
  deps: Pick<ServerDeps, 'database' | 'secrets' | 'clock' | 'wake'>,
): Promise<void> {
  const { database, secrets, clock } = deps
  const budgets = createBodyBudgets()
  const buckets = createTokenBuckets(LIMITS)
  await fastify.register(async (scope) => {
    takeBytes(scope, budgets, MAX_BODY_BYTES)
    // Whoever follows a link begins nothing.
    scope.route({
      method: ['GET', 'HEAD'],
      url: PATH,
      handler: async ({ method }, reply) => {
        reply.header('allow', 'POST')
        throw new Refusal('method_not_allowed', { method, allowed: 'POST' })
      },
    })
    scope.post<{ Params: Params }>(PATH, {
      // Before the body is read, and without the database: whoever does not know the address costs nothing.
      onRequest: async (request) => admit(addressOf(request.params)),
      handler: async (request, reply) => {
        const address = addressOf(request.params)
        const contentType = typeOf(request)
        const call = { payload: payloadOf(request, contentType), query: queryOf(request), contentType }
        refuseLong({ ...call }, '')
        const { workspaceId } = await findCalled(database.db, address)
        const now = clock.now()
        const keyed = { workspaceId, key: keyOf(request, address), requestHash: hashOf(call) }
        await database.transaction({ as: 'api', workspaceId }, async (tx) => {
          await underKey(
            tx,
            keyed,
            async () => {
              await takeCall(tx, workspaceId, address, call, now)
              return {}
            },
            now,
          )
        })
        deps.wake('log')
        return reply.code(202).header('cache-control', 'no-store').send({ accepted: true })
      },
    })
  })

  function admit(address: Address): void {
    if (!isId(address.workflowId) || !isAddress(secrets, address)) throw new Refusal('not_found', { what: 'web address' })
    const waitMs = buckets.take(`${address.workflowId}:${address.node}`, clock.monotonicMs())
    if (waitMs > 0) throw new Refusal('too_busy', { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
  }
}

function addressOf({ workflow, node, secret }: Params): Address {
  return { workflowId: workflow as WorkflowId, node, secret }
}

function typeOf(request: FastifyRequest): string | null {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase().slice(0, 100) || null
}

/** JSON as what it is, a form by its fields, a text as a text; what says nothing of itself is read as JSON. */
function payloadOf({ body }: FastifyRequest, contentType: string | null): Json {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
  if (bytes.length === 0) return {}
  if (contentType === null || contentType === 'application/json' || contentType.endsWith('+json')) return parseJson(bytes) as Json
  const text = bytes.toString('utf8').toWellFormed()
  const payload = contentType === 'application/x-www-form-urlencoded' ? fieldsOf(new URLSearchParams(text)) : text
  if (typeof payload === 'string' && !contentType.startsWith('text/'))
    throw new Refusal('invalid_request', {
      why: `A body of the type ${contentType.replaceAll(/[^\x20-\x7e]/g, '?')} is not read here: send JSON, a form, or text.`,
    })
  refuseUnsafe(payload, '')
  return payload
}

/** What comes several times is a list. */
function fieldsOf(given: URLSearchParams): Record<string, Json> {
  const names = [...new Set(given.keys())]
  return Object.fromEntries(
    names.map((name) => {
      const all = given.getAll(name)
      return [name, all.length === 1 ? (all[0] ?? '') : all]
    }),
  )
}

function queryOf(request: FastifyRequest): Record<string, string> {
  const given = [...new URL(request.url, 'http://localhost').searchParams].slice(0, MAX_QUERY)
  const query = Object.fromEntries(given)
  refuseUnsafe(query, '')
  return query
}

/** Whoever sends the same again says so in one of these: it is taken once. */
function keyOf(request: FastifyRequest, { workflowId, node }: Address): string | null {
  const key = request.headers['idempotency-key'] ?? request.headers['webhook-id']
  return typeof key === 'string' && KEY.test(key) ? `workflow:${workflowId}:${node}:${key}` : null
}
