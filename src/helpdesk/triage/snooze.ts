/** When a conversation may come back, in the zone of whoever reads. Isomorphic: the menu shows what the server would say. */

export const SNOOZE_PRESETS = ['later_today', 'this_evening', 'tomorrow', 'weekend', 'next_week', 'next_month'] as const
export type SnoozePreset = (typeof SNOOZE_PRESETS)[number]

const HOUR_MS = 3_600_000
const MORNING = 9
const EVENING = 18

/** Those that make sense now, the soonest first, no two at the same instant. */
export function snoozePresets(now: Date, zone: string): { readonly preset: SnoozePreset; readonly at: Date }[] {
  const { year, month, day, hour } = localOf(now, zone)
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay()
  const at = (days: number, atHour: number) => instantOf({ year, month, day: day + days, hour: atHour }, zone)
  const toMonday = ((8 - weekday) % 7 || 7) as number
  const found: { preset: SnoozePreset; at: Date }[] = []
  // Three hours, on the full hour; late in the day that is the evening or the morning, which stand in the list anyway.
  if (hour < EVENING - 4) found.push({ preset: 'later_today', at: at(0, hour + 3) })
  if (hour < EVENING - 1) found.push({ preset: 'this_evening', at: at(0, EVENING) })
  found.push({ preset: 'tomorrow', at: at(1, MORNING) })
  if (weekday >= 1 && weekday <= 4) found.push({ preset: 'weekend', at: at(6 - weekday, MORNING) })
  if (toMonday > 1) found.push({ preset: 'next_week', at: at(toMonday, MORNING) })
  found.push({ preset: 'next_month', at: instantOf({ year, month: month + 1, day: 1, hour: MORNING }, zone) })
  const later = found.filter((each) => each.at > now).sort((a, b) => a.at.getTime() - b.at.getTime())
  return later.filter((each, index) => each.at.getTime() !== later[index - 1]?.at.getTime())
}

interface Local {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
}

function localOf(at: Date, zone: string): Local {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value)
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour') }
}

/** The instant at which clocks of the zone show this. An hour that a change of the clocks leaves out is the next one. */
export function instantOf({ year, month, day, hour }: Local, zone: string): Date {
  const wanted = Date.UTC(year, month - 1, day, hour)
  let guess = wanted
  // The offset at the guess corrects it; a second look is needed only beside a change of the clocks.
  for (let i = 0; i < 3; i++) {
    const shown = localOf(new Date(guess), zone)
    const minutes = minutesOf(new Date(guess), zone)
    const off = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, minutes) - wanted
    if (off === 0) return new Date(guess)
    guess -= off
  }
  return new Date(localOf(new Date(guess), zone).hour === hour ? guess : guess + HOUR_MS)
}

function minutesOf(at: Date, zone: string): number {
  return Number(new Intl.DateTimeFormat('en-US', { timeZone: zone, minute: 'numeric' }).format(at))
}
