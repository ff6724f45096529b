import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { Span } from '../../lib/calendar.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { CalendarId, WorkingCalendar } from './calendars.ts'

const CALENDAR = sql`id, name, zone, week, closed, is_default as "isDefault"`

export async function selectCalendars(db: Db | Tx, workspaceId: WorkspaceId): Promise<WorkingCalendar[]> {
  const { rows } = await sql<WorkingCalendar>`
    select ${CALENDAR} from working_calendar where workspace_id = ${workspaceId} order by lower(name) limit 200`.execute(db)
  return rows
}

/** By id; null: the one that is meant where none is named. */
export async function selectCalendar(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: CalendarId | null,
): Promise<WorkingCalendar | null> {
  const { rows } = await sql<WorkingCalendar>`
    select ${CALENDAR} from working_calendar
     where workspace_id = ${workspaceId} and case when ${id}::uuid is null then is_default else id = ${id}::uuid end`.execute(db)
  return rows[0] ?? null
}

/** False: another has the name. */
export async function upsertCalendar(tx: Tx, workspaceId: WorkspaceId, calendar: WorkingCalendar, now: Date): Promise<boolean> {
  const { id, name, zone, week, closed, isDefault } = calendar
  const { numAffectedRows } = await sql`
    insert into working_calendar (workspace_id, id, name, zone, week, closed, is_default, changed_at)
    select ${workspaceId}, ${id}, ${name}, ${zone}, ${JSON.stringify(week satisfies readonly (readonly Span[])[])}::jsonb, ${plainArray(closed)}::text[],
           ${isDefault}, ${now}
     where not exists (select from working_calendar where workspace_id = ${workspaceId} and lower(name) = lower(${name}) and id <> ${id})
    on conflict (workspace_id, id) do update
       set name = excluded.name, zone = excluded.zone, week = excluded.week, closed = excluded.closed, is_default = excluded.is_default, changed_at = excluded.changed_at`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

export async function lockCalendars(tx: Tx, workspaceId: WorkspaceId): Promise<void> {
  await sql`select from working_calendar where workspace_id = ${workspaceId} order by id for update`.execute(tx)
}

export async function clearDefault(tx: Tx, workspaceId: WorkspaceId, except: CalendarId): Promise<void> {
  await sql`update working_calendar set is_default = false where workspace_id = ${workspaceId} and id <> ${except} and is_default`.execute(
    tx,
  )
}

export async function deleteCalendar(tx: Tx, workspaceId: WorkspaceId, id: CalendarId): Promise<void> {
  await sql`delete from working_calendar where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}
