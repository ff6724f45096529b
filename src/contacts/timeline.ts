import type { Db, Tx } from '../db/database.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import { selectActivity } from './activity/queries.ts'
import { selectConsentEvents } from './consent/queries.ts'

export { selectMemberships as membershipsOf } from './consent/queries.ts'

export const TIMELINE_LENGTH = 200

/** What happened with a person, newest first: the proof of their consent, what became of mail to them, what they wrote. */
export async function timelineOf(db: Db | Tx, workspaceId: WorkspaceId, id: ContactId) {
  const consent = await selectConsentEvents(db, workspaceId, id, TIMELINE_LENGTH)
  const activity = await selectActivity(db, workspaceId, id, TIMELINE_LENGTH)
  return [...consent.map((one) => ({ ...one, kind: 'consent' as const })), ...activity]
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, TIMELINE_LENGTH)
}
