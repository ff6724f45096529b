/** How long something is waited for: by the clock, or by working time of a calendar. */
import { z } from 'zod'
import type { Names } from '../node-type.ts'
import { as, Length, ref } from './fields.ts'
import { counted, lengthInWords } from './words.ts'

const MAX_WORKING = 2_000

const Amount = z.int('A whole number.').min(1, 'At least one.').max(MAX_WORKING, `At most ${MAX_WORKING}.`)

const Calendar = as(ref('calendar').optional(), 'Calendar')

/** A calendar that is not named is the one of the conversation's inbox, or else of the workspace. */
export const After = z
  .union(
    [
      z.strictObject({ for: as(Length, 'How long') }),
      z.strictObject({ working_days: as(Amount, 'Working days'), calendar: Calendar }),
      z.strictObject({ working_hours: as(Amount, 'Working hours'), calendar: Calendar }),
    ],
    { error: 'Say how long: a time as in 3d, or a number of working days or working hours.' },
  )
  .meta({ role: 'after' })
export type After = z.infer<typeof After>

/** Null: for as long as it takes. */
export const Patience = as(After.nullable().default(null), 'At most')

export function afterInWords(after: After, names: Names): string {
  if ('for' in after) return lengthInWords(after.for)
  const by = after.calendar === undefined ? '' : ` of ${names.of('calendar', after.calendar)}`
  if ('working_days' in after) return `${counted(after.working_days, 'working day')}${by}`
  return `${counted(after.working_hours, 'working hour')}${by}`
}

export function atMost(after: After | null, names: Names): string {
  return after === null ? '' : `, at most ${afterInWords(after, names)}`
}
