/**
 * The addresses that bounces and complaints come back to. Each names what it is for and proves that we made it, so that a stranger can neither
 * guess one nor turn one into another: `b+<token>@host` is the return path of one delivery (VERP), `f+<token>@host` the address of one
 * workspace that feedback loops are registered with. A token is an id and 80 bits of an HMAC over its purpose and that id, in base32, since
 * many systems fold the case of a local part: 44 characters in all, of the 64 that RFC 5321 §4.5.3.1.1 allows.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { decodeBase32, encodeBase32 } from '../../lib/base32.ts'
import type { DeliveryId, WorkspaceId } from '../../lib/ids.ts'
import type { Secrets } from '../../lib/secrets.ts'

type Purpose = 'b' | 'f'

const ID_BYTES = 16
const MAC_BYTES = 10
const TOKEN_CHARACTERS = Math.ceil(((ID_BYTES + MAC_BYTES) * 8) / 5)

/** The key of all such addresses of this server. */
export function returnPathKey(secrets: Pick<Secrets, 'hmac'>): Buffer {
  return secrets.hmac('return-path', 'key')
}

/** Where a bounce of this delivery, and of no other, comes back to. */
export function returnPathOf(deliveryId: DeliveryId, host: string, key: Uint8Array): string {
  return `b+${tokenOf('b', deliveryId, key)}@${host}`
}

/** The delivery whose return path this is. Null for everything that was not made with one of `keys`. */
export function readReturnPath(address: string, keys: readonly Uint8Array[]): DeliveryId | null {
  return readToken('b', address, keys) as DeliveryId | null
}

/** What a workspace enters where a mailbox provider asks for the address that complaints shall go to. */
export function complaintAddressOf(workspaceId: WorkspaceId, host: string, key: Uint8Array): string {
  return `f+${tokenOf('f', workspaceId, key)}@${host}`
}

export function readComplaintAddress(address: string, keys: readonly Uint8Array[]): WorkspaceId | null {
  return readToken('f', address, keys) as WorkspaceId | null
}

/** True when mail for this address is news about mail we sent. Needs no database: it is asked at every RCPT. */
export function isReturnPath(address: string, keys: readonly Uint8Array[]): boolean {
  return readReturnPath(address, keys) !== null || readComplaintAddress(address, keys) !== null
}

function tokenOf(purpose: Purpose, id: string, key: Uint8Array): string {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  return encodeBase32(Buffer.concat([bytes, macOf(purpose, bytes, key)]))
}

function macOf(purpose: Purpose, id: Uint8Array, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0`).update(id).digest().subarray(0, MAC_BYTES)
}

const ADDRESS = new RegExp(`^<?([bf])\\+([a-z2-7]{${TOKEN_CHARACTERS}})@[^@\\s<>]+>?$`, 'i')

function readToken(purpose: Purpose, address: string, keys: readonly Uint8Array[]): string | null {
  const [, written = '', token = ''] = ADDRESS.exec(address) ?? []
  if (written.toLowerCase() !== purpose) return null
  const bytes = decodeBase32(token)
  if (bytes === null) return null
  const [id, mac] = [bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)]
  // Every key is tried and compared in constant time: how long it takes says nothing about how much of a guess was right.
  const matches = keys.filter((key) => timingSafeEqual(macOf(purpose, id, key), mac))
  return matches.length > 0 ? toUuid(id) : null
}

function toUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
