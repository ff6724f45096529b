export interface SnoozeTime {
  readonly name: 'later' | 'tomorrow' | 'nextWeek'
  readonly at: Date
}

/** Times to be reminded at, in the reader's own zone. */
export function snoozeTimes(now: Date): readonly SnoozeTime[] {
  const morning = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 8)
  const toMonday = (8 - now.getDay()) % 7 || 7
  return [
    { name: 'later', at: new Date(now.getTime() + 3 * 3_600_000) },
    { name: 'tomorrow', at: morning(1) },
    { name: 'nextWeek', at: morning(toMonday) },
  ]
}
