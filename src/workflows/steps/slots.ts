/** Slots of a time: windows that follow one another, each with room for so many. Pure. */

export interface Slots {
  readonly windowAt: Date
  /** Taken since then; more than one window's where some wait for theirs. */
  readonly count: number
}

export interface Slot extends Slots {
  /** Null: the window is full, and nobody waits. */
  readonly at: Date | null
  /** When all of them are over. */
  readonly untilAt: Date
}

export function nextSlot(
  { windowAt, count }: Slots,
  { limit, withinMs, mayWait }: { readonly limit: number; readonly withinMs: number; readonly mayWait: boolean },
  now: Date,
): Slot {
  const passed = Math.max(0, Math.floor((now.getTime() - windowAt.getTime()) / withinMs))
  const left = Math.max(0, count - passed * limit)
  // Where nobody waits any more a new window begins when the next one comes, and not by a clock of its own.
  const from = left === 0 && passed > 0 ? now.getTime() : windowAt.getTime() + passed * withinMs
  const nth = Math.floor(left / limit)
  const endsAt = (windows: number) => new Date(from + windows * withinMs)
  if (nth > 0 && !mayWait) return { at: null, windowAt: new Date(from), count: left, untilAt: endsAt(nth + 1) }
  const at = nth === 0 ? now : endsAt(nth)
  return { at, windowAt: new Date(from), count: left + 1, untilAt: endsAt(nth + 1) }
}
