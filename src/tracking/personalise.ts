import type { DeliveryId } from '../lib/ids.ts'
import type { Secrets } from '../lib/secrets.ts'
import { replaceStandIn } from '../mail/stand-in.ts'
import { answerToken, preferencesToken, trackingKey, trackingToken, unsubscribeToken } from './token.ts'

/** The content of a tracked mail as one recipient gets it: with the token of this delivery. The dispatcher calls it before anything is signed. */
export function createPersonalise(
  secrets: Pick<Secrets, 'hmac'>,
): (content: string, deliveryId: DeliveryId, standIn: string) => string {
  const key = trackingKey(secrets)
  return (content, deliveryId, standIn) => replaceStandIn(content, standIn, trackingToken(deliveryId, key))
}

/**
 * What a stencil may ask of a delivery, by the name of the place. `url`: where people reach us. The link to leave leads there and to no host of the
 * sender's domain: it has to lead somewhere for years, also when that domain is given up.
 */
export function createOwn({ secrets, url }: { readonly secrets: Pick<Secrets, 'hmac'>; readonly url: string }): OwnOf {
  const key = trackingKey(secrets)
  // Made when asked for, since most mails have a place for one or two of them, and once, since a header, the text and the HTML ask for the same.
  return (deliveryId) => {
    let [tracking, answer, unsubscribe, preferences]: (string | undefined)[] = []
    return {
      get [TRACKING_PLACE]() {
        tracking ??= trackingToken(deliveryId, key)
        return tracking
      },
      get [ANSWER_PLACE]() {
        answer ??= answerToken(deliveryId, key)
        return answer
      },
      get [UNSUBSCRIBE_PLACE]() {
        unsubscribe ??= `${url}${UNSUBSCRIBE_PATH}${unsubscribeToken(deliveryId, key)}`
        return unsubscribe
      },
      get [PREFERENCES_PLACE]() {
        preferences ??= `${url}${PREFERENCES_PATH}${preferencesToken(deliveryId, key)}`
        return preferences
      },
    }
  }
}

export type OwnOf = (deliveryId: DeliveryId) => Readonly<Record<string, string>>

/** Where a delivery's token goes. */
export const TRACKING_PLACE = 'tracking'
/** Where the part of Reply-To goes that says which mail is answered. */
export const ANSWER_PLACE = 'answer'
/** Where the whole address goes by which its recipient leaves. Writers of mail know this name. */
export const UNSUBSCRIBE_PLACE = 'unsubscribe_url'
/** Where the whole address of somebody's page of preferences goes. */
export const PREFERENCES_PLACE = 'preferences_url'
export const PREFERENCES_PATH = '/p/'
/** Short, so that the header stays one line of a mail. */
export const UNSUBSCRIBE_PATH = '/u/'
