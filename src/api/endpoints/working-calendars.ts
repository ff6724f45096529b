import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, line } from './shapes.ts'

const Span = z.object({ from: line(5, 5).describe('`09:00`'), to: line(5, 5).describe('`17:30`, or `24:00`.') })
const wanted = {
  name: line(1, 120),
  zone: line(1, 64).describe('As in Europe/Zurich.'),
  week: z.array(z.array(Span).max(20)).length(7).describe('Monday to Sunday; hours in order that do not touch.'),
  closed: z.array(line(5, 10)).max(500).describe('Days off: `2026-12-24`, or `12-25` of every year.'),
  is_default: z.boolean().describe('Meant where no calendar is named. The first one is, and one always is.'),
}
export const WorkingCalendar = z.object({ id: id<'working_calendar'>(), ...wanted }).meta({ id: 'WorkingCalendar' })
export type WorkingCalendar = z.output<typeof WorkingCalendar>

const NINE_TO_FIVE = [{ from: '09:00', to: '17:00' }]
const exampleWanted = {
  name: 'Office hours',
  zone: 'Europe/Zurich',
  week: [NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, [], []],
  closed: ['2026-12-24', '12-25'],
  is_default: true,
}
const ID = '0193e0a0-ffff-7abc-9def-0123456789ab'
const exampleCalendar = { id: ID, ...exampleWanted }
const byId = z.strictObject({ id: id<'working_calendar'>() })

export const listWorkingCalendars = endpoint({
  method: 'GET',
  path: '/v1/working-calendars',
  summary: 'The hours that people work, by name.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ items: z.array(WorkingCalendar), next: z.null() }),
  example: { reply: { items: [exampleCalendar], next: null } },
})
export const createWorkingCalendar = endpoint({
  method: 'POST',
  path: '/v1/working-calendars',
  summary: 'Write down when people work.',
  permission: 'workflows.manage',
  transaction: 'write',
  body: z.strictObject({ ...wanted, closed: wanted.closed.default([]), is_default: wanted.is_default.default(false) }),
  reply: WorkingCalendar,
  status: 201,
  example: { body: exampleWanted, reply: exampleCalendar },
})
export const changeWorkingCalendar = endpoint({
  method: 'PATCH',
  path: '/v1/working-calendars/:id',
  summary: 'Change it. What waits by it already keeps the moment that was worked out.',
  permission: 'workflows.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject(wanted).partial(),
  reply: WorkingCalendar,
  errors: ['not_found'],
  example: { params: { id: ID }, body: { closed: ['2026-12-24', '12-25'] }, reply: exampleCalendar },
})
export const removeWorkingCalendar = endpoint({
  method: 'DELETE',
  path: '/v1/working-calendars/:id',
  summary: 'Remove it. Workflows that name it go by the usual one.',
  permission: 'workflows.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found'],
  example: { params: { id: ID } },
})

export const workingCalendarEndpoints = [
  listWorkingCalendars,
  createWorkingCalendar,
  changeWorkingCalendar,
  removeWorkingCalendar,
] as const
