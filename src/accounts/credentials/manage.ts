import { randomBytes } from 'node:crypto'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type CredentialId, newId } from '../../lib/ids.ts'
import { sha256 } from '../../lib/secrets.ts'
import { type Actor, actorReference } from '../actor.ts'
import {
  type Credential,
  type CredentialScopes,
  MAX_CREDENTIALS,
  overlapEnd,
  parseNetwork,
  SECRET_BYTES,
  secretOf,
  shownOf,
  USERNAME_BYTES,
  usernameOf,
} from './credential.ts'
import { countCredentials, insertCredential, markCredentialRevoked, replaceSecret, selectCredentials } from './queries.ts'

export interface CredentialRequest extends CredentialScopes {
  readonly name: string
  readonly expiresAt: Date | null
}

/** A credential together with its secret: the one moment in which the secret exists outside of its application. */
export interface Issued extends Credential {
  readonly secret: string
}

export async function listCredentials(db: Db | Tx, actor: Actor): Promise<Credential[]> {
  return await selectCredentials(db, actor.workspaceId, MAX_CREDENTIALS)
}

export async function createCredential(tx: Tx, request: CredentialRequest, actor: Actor, now: Date): Promise<Issued> {
  if (request.expiresAt && request.expiresAt <= now) {
    throw new Refusal('invalid_request', { why: 'The credential would have expired already.', pointer: '/expires_at' })
  }
  refuseStrangeNetworks(request.networks)
  if ((await countCredentials(tx, actor.workspaceId)) >= MAX_CREDENTIALS)
    throw new Refusal('too_many_credentials', { limit: MAX_CREDENTIALS })

  const secret = secretOf(randomBytes(SECRET_BYTES))
  const credential: Credential = {
    id: newId<CredentialId>(now.getTime()),
    name: request.name,
    username: usernameOf(request.name, randomBytes(USERNAME_BYTES)),
    secretPrefix: shownOf(secret),
    previousUntil: null,
    streams: [...new Set(request.streams)],
    fromDomains: [...new Set(request.fromDomains)],
    networks: [...new Set(request.networks)],
    ratePerMinute: request.ratePerMinute,
    sandbox: request.sandbox,
    createdBy: actor.name,
    createdAt: now,
    rotatedAt: null,
    expiresAt: request.expiresAt,
    lastUsedAt: null,
    lastUsedIp: null,
  }
  await insertCredential(tx, actor.workspaceId, { ...credential, hash: sha256(secret) })
  await record(tx, 'credential.created', credential, actor, now)
  return { ...credential, secret }
}

/** A new secret. The one before works for `overlapHours` more, so that applications can be changed one after the other. */
export async function rotateCredential(tx: Tx, id: CredentialId, overlapHours: number, actor: Actor, now: Date): Promise<Issued> {
  const secret = secretOf(randomBytes(SECRET_BYTES))
  const next = { hash: sha256(secret), prefix: shownOf(secret), previousUntil: overlapEnd(overlapHours, now) }
  const credential = await replaceSecret(tx, actor.workspaceId, id, next, now)
  if (!credential) throw new Refusal('not_found', { what: 'credential' })
  await record(tx, 'credential.rotated', credential, actor, now)
  return { ...credential, secret }
}

export async function revokeCredential(tx: Tx, id: CredentialId, actor: Actor, now: Date): Promise<void> {
  const credential = await markCredentialRevoked(tx, actor.workspaceId, id, now)
  if (!credential) throw new Refusal('not_found', { what: 'credential' })
  await record(tx, 'credential.revoked', credential, actor, now)
}

function refuseStrangeNetworks(networks: readonly string[]): void {
  const at = networks.findIndex((network) => parseNetwork(network) === null)
  if (at === -1) return
  throw new Refusal('invalid_request', {
    why: `${JSON.stringify(networks[at]?.slice(0, 60))} is neither an address nor a network; expected something like 192.0.2.7 or 10.0.0.0/8.`,
    pointer: `/networks/${at}`,
  })
}

type Happened = 'credential.created' | 'credential.rotated' | 'credential.revoked'

async function record(tx: Tx, type: Happened, { id, name, username }: Credential, actor: Actor, now: Date): Promise<void> {
  const data = { name, username }
  await append(tx, { type, workspaceId: actor.workspaceId, subjectId: id, actor: actorReference(actor), data }, now)
}
