import { randomBytes } from 'node:crypto'
import type { Db, Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { type ApiKeyId, newId } from '../lib/ids.ts'
import { sha256 } from '../lib/secrets.ts'
import { type Actor, actorReference, can, type KeyScope, permissionsOfScopes } from './actor.ts'
import { type ApiKey, KEY_BYTES, keyOf, MAX_KEYS, prefixOf } from './api-key.ts'
import { apiKeysOf, countApiKeys, insertApiKey, markRevoked } from './queries.ts'

export async function listApiKeys(db: Db | Tx, actor: Actor): Promise<ApiKey[]> {
  return await apiKeysOf(db, actor.workspaceId, MAX_KEYS)
}

export interface KeyRequest {
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly expiresAt: Date | null
}

/** The one moment in which the key itself exists outside of its bearer's hands. */
export async function createApiKey(
  tx: Tx,
  request: KeyRequest,
  actor: Actor,
  now: Date,
): Promise<ApiKey & { readonly key: string }> {
  const beyond = permissionsOfScopes(request.scopes).find((permission) => !can(actor, permission))
  if (beyond) throw new Refusal('forbidden', { permission: beyond })
  if (request.expiresAt && request.expiresAt <= now) {
    throw new Refusal('invalid_request', { why: 'The key would have expired already.', pointer: '/expires_at' })
  }
  if ((await countApiKeys(tx, actor.workspaceId)) >= MAX_KEYS) throw new Refusal('too_many_keys', { limit: MAX_KEYS })

  const key = keyOf(randomBytes(KEY_BYTES))
  const stored: ApiKey = {
    id: newId<ApiKeyId>(),
    name: request.name,
    prefix: prefixOf(key),
    scopes: [...new Set(request.scopes)],
    createdBy: actor.name,
    createdAt: now,
    lastUsedAt: null,
    expiresAt: request.expiresAt,
  }
  await insertApiKey(tx, { ...stored, workspaceId: actor.workspaceId, hash: sha256(key), source: 'person' })
  await record(tx, 'api_key.created', stored, actor, now)
  return { ...stored, key }
}

export async function revokeApiKey(tx: Tx, id: ApiKeyId, actor: Actor, now: Date): Promise<void> {
  const key = await markRevoked(tx, actor.workspaceId, id, now)
  if (!key) throw new Refusal('not_found', { what: 'API key' })
  await record(tx, 'api_key.revoked', key, actor, now)
}

async function record(tx: Tx, type: 'api_key.created' | 'api_key.revoked', key: ApiKey, actor: Actor, now: Date): Promise<void> {
  const data = { name: key.name, prefix: key.prefix, scopes: key.scopes }
  await append(tx, { type, workspaceId: actor.workspaceId, subjectId: key.id, actor: actorReference(actor), data }, now)
}
