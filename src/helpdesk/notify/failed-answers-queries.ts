import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { type LogPosition, stretchOfLog } from '../../events/follow.ts'
import type { ConversationId, ItemId, UserId, WorkspaceId } from '../../lib/ids.ts'

export interface FailedAnswer {
  readonly workspaceId: WorkspaceId
  readonly conversationId: ConversationId
  readonly itemId: ItemId
  readonly userId: UserId
}

/** What agents wrote, and a recipient did not get for good. */
export async function selectFailedAnswers(tx: Tx, from: LogPosition, to: LogPosition): Promise<FailedAnswer[]> {
  const { rows } = await sql<FailedAnswer>`
    select distinct i.workspace_id as "workspaceId", i.conversation_id as "conversationId", i.id as "itemId", i.user_id as "userId"
      from ${stretchOfLog(from, to, ['delivery.bounced', 'delivery.failed', 'delivery.expired', 'delivery.suppressed'])} as e
      join conversation_item as i on i.workspace_id = e.workspace_id and i.message_id = e.message_id
     where e.message_id is not null and i.user_id is not null
     order by 1, 3`.execute(tx)
  return rows
}
