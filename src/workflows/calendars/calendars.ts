/** The hours that workspaces work by, with names. Where none was ever made, working days are Monday to Friday, nine to five, UTC. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { addWorkingDays, addWorkingTime, type Calendar, faultOfCalendar, isOpen, nextOpen } from '../../lib/calendar.ts'
import { HOUR } from '../../lib/clock.ts'
import { type Id, newId, type WorkspaceId } from '../../lib/ids.ts'
import { isZone } from '../../lib/zones.ts'
import { lengthMs } from '../definition/condition.ts'
import type { After } from '../definition/nodes/after.ts'
import { clearDefault, deleteCalendar, lockCalendars, selectCalendar, selectCalendars, upsertCalendar } from './queries.ts'

export { selectCalendars as listCalendars } from './queries.ts'

export type CalendarId = Id<'working_calendar'>

export interface WorkingCalendar extends Calendar {
  readonly id: CalendarId
  readonly name: string
  readonly isDefault: boolean
}

export const MAX_CALENDARS = 100
const NINE_TO_FIVE = [{ from: '09:00', to: '17:00' }]
const USUAL: Calendar = {
  zone: 'UTC',
  week: [NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, [], []],
  closed: [],
}

/** The calendar of this id, or the one that is meant where none is named. One that was removed is the usual one: nothing stops for it. */
export async function calendarFor(db: Db | Tx, workspaceId: WorkspaceId, id: string | undefined): Promise<Calendar> {
  const named = id === undefined ? null : await selectCalendar(db, workspaceId, id as CalendarId)
  return named ?? (await selectCalendar(db, workspaceId, null)) ?? USUAL
}

/** The moment that a waiting time ends at. */
export async function momentAfter(db: Db | Tx, workspaceId: WorkspaceId, after: After, now: Date): Promise<Date> {
  if ('for' in after) return new Date(now.getTime() + (lengthMs(after.for) ?? 0))
  const calendar = await calendarFor(db, workspaceId, after.calendar)
  if ('working_days' in after) return addWorkingDays(calendar, now, after.working_days)
  return addWorkingTime(calendar, now, after.working_hours * HOUR)
}

/** Now, while people work, or when they begin. */
export async function nextWorkingMoment(db: Db | Tx, workspaceId: WorkspaceId, id: string | undefined, now: Date): Promise<Date> {
  return nextOpen(await calendarFor(db, workspaceId, id), now)
}

export async function isWorkingTime(db: Db | Tx, workspaceId: WorkspaceId, id: string | undefined, now: Date): Promise<boolean> {
  return isOpen(await calendarFor(db, workspaceId, id), now)
}

export type NewCalendar = Omit<WorkingCalendar, 'id'>

/** Makes one, or changes the one of this id. The first is the one that is meant where none is named. */
export async function saveCalendar(
  tx: Tx,
  id: CalendarId | null,
  wanted: NewCalendar,
  actor: Actor,
  now: Date,
): Promise<WorkingCalendar> {
  const { workspaceId } = actor
  await lockCalendars(tx, workspaceId)
  const all = await selectCalendars(tx, workspaceId)
  const known = all.find((one) => one.id === id)
  if (id !== null && !known) throw new Refusal('not_found', { what: 'calendar' })
  if (!known && all.length >= MAX_CALENDARS)
    throw new Refusal('invalid_request', { why: `A workspace has at most ${MAX_CALENDARS} calendars.`, pointer: '/name' })
  if (!isZone(wanted.zone)) throw new Refusal('invalid_request', { why: `“${wanted.zone}” is no time zone.`, pointer: '/zone' })
  const fault = faultOfCalendar(wanted)
  if (fault !== null) throw new Refusal('invalid_request', { why: fault, pointer: '/week' })
  const isOnly = all.every((one) => one.id === id || !one.isDefault)
  const calendar: WorkingCalendar = {
    ...wanted,
    id: known?.id ?? newId<CalendarId>(now.getTime()),
    isDefault: wanted.isDefault || isOnly,
  }
  if (calendar.isDefault) await clearDefault(tx, workspaceId, calendar.id)
  if (!(await upsertCalendar(tx, workspaceId, calendar, now)))
    throw new Refusal('invalid_request', { why: `Another calendar is called “${wanted.name}”.`, pointer: '/name' })
  await append(
    tx,
    { type: 'calendar.changed', workspaceId, subjectId: calendar.id, actor: actorReference(actor), data: { name: wanted.name } },
    now,
  )
  return calendar
}

export async function removeCalendar(tx: Tx, id: CalendarId, actor: Actor, now: Date): Promise<void> {
  const { workspaceId } = actor
  const found = await selectCalendar(tx, workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'calendar' })
  await deleteCalendar(tx, workspaceId, id)
  await append(
    tx,
    { type: 'calendar.removed', workspaceId, subjectId: id, actor: actorReference(actor), data: { name: found.name } },
    now,
  )
}
