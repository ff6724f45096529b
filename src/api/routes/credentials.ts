import type { Credential } from '../../accounts/credentials/credential.ts'
import {
  createCredential as create,
  listCredentials as list,
  revokeCredential as revoke,
  rotateCredential as rotate,
} from '../../accounts/credentials/manage.ts'
import { ENGINE } from '../../db/database.ts'
import type { ServerDeps } from '../deps.ts'
import {
  type Credential as CredentialOnWire,
  createCredential,
  listCredentials,
  revokeCredential,
  rotateCredential,
} from '../endpoints/credentials.ts'
import { type Route, route } from '../route.ts'

const OVERLAP_HOURS = 24

export function credentialRoutes({ database, smtp }: ServerDeps): Route[] {
  return [
    route(listCredentials, async ({ tx, actor }) => ({ items: (await list(tx, actor)).map(toWire), next: null, server: smtp })),
    route(createCredential, async ({ tx, body, actor, now }) => {
      const { secret, ...made } = await create(
        tx,
        {
          name: body.name,
          streams: body.streams ?? ['transactional'],
          fromDomains: body.from_domains ?? [],
          networks: body.networks ?? [],
          ratePerMinute: body.rate_per_minute ?? null,
          sandbox: body.sandbox ?? false,
          expiresAt: body.expires_at ?? null,
        },
        actor,
        now,
      )
      return { ...toWire(made), password: secret }
    }),
    // The role of the API cannot read hashes, not even to move one: this is the engine's work, for the workspace of whoever asks.
    route(rotateCredential, async ({ params, body, actor, now }) => {
      const hours = body.overlap_hours ?? OVERLAP_HOURS
      const { secret, ...made } = await database.transaction(ENGINE, (tx) => rotate(tx, params.id, hours, actor, now))
      return { ...toWire(made), password: secret }
    }),
    route(revokeCredential, async ({ tx, params, actor, now }) => revoke(tx, params.id, actor, now)),
  ]
}

function toWire(credential: Credential): CredentialOnWire {
  return {
    id: credential.id,
    name: credential.name,
    username: credential.username,
    secret_prefix: credential.secretPrefix,
    previous_until: credential.previousUntil,
    streams: [...credential.streams] as CredentialOnWire['streams'],
    from_domains: [...credential.fromDomains],
    networks: [...credential.networks],
    rate_per_minute: credential.ratePerMinute,
    sandbox: credential.sandbox,
    created_at: credential.createdAt,
    created_by: credential.createdBy,
    rotated_at: credential.rotatedAt,
    expires_at: credential.expiresAt,
    last_used_at: credential.lastUsedAt,
    last_used_ip: credential.lastUsedIp,
  }
}
