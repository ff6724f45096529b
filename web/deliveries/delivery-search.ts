/** The filters of the delivery list as they stand in the URL. */
import { z } from 'zod'
import { DeliveryState } from '../../src/api/endpoints/deliveries.ts'
import { Stream } from '../../src/api/endpoints/shapes.ts'

export const PERIODS = { '1h': 3_600_000, '24h': 86_400_000, '7d': 7 * 86_400_000, '30d': 30 * 86_400_000 } as const
export type Period = keyof typeof PERIODS

const text = z.string().min(1).max(320).optional().catch(undefined)

export const deliverySearch = z.object({
  state: text,
  recipient: text,
  route: z.uuid().optional().catch(undefined),
  stream: Stream.optional().catch(undefined),
  receiver: text,
  within: z
    .enum(Object.keys(PERIODS) as [Period, ...Period[]])
    .optional()
    .catch(undefined),
})
export type DeliverySearch = z.output<typeof deliverySearch>

export const STATE_SETS = {
  all: [],
  waiting: ['queued', 'sending'],
  person: ['held', 'unknown'],
  sent: ['sent', 'delivered'],
  failed: ['bounced', 'failed', 'expired', 'suppressed', 'cancelled'],
} as const satisfies Record<string, readonly DeliveryState[]>
export type StateSet = keyof typeof STATE_SETS

/** What a URL may say and a link of long ago may still say: only states that exist. */
export function statesOf({ state }: DeliverySearch): readonly DeliveryState[] {
  return (state ?? '').split(',').filter((word): word is DeliveryState => DeliveryState.safeParse(word).success)
}

export function setOf(states: readonly DeliveryState[]): StateSet | null {
  const wanted = [...states].sort().join()
  return (Object.keys(STATE_SETS) as StateSet[]).find((name) => [...STATE_SETS[name]].sort().join() === wanted) ?? null
}
