import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { DAY } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { ListId } from '../consent/queries.ts'
import { readTimeZone } from '../contact.ts'
import { counted, findList } from '../lists.ts'
import { type DayOfGrowth, growthOf } from './growth.ts'
import { selectChanges, selectDay } from './queries.ts'

/** The last so many days of a list, this one among them. As the owner of the tables. */
export async function readGrowth(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ListId,
  { days, zone }: { readonly days: number; readonly zone: string },
  now: Date,
): Promise<DayOfGrowth[]> {
  if (readTimeZone(zone) === null)
    throw new Refusal('invalid_request', { why: `“${zone}” is no time zone such as Europe/Berlin.`, pointer: '/zone' })
  const list = await findList(db, workspaceId, id)
  if (!list) throw new Refusal('not_found', { what: 'list' })
  const [one] = await counted(db, workspaceId, [list])
  const last = await selectDay(db, now, zone)
  // A day begins up to 14 hours before or after it does in UTC; what is too early falls to a day that is not shown.
  const since = new Date(Date.parse(`${last}T00:00:00Z`) - days * DAY)
  const changes = await selectChanges(db, workspaceId, id, { since, zone })
  return growthOf(changes, { last, days, now: one?.subscribed ?? 0 })
}
