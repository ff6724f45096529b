/** Times that come again, as cron writes them: minute, hour, day of the month, month, day of the week. */
import { Cron } from 'croner'

const MAX_PATTERN = 200

/**
 * The first moment after `after` at which clocks in the zone show what the pattern says; null: never again. A fixed hour that clocks jump over is done
 * when they have jumped, and one that they show twice is done the first time.
 */
export function nextTime(pattern: string, zone: string, after: Date): Date | null {
  return cronOf(pattern, zone).nextRun(after)
}

/** Why a pattern cannot be used; null: it can. `now` is what "never" is told from. */
export function faultOfCron(pattern: string, zone: string, now: Date): string | null {
  if (pattern.length > MAX_PATTERN) return `A pattern has at most ${MAX_PATTERN} characters; this has ${pattern.length}.`
  try {
    if (nextTime(pattern, zone, now) === null) return 'This never comes: there is no such day.'
    return null
  } catch (error) {
    const words = (error as Error).message.replace(/^Cron\w*: /, '')
    return `This is no pattern of five parts (minute, hour, day, month, weekday): ${words.slice(0, 200)}.`
  }
}

function cronOf(pattern: string, zone: string): Cron {
  return new Cron(pattern, { timezone: zone, mode: '5-part', paused: true })
}
