/** What Amazon SES takes (API version 2), as its documentation of 2026 says. */
export const SES_LIMITS = {
  /** The whole message, encoded as it travels. */
  messageBytes: 40 * 1024 * 1024,
  /** RFC 5321 §4.5.3.1.6, its line end not counted. */
  lineBytes: 998,
} as const

/** The tag by which an event of SES names our delivery. */
export const SES_DELIVERY_TAG = 'waybill_delivery'

export function sesBaseUrl(region: string): string {
  return `https://email.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
}

/** The Message-ID that recipients see: SES replaces ours. Its oldest region has a host of its own. */
export function sesWireMessageId(messageId: string, region: string): string {
  return `${messageId}@${region === 'us-east-1' ? 'email' : region}.amazonses.com`
}
