import { randomBytes } from 'node:crypto'
import { encodeBase32 } from '../lib/base32.ts'
import type { DeliveryId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import { readSignedId, SIGNED_ID_CHARACTERS, signId } from '../lib/signed-id.ts'

const PURPOSE = 'tracking'
const UNSUBSCRIBE = 'unsubscribe'
const PREFERENCES = 'preferences'
const ANSWER = 'answer'

/** The key of all such tokens of this server. */
export function trackingKey(secrets: Pick<Secrets, 'hmac'>): Buffer {
  return secrets.hmac('tracking', 'key')
}

/** What stands in the links of one recipient's mail: it names the delivery and proves that we made it. */
export function trackingToken(deliveryId: DeliveryId, key: Uint8Array): string {
  return signId(PURPOSE, deliveryId, key)
}

export function readTrackingToken(token: string, key: Uint8Array): DeliveryId | null {
  return readSignedId(PURPOSE, token, [key]) as DeliveryId | null
}

/** In the link by which a recipient leaves: another one, so that a tracked link that somebody passes on does not end a subscription. */
export function unsubscribeToken(deliveryId: DeliveryId, key: Uint8Array): string {
  return signId(UNSUBSCRIBE, deliveryId, key)
}

export function readUnsubscribeToken(token: string, key: Uint8Array): DeliveryId | null {
  return readSignedId(UNSUBSCRIBE, token, [key]) as DeliveryId | null
}

/** In the address that answers to a campaign's mail go to, where its inbox has such addresses: it says which mail is answered. */
export function answerToken(deliveryId: DeliveryId, key: Uint8Array): string {
  return signId(ANSWER, deliveryId, key)
}

export function readAnswerToken(token: string, key: Uint8Array): DeliveryId | null {
  return readSignedId(ANSWER, token.toLowerCase(), [key]) as DeliveryId | null
}

/** In the link to somebody's own page of preferences: another one again, which a mail program's button does nothing with. */
export function preferencesToken(deliveryId: DeliveryId, key: Uint8Array): string {
  return signId(PREFERENCES, deliveryId, key)
}

export function readPreferencesToken(token: string, key: Uint8Array): DeliveryId | null {
  return readSignedId(PREFERENCES, token, [key]) as DeliveryId | null
}

/** As long as a token, and nothing that anybody writes by chance. */
export function newStandIn(): string {
  return encodeBase32(randomBytes(Math.floor((SIGNED_ID_CHARACTERS * 5) / 8)))
}
