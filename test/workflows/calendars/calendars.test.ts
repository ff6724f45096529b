import { expect, test } from 'vitest'
import type { Actor } from '../../../src/accounts/actor.ts'
import { ENGINE } from '../../../src/db/database.ts'
import type { UserId } from '../../../src/lib/ids.ts'
import {
  type CalendarId,
  calendarFor,
  isWorkingTime,
  listCalendars,
  momentAfter,
  type NewCalendar,
  nextWorkingMoment,
  removeCalendar,
  saveCalendar,
} from '../../../src/workflows/calendars/calendars.ts'
import { world } from '../../support/world.ts'

const DAY = [{ from: '08:00', to: '16:00' }]
const BERLIN: NewCalendar = {
  name: 'Berlin',
  zone: 'Europe/Berlin',
  week: [DAY, DAY, DAY, DAY, DAY, [], []],
  closed: ['12-25'],
  isDefault: false,
}
const SUNDAY = new Date('2026-11-22T10:00:00Z')

async function office() {
  const w = await world()
  const actor: Actor = {
    kind: 'user',
    id: '01900000-0000-7000-8000-00000000aaaa' as UserId,
    name: 'Ann',
    workspaceId: w.workspaceId,
    role: 'owner',
  }
  const save = (wanted: NewCalendar, id: CalendarId | null = null) =>
    w.database.transaction(ENGINE, (tx) => saveCalendar(tx, id, wanted, actor, w.clock.now()))
  return { ...w, actor, save, db: w.database.db }
}

test('without a calendar people work from nine to five, and a length of time is just that', async () => {
  const { db, workspaceId } = await office()
  expect(await momentAfter(db, workspaceId, { for: '2h' }, SUNDAY)).toEqual(new Date('2026-11-22T12:00:00Z'))
  expect(await momentAfter(db, workspaceId, { working_hours: 2 }, SUNDAY)).toEqual(new Date('2026-11-23T11:00:00Z'))
  expect(await isWorkingTime(db, workspaceId, undefined, SUNDAY)).toBe(false)
})

test('the first calendar is meant where none is named, another may be, and one that is gone stops nothing', async () => {
  const { db, workspaceId, save, actor, database, clock } = await office()
  const berlin = await save(BERLIN)
  expect(berlin.isDefault).toBe(true)
  expect(await momentAfter(db, workspaceId, { working_hours: 2 }, SUNDAY)).toEqual(new Date('2026-11-23T09:00:00Z'))
  const late = await save({ ...BERLIN, name: 'Late', week: BERLIN.week.map(() => [{ from: '20:00', to: '24:00' }]) })
  expect(late.isDefault).toBe(false)
  expect(await nextWorkingMoment(db, workspaceId, late.id, SUNDAY)).toEqual(new Date('2026-11-22T19:00:00Z'))
  const changed = await save({ ...late, isDefault: true }, late.id)
  expect((await listCalendars(db, workspaceId)).map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ['Berlin', false],
    ['Late', true],
  ])
  await database.transaction(ENGINE, (tx) => removeCalendar(tx, changed.id, actor, clock.now()))
  expect(await calendarFor(db, workspaceId, changed.id)).toMatchObject({ zone: 'UTC' })
})

test.each<[Partial<NewCalendar>, RegExp]>([
  [{ name: 'BERLIN' }, /Another calendar is called/],
  [{ name: 'Mars', zone: 'Mars/Olympus' }, /no time zone/],
  [{ name: 'Never', week: BERLIN.week.map(() => []) }, /no hour in the week/],
])('%j is refused', async (wrong, why) => {
  const { save } = await office()
  await save(BERLIN)
  await expect(save({ ...BERLIN, ...wrong })).rejects.toThrow(why)
})
