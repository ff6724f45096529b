/**
 * An id with the proof that we gave it out: 16 bytes of the id and 80 bits of an HMAC over its purpose and that id, as 42 characters of base32.
 * It survives places that fold case, and nobody can guess one or turn one into another.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { decodeBase32, encodeBase32 } from './base32.ts'

const ID_BYTES = 16
const MAC_BYTES = 10
export const SIGNED_ID_CHARACTERS = Math.ceil(((ID_BYTES + MAC_BYTES) * 8) / 5)

/** Nothing that is signed for one purpose is of use for another. */
export function signId(purpose: string, id: string, key: Uint8Array): string {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
  return encodeBase32(Buffer.concat([bytes, macOf(purpose, bytes, key)]))
}

/** The id; null for everything that was not made for this purpose with one of `keys`. */
export function readSignedId(purpose: string, token: string, keys: readonly Uint8Array[]): string | null {
  const bytes = token.length === SIGNED_ID_CHARACTERS ? decodeBase32(token) : null
  if (bytes === null) return null
  const [id, mac] = [bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)]
  // Every key is tried and compared in constant time: how long it takes says nothing about how much of a guess was right.
  const matches = keys.filter((key) => timingSafeEqual(macOf(purpose, id, key), mac))
  return matches.length > 0 ? toUuid(id) : null
}

function macOf(purpose: string, id: Uint8Array, key: Uint8Array): Buffer {
  return createHmac('sha256', keyObjectOf(key)).update(`${purpose}\0`).update(id).digest().subarray(0, MAC_BYTES)
}

/** Of raw bytes Node makes a key for every HMAC, which takes four times as long as the HMAC itself; a mail has several. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()

function keyObjectOf(key: Uint8Array): KeyObject {
  let made = keyObjects.get(key)
  if (!made) {
    made = createSecretKey(key)
    keyObjects.set(key, made)
  }
  return made
}

function toUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
