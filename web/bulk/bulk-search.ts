/** An act on many deliveries as it stands in the URL: what, which ones, and the way to take. */
import { z } from 'zod'
import { type BulkFilter, BulkKind } from '../../src/api/endpoints/bulk-acts.ts'
import { DeliveryState } from '../../src/api/endpoints/deliveries.ts'
import { Stream } from '../../src/api/endpoints/shapes.ts'
import type { BulkKind as Kind } from '../../src/delivery/bulk/bulk-act.ts'
import { FAILURE_CLASSES } from '../../src/mail/failure.ts'
import { type DeliverySearch, PERIODS, type Period, statesOf } from '../deliveries/delivery-search.ts'

const few = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(100).optional().catch(undefined)
const words = few(z.string().min(1).max(255))

export const bulkSearch = z.object({
  kind: BulkKind.optional().catch(undefined),
  states: few(DeliveryState),
  streams: few(Stream),
  route: z.uuid().optional().catch(undefined),
  receivers: words,
  from_domains: words,
  recipient_domains: words,
  tags: words,
  classes: few(z.enum(FAILURE_CLASSES)),
  within: z
    .enum(Object.keys(PERIODS) as [Period, ...Period[]])
    .optional()
    .catch(undefined),
  way: z.uuid().optional().catch(undefined),
})
export type BulkSearch = z.output<typeof bulkSearch>

/** The filter of the list of deliveries, taken along. A single address is nothing that many have in common. */
export function bulkSearchOf(search: DeliverySearch): BulkSearch {
  const states = statesOf(search)
  return {
    ...(states.length > 0 && { states: [...states] }),
    ...(search.stream && { streams: [search.stream] }),
    ...(search.route && { route: search.route }),
    ...(search.receiver && { receivers: [search.receiver] }),
    ...(search.within && { within: search.within }),
  }
}

/** What somebody with this filter most likely came for; of several, what can be undone. */
export function kindOf({ kind, states = [] }: BulkSearch): Kind {
  if (kind) return kind
  if (states.includes('sent')) return 'replay'
  if (states.includes('held') && !states.includes('queued')) return 'release'
  return 'hold'
}

/** The filter as it is sent: "within the last hour" becomes a moment, and nothing that comes later is part of it. */
export function filterOf(search: BulkSearch, now: Date) {
  const { kind: _kind, way: _way, within, route, ...rest } = search
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return {
    ...given,
    ...(route && { route_id: route }),
    ...(within && { since: new Date(now.getTime() - PERIODS[within]).toISOString() }),
    until: now.toISOString(),
  } as z.input<typeof BulkFilter>
}
