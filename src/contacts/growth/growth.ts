/** How a list grew, day by day, read from the proofs of consent and from how many are on it now. Pure and isomorphic. */

export const MAX_DAYS = 400

export interface DayOfChanges {
  /** `2026-11-21`, as it is in the zone that was asked for. */
  readonly day: string
  readonly joined: number
  readonly left: number
}

export interface DayOfGrowth extends DayOfChanges {
  readonly net: number
  /** Who was on the list at the end of the day. */
  readonly size: number
}

/**
 * Each day up to the last one, also those on which nothing happened. The sizes are counted backwards from `now`, so that the last one is always what the
 * list says; whoever was erased since is missing in all of them.
 */
export function growthOf(
  changes: readonly DayOfChanges[],
  { last, days, now }: { readonly last: string; readonly days: number; readonly now: number },
): DayOfGrowth[] {
  const known = new Map(changes.map((change) => [change.day, change]))
  const grown: DayOfGrowth[] = []
  let size = now
  for (let back = 0; back < days; back++) {
    const day = dayBefore(last, back)
    const { joined = 0, left = 0 } = known.get(day) ?? {}
    grown.push({ day, joined, left, net: joined - left, size })
    size -= joined - left
  }
  return grown.reverse()
}

/** Calendar days have no zone. */
function dayBefore(day: string, back: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() - back)
  return at.toISOString().slice(0, 10)
}
