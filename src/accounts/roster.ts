import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Member } from './member.ts'
import { membersOf } from './queries.ts'

/** As many as a workspace may have (members.ts). */
const MAX_PEOPLE = 1000

/** Everybody in a workspace, for decisions that nobody asked for: who is told of something, whom a name means. */
export async function rosterOf(db: Db | Tx, workspaceId: WorkspaceId): Promise<Member[]> {
  return await membersOf(db, workspaceId, MAX_PEOPLE)
}
