import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'

export async function setStars(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  ids: readonly ConversationId[],
  starred: boolean,
  now: Date,
): Promise<void> {
  if (starred)
    await sql`
      insert into conversation_star (workspace_id, user_id, conversation_id, starred_at)
      select ${workspaceId}::uuid, ${userId}::uuid, id, ${now}::timestamptz from unnest(${plainArray(ids)}::uuid[]) as id
      on conflict do nothing`.execute(tx)
  else
    await sql`
      delete from conversation_star where workspace_id = ${workspaceId} and user_id = ${userId} and conversation_id = any (${plainArray(ids)}::uuid[])`.execute(
      tx,
    )
}
