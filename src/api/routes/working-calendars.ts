import { Refusal } from '../../errors.ts'
import {
  type WorkingCalendar as Calendar,
  listCalendars,
  removeCalendar,
  saveCalendar,
} from '../../workflows/calendars/calendars.ts'
import {
  changeWorkingCalendar,
  createWorkingCalendar,
  listWorkingCalendars,
  removeWorkingCalendar,
  type WorkingCalendar,
} from '../endpoints/working-calendars.ts'
import { type Route, route } from '../route.ts'

export function workingCalendarRoutes(): Route[] {
  return [
    route(listWorkingCalendars, async ({ tx, actor }) => ({
      items: (await listCalendars(tx, actor.workspaceId)).map(toCalendar),
      next: null,
    })),
    route(createWorkingCalendar, async ({ tx, body: { is_default: isDefault, ...wanted }, actor, now }) =>
      toCalendar(await saveCalendar(tx, null, { ...wanted, isDefault }, actor, now)),
    ),
    route(changeWorkingCalendar, async ({ tx, params, body, actor, now }) => {
      const before = (await listCalendars(tx, actor.workspaceId)).find(({ id }) => id === params.id)
      if (!before) throw new Refusal('not_found', { what: 'calendar' })
      const wanted = {
        name: body.name ?? before.name,
        zone: body.zone ?? before.zone,
        week: body.week ?? before.week,
        closed: body.closed ?? before.closed,
        isDefault: body.is_default ?? before.isDefault,
      }
      return toCalendar(await saveCalendar(tx, params.id, wanted, actor, now))
    }),
    route(removeWorkingCalendar, ({ tx, params, actor, now }) => removeCalendar(tx, params.id, actor, now)),
  ]
}

function toCalendar({ id, name, zone, week, closed, isDefault }: Calendar): WorkingCalendar {
  return {
    id,
    name,
    zone,
    week: week.map((spans) => spans.map((span) => ({ ...span }))),
    closed: [...closed],
    is_default: isDefault,
  }
}
