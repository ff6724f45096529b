/** Mail at an hour of each person's own: when it is this time of day where they are. Pure; zones are those that the platform knows. */
import { HOUR } from '../lib/clock.ts'
import { dateIn, dayAfter, instantOf } from '../lib/zones.ts'

export interface LocalTime {
  /** `09:00` */
  readonly time: string
  /** Of people whose zone nobody knows. */
  readonly zone: string
  /** Those where it is later already: at once, or at this time on the next day. */
  readonly passed: 'at_once' | 'next_day'
}

/** Nowhere is it a time earlier than this much before it is that time in UTC (Kiritimati). */
export const FIRST_ZONE_MS = 14 * HOUR

/** When somebody in this zone gets what is sent on this date. `now`: what is past is not waited for. */
export function dueIn(zone: string, date: string, { time, passed }: Pick<LocalTime, 'time' | 'passed'>, now: Date): Date {
  const due = instantOf(date, time, zone)
  if (due >= now || passed === 'at_once') return due < now ? now : due
  const today = dateIn(zone, now)
  const next = instantOf(today, time, zone)
  return next >= now ? next : instantOf(dayAfter(today), time, zone)
}
