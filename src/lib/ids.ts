import { randomFillSync } from 'node:crypto'

/** A UUIDv7 (RFC 9562 §5.7) as text, branded by what it names so that ids of two nouns cannot be confused. */
export type Id<Name extends string> = string & { readonly __id: Name }

export type WorkspaceId = Id<'workspace'>
export type UserId = Id<'user'>
export type ApiKeyId = Id<'api_key'>
export type CredentialId = Id<'credential'>
export type MessageId = Id<'message'>
export type DeliveryId = Id<'delivery'>
export type RouteId = Id<'route'>
export type RuleId = Id<'rule'>
export type PaceId = Id<'pace'>
export type MailingId = Id<'mailing'>
export type BulkActId = Id<'bulk_act'>
export type LinkSetId = Id<'link_set'>
export type DispatcherId = Id<'dispatcher'>
export type ContactId = Id<'contact'>
export type InboxId = Id<'inbox'>
export type TeamId = Id<'team'>
export type ConversationId = Id<'conversation'>
export type ItemId = Id<'conversation_item'>
export type SourceId = Id<'inbound_source'>
export type InboundMailId = Id<'inbound_mail'>

const POOL_BYTES = 4096
const pool = Buffer.alloc(POOL_BYTES)
let poolUsed = POOL_BYTES
let lastMs = 0
let counter = 0

/**
 * A new id. Ids made by one process only grow: 48 bits of milliseconds, then a 12-bit counter that starts anew at random each
 * millisecond and borrows from the next one when it overflows (RFC 9562 §6.2, method 1), then 62 random bits.
 */
export function newId<T extends Id<string>>(nowMs: number = Date.now()): T {
  if (poolUsed + 10 > POOL_BYTES) {
    randomFillSync(pool)
    poolUsed = 0
  }
  if (nowMs > lastMs) {
    lastMs = nowMs
    counter = pool.readUInt16BE(poolUsed) & 0x07ff
  } else if (++counter > 0x0fff) {
    lastMs += 1
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, '0')
  const sequence = (0x7000 | counter).toString(16)
  const variant = (0x8000 | (pool.readUInt16BE(poolUsed) & 0x3fff)).toString(16)
  const tail = pool.toString('hex', poolUsed + 2, poolUsed + 8)
  poolUsed += 8
  return `${time.slice(0, 8)}-${time.slice(8)}-${sequence}-${variant}-${tail}` as T
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isId(text: string): boolean {
  return UUID.test(text)
}

/** The lowest id that could have been made at `at`: turns a bound in time into a bound on ids, which every list is ordered by. */
export function idFloor(at: Date): string {
  const time = Math.max(0, at.getTime()).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}
