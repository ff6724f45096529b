import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, WorkspaceId } from '../../lib/ids.ts'
import type { Placed } from '../access/reach.ts'

export interface ConversationPlace extends Placed {
  readonly id: ConversationId
  readonly number: number
  readonly subject: string
}

export async function selectPlaces(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ConversationId[],
): Promise<ConversationPlace[]> {
  const { rows } = await sql<ConversationPlace>`
    select id, number::float8 as number, subject, inbox_id as "inboxId", assignee_id as "assigneeId"
      from conversation
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(db)
  return rows
}
