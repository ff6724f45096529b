/** What clocks say somewhere, and when they say it. Pure; zones are those that the platform knows. */
import { DAY, MINUTE } from './clock.ts'

export const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/
export const CALENDAR_DATE = /^\d{4}-\d{2}-\d{2}$/

/** The date there at this moment: `2026-11-22`. */
export function dateIn(zone: string, at: Date): string {
  return wallOf(zone, at.getTime()).slice(0, 10)
}

/**
 * The moment at which clocks there say this date and time. What they say twice, when they are put back, is the first of the two; what they never say,
 * because they are put forward, is the moment at which they jump over it.
 */
export function instantOf(date: string, time: string, zone: string): Date {
  const wanted = `${date}T${time}`
  const asUtc = Date.parse(`${wanted}:00Z`)
  // An offset changes by what the zone was a day before and is a day later: one of the two is right, unless the time does not exist.
  const offsets = new Set([offsetOf(zone, asUtc - DAY), offsetOf(zone, asUtc + DAY), offsetOf(zone, asUtc)])
  const fitting = [...offsets].map((offset) => asUtc - offset).filter((at) => wallOf(zone, at) === wanted)
  if (fitting.length > 0) return new Date(Math.min(...fitting))
  return new Date(jumpOver(zone, wanted, asUtc))
}

/** How often clocks there say this date and time: not at all when they are put forward over it, twice when they are put back. */
export function occurrencesOf(date: string, time: string, zone: string): 0 | 1 | 2 {
  const wanted = `${date}T${time}`
  const asUtc = Date.parse(`${wanted}:00Z`)
  const offsets = new Set([offsetOf(zone, asUtc - DAY), offsetOf(zone, asUtc + DAY), offsetOf(zone, asUtc)])
  const fitting = [...offsets].filter((offset) => wallOf(zone, asUtc - offset) === wanted)
  return fitting.length > 1 ? 2 : fitting.length === 1 ? 1 : 0
}

/** The first moment at which clocks there say more than what is wanted. */
function jumpOver(zone: string, wanted: string, near: number): number {
  let [before, after] = [near - DAY, near + DAY]
  while (after - before > MINUTE) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE
    if (wallOf(zone, middle) < wanted) before = middle
    else after = middle
  }
  return after
}

/** The date after this one. */
export function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY).toISOString().slice(0, 10)
}

/** Whether the platform knows a zone by this name. */
export function isZone(zone: string): boolean {
  try {
    return zone !== '' && formatOf(zone) !== null
  } catch {
    return false
  }
}

function offsetOf(zone: string, at: number): number {
  return Date.parse(`${wallOf(zone, at)}:00Z`) - Math.floor(at / MINUTE) * MINUTE
}

/** What clocks there say, `2026-11-22T09:00`. */
export function wallOf(zone: string, at: number): string {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of formatOf(zone).formatToParts(at)) parts[type] = value
  return `${(parts.year ?? '').padStart(4, '0')}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/** Making one costs a hundred times what using it does, and there are few zones. */
const formats = new Map<string, Intl.DateTimeFormat>()
const FORMATS_KEPT = 1_000

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  if (formats.size >= FORMATS_KEPT) formats.clear()
  const made = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
  })
  formats.set(zone, made)
  return made
}
