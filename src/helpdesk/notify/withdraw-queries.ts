import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { ItemId, MessageId, WorkspaceId } from '../../lib/ids.ts'

/** Shown to nobody any more. Gives the mails that were to tell of it. */
export async function withdrawAll(tx: Tx, workspaceId: WorkspaceId, causes: readonly ItemId[], now: Date): Promise<MessageId[]> {
  const { rows } = await sql<{ messageId: MessageId | null }>`
    update notification set in_app = false, by_push = false, read_at = coalesce(read_at, ${now})
     where workspace_id = ${workspaceId} and cause_id = any (${[...causes]}::uuid[])
    returning message_id as "messageId"`.execute(tx)
  return rows.flatMap(({ messageId }) => messageId ?? [])
}
