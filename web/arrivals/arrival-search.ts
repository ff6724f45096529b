/** What the addresses of the two pages may say, and what is asked for by it. */
import { z } from 'zod'
import { ArrivalOutcome } from '../../src/api/endpoints/arrivals.ts'
import { QUARANTINE_REASONS } from '../../src/inbound/inbound-mail.ts'
import type { Id } from '../../src/lib/ids.ts'

const inbox = z
  .union([z.uuid(), z.literal('none')])
  .optional()
  .catch(undefined)
const words = z.string().max(300).optional().catch(undefined)
const day = z.iso.date().optional().catch(undefined)

export const quarantineSearch = z.object({ inbox, reason: z.enum(QUARANTINE_REASONS).optional().catch(undefined), q: words })
export type QuarantineSearch = z.output<typeof quarantineSearch>

export const arrivalSearch = z.object({
  inbox,
  outcome: z
    .union([ArrivalOutcome, z.literal('waiting')])
    .optional()
    .catch(undefined),
  reason: z
    .string()
    .regex(/^[a-z_]{1,50}$/)
    .optional()
    .catch(undefined),
  source: z.uuid().optional().catch(undefined),
  q: words,
  since: day,
  until: day,
})
export type ArrivalSearch = z.output<typeof arrivalSearch>

export function quarantineFilterOf({ inbox, reason, q }: QuarantineSearch) {
  return { outcome: 'quarantined' as const, ...(inbox && { inbox_id: inboxOf(inbox) }), ...(reason && { reason }), ...wordsOf(q) }
}

export function filterOf({ inbox, outcome, reason, source, q, since, until }: ArrivalSearch) {
  return {
    ...(inbox && { inbox_id: inboxOf(inbox) }),
    ...(outcome && { outcome }),
    ...(reason && { reason }),
    ...(source && { source_id: source as Id<'inbound_source'> }),
    ...wordsOf(q),
    ...(since && { since: startOf(since, 0) }),
    ...(until && { until: startOf(until, 1) }),
  }
}

/** The same in the body of a request. */
export function asItTravels({ since, until, ...rest }: ReturnType<typeof filterOf>) {
  return { ...rest, ...(since && { since: since.toISOString() }), ...(until && { until: until.toISOString() }) }
}

export function inboxOf(inbox: string): Id<'inbox'> | 'none' {
  return inbox as Id<'inbox'> | 'none'
}

function wordsOf(q: string | undefined) {
  const words = q?.trim()
  return words ? { q: words } : {}
}

/** As days are here, where the page is looked at. */
function startOf(day: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date + later)
}
