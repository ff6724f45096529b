import type { DeliveryId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import { replaceStandIn } from '../mail/stand-in.ts'
import { trackingKey, trackingToken } from './token.ts'

/** The content of a tracked mail as one recipient gets it: with the token of this delivery. The dispatcher calls it before anything is signed. */
export function createPersonalise(
  secrets: Pick<Secrets, 'hmac'>,
): (content: string, deliveryId: DeliveryId, standIn: string) => string {
  const key = trackingKey(secrets)
  return (content, deliveryId, standIn) => replaceStandIn(content, standIn, trackingToken(deliveryId, key))
}

/** What a stencil may ask of a delivery, by the name of the place. */
export function createOwn(secrets: Pick<Secrets, 'hmac'>): (deliveryId: DeliveryId) => Readonly<Record<string, string>> {
  const key = trackingKey(secrets)
  return (deliveryId) => ({ [TRACKING_PLACE]: trackingToken(deliveryId, key) })
}

/** Where a delivery's token goes. */
export const TRACKING_PLACE = 'tracking'
