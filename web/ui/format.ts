/** How numbers, sizes and times are written: in the reader's own zone, the absolute always within reach. */
import { t } from '../texts/texts.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' })
const full = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})
const clockSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const clockMinutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long' })
const numbers = new Intl.NumberFormat('en')

/** "12 seconds ago", "in 4 minutes". */
export function ago(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime()
  const size = Math.abs(ms)
  if (size < 5 * SECOND) return t.time.now
  if (size < MINUTE) return relative.format(Math.trunc(ms / SECOND), 'second')
  if (size < HOUR) return relative.format(Math.trunc(ms / MINUTE), 'minute')
  if (size < DAY) return relative.format(Math.trunc(ms / HOUR), 'hour')
  if (size < 30 * DAY) return relative.format(Math.trunc(ms / DAY), 'day')
  return absoluteDay(at, now)
}

/** "4 s", "12 min", "3 h", "2 d": for columns. */
export function shortAgo(at: Date, now: Date): string {
  const ms = at.getTime() - now.getTime()
  const size = Math.abs(ms)
  if (size < 5 * SECOND) return t.time.now
  const text =
    size < MINUTE
      ? `${Math.trunc(size / SECOND)} s`
      : size < HOUR
        ? `${Math.trunc(size / MINUTE)} min`
        : size < DAY
          ? `${Math.trunc(size / HOUR)} h`
          : `${Math.trunc(size / DAY)} d`
  if (size >= 30 * DAY) return absoluteDay(at, now)
  return ms > 0 ? t.time.inShort(text) : text
}

export function absolute(at: Date): string {
  return full.format(at)
}

export function clock(at: Date): string {
  return clockSeconds.format(at)
}

/** "10:17", with the day in front when it is not today's. */
export function clockOrDay(at: Date, now: Date): string {
  return isSameDay(at, now) ? clockMinutes.format(at) : `${absoluteDay(at, now)}, ${clockMinutes.format(at)}`
}

/** "10:17:10": for what is awaited; another day's without the seconds, which nobody waits for then. */
export function moment(at: Date, now: Date): string {
  return isSameDay(at, now) ? clockSeconds.format(at) : clockOrDay(at, now)
}

/** "22 May 2027"; of "2027-05-22" that day, in whichever zone it is read. */
export function wholeDay(at: Date | string): string {
  return dayOfYear.format(typeof at === 'string' ? new Date(`${at}T12:00:00`) : at)
}

/** "Today", "Yesterday", "Friday, 20 Nov". */
export function dayName(at: Date, now: Date): string {
  if (isSameDay(at, now)) return t.time.today
  if (isSameDay(at, new Date(now.getTime() - DAY))) return t.time.yesterday
  if (isSameDay(at, new Date(now.getTime() + DAY))) return t.time.tomorrow
  return `${weekday.format(at)}, ${absoluteDay(at, now)}`
}

export function isSameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate()
}

/** A sentence ends: what was said by others may lack its full stop. */
export function asSentence(text: string): string {
  return /[.!?…:]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
}

export function number(n: number): string {
  return numbers.format(n)
}

export function bytes(n: number): string {
  if (n < 1024) return `${number(n)} B`
  if (n < 1024 * 1024) return `${number(Math.round((n / 1024) * 10) / 10)} KB`
  return `${number(Math.round((n / 1024 / 1024) * 10) / 10)} MB`
}

export function milliseconds(ms: number): string {
  return ms < 1000 ? `${number(Math.round(ms))} ms` : `${number(Math.round(ms / 100) / 10)} s`
}

function absoluteDay(at: Date, now: Date): string {
  return at.getFullYear() === now.getFullYear() ? day.format(at) : dayOfYear.format(at)
}
