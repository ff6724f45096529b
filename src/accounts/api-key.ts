/**
 * An API key is 256 random bits in letters that cannot be confused, after `wb_`. It is shown once; its row knows the hash, and the first
 * characters to recognise it by. A key given by the configuration may be any text of 32 characters or more.
 */
import type { ApiKeyId } from '../lib/ids.ts'
import type { KeyScope } from './actor.ts'

export interface ApiKey {
  readonly id: ApiKeyId
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly KeyScope[]
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
  readonly expiresAt: Date | null
}

export const MAX_KEYS = 200
export const KEY_BYTES = 32

const PREFIX = 'wb_'
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const SHOWN_CHARACTERS = 7

/** The key that these random bytes are. */
export function keyOf(random: Uint8Array): string {
  return PREFIX + base58(random)
}

/** Letters and digits that nobody takes for one another. */
export function base58(random: Uint8Array): string {
  let value = random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 1n) // the leading 1 keeps leading zeros
  let text = ''
  for (; value > 0n; value /= 58n) text = BASE58[Number(value % 58n)] + text
  return text
}

export function prefixOf(key: string): string {
  return key.slice(0, SHOWN_CHARACTERS)
}
