import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import { selectPeople } from './queries.ts'

export {
  addressesNotPlain,
  type ChosenPeople,
  candidatesOf,
  candidatesOnLists,
  chosenPeople,
  openedBy,
  peopleOnLists,
  sentAfter,
  whoDid,
} from './queries.ts'

/** What mail may say of people: their own fields by their names, and beside them what the workspace keeps of them. */
export async function peopleForMail(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ContactId[],
): Promise<ReadonlyMap<ContactId, Readonly<Record<string, unknown>>>> {
  const rows = await selectPeople(db, workspaceId, ids)
  return new Map(rows.map(({ data, ...person }) => [person.id, { ...data, ...person }]))
}
