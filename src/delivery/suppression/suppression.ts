import type { Stream } from '../stream.ts'

/** Why an address is not mailed: it is known not to exist, its owner complained, or a person of this workspace said so. */
export const SUPPRESSION_REASONS = ['unknown_address', 'complaint', 'manual'] as const
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number]

export interface Suppression {
  /** In lower case: mailboxes that differ by case alone do not exist in practice, and mailing one again would be worse. */
  readonly address: string
  readonly stream: Stream | 'all'
  readonly reason: SuppressionReason
  readonly deliveryId: string | null
  readonly note: string
  readonly createdAt: Date
}
