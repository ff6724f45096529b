import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { newId, type UserId, type WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { whyNotUrl } from '../../webhooks/url.ts'
import { base64url, newEphemeral, newPushKeys, type PushKeys } from './encrypt.ts'
import {
  countSubscriptions,
  deleteSubscription,
  insertKeys,
  type PushSubscription,
  type PushSubscriptionId,
  selectKeys,
  upsertSubscription,
} from './queries.ts'

export { type PushSubscription, type PushSubscriptionId, selectSubscriptions as listSubscriptions } from './queries.ts'

const SEALED_FOR = 'push-key'
export const MAX_BROWSERS = 20

/** The pair by which push services know this server; made when it is asked for the first time. */
export async function pushKeysOf(database: Database, secrets: Secrets, now: Date): Promise<PushKeys> {
  const found = await selectKeys(database.db)
  if (found) return opened(found, secrets)
  const made = newPushKeys()
  return await database.transaction(ENGINE, async (tx) => {
    const privateKey = secrets.seal(base64url(made.privateKey), SEALED_FOR)
    await insertKeys(tx, { publicKey: Buffer.from(made.publicKey), privateKey }, now)
    const kept = await selectKeys(tx)
    return kept ? opened(kept, secrets) : made
  })
}

function opened({ publicKey, privateKey }: { publicKey: Uint8Array; privateKey: Uint8Array }, secrets: Secrets): PushKeys {
  return { publicKey, privateKey: Buffer.from(secrets.open(privateKey, SEALED_FOR), 'base64url') }
}

export interface NewSubscription {
  readonly endpoint: string
  /** As the browser gives them: base64url. */
  readonly p256dh: string
  readonly auth: string
  readonly browser: string
}

export async function subscribe(
  tx: Tx,
  who: { readonly workspaceId: WorkspaceId; readonly userId: UserId },
  given: NewSubscription,
  allowPrivate: boolean,
  now: Date,
): Promise<PushSubscription> {
  const why = whyNotUrl(given.endpoint, allowPrivate)
  if (why !== null)
    throw new Refusal('invalid_request', { why: `The browser's address cannot be used: ${why}.`, pointer: '/endpoint' })
  const [p256dh, auth] = [Buffer.from(given.p256dh, 'base64url'), Buffer.from(given.auth, 'base64url')]
  if (!isPoint(p256dh))
    throw new Refusal('invalid_request', { why: 'This is not the public key of a browser.', pointer: '/p256dh' })
  if (auth.length !== 16) throw new Refusal('invalid_request', { why: 'This is not the secret of a browser.', pointer: '/auth' })
  if ((await countSubscriptions(tx, who.workspaceId, who.userId)) >= MAX_BROWSERS)
    throw new Refusal('invalid_request', { why: `You are told in ${MAX_BROWSERS} browsers already: remove one first.` })
  const id = newId<PushSubscriptionId>(now.getTime())
  return await upsertSubscription(tx, { ...who, id, endpoint: given.endpoint, p256dh, auth, browser: given.browser }, now)
}

export async function unsubscribe(
  tx: Tx,
  { workspaceId, userId }: { readonly workspaceId: WorkspaceId; readonly userId: UserId },
  id: PushSubscriptionId,
): Promise<void> {
  if (!(await deleteSubscription(tx, workspaceId, userId, id))) throw new Refusal('not_found', { what: 'browser' })
}

/** A key that is no point of the curve would be found out only when something is to be told. */
function isPoint(bytes: Buffer): boolean {
  if (bytes.length !== 65 || bytes[0] !== 4) return false
  try {
    newEphemeral().computeSecret(bytes)
    return true
  } catch {
    return false
  }
}
