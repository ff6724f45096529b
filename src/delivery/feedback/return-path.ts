/**
 * The addresses that bounces and complaints come back to. Each names what it is for and proves that we made it, so that a stranger can neither
 * guess one nor turn one into another: `b+<token>@host` is the return path of one delivery (VERP), `f+<token>@host` the address of one
 * workspace that feedback loops are registered with. A token is an id and 80 bits of an HMAC over its purpose and that id, in base32, since
 * many systems fold the case of a local part: 44 characters in all, of the 64 that RFC 5321 §4.5.3.1.1 allows.
 */
import type { DeliveryId, WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { readSignedId, SIGNED_ID_CHARACTERS, signId } from '../../lib/signed-id.ts'

type Purpose = 'b' | 'f'

/** The key of all such addresses of this server. */
export function returnPathKey(secrets: Pick<Secrets, 'hmac'>): Buffer {
  return secrets.hmac('return-path', 'key')
}

/** Where a bounce of this delivery, and of no other, comes back to. */
export function returnPathOf(deliveryId: DeliveryId, host: string, key: Uint8Array): string {
  return `b+${signId('b', deliveryId, key)}@${host}`
}

/** The delivery whose return path this is. Null for everything that was not made with one of `keys`. */
export function readReturnPath(address: string, keys: readonly Uint8Array[]): DeliveryId | null {
  return readToken('b', address, keys) as DeliveryId | null
}

/** What a workspace enters where a mailbox provider asks for the address that complaints shall go to. */
export function complaintAddressOf(workspaceId: WorkspaceId, host: string, key: Uint8Array): string {
  return `f+${signId('f', workspaceId, key)}@${host}`
}

export function readComplaintAddress(address: string, keys: readonly Uint8Array[]): WorkspaceId | null {
  return readToken('f', address, keys) as WorkspaceId | null
}

/** True when mail for this address is news about mail we sent. Needs no database: it is asked at every RCPT. */
export function isReturnPath(address: string, keys: readonly Uint8Array[]): boolean {
  return readReturnPath(address, keys) !== null || readComplaintAddress(address, keys) !== null
}

const ADDRESS = new RegExp(`^<?([bf])\\+([a-z2-7]{${SIGNED_ID_CHARACTERS}})@[^@\\s<>]+>?$`, 'i')

function readToken(purpose: Purpose, address: string, keys: readonly Uint8Array[]): string | null {
  const [, written = '', token = ''] = ADDRESS.exec(address) ?? []
  if (written.toLowerCase() !== purpose) return null
  return readSignedId(purpose, token, keys)
}
