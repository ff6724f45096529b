import type { ApiKey } from '../../accounts/api-key.ts'
import { createApiKey as create, listApiKeys as list, revokeApiKey as revoke } from '../../accounts/api-keys.ts'
import { type ApiKey as ApiKeyOnWire, createApiKey, listApiKeys, revokeApiKey } from '../endpoints/keys.ts'
import { type Route, route } from '../route.ts'

export function keyRoutes(): Route[] {
  return [
    route(listApiKeys, async ({ tx, actor }) => ({ items: (await list(tx, actor)).map(toWire), next: null })),
    route(createApiKey, async ({ tx, body, actor, now }) => {
      const { key, ...made } = await create(tx, { ...body, expiresAt: body.expires_at ?? null }, actor, now)
      return { ...toWire(made), key }
    }),
    route(revokeApiKey, async ({ tx, params, actor, now }) => revoke(tx, params.id, actor, now)),
  ]
}

function toWire({ id, name, prefix, scopes, createdAt, createdBy, lastUsedAt, expiresAt }: ApiKey): ApiKeyOnWire {
  return {
    id,
    name,
    prefix,
    scopes: [...scopes],
    created_at: createdAt,
    created_by: createdBy,
    last_used_at: lastUsedAt,
    expires_at: expiresAt,
  }
}
