/**
 * When people work: hours of the week in a zone, and days on which nobody does. Working time is counted on the clocks there, so a day on which they are put
 * forward has an hour less of it, if it is one of those hours.
 */
import { CALENDAR_DATE, dateIn, dayAfter, instantOf, TIME_OF_DAY, wallOf } from './zones.ts'

export interface Span {
  /** `09:00`; before `to`. */
  readonly from: string
  /** `17:30`, or `24:00`. */
  readonly to: string
}

export interface Calendar {
  readonly zone: string
  /** Monday to Sunday; spans in order that do not touch. */
  readonly week: readonly (readonly Span[])[]
  /** `2026-12-24`, or `12-25` of every year. */
  readonly closed: readonly string[]
}

/** As far ahead as anybody looks: ten years of days. */
const MAX_DAYS = 3_660

/** What is wrong with a calendar; null: nothing. */
export function faultOfCalendar(calendar: Calendar): string | null {
  if (calendar.week.length !== 7) return 'A week has seven days, from Monday to Sunday.'
  for (const spans of calendar.week) {
    let end = ''
    for (const { from, to } of spans) {
      if (!TIME_OF_DAY.test(from) || !(TIME_OF_DAY.test(to) || to === '24:00'))
        return `Hours are written as in 09:00; these are ${from} and ${to}.`
      if (from >= to) return `Hours end after they begin; these are from ${from} to ${to}.`
      if (from <= end) return `Hours of one day do not touch; ${from} is not after ${end}.`
      end = to
    }
  }
  if (calendar.week.every((spans) => spans.length === 0)) return 'There is no hour in the week at which anybody works.'
  for (const day of calendar.closed)
    if (!CALENDAR_DATE.test(day) && !/^\d{2}-\d{2}$/.test(day))
      return `A day off is written as in 2026-12-24 or 12-25; one is ${day}.`
  return null
}

export function isOpen(calendar: Calendar, at: Date): boolean {
  const wall = wallOf(calendar.zone, at.getTime())
  const time = wall.slice(11)
  return spansOn(calendar, wall.slice(0, 10)).some(({ from, to }) => from <= time && time < to)
}

/** The moment itself when people work then, or the next at which they begin. Throws RangeError when they do not within ten years. */
export function nextOpen(calendar: Calendar, at: Date): Date {
  for (const [from, to] of openings(calendar, at)) if (to > at.getTime()) return new Date(Math.max(from, at.getTime()))
  throw neverOpen()
}

/** The moment at which so much working time (milliseconds) has gone by. */
export function addWorkingTime(calendar: Calendar, at: Date, ms: number): Date {
  let left = ms
  for (const [from, to] of openings(calendar, at)) {
    const begin = Math.max(from, at.getTime())
    if (to <= begin) continue
    if (to - begin >= left) return new Date(begin + left)
    left -= to - begin
  }
  throw neverOpen()
}

/**
 * So many working days later at the same time of day; where that is none of the hours, the next hour there is. A day off does not count, and what begins on
 * one begins with the next opening.
 */
export function addWorkingDays(calendar: Calendar, at: Date, days: number): Date {
  const wall = wallOf(calendar.zone, at.getTime())
  let date = wall.slice(0, 10)
  let time = wall.slice(11)
  if (spansOn(calendar, date).length === 0) {
    const opening = nextOpen(calendar, at)
    const begin = wallOf(calendar.zone, opening.getTime())
    ;[date, time] = [begin.slice(0, 10), begin.slice(11)]
  }
  let left = days
  for (let i = 0; i < MAX_DAYS && left > 0; i++) {
    date = dayAfter(date)
    if (spansOn(calendar, date).length > 0) left--
  }
  if (left > 0) throw neverOpen()
  return nextOpen(calendar, instantOf(date, time, calendar.zone))
}

/** Opening hours as instants, in order, from the day of `at`. */
function* openings(calendar: Calendar, at: Date): Generator<readonly [number, number]> {
  let date = dateIn(calendar.zone, at)
  for (let i = 0; i < MAX_DAYS; i++) {
    for (const { from, to } of spansOn(calendar, date)) {
      const end = to === '24:00' ? instantOf(dayAfter(date), '00:00', calendar.zone) : instantOf(date, to, calendar.zone)
      yield [instantOf(date, from, calendar.zone).getTime(), end.getTime()]
    }
    date = dayAfter(date)
  }
}

function spansOn(calendar: Calendar, date: string): readonly Span[] {
  if (calendar.closed.includes(date) || calendar.closed.includes(date.slice(5))) return []
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
  return calendar.week[weekday] ?? []
}

function neverOpen(): RangeError {
  return new RangeError('There is no working time within the next ten years.')
}
