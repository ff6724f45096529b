/** What became of what somebody was sent, and what they wrote. Once each: how often is the delivery's to know. */

export const ACTIVITY_KINDS = [
  'sent',
  'delivered',
  'bounced',
  'complained',
  'opened',
  'clicked',
  'unsubscribed',
  'wrote',
  'replied',
] as const
export type ActivityKind = (typeof ACTIVITY_KINDS)[number]

export interface Activity {
  readonly kind: ActivityKind
  /** The delivery, or the conversation. */
  readonly subjectId: string
  readonly campaignId: string | null
  readonly address: string
  readonly at: Date
}
